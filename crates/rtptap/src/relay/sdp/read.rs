//! From a description to what is known of streams.

use std::path::Path;

use interceptor_inspect::Codec;
use interceptor_sdp::{Description, Format, Section};

use crate::relay::RelayError;
use crate::relay::rules::StreamRule;

/// What the file says of payload types, their retransmissions and SSRCs.
pub(in crate::relay) fn read(path: &Path) -> Result<Vec<StreamRule>, RelayError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| RelayError::SdpFile { path: path.to_owned(), error })?;
    rules(&text).map_err(|mistake| RelayError::Sdp { path: path.to_owned(), mistake })
}

fn rules(text: &str) -> Result<Vec<StreamRule>, String> {
    let description = Description::parse(text).map_err(|error| error.to_string())?;
    let mut sections = description.sections().iter().filter(|section| section.is_rtp()).peekable();
    if sections.peek().is_none() {
        return Err("it has no line such as `m=video 5004 RTP/AVP 96`".to_owned());
    }
    let mut rules = Vec::new();
    sections.flat_map(of_section).try_for_each(|rule| add(&mut rules, rule))?;
    Ok(rules)
}

/// All sections come in on one port.
fn add(rules: &mut Vec<StreamRule>, rule: StreamRule) -> Result<(), String> {
    let same = |other: &&StreamRule| (other.payload_type, other.ssrc) == (rule.payload_type, rule.ssrc);
    match rules.iter().find(same) {
        None => rules.push(rule),
        Some(other) if other.codec == rule.codec => {}
        Some(_) => {
            return Err(format!(
                "payload type {} means one thing in one section and another in the next; they come in on one port, so give \
                 each a number of its own, or each section a relay",
                rule.payload_type
            ));
        }
    }
    Ok(())
}

/// A rule for each payload type but those that repair, and for each of those that are repaired on an SSRC which is known.
fn of_section(section: &Section) -> Vec<StreamRule> {
    let pairs = section.rtx_pairs();
    let repeated = |number: u8| pairs.iter().find(|pair| pair.media == number).map(|pair| pair.rtx);
    let correction = section.flexfec();
    let is_repair =
        |format: &Format| ["rtx", "flexfec", "flexfec-03"].into_iter().any(|name| format.is(name));
    let known = section.formats.iter().filter(|format| !format.name.is_empty() && !is_repair(format));
    let mut rules: Vec<_> = known
        .map(|format| StreamRule {
            codec: Some(Codec::new(&*format.name, format.clock_rate)),
            channels: u8::try_from(format.channels).ok().filter(|channels| *channels > 1),
            fmtp: Some(format.fmtp.clone()).filter(|parameters| !parameters.is_empty()),
            rtx: repeated(format.number),
            fec: correction.map(|fec| fec.payload_type),
            fec_scheme: correction.map(|fec| fec.scheme),
            ..StreamRule::new(format.number)
        })
        .collect();
    let own = named(section).into_iter().flat_map(|named| {
        let of_it = rules.iter().filter(move |rule| {
            named.rtx.is_some() && rule.rtx.is_some() || named.fec.is_some() && rule.fec.is_some()
        });
        of_it.map(move |rule| StreamRule {
            ssrc: Some(named.media),
            rtx_ssrc: named.rtx,
            fec_ssrc: named.fec,
            ..rule.clone()
        })
    });
    let own: Vec<_> = own.collect();
    rules.extend(own);
    rules
}

/// A stream whose repair has an SSRC that is known.
#[derive(Clone, Copy)]
struct Named {
    media: u32,
    rtx: Option<u32>,
    fec: Option<u32>,
}

