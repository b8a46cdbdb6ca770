//! First packets, and whose they are (RFC 8843 §9.2).

use interceptor_core::StreamInfo;
use interceptor_packet::HeaderExtension;
use interceptor_packet::RtpPacket;
use interceptor_packet::ext::{Mid, RepairedRid, Rid};
use interceptor_sdp::{Demux, Found};

use crate::support::read;

const EXTENSIONS: &str = "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid\na=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\n\
    a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\n";

pub(crate) fn demux(lines: &str) -> Demux {
    let body = format!(
        "m=audio 9 RTP/AVPF 111\na=mid:mic\na=rtpmap:111 opus/48000/2\n{EXTENSIONS}\
         m=video 9 RTP/AVPF 96 97\na=mid:cam\na=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\n{EXTENSIONS}{lines}\
         m=video 9 RTP/AVPF 96 100\na=mid:screen\na=rtpmap:96 VP8/90000\na=rtpmap:100 VP9/90000\n{EXTENSIONS}"
    );
    Demux::new(&read(&body).sends())
}

pub(crate) fn packet(ssrc: u32, payload_type: u8, says: &[(u8, &str)]) -> RtpPacket {
    let packet = RtpPacket::builder().ssrc(ssrc).payload_type(payload_type);
    says.iter().fold(packet, |packet, (id, value)| packet.extension(*id, value.as_bytes())).build().unwrap()
}

#[track_caller]
pub(crate) fn stream(found: Option<Found>) -> StreamInfo {
    match found {
        Some(Found::Stream(stream)) => stream,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn amended(found: Option<Found>) -> StreamInfo {
    match found {
        Some(Found::Amended(stream)) => stream,
        other => panic!("{other:?}"),
    }
}

pub(crate) const MID: u8 = 9;
pub(crate) const RID: u8 = 10;
const REPAIRED: u8 = 11;

#[test]
fn the_identifiers_are_those_of_the_extensions() {
    assert!(
        EXTENSIONS.contains(Mid::URI)
            && EXTENSIONS.contains(Rid::URI)
            && EXTENSIONS.contains(RepairedRid::URI)
    );
}

#[test]
fn the_mid_counts_before_all() {
    let mut demux = demux("a=ssrc:5 cname:x\n");
    assert_eq!(stream(demux.find(&packet(7, 96, &[(MID, "screen")]))).mid, "screen");
    assert_eq!(
        stream(demux.find(&packet(5, 96, &[(MID, "screen")]))).mid,
        "screen",
        "even before what was announced"
    );
    assert_eq!(stream(demux.find(&packet(5, 96, &[]))).mid, "screen", "and it is remembered");
}

#[test]
fn an_announced_ssrc_needs_no_mid() {
    let mut demux = demux("a=ssrc-group:FID 5 6\n");
    for (ssrc, payload_type) in [(5, 96), (6, 97)] {
        let found = stream(demux.find(&packet(ssrc, payload_type, &[])));
        assert_eq!((&*found.mid, found.ssrcs().collect::<Vec<_>>()), ("cam", vec![5, 6]));
    }
}

#[test]
fn a_payload_type_that_one_section_has_will_do() {
    let mut demux = demux("");
    assert_eq!(stream(demux.find(&packet(1, 111, &[]))).mid, "mic");
    assert_eq!(stream(demux.find(&packet(2, 100, &[]))).mid, "screen");
    assert_eq!(demux.find(&packet(3, 96, &[])), None);
    assert_eq!(demux.find(&packet(3, 50, &[])), None);
    assert_eq!(demux.counters().ambiguous, 2);
}

pub(crate) const LAYERS: &str = "a=rid:hi send\na=rid:lo send\na=simulcast:send hi;lo\n";

#[test]
fn encodings_are_told_by_their_rid() {
    let mut demux = demux(LAYERS);
    for (ssrc, rid) in [(1, "hi"), (2, "lo")] {
        let found = stream(demux.find(&packet(ssrc, 96, &[(MID, "cam"), (RID, rid)])));
        assert_eq!((found.ssrc, &*found.rid, &*found.mid), (ssrc, rid, "cam"));
    }
}

#[test]
fn retransmissions_find_the_encoding_that_they_repair() {
    let mut demux = demux(LAYERS);
    let repair = packet(12, 97, &[(MID, "cam"), (REPAIRED, "lo")]);
    assert_eq!(demux.find(&repair), None, "its media has not come yet");
    assert_eq!(demux.counters().orphaned, 1);
    for (ssrc, rid) in [(1, "hi"), (2, "lo")] {
        stream(demux.find(&packet(ssrc, 96, &[(MID, "cam"), (RID, rid)])));
    }
    let found = amended(demux.find(&repair));
    assert_eq!((found.ssrcs().collect::<Vec<_>>(), &*found.rid), (vec![2, 12], "lo"));
    assert!(found.check().is_ok());
    assert_eq!(stream(demux.find(&repair)), found, "when it comes again it is known");
    assert_eq!(
        demux.find(&packet(13, 97, &[(MID, "cam"), (REPAIRED, "lo")])),
        None,
        "a stream has one such SSRC"
    );
}

#[test]
fn retransmissions_that_say_nothing_repair_the_only_stream() {
    let mut demux = demux("");
    stream(demux.find(&packet(1, 96, &[(MID, "cam")])));
    assert_eq!(amended(demux.find(&packet(2, 97, &[]))).ssrcs().collect::<Vec<_>>(), [1, 2]);
    let mut two = self::demux(LAYERS);
    for (ssrc, rid) in [(1, "hi"), (2, "lo")] {
        stream(two.find(&packet(ssrc, 96, &[(MID, "cam"), (RID, rid)])));
    }
    assert_eq!(two.find(&packet(3, 97, &[])), None);
    assert_eq!(two.counters().orphaned, 1);
}

#[test]
fn retransmissions_come_on_another_ssrc_when_the_first_has_ended() {
    let mut demux = demux("");
    stream(demux.find(&packet(1, 96, &[(MID, "cam")])));
    amended(demux.find(&packet(2, 97, &[])));
    demux.forget(2);
    assert_eq!(amended(demux.find(&packet(3, 97, &[]))).ssrcs().collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn an_announced_encoding_learns_its_name() {
    let mut demux = demux(&format!("{LAYERS}a=ssrc:5 cname:x\n"));
    assert_eq!(stream(demux.find(&packet(5, 96, &[(RID, "lo")]))).rid, "lo");
}

#[test]
fn a_mid_that_cannot_be_says_nothing() {
    let mut demux = demux("");
    assert_eq!(stream(demux.find(&packet(1, 111, &[(MID, "not a token")]))).mid, "mic");
}
