//! First packets that are nobody's.

use interceptor_sdp::{Demux, DemuxOptions};

use crate::demux::{LAYERS, MID, RID, demux, packet, stream};
use crate::support::read;

#[test]
fn who_names_no_section_of_ours_is_nobody() {
    let mut demux = demux("a=ssrc:5 cname:x\n");
    assert_eq!(demux.find(&packet(5, 96, &[(MID, "other")])), None);
    assert_eq!(demux.counters().unknown_mid, 1);
}

#[test]
fn a_payload_type_of_another_section_is_refused() {
    let mut demux = demux("a=ssrc:5 cname:x\n");
    assert_eq!(demux.find(&packet(7, 111, &[(MID, "cam")])), None);
    assert_eq!(demux.find(&packet(5, 111, &[])), None);
    assert_eq!(demux.counters().wrong_payload_type, 2);
}

#[test]
fn made_up_ssrcs_are_bounded_and_make_room_when_they_end() {
    let sections = read("m=audio 9 RTP/AVP 0\na=ssrc:9 cname:x\n").sends();
    let mut demux = Demux::with_options(&sections, DemuxOptions::default().with_max_ssrcs(2));
    for ssrc in 1..=4 {
        assert_eq!(demux.find(&packet(ssrc, 0, &[])).is_some(), ssrc <= 2);
    }
    assert_eq!(demux.counters().over_limit, 2);
    demux.forget(1);
    demux.forget(9);
    demux.forget(1);
    assert!(demux.find(&packet(3, 0, &[])).is_some() && demux.find(&packet(4, 0, &[])).is_none());
    assert_eq!(stream(demux.find(&packet(9, 0, &[]))).ssrc, 9, "what was announced stays");
}

#[test]
fn an_ssrc_that_moves_to_and_fro_takes_one_place() {
    let mut demux = demux("a=ssrc:5 cname:x\n");
    for _ in 0..2000 {
        for mid in ["cam", "screen"] {
            assert_eq!(stream(demux.find(&packet(5, 96, &[(MID, mid)]))).mid, mid);
        }
    }
    assert_eq!(demux.counters().over_limit, 0);
}

#[test]
fn a_rid_that_names_no_encoding_is_nobody() {
    let mut demux = demux(LAYERS);
    assert_eq!(demux.find(&packet(3, 96, &[(MID, "cam"), (RID, "nobody")])), None);
    assert_eq!(demux.counters().unknown_rid, 1);
}
