//! What it hears from others, and what others hear.

use interceptor_core::packet::HeaderExtension as _;
use interceptor_core::packet::Recovery;
use interceptor_core::packet::ext::PlayoutDelay;
use interceptor_core::{Fact, Limits, Playout, PlayoutDeadline, Rtt};
use interceptor_hdrext::PlayoutDelayFactory;
use interceptor_jitter_buffer::Aim;
use interceptor_nack::{NackFactory, NackOptions};
use interceptor_rtx::RtxFactory;
use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Side, rtp, stream_info};

use crate::kit::{MS, Rig, SECOND, SSRC, options};

impl Rig {
    fn playouts(&self) -> Vec<Playout> {
        let of = |fact: &Fact| if let Fact::Playout(playout) = fact { Some(*playout) } else { None };
        self.facts.iter().filter_map(of).collect()
    }

    fn deadlines(&self) -> Vec<u128> {
        let of = |fact: &Fact| match fact {
            Fact::PlayoutDeadline(PlayoutDeadline { delay, .. }) => Some(delay.as_millis()),
            _ => None,
        };
        self.facts.iter().filter_map(of).collect()
    }
}

#[test]
fn statistics_hear_what_it_does_twice_a_second_and_at_the_end() {
    let mut rig = Rig::new(options().with_aim(Aim::Fixed(60 * MS)));
    rig.play_smoothly(0..500);
    rig.unbind(SSRC);
    let told = rig.playouts();
    assert!((19..=21).contains(&told.len()), "{}", told.len());
    let last = told[told.len() - 1];
    assert_eq!((last.ssrc, last.emitted, last.discarded), (SSRC, 500, 0));
    assert_eq!(last.target_sum, 500 * 60 * MS);
    assert_eq!(last.minimum_sum, last.target_sum);
    // The last three leave early.
    assert!((29_800..=30_000).contains(&last.delay_sum.as_millis()), "{:?}", last.delay_sum);
}

#[test]
fn who_asks_for_retransmissions_hears_how_long_they_are_of_use() {
    let mut rig = Rig::new(options().with_aim(Aim::Fixed(200 * MS)));
    rig.play_smoothly(0..200);
    assert_eq!(rig.deadlines(), [200]);
    // A pause of half a second; what is left of it when others are told next.
    rig.play([(200, 700 * MS)]);
    rig.play_smoothly(236..300);
    let told = rig.deadlines();
    assert!(told[1] > 680 && told.len() <= 4, "{told:?}");
}

#[test]
fn where_retransmissions_come_one_is_waited_for() {
    let mut rig = Rig::empty(options());
    rig.bind(stream_info::video(SSRC));
    rig.tell(Rtt::first(100 * MS));
    let packet = |seq: u16| rtp(SSRC).seq(seq).ts(u32::from(seq) * 1800).payload_len(10).build();
    for seq in 0..1000_u16 {
        rig.until(u32::from(seq) * 20 * MS);
        if ![300, 400, 500].contains(&seq) {
            rig.read(packet(seq));
        }
        if [306, 406, 506].contains(&seq) {
            let mut again = packet(seq - 6);
            again.info_mut().recovered_by = Some(Recovery::Rtx);
            rig.read(again);
            rig.tell(Rtt::first(100 * MS));
        }
        if seq == 490 {
            assert_eq!(rig.stream().target, 5 * MS, "two are not enough");
        }
    }
    assert_eq!(rig.stream().target, 120 * MS);
    let minimum = rig.counters();
    assert!(minimum.minimum_micros < minimum.target_micros / 2, "{minimum:?}");
    // A minute later they are forgotten.
    for seq in 1000..5000_u16 {
        rig.until(u32::from(seq) * 20 * MS);
        rig.read(packet(seq));
    }
    assert_eq!(rig.stream().target, 5 * MS);
}

