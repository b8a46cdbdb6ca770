//! The rows of the table of malformed and hostile input.

use interceptor_core::packet::{Recovery, RtcpPacket, RtpPacket};

use crate::kit::{Bench, KEY, PEER, SSRC, fir, ms, only_told, options, packet, pli, video};

#[test]
fn a_broken_full_intra_request_is_ignored() {
    let mut bench = Bench::sender(options());
    let header = [0x84, 206, 0, 2, 5, 5, 5, 5, 0, 0, 0, 0];
    let half = [&[0x84, 206, 0, 3, 5, 5, 5, 5, 0, 0, 0, 0][..], &SSRC.to_be_bytes()].concat();
    for broken in [&header[..], &half] {
        let packet = RtcpPacket::builder().raw(broken).pli(PEER, 77).build().unwrap();
        assert_eq!(bench.hear(packet.clone()), Some(packet), "it goes on");
    }
    assert_eq!((bench.told(), bench.counters().other.malformed), (vec![], 2));
}

#[test]
fn a_request_for_an_unknown_ssrc_is_ignored() {
    let mut bench =
        Bench::new(options()).with_local(video().with_rtx(77, 97)).with_remote(crate::kit::video_of(5));
    for ssrc in [0, 5, 77, 0xbad] {
        bench.hear(pli(ssrc));
        bench.hear(fir(PEER, &[(ssrc, 1)]));
    }
    assert_eq!((bench.told(), bench.counters().other.unknown_ssrc), (vec![], 8));
}

#[test]
fn a_full_intra_request_names_its_streams_in_its_entries() {
    let mut bench = Bench::sender(options());
    let mut bytes = fir(PEER, &[(SSRC, 9)]).as_bytes().to_vec();
    bytes[8..12].copy_from_slice(&0xdead_beef_u32.to_be_bytes());
    bench.hear(RtcpPacket::parse(bytes.into()).unwrap());
    assert_eq!((bench.told(), bench.answering().firs), (vec![SSRC], 1));
}

#[test]
fn a_storm_of_requests_is_two_a_second() {
    let mut bench = Bench::sender(options());
    for _ in 0..10_000 {
        bench.hear(pli(SSRC));
        let end = bench.now + ms(1) / 10;
        bench.run(0);
        bench.now = end;
    }
    assert_eq!(bench.told().len(), 2);
    assert_eq!((bench.answering().plis, bench.answering().coalesced), (10_000, 9_998));
}

#[test]
fn numbers_that_repeat_or_go_back_are_one_request() {
    let mut bench = Bench::sender(options().with_coalesce(ms(0)));
    for number in [200, 200, 199, 100, 200] {
        bench.hear(fir(PEER, &[(SSRC, number)]));
        bench.run(10);
    }
    assert_eq!((bench.told().len(), bench.answering().fir_repeats), (1, 4));
    bench.run(2_000).hear(fir(PEER, &[(SSRC, 100)]));
    assert_eq!(bench.told().len(), 1, "somebody who has begun anew");
}

#[test]
fn thousands_of_senders_are_one_storm() {
    let mut bench = Bench::sender(options());
    for sender in 0..5_000 {
        bench.hear(fir(sender, &[(SSRC, 1)]));
    }
    bench.run(10_000);
    assert_eq!((bench.told().len(), bench.answering().coalesced), (2, 4_999));
}

#[test]
fn a_payload_that_ends_too_soon_begins_no_key_frame() {
    let mut bench = Bench::receiver(only_told()).with_local(video());
    for payload in [&[][..], &[0x10], &[0x90, 0x80]] {
        bench.read(packet(SSRC, 7, 99_000, payload));
        bench.chain.write_rtp(packet(SSRC, 7, 99_000, payload), bench.now);
    }
    // Padding has nothing of the codec's, and is not too short.
    let padding = RtpPacket::builder().ssrc(SSRC).payload_type(96).padding(200).build().unwrap();
    bench.read(padding.clone());
    bench.chain.write_rtp(padding, bench.now);
    assert_eq!((bench.asking().too_short, bench.asking().keyframes), (3, 1));
    assert_eq!((bench.answering().too_short, bench.answering().keyframes), (3, 0));
}

#[test]
fn a_key_frame_of_before_ends_no_request() {
    let mut bench = Bench::receiver(only_told());
    bench.read(packet(SSRC, 20, 60_000, &crate::kit::DELTA)).need(SSRC);
    // RTX has brought back what was lost long before.
    let mut late = packet(SSRC, 10, 30_000, &KEY);
    late.info_mut().recovered_by = Some(Recovery::Rtx);
    bench.run(10).read(late.clone()).read(late);
    assert_eq!((bench.asking().stale_keyframes, bench.asking().answered), (1, 0));
    bench.run(10).read(packet(SSRC, 21, 63_000, &KEY));
    assert_eq!(bench.asking().answered, 1);
}

#[test]
fn what_is_needed_of_nobody_is_ignored() {
    let mut bench = Bench::receiver(only_told()).with_local(crate::kit::video_of(2));
    for ssrc in [0, 2, 0xbad] {
        bench.need(ssrc);
    }
    assert_eq!((bench.asked(), bench.counters().other.unknown_needed), (vec![], 3));
}

#[test]
fn an_encoder_that_does_not_answer_is_asked_rarely() {
    let mut bench = Bench::receiver(only_told());
    bench.need(SSRC);
    let mut asked = Vec::new();
    for _ in 0..1200 {
        asked.extend(bench.delta_frame().asked_within(100));
    }
    assert_eq!(asked.len(), 10 + 10, "in two minutes: {asked:?}");
    assert!(asked.windows(2).skip(9).all(|pair| pair[1] - pair[0] == 10_000), "{asked:?}");
    assert_eq!(bench.asking().repeats, 19);
}
