//! Lines that make no sense: each is an error that names it, and can be passed over.

use interceptor_sdp::{Description, ReadOptions, Reason};

use crate::support::{HEAD, text};

mod packets;

/// Reads a video section with this attribute as its second line; the error names line 6, and without it the rest is read.
fn refused(attribute: &str, complaint: &str) {
    let text = text(&format!("m=video 9 RTP/AVPF 96\n{attribute}\na=rtpmap:96 VP8/90000\na=mid:x\n"));
    let error = Description::parse(&text).unwrap_err();
    assert_eq!(error.line(), Some(6), "{error}");
    assert!(matches!(error.reason(), Reason::Attribute { .. }), "{error}");
    assert!(error.to_string().contains(complaint), "{error}");
    let lenient = Description::parse_with(&text, &ReadOptions::default().with_skip_malformed(true)).unwrap();
    assert_eq!(lenient.skipped(), [error]);
    assert_eq!(lenient.sections()[0].codecs()[0].mime_type, "video/VP8");
}

/// The structure is broken: nothing of it is read.
fn no_description(text: &str, line: Option<usize>) -> Reason {
    let lenient = ReadOptions::default().with_skip_malformed(true);
    let error = Description::parse(text).unwrap_err();
    assert_eq!((error.line(), Err(&error)), (line, Description::parse_with(text, &lenient).as_ref()));
    error.reason().clone()
}

/// It is broken in one line.
fn broken_line(text: &str, line: usize) {
    assert!(matches!(no_description(text, Some(line)), Reason::Syntax(_)));
}

#[test]
fn what_begins_otherwise_is_no_description() {
    for text in ["", "v=1\r\n", "hello", "xv=0\r\n"] {
        assert_eq!(no_description(text, None), Reason::NoDescription);
    }
}

#[test]
fn a_line_without_a_key_is_refused() {
    broken_line(&text("m=video 9 RTP/AVPF 96\nhello\n"), 6);
}

#[test]
fn a_media_line_without_a_port_is_refused() {
    broken_line(&text("m=video nine RTP/AVPF 96\n"), 5);
    broken_line(&text("m=video\n"), 5);
    broken_line(&text("m=video 65536 RTP/AVP 96\n"), 5);
}

#[test]
fn a_time_that_is_no_number_is_refused() {
    broken_line(&HEAD.replace("t=0 0", "t=soon"), 4);
}

#[test]
fn a_nul_in_a_line_is_refused() {
    broken_line(&text("m=video 9 RTP/AVPF 96\na=mid:\0\n"), 6);
}

#[test]
fn payload_types_beyond_seven_bits_are_refused() {
    let text = text("m=video 9 RTP/AVPF 128\n");
    let error = Description::parse(&text).unwrap_err();
    assert_eq!((error.line(), error.to_string().contains("0..=127")), (Some(5), true), "{error}");
    refused("a=rtpmap:128 VP8/90000", "VP8/90000");
}

#[test]
fn an_rtpmap_without_a_clock_is_refused() {
    refused("a=rtpmap:97 VP8", "`a=rtpmap:97 VP8` is not NUMBER NAME/RATE");
    refused("a=rtpmap:97 VP8/0", "NUMBER NAME/RATE");
    refused("a=rtpmap:97 /90000", "NUMBER NAME/RATE");
}

#[test]
fn an_fmtp_without_a_number_is_refused() {
    refused("a=fmtp:x apt=96", "NUMBER PARAMETERS");
    refused("a=fmtp:97", "NUMBER PARAMETERS");
}

#[test]
fn feedback_without_a_kind_is_refused() {
    refused("a=rtcp-fb:96", "NUMBER KIND");
    refused("a=rtcp-fb:all nack", "NUMBER KIND");
}

#[test]
fn an_extension_identifier_that_cannot_be_is_refused() {
    for id in ["0", "256", "4095", "4352", "-1", "1/both"] {
        refused(&format!("a=extmap:{id} urn:x"), "NUMBER URI");
    }
    refused("a=extmap:1", "NUMBER URI");
}

#[test]
fn an_ssrc_that_is_no_number_is_refused() {
    refused("a=ssrc:abc cname:x", "SSRC ATTRIBUTE");
    refused("a=ssrc:4294967296 cname:x", "SSRC ATTRIBUTE");
    refused("a=ssrc:1", "SSRC ATTRIBUTE");
}

#[test]
fn a_group_of_words_is_refused() {
    refused("a=ssrc-group:FID 1 x", "KIND SSRCS");
    refused("a=ssrc-group:FID", "KIND SSRCS");
}

#[test]
fn a_rid_without_a_direction_is_refused() {
    refused("a=rid:hi", "ID send or ID recv");
    refused("a=rid:hi both", "ID send or ID recv");
    refused("a=rid:h! send", "ID send or ID recv");
    refused("a=rid:hi send pt=96,x", "ID send or ID recv");
}