#[test]
fn retransmissions_of_what_has_come_are_no_reason_to_wait() {
    let mut rig = Rig::empty(options());
    rig.bind(stream_info::video(SSRC));
    rig.tell(Rtt::first(100 * MS));
    for seq in 0..100_u16 {
        rig.until(u32::from(seq) * 20 * MS);
        let packet = rtp(SSRC).seq(seq).ts(u32::from(seq) * 1800).payload_len(10).build();
        let mut again = packet.clone();
        again.info_mut().recovered_by = Some(Recovery::Rtx);
        rig.read(packet);
        rig.read(again);
    }
    assert!(rig.stream().target <= 40 * MS, "{:?}", rig.stream().target);
    assert_eq!(rig.counters().duplicates, 100);
}

#[test]
fn without_nack_or_by_option_none_is_waited_for() {
    for (nack, floor) in [(false, true), (true, false)] {
        let mut rig = Rig::empty(options().with_rtx_floor(floor));
        rig.bind(if nack { stream_info::video(SSRC) } else { stream_info::bare(SSRC) });
        rig.tell(Rtt::first(100 * MS));
        for seq in 0..100_u16 {
            rig.until(u32::from(seq) * 20 * MS);
            let mut packet = rtp(SSRC).seq(seq).ts(u32::from(seq) * 1800).payload_len(10).build();
            packet.info_mut().recovered_by = Some(Recovery::Rtx).filter(|_| seq % 20 == 9);
            rig.read(packet);
        }
        assert!(rig.stream().target <= 40 * MS);
    }
}

/// A call with 10 % of loss and a round trip of 80 ms: what is asked for, and what comes in time.
fn call(with_buffer: bool) -> (u64, u64) {
    let receiver = |registry: interceptor_core::Registry| {
        let nack = NackFactory::new(NackOptions::default()).unwrap();
        registry.with(RtxFactory::default()).with(nack)
    };
    let (sender, mut there) =
        (receiver(interceptor_core::Registry::new()), receiver(interceptor_core::Registry::new()));
    if with_buffer {
        there = there.with(
            interceptor_jitter_buffer::JitterBufferFactory::new(options().with_aim(Aim::Fixed(60 * MS)))
                .unwrap(),
        );
    }
    let links = LinkOptions::default().with_delay(40 * MS).with_loss(Loss::random(0.1));
    let mut pair = Pair::new(&sender, &there, PairOptions::default().with_links(links)).unwrap();
    pair.with_chain(Side::B, |chain, now| chain.publish(Rtt::first(80 * MS), now));
    pair.bind(Side::A, stream_info::video_with_rtx(SSRC, 2)).unwrap();
    pair.feed(Side::A, rtp(SSRC).payload_len(500).stream().ts_step(900).every(10 * MS).take(2000));
    pair.run_for(25 * SECOND);
    let link = pair.link(Side::A).counters();
    (link.delivered + link.lost - 2000, pair.received_rtp(Side::B).count() as u64)
}

#[test]
fn nothing_is_asked_for_that_would_come_too_late() {
    let ((all, _), (none, _)) = (call(false), call(true));
    // With 60 ms nothing that is asked for over 80 ms comes in time; before that is known some is.
    assert!(none * 10 <= all, "{none} of {all}");
}

#[test]
fn a_sender_says_by_an_extension_how_long_to_wait() {
    let with_extension = |registry: interceptor_core::Registry| registry.with(PlayoutDelayFactory::default());
    let mut rig = Rig::within(options(), Limits::default(), with_extension);
    rig.bind(stream_info::video(SSRC).with_extension(4, PlayoutDelay::URI));
    let packet = |seq: u16| rtp(SSRC).seq(seq).ts(u32::from(seq) * 1800).payload_len(10);
    // No delay at all: what waits leaves as soon as that is known.
    rig.read(packet(0).ext(4, &[0, 0, 0]).build());
    rig.until(20 * MS);
    rig.read(packet(1).build());
    assert_eq!(rig.times(), [(0, 0), (1, 20)]);
    // 100 ms to one second.
    rig.until(1040 * MS);
    rig.read(packet(2).ts(52 * 1800).ext(4, &[0x00, 0xa0, 0x64]).build());
    rig.until(1060 * MS);
    rig.read(packet(3).ts(53 * 1800).build());
    rig.pass(SECOND);
    assert_eq!(rig.times(), [(2, 1040), (3, 1160)]);
}