/// What groups say of two SSRCs (RFC 5576 §4.2, RFC 5956 §4.3).
fn named(section: &Section) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    for group in &section.source_groups {
        let [media, repair] = group.ssrcs[..] else { continue };
        let (rtx, fec) = match (group.is("FID"), group.is("FEC-FR")) {
            (true, _) => (Some(repair), None),
            (_, true) => (None, Some(repair)),
            _ => continue,
        };
        match all.iter_mut().find(|named| named.media == media) {
            Some(named) => (named.rtx, named.fec) = (named.rtx.or(rtx), named.fec.or(fec)),
            None => all.push(Named { media, rtx, fec }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use interceptor_core::FecScheme;

    use super::*;

    const HEAD: &str = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

    fn of(body: &str) -> Result<Vec<StreamRule>, String> {
        rules(&format!("{HEAD}{}", body.replace('\n', "\r\n")))
    }

    #[test]
    fn says_what_payload_types_and_retransmissions_are() {
        let rules = of("m=audio 5004 RTP/AVP 0 111\na=rtpmap:111 opus/48000/2\na=fmtp:111 useinbandfec=1\n\
            m=video 5006 RTP/SAVPF 96 97 98 99\na=rtpmap:97 rtx/90000\na=fmtp:97 rtx-time=200; apt=96\n\
            a=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LADA==,aM4yyA==\n\
            a=rtpmap:98 VP8/90000\na=ssrc-group:FID 10 11\na=ssrc-group:SIM 10 12\na=ssrc-group:FID 1\n\
            m=application 9 UDP/DTLS/SCTP webrtc-datachannel\n")
        .unwrap();
        let [pcmu, opus, h264, vp8, own] = &rules[..] else { panic!("{rules:?}") };
        assert_eq!(
            (opus.payload_type, opus.channels, opus.fmtp.as_deref()),
            (111, Some(2), Some("useinbandfec=1"))
        );
        assert_eq!((pcmu.payload_type, &pcmu.codec), (0, &Codec::assigned(0)), "it needs no a=rtpmap");
        assert_eq!((h264.payload_type, h264.rtx, h264.ssrc), (96, Some(97), None));
        assert!(h264.fmtp.as_ref().unwrap().contains("sprop-parameter-sets=Z0LADA=="));
        assert_eq!((vp8.payload_type, vp8.rtx), (98, None));
        assert_eq!((own.payload_type, own.ssrc, own.rtx_ssrc), (96, Some(10), Some(11)));
        assert!(rules.iter().all(|rule| rule.check().is_ok()));
    }

    #[test]
    fn says_what_protects_which() {
        let rules = of(
            "m=video 5004 RTP/AVP 96 97 49\na=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\n\
            a=rtpmap:49 flexfec-03/90000\na=fmtp:49 repair-window=10000000\na=ssrc-group:FID 10 11\n\
            a=ssrc-group:FEC-FR 10 12\na=ssrc-group:FEC-FR 20 22\n",
        )
        .unwrap();
        let [general, both, fec_only] = &rules[..] else { panic!("{rules:?}") };
        assert_eq!((general.fec, general.fec_scheme), (Some(49), Some(FecScheme::FlexFec03)));
        assert_eq!((both.ssrc, both.rtx_ssrc, both.fec_ssrc), (Some(10), Some(11), Some(12)));
        assert_eq!((fec_only.ssrc, fec_only.rtx_ssrc, fec_only.fec_ssrc), (Some(20), None, Some(22)));
        let rules = of("m=audio 5004 RTP/AVP 0 49\na=rtpmap:49 flexfec/8000\n").unwrap();
        assert_eq!((rules.len(), rules[0].fec_scheme), (1, Some(FecScheme::FlexFec)));
        assert!(rules.iter().all(|rule| rule.check().is_ok()));
    }

    #[test]
    fn what_ffmpeg_prints_is_read_as_well() {
        let text = "SDP:\nv=0\no=- 0 0 IN IP4 127.0.0.1\ns=No Name\nt=0 0\na=tool:libavformat 59.27.100\n\
            m=video 5004 RTP/AVP 96\nc=IN IP4 127.0.0.1\nb=AS:200\na=rtpmap:96 VP8/90000\n";
        assert_eq!(rules(text).unwrap()[0].codec, Some(Codec::new("VP8", 90_000)));
    }

    #[test]
    fn a_mistake_is_explained() {
        for (text, complaint) in [
            (String::new(), "v=0"),
            ("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=soon\r\n".to_owned(), "line 4"),
            (HEAD.to_owned(), "m=video"),
            (format!("{HEAD}m=application 9 UDP/DTLS/SCTP x\r\n"), "m=video"),
            (format!("{HEAD}m=video 1 RTP/AVP 96\r\na=rtpmap:96 VP8\r\n"), "VP8/90000"),
            (format!("{HEAD}m=video 1 RTP/AVP 200\r\na=rtpmap:200 VP8/90000\r\n"), "200"),
            (
                format!(
                    "{HEAD}m=video 1 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\nm=audio 3 RTP/AVP 96\r\na=rtpmap:96 opus/48000\r\n"
                ),
                "payload type 96",
            ),
            (format!("v=0{}", " ".repeat(1 << 20)), "longer"),
        ] {
            let mistake = rules(&text).unwrap_err();
            assert!(mistake.to_lowercase().contains(&complaint.to_lowercase()), "{mistake}");
        }
    }
}