#[test]
fn simulcast_of_nothing_is_refused() {
    for value in ["", "send", "send ;", "send a send b", "both a", "send a!"] {
        refused(&format!("a=simulcast:{value}"), "send IDS");
    }
}

#[test]
fn an_empty_identification_is_refused() {
    refused("a=mid:", "a word");
    refused("a=mid:a b", "a word");
    refused("a=msid:", "STREAM TRACK");
}

#[test]
fn an_rtcp_port_that_is_no_number_is_refused() {
    refused("a=rtcp:x", "PORT");
}

#[test]
fn a_long_line_is_repeated_in_part() {
    let error =
        Description::parse(&text(&format!("m=video 9 RTP/AVP 96\na=rtpmap:{}\n", "é".repeat(10_000))))
            .unwrap_err();
    let Reason::Attribute { line, .. } = error.reason() else { panic!("{error}") };
    assert_eq!(line.chars().count(), 81);
    assert!(error.to_string().len() < 400);
}

#[test]
fn a_text_beyond_the_limit_is_refused() {
    let options = ReadOptions::default().with_max_bytes(HEAD.len());
    assert!(Description::parse_with(HEAD, &options).is_ok());
    let error = Description::parse_with(&format!("{HEAD}\n"), &options).unwrap_err();
    assert_eq!(*error.reason(), Reason::TooLong { max: HEAD.len() });
}

#[test]
fn sections_beyond_the_limit_are_refused() {
    let options = ReadOptions::default().with_max_sections(3);
    let sections = |count: usize| text(&"m=video 9 RTP/AVP 96\n".repeat(count));
    assert!(Description::parse_with(&sections(3), &options).is_ok());
    let error = Description::parse_with(&sections(5), &options).unwrap_err();
    assert_eq!(
        (error.line(), error.reason()),
        (Some(8), &Reason::TooMany { what: "media sections", max: 3 })
    );
}

#[test]
fn entries_beyond_the_limit_are_refused() {
    let options = ReadOptions::default().with_max_entries(3);
    for line in [
        "ssrc:N cname:x",
        "rtcp-fb:96 N",
        "extmap:N urn:x",
        "ssrc-group:FID N",
        "msid:N",
        "rid:N send",
        "candidate:N",
        "fingerprint:N",
    ] {
        let lines = |count: u32| {
            let lines: String =
                (1..=count).map(|number| format!("a={line}\n").replace('N', &number.to_string())).collect();
            Description::parse_with(&text(&format!("m=video 9 RTP/AVPF 96\n{lines}")), &options)
        };
        assert!(lines(3).is_ok(), "{line}");
        let error = lines(4).unwrap_err();
        assert!(matches!(error.reason(), Reason::TooMany { max: 3, .. }), "{line}: {error}");
        assert_eq!(error.line(), Some(9), "{line}: {error}");
    }
}

#[test]
fn simulcast_of_too_many_encodings_is_refused() {
    let options = ReadOptions::default().with_max_entries(3);
    let read = |value: &str| {
        Description::parse_with(&text(&format!("m=video 9 RTP/AVPF 96\na=simulcast:{value}\n")), &options)
    };
    assert!(read("send a,b recv c").is_ok());
    assert!(matches!(read("send a,b;c recv d").unwrap_err().reason(), Reason::TooMany { max: 3, .. }));
}

#[test]
fn skipped_lines_beyond_the_limit_are_refused() {
    let options = ReadOptions::default().with_max_entries(3).with_skip_malformed(true);
    let lines = |count| text(&format!("m=video 9 RTP/AVPF 96\n{}", "a=fmtp\n".repeat(count)));
    assert_eq!(Description::parse_with(&lines(3), &options).unwrap().skipped().len(), 3);
    assert!(matches!(
        Description::parse_with(&lines(4), &options).unwrap_err().reason(),
        Reason::TooMany { max: 3, .. }
    ));
}

#[test]
fn lines_that_all_sections_or_streams_would_repeat_are_bounded_together() {
    let uri = "x".repeat(400_000);
    let shared = format!("a=extmap:1 urn:{uri}\n{}", "m=video 9 RTP/AVPF 96\n".repeat(200));
    let own = format!(
        "m=video 9 RTP/AVPF 96\na=extmap:1 urn:{uri}\n{}",
        (0..200).map(|ssrc| format!("a=ssrc:{ssrc} cname:x\n")).collect::<String>()
    );
    for body in [shared, own] {
        let error = Description::parse(&text(&body)).unwrap_err();
        assert!(
            matches!(error.reason(), Reason::TooMany { what: "bytes in the streams of all sections", .. }),
            "{error}"
        );
    }
}
