//! Bounds that a sender asks for, and what is told of those that come.

use interceptor_core::packet::ext::PlayoutDelay;
use interceptor_core::packet::{HeaderExtension, RtpPacket};
use interceptor_core::{Fact, PlayoutBounds, Stage};
use interceptor_hdrext::{PlayoutDelayFactory, PlayoutDelayOptions, PlayoutDelays};
use interceptor_test::{rtp, stream_info};

use crate::kit::{Bench, ID, MEDIA, RTX, foreign, ms, report, video};

fn bounds(min: u64, max: u64) -> PlayoutDelay {
    PlayoutDelay::new(ms(min), ms(max)).unwrap()
}

fn sender(options: PlayoutDelayOptions) -> Bench {
    Bench::new(PlayoutDelayFactory::new(options).unwrap()).sending(video(PlayoutDelay::URI))
}

pub(crate) fn receiver() -> Bench {
    Bench::new(PlayoutDelayFactory::default()).receiving(video(PlayoutDelay::URI))
}

fn asked(bench: &mut Bench, seq: u16) -> Option<PlayoutDelay> {
    bench.write(rtp(MEDIA).seq(seq).build()).read(ID)
}

fn set(bench: &mut Bench, ssrc: u32, bounds: PlayoutDelay) -> bool {
    let set = |_: &mut PlayoutDelays, mut streams: interceptor_core::Streams<'_, PlayoutDelays>| {
        PlayoutDelays::set(&mut streams, ssrc, bounds)
    };
    bench.chain.with_streams(set).unwrap()
}

/// A packet that asks for these.
pub(crate) fn asking(seq: u16, min: u64, max: u64) -> RtpPacket {
    rtp(MEDIA).seq(seq).ext(ID, &bounds(min, max).to_bytes()).build()
}

pub(crate) fn told(bench: &mut Bench) -> Vec<(u64, u64)> {
    let millis = |fact| match fact {
        Fact::PlayoutBounds(PlayoutBounds { ssrc: MEDIA, min, max }) => {
            (min.as_millis() as u64, max.as_millis() as u64)
        }
        other => panic!("{other:?}"),
    };
    bench.facts().into_iter().map(millis).collect()
}

#[test]
fn bounds_are_asked_for_until_they_are_acknowledged_and_after_each_change() {
    let mut bench = sender(PlayoutDelayOptions::default().with_bounds(bounds(0, 400)));
    assert_eq!([1, 2].map(|seq| asked(&mut bench, seq)), [Some(bounds(0, 400)); 2]);
    bench.read_rtcp(report(MEDIA, 0));
    assert_eq!(asked(&mut bench, 3), Some(bounds(0, 400)));
    bench.read_rtcp(report(MEDIA, 1));
    assert_eq!(asked(&mut bench, 4), None);
    assert!(set(&mut bench, MEDIA, bounds(0, 400)) && asked(&mut bench, 5).is_none(), "no change");
    assert!(set(&mut bench, MEDIA, bounds(0, 0)));
    assert_eq!(asked(&mut bench, 6), Some(bounds(0, 0)));
    bench.read_rtcp(report(MEDIA, 5));
    assert_eq!(asked(&mut bench, 7), Some(bounds(0, 0)), "that was before the change");
    bench.read_rtcp(report(MEDIA, 7));
    assert_eq!(asked(&mut bench, 8), None);
    assert!(!set(&mut bench, 7, bounds(0, 0)), "no such stream");
    let counters = bench.get::<PlayoutDelays>().counters();
    assert_eq!((counters.stamped, counters.acknowledged), (5, 2));
}

#[test]
fn without_bounds_nothing_is_asked_for_and_retransmissions_are_left_alone() {
    let mut bench = sender(PlayoutDelayOptions::default());
    assert_eq!(asked(&mut bench, 1), None);
    let mut bench = sender(PlayoutDelayOptions::default().with_bounds(bounds(10, 20)));
    assert_eq!(bench.write(rtp(RTX).pt(97).build()).read::<PlayoutDelay>(ID), None);
    let layout = bench.chain.layout();
    assert_eq!(layout.rows()[0].stage, Stage::PLAYOUT.below());
    assert_eq!(bench.chain.headroom(MEDIA), Some(8));
}

#[test]
fn bounds_that_come_are_told_when_they_change() {
    let mut bench = receiver();
    for seq in 1..5 {
        bench.read(asking(seq, 0, 400));
    }
    bench.read(rtp(MEDIA).seq(5).build());
    assert_eq!(told(&mut bench), [(0, 400)]);
    bench.pass(ms(100)).read(asking(6, 0, 0));
    assert_eq!(told(&mut bench), [(0, 0)]);
    assert_eq!(bench.chain.facts().playout_bounds(MEDIA).map(|bounds| bounds.max), Some(ms(0)));
    // One that was overtaken, or sent again, says what no longer holds.
    bench.pass(ms(100)).read(asking(4, 0, 400));
    assert_eq!(told(&mut bench), []);
    let of = bench.chain.with_streams::<PlayoutDelays, _>(|_, streams| streams.peek_remote(MEDIA)?.bounds());
    assert_eq!(of.flatten(), Some(bounds(0, 0)));
}

#[test]
fn a_foreign_extension_block_leaves_without_bounds() {
    let mut bench = sender(PlayoutDelayOptions::default().with_bounds(bounds(0, 0)));
    assert_eq!(bench.write(foreign()), foreign());
    assert_eq!(bench.get::<PlayoutDelays>().counters().not_stamped, 1);
}

#[test]
fn an_amendment_moves_the_identifier_or_ends_it() {
    let mut bench = sender(PlayoutDelayOptions::default().with_bounds(bounds(0, 0)))
        .receiving(stream_info::video(7).with_extension(ID, PlayoutDelay::URI));
    let moved = stream_info::bare(MEDIA).with_extension(9, PlayoutDelay::URI);
    bench.chain.amend_local(moved, bench.now).unwrap();
    assert_eq!(bench.write(rtp(MEDIA).build()).read(9), Some(bounds(0, 0)));
    bench.chain.amend_local(stream_info::bare(MEDIA), bench.now).unwrap();
    bench.chain.amend_remote(stream_info::bare(7), bench.now).unwrap();
    assert_eq!(bench.parts(), (0, 0));
}
