//! Streams whose RTX becomes known, changes or ends while they run.

use interceptor_core::{Chain, Registry, StreamInfo};
use interceptor_rtx::RtxFactory;

use crate::kit::{Bench, MEDIA, RTX, config, media, rtx, video};

fn plain() -> StreamInfo {
    StreamInfo::new(MEDIA, 96, 90_000)
}

impl Bench {
    fn amend(&mut self, info: &StreamInfo) {
        self.chain.amend_local(info.clone(), self.now).unwrap();
        self.chain.amend_remote(info.clone(), self.now).unwrap();
    }
}

#[test]
fn a_stream_that_gains_rtx_joins() {
    let mut bench = Bench::new(plain(), Some(9));
    assert_eq!(bench.resend(media(1)), media(1));
    bench.amend(&video());
    assert_eq!(bench.resend(media(1)).sequence_number(), 9);
    assert_eq!(bench.read(rtx(b"\x00\x07media").to_bytes()).unwrap().sequence_number(), 7);
    assert_eq!((bench.counters().sent.encapsulated, bench.counters().received.restored), (1, 1));
}

#[test]
fn a_stream_that_loses_rtx_leaves_and_its_counters_stay() {
    let mut bench = Bench::new(video(), None);
    bench.resend(media(1));
    bench.read(rtx(b"\x00\x07media").to_bytes());
    let before = bench.counters();
    bench.amend(&plain());
    assert_eq!(bench.counters_of_bound(), (None, None));
    assert_eq!(bench.resend(media(2)), media(2));
    assert_eq!(bench.counters(), before);
}

#[test]
fn new_pairs_keep_the_sequence_number_and_the_counters() {
    let mut bench = Bench::new(plain().with_rtx(RTX, 97), Some(65_535));
    assert_eq!(bench.resend(media(1)).sequence_number(), 65_535);
    let mut red = media(2);
    red.set_payload_type(118);
    assert_eq!(bench.resend(red.clone()), red, "no pair yet");
    let mut incoming = rtx(b"\x00\x07red");
    incoming.set_payload_type(119);
    assert_eq!(bench.read(incoming.to_bytes()), None);

    bench.amend(&video());
    let sent = bench.resend(red);
    assert_eq!((sent.ssrc(), sent.payload_type(), sent.sequence_number()), (RTX, 119, 0));
    assert_eq!(bench.read(incoming.to_bytes()).unwrap().payload_type(), 118);
    let (sent, received) = bench.counters_of_bound();
    let (sent, received) = (sent.unwrap(), received.unwrap());
    assert_eq!((sent.encapsulated, sent.without_payload_type), (2, 1));
    assert_eq!((received.restored, received.unknown_payload_type), (1, 1));
}

#[test]
fn another_rtx_ssrc_takes_over() {
    let mut bench = Bench::new(video(), Some(100));
    bench.resend(media(1));
    bench.amend(&plain().with_rtx(77, 97));
    let sent = bench.resend(media(2));
    assert_eq!((sent.ssrc(), sent.sequence_number()), (77, 101));
    let mut incoming = rtx(b"\x00\x07media");
    assert_eq!(bench.read(incoming.to_bytes()), Some(incoming.clone()), "nobody's now");
    incoming.set_ssrc(77);
    assert_eq!(bench.read(incoming.to_bytes()).unwrap().sequence_number(), 7);
}

#[test]
fn two_bytes_of_headroom_are_declared_while_there_is_rtx() {
    let config = config(7);
    let now = config.now;
    let mut chain: Chain = Registry::new().with(RtxFactory::default()).build(config).unwrap();
    chain.bind_local(plain(), now).unwrap();
    let mut headroom = |info: StreamInfo| {
        chain.amend_local(info, now).unwrap();
        chain.headroom(MEDIA)
    };
    assert_eq!(headroom(plain()), Some(0));
    assert_eq!(headroom(video()), Some(2));
    assert_eq!(headroom(plain().with_rtx_ssrc(RTX)), Some(2), "changed, not declared twice");
    assert_eq!(headroom(plain()), Some(0));
}
