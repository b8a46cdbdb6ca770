//! From a description to what is known of streams.

use std::path::Path;

use interceptor_inspect::Codec;
use sdp_types::{Media, Session};

use crate::relay::RelayError;
use crate::relay::rules::{StreamRule, channels};

/// The longest description read: some hundred times those of real calls.
const MAX_BYTES: usize = 1 << 20;

/// What the file says of payload types, their retransmissions and SSRCs.
pub(in crate::relay) fn read(path: &Path) -> Result<Vec<StreamRule>, RelayError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| RelayError::SdpFile { path: path.to_owned(), error })?;
    rules(&text).map_err(|mistake| RelayError::Sdp { path: path.to_owned(), mistake })
}

fn rules(text: &str) -> Result<Vec<StreamRule>, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("it is longer than {MAX_BYTES} bytes; is this a session description?"));
    }
    // ffmpeg prints `SDP:` on a line before it.
    let start = text.find("v=0").ok_or("no line `v=0` begins it; is this a session description?")?;
    let session = Session::parse(text.as_bytes().get(start..).unwrap_or_default());
    let session = session.map_err(|error| error.to_string())?;
    let mut rules = Vec::new();
    let mut sections = session.medias.iter().filter(|media| media.proto.contains("RTP")).peekable();
    if sections.peek().is_none() {
        return Err("it has no line such as `m=video 5004 RTP/AVP 96`".to_owned());
    }
    for section in sections {
        Section(section).rules()?.into_iter().try_for_each(|rule| add(&mut rules, rule))?;
    }
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

struct Section<'a>(&'a Media);

impl Section<'_> {
    fn rules(&self) -> Result<Vec<StreamRule>, String> {
        let mut media = Vec::new();
        for value in self.values("rtpmap") {
            let rule = rtpmap(value).ok_or_else(|| {
                format!("`a=rtpmap:{value}` is not NUMBER NAME/RATE, such as `a=rtpmap:96 VP8/90000`")
            })?;
            media.push(rule);
        }
        let is_rtx = |rule: &StreamRule| {
            rule.codec.as_ref().is_some_and(|codec| codec.name.eq_ignore_ascii_case("rtx"))
        };
        let (repeats, mut media): (Vec<_>, Vec<_>) = media.into_iter().partition(is_rtx);
        for (number, parameters) in self.values("fmtp").filter_map(numbered) {
            if let Some(rule) = media.iter_mut().find(|rule| rule.payload_type == number) {
                rule.fmtp = Some(parameters.to_owned());
            } else if repeats.iter().any(|repeat| repeat.payload_type == number) {
                let repeated = associated(parameters);
                media
                    .iter_mut()
                    .filter(|rule| Some(rule.payload_type) == repeated)
                    .for_each(|rule| rule.rtx = Some(number));
            }
        }
        let own = self.groups().flat_map(|(ssrc, rtx_ssrc)| {
            let repaired = media.iter().filter(|rule| rule.rtx.is_some());
            repaired.map(move |rule| StreamRule {
                ssrc: Some(ssrc),
                rtx_ssrc: Some(rtx_ssrc),
                ..rule.clone()
            })
        });
        let own: Vec<_> = own.collect();
        media.extend(own);
        Ok(media)
    }

    fn values(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let attributes = self.0.attributes.iter().filter(move |attribute| attribute.attribute == name);
        attributes.filter_map(|attribute| attribute.value.as_deref())
    }

    /// `a=ssrc-group:FID` (RFC 5576 §4.2): a media SSRC, and that of its retransmissions.
    fn groups(&self) -> impl Iterator<Item = (u32, u32)> {
        self.values("ssrc-group").filter_map(|group| {
            let mut words = group.split_whitespace();
            let fid = words.next() == Some("FID");
            let (media, rtx) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            (fid && words.next().is_none()).then_some((media, rtx))
        })
    }
}

/// `96 VP8/90000`.
fn rtpmap(value: &str) -> Option<StreamRule> {
    let (number, encoding) = numbered(value)?;
    let codec: Codec = encoding.parse().ok()?;
    Some(StreamRule { codec: Some(codec), channels: channels(encoding), ..StreamRule::new(number) })
}

/// A payload type and what is said of it.
fn numbered(value: &str) -> Option<(u8, &str)> {
    let (number, rest) = value.trim().split_once(char::is_whitespace)?;
    let number = number.parse().ok().filter(|number| *number <= 127)?;
    Some((number, rest.trim()))
}

/// `apt=96;rtx-time=3000` (RFC 4588 §8.1).
fn associated(parameters: &str) -> Option<u8> {
    let mut parameters = parameters.split(';').filter_map(|parameter| parameter.trim().split_once('='));
    parameters.find(|(name, _)| name.eq_ignore_ascii_case("apt"))?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
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
        let [opus, h264, vp8, own] = &rules[..] else { panic!("{rules:?}") };
        assert_eq!(
            (opus.payload_type, opus.channels, opus.fmtp.as_deref()),
            (111, Some(2), Some("useinbandfec=1"))
        );
        assert_eq!((h264.payload_type, h264.rtx, h264.ssrc), (96, Some(97), None));
        assert!(h264.fmtp.as_ref().unwrap().contains("sprop-parameter-sets=Z0LADA=="));
        assert_eq!((vp8.payload_type, vp8.rtx), (98, None));
        assert_eq!((own.payload_type, own.ssrc, own.rtx_ssrc), (96, Some(10), Some(11)));
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
            (format!("v=0{}", " ".repeat(MAX_BYTES)), "longer"),
        ] {
            let mistake = rules(&text).unwrap_err();
            assert!(mistake.to_lowercase().contains(&complaint.to_lowercase()), "{mistake}");
        }
    }
}
