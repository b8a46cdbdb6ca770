//! Answers to what offers say of the transport: ICE, DTLS, RTCP, addresses.

use interceptor_sdp::{Answer, AnswerError, Description, Endpoint, LocalSource};

use crate::answering::{answer, here, needs};
use crate::captures::RED_OFFER;
use crate::support::{has, read};

#[test]
fn chromium_with_dtls_is_answered() {
    let offer = RED_OFFER
        .replace("RTP/AVPF", "UDP/TLS/RTP/SAVPF")
        .replace("a=mid:", "a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\na=mid:");
    let offer = Description::parse(&offer).unwrap();
    let without = Answer::to(&offer).at(here()).answer().unwrap_err();
    assert!(matches!(without, AnswerError::NoFingerprint { section: 0, .. }), "{without}");
    let endpoint = here().with_ice_lite("u", "p").with_fingerprint("sha-256 CC:DD").with_setup("passive");
    let answered = Answer::to(&offer).with(&needs()).at(endpoint).answer().unwrap();
    let sections = answered.description.sections();
    for section in sections {
        assert_eq!(section.proto, "UDP/TLS/RTP/SAVPF");
        assert_eq!(
            (&*section.connectivity.setup, &section.connectivity.fingerprints[..]),
            ("passive", &["sha-256 CC:DD".to_owned()][..])
        );
    }
    assert_eq!(sections.len(), 2);
}

#[test]
fn who_opens_dtls_is_settled() {
    for (theirs, ours, settled) in [
        ("actpass", "", Some("active")),
        ("actpass", "passive", Some("passive")),
        ("active", "", Some("passive")),
        ("passive", "", Some("active")),
        ("active", "active", None),
        ("passive", "passive", None),
        ("actpass", "actpass", None),
        ("", "", Some("passive")),
    ] {
        let setup = if theirs.is_empty() { String::new() } else { format!("a=setup:{theirs}\n") };
        let offer = read(&format!("m=audio 9 UDP/TLS/RTP/SAVPF 0\n{setup}"));
        let answered = Answer::to(&offer).at(here().with_fingerprint("sha-256 A").with_setup(ours)).answer();
        match settled {
            Some(settled) => {
                assert_eq!(answered.unwrap().description.sections()[0].connectivity.setup, settled)
            }
            None => assert!(
                matches!(answered.unwrap_err(), AnswerError::Setup { section: 0, .. }),
                "{theirs} {ours}"
            ),
        }
    }
}

#[test]
fn what_the_offer_says_of_the_transport_is_mirrored() {
    let plain = answer(&read("m=audio 9 RTP/AVP 0\n"));
    let text = plain.description.to_string();
    for line in
        ["rtcp-mux", "rtcp-rsize", "extmap-allow-mixed", "group", "mid", "ice-", "candidate", "rtcp-xr"]
    {
        assert!(!text.contains(line), "{line} in {text}");
    }
    let offer = read(
        "a=extmap-allow-mixed\nm=audio 9 RTP/AVP 0\na=rtcp-mux\na=rtcp-rsize\na=rtcp-xr:rcvr-rtt=all voip-metrics\n",
    );
    let answered = Answer::to(&offer).with_receiver_rtt().at(here()).answer().unwrap();
    for line in ["a=rtcp-mux", "a=rtcp-rsize", "a=extmap-allow-mixed", "a=rtcp-xr:rcvr-rtt=all"] {
        assert!(has(&answered.description, line), "{line} in {}", answered.description);
    }
}

#[test]
fn ice_is_answered_to_who_offers_it() {
    let endpoint = here().with_ice_lite("ours", "secret");
    let answer = |lines: &str| {
        let offer = read(&format!("m=audio 9 RTP/AVP 0\n{lines}"));
        Answer::to(&offer).at(endpoint.clone()).answer().unwrap().description
    };
    let with = answer("a=ice-ufrag:u\na=ice-pwd:p\n");
    for line in [
        "a=ice-lite",
        "a=ice-ufrag:ours",
        "a=candidate:1 1 udp 2130706431 127.0.0.1 4000 typ host",
        "a=end-of-candidates",
    ] {
        assert!(has(&with, line), "{line} in {with}");
    }
    let without = answer("").to_string();
    assert!(!without.contains("ice") && !without.contains("candidate"), "{without}");
}

#[test]
fn sections_may_have_transports_of_their_own() {
    let offer = read("m=audio 9 RTP/AVP 0\nm=video 9 RTP/AVP 31\n");
    let other = Endpoint::at("[2001:db8::1]:6000".parse().unwrap());
    let answered = Answer::to(&offer).at(here()).section_at(1, other).with_origin(77, 3).answer().unwrap();
    assert!(
        has(&answered.description, "m=audio 4000 RTP/AVP 0")
            && has(&answered.description, "m=video 6000 RTP/AVP 31")
    );
    assert!(
        has(&answered.description, "c=IN IP6 2001:db8::1")
            && has(&answered.description, "o=- 77 3 IN IP4 127.0.0.1")
    );
}

#[test]
fn what_the_caller_has_to_change_is_an_error() {
    let offer = read("m=audio 9 RTP/AVP 0\na=mid:a\n");
    assert_eq!(Answer::to(&read("")).answer().unwrap_err(), AnswerError::NoSections);
    let unknown = Answer::to(&offer).refusing("b").answer().unwrap_err();
    assert_eq!(unknown, AnswerError::UnknownSection("with mid b".into()));
    assert!(Answer::to(&offer).sending(1, LocalSource::new(1)).answer().is_err());
    let offer = read("m=audio 9 RTP/AVP 0\na=ice-ufrag:u\na=ice-pwd:p\n");
    let many = (0..2000)
        .fold(here().with_ice("u", "p"), |endpoint, number| endpoint.with_candidate(number.to_string()));
    assert!(matches!(Answer::to(&offer).at(many).answer().unwrap_err(), AnswerError::Unwritable(_)));
}
