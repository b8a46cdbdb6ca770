//! Whatever is offered: everything that an answer accepts was offered, and it is as the answer's own description says.

use interceptor_core::{Media, Need};
use interceptor_sdp::{Answer, Answered, Description, Direction, Endpoint, LocalSource, Section};
use proptest::prelude::*;

use crate::support::text;

const URIS: [&str; 4] = [
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "urn:a",
    "urn:b",
];

fn section(index: usize) -> impl Strategy<Value = String> {
    let kind = prop_oneof![Just("audio"), Just("video")];
    let proto = prop_oneof![4 => Just("RTP/AVPF"), 2 => Just("UDP/TLS/RTP/SAVPF"), 1 => Just("RTP/AVP"), 1 => Just("UDP/DTLS/SCTP")];
    let port = prop_oneof![5 => Just(9), 1 => Just(0)];
    let direction = prop_oneof![Just("sendrecv"), Just("sendonly"), Just("recvonly"), Just("inactive")];
    let lines = prop::collection::vec(line(), 0..30);
    (kind, port, proto, direction, lines).prop_map(move |(kind, port, proto, direction, lines)| {
        format!("m={kind} {port} {proto} 96 97 98 99 0\na=mid:{index}\na={direction}\n{}", lines.concat())
    })
}

fn line() -> impl Strategy<Value = String> {
    let number = 95u8..101;
    prop_oneof![
        (
            number.clone(),
            prop_oneof![
                Just("VP8/90000"),
                Just("opus/48000/2"),
                Just("rtx/90000"),
                Just("red/90000"),
                Just("ulpfec/90000"),
                Just("flexfec-03/90000")
            ]
        )
            .prop_map(|(number, codec)| format!("a=rtpmap:{number} {codec}\n")),
        (number.clone(), number.clone()).prop_map(|(rtx, media)| format!("a=fmtp:{rtx} apt={media}\n")),
        (
            prop_oneof![Just("*".to_owned()), number.prop_map(|number| number.to_string())],
            prop_oneof![Just("nack"), Just("nack pli"), Just("x")]
        )
            .prop_map(|(number, kind)| format!("a=rtcp-fb:{number} {kind}\n")),
        (1u8..6, prop_oneof![Just(""), Just("/sendonly"), Just("/recvonly"), Just("/inactive")], 0usize..4)
            .prop_map(|(id, direction, uri)| format!("a=extmap:{id}{direction} {}\n", URIS[uri])),
        (1u32..5, 1u32..5, prop_oneof![Just("FID"), Just("FEC-FR")])
            .prop_map(|(a, b, kind)| format!("a=ssrc-group:{kind} {a} {b}\n")),
        (1u32..5).prop_map(|ssrc| format!("a=ssrc:{ssrc} cname:x\n")),
        prop_oneof![
            Just("a=rid:h send\n"),
            Just("a=rid:l send pt=97\n"),
            Just("a=rid:r recv\n"),
            Just("a=simulcast:send h;l recv r\n"),
            Just("a=rtcp-mux\n"),
            Just("a=rtcp-rsize\n")
        ]
        .prop_map(str::to_owned),
    ]
}

fn offer() -> impl Strategy<Value = String> {
    prop_oneof![Just(0usize), 1usize..4].prop_flat_map(|count| {
        let sections: Vec<_> = (0..count.max(1)).map(section).collect();
        sections.prop_map(move |sections| text(&format!("a=group:BUNDLE 0 1 2\n{}", sections.concat())))
    })
}

fn needs(bits: u8) -> Vec<Need> {
    let all = [
        Need::feedback(Media::Any, "nack", ""),
        Need::feedback(Media::Video, "nack", "pli"),
        Need::codec(Media::Any, "rtx"),
        Need::codec(Media::Any, "red"),
        Need::codec(Media::Video, "ulpfec"),
        Need::codec(Media::Video, "flexfec-03"),
        Need::header_extension(Media::Any, URIS[1]),
        Need::header_extension(Media::Any, URIS[2]),
    ];
    all.into_iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0).map(|(_, need)| need).collect()
}

fn was_offered(offered: &Section, answered: &Section) {
    assert_eq!(
        (&offered.media, &offered.proto, &offered.mid),
        (&answered.media, &answered.proto, &answered.mid)
    );
    if answered.is_rejected() {
        return;
    }
    assert!(!offered.is_rejected() && answered.is_rtp());
    assert!(!answered.codecs().is_empty());
    for format in &answered.formats {
        assert_eq!(offered.format(format.number), Some(format), "as it was offered");
        assert!(format.listed);
    }
    for feedback in &answered.feedback {
        assert!(offered.feedback.contains(feedback));
    }
    for extension in &answered.extensions {
        let same = |known: &&interceptor_sdp::Extension| {
            (known.id, &known.uri) == (extension.id, &extension.uri)
                && known.direction.map(Direction::reverse) == extension.direction
        };
        assert!(offered.extensions.iter().any(|known| same(&known)));
    }
    for rid in &answered.rids {
        let theirs = offered.rids.iter().find(|known| known.id == rid.id).unwrap();
        assert_eq!(theirs.sends, !rid.sends);
        assert!(
            rid.numbers
                .iter()
                .all(|number| theirs.numbers.contains(number) && answered.format(*number).is_some())
        );
    }
    assert!(!answered.direction.has_send() || offered.direction.has_recv());
    assert!(!answered.direction.has_recv() || offered.direction.has_send());
    assert!((!answered.rtcp_mux || offered.rtcp_mux) && (!answered.rtcp_rsize || offered.rtcp_rsize));
    // A pair without its media would be a payload type that nobody can read.
    for format in answered.formats.iter().filter(|format| format.is("rtx")) {
        assert!(answered.rtx_pairs().iter().any(|pair| pair.rtx == format.number));
    }
}

fn streams_can_be(answered: &Answered) {
    let announced = answered.remote.iter().flat_map(|section| &section.announced);
    for stream in announced.chain(&answered.local) {
        assert!(stream.check().is_ok(), "{stream:?}: {:?}", stream.check());
        let section = answered.description.section(&stream.mid).unwrap();
        assert_eq!(
            stream.codecs.iter().map(|codec| codec.payload_type).collect::<Vec<_>>(),
            section.codecs().iter().map(|codec| codec.payload_type).collect::<Vec<_>>()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_accepted_was_offered(offer in offer(), bits in any::<u8>(), sends in any::<bool>()) {
        let offer = Description::parse(&offer).unwrap();
        let endpoint = Endpoint::at("127.0.0.1:4000".parse().unwrap()).with_fingerprint("sha-256 A");
        let mut answer = Answer::to(&offer).with(&needs(bits)).at(endpoint);
        if sends {
            answer = answer.sending(0, LocalSource::new(100).with_rtx(101).with_fec(102));
        }
        let answered = answer.answer().unwrap();
        let reread = Description::parse(&answered.description.to_string()).unwrap();
        prop_assert_eq!(reread.sections(), answered.description.sections());
        prop_assert_eq!(reread.sections().len(), offer.sections().len());
        offer.sections().iter().zip(reread.sections()).for_each(|(offered, answered)| was_offered(offered, answered));
        streams_can_be(&answered);
        let live = reread.sections().iter().filter(|section| !section.is_rejected());
        prop_assert_eq!(live.count() + answered.refused.len(), offer.sections().len());
        prop_assert_eq!(answered.local.len() + answered.unsent.len(), usize::from(sends));
    }
}
