//! Two chains joined by two links.

use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Duration;

use interceptor_core::packet::{Ecn, RtcpPacket, RtpPacket};
use interceptor_core::{
    BuildContext, BuildError, Chain, Context, Factory, Flow, Interceptor, Registry, Result, Stage, StreamInfo,
};
use interceptor_test::{
    Capacity, Datagram, Jitter, LinkOptions, Loss, MockFactory, Pair, PairError, PairOptions, QueueDepth,
    Recording, Side, hex, rtp, stream_info,
};

const MS: Duration = Duration::from_millis(1);

/// Answers each packet of a remote stream with a packet on the local stream 2, as often as packets come.
#[derive(Clone, Copy)]
struct Echo {
    after: Duration,
}

impl Factory for Echo {
    type Interceptor = Self;

    fn name(&self) -> &'static str {
        "echo"
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Self, BuildError> {
        Ok(*self)
    }
}

impl Interceptor for Echo {
    type Local = ();
    type Remote = ();

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        if self.after.is_zero() {
            cx.send_rtp(rtp(2).seq(packet.sequence_number()).build());
        } else {
            cx.wake_at(cx.now() + self.after);
        }
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, _: interceptor_core::Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        cx.send_rtp(rtp(2).build());
        Ok(())
    }
}

fn plain(link: LinkOptions) -> Pair {
    let registry = Registry::new();
    let mut pair =
        Pair::new(&registry, &registry, PairOptions::default().with_links(link)).expect("valid options");
    pair.bind(Side::A, stream_info::video(1)).expect("free");
    pair
}

fn arrivals(pair: &Pair, side: Side) -> Vec<(Duration, u16)> {
    let base = pair.now() - pair.clock().elapsed();
    let received = pair.received(side).iter();
    received.filter_map(|received| Some((received.at - base, received.rtp()?.sequence_number()))).collect()
}

#[test]
fn carries_packets_as_bytes_and_delivers_them_when_they_arrive() {
    let mut pair = plain(LinkOptions::default().with_delay(30 * MS));
    let packet = rtp(1).seq(5).ts(9).marker(true).ext(5, &[1, 2]).payload(&b"media"[..]).padding(3).build();
    pair.write_rtp(Side::A, packet.clone());
    pair.run_for(29 * MS);
    assert!(pair.received(Side::B).is_empty());
    pair.run_for(MS);
    assert_eq!(pair.received_rtp(Side::B).collect::<Vec<_>>(), [&packet]);
    assert_eq!(pair.received(Side::B)[0].at, pair.now());
    assert_eq!(pair.received_rtp(Side::B).next().expect("one").info().arrival, Some(pair.now()));
    assert_eq!(pair.sent(Side::A)[0].datagram.bytes, packet.to_bytes());
    assert_eq!(pair.sent(Side::A)[0].rtp(), Some(packet));
}

#[test]
fn both_directions_have_a_link_of_their_own() {
    let options = PairOptions::default()
        .with_link(Side::A, LinkOptions::default().with_delay(10 * MS))
        .with_link(Side::B, LinkOptions::default().with_delay(40 * MS));
    let registry = Registry::new();
    let mut pair = Pair::new(&registry, &registry, options).expect("valid options");
    pair.bind(Side::A, stream_info::video(1)).expect("free");
    pair.bind(Side::B, stream_info::video(2)).expect("free");
    pair.write_rtp(Side::A, rtp(1).seq(1).build());
    pair.write_rtp(Side::B, rtp(2).seq(2).build());
    assert!(pair.run_until_quiet(1000 * MS));
    assert_eq!(arrivals(&pair, Side::B), [(10 * MS, 1)]);
    assert_eq!(arrivals(&pair, Side::A), [(40 * MS, 2)]);
}

#[test]
fn feeds_send_at_their_times_side_by_side() {
    let mut pair = plain(LinkOptions::default());
    pair.bind(Side::A, stream_info::audio(3)).expect("free");
    pair.run_for(5 * MS);
    pair.feed(Side::A, rtp(1).seq(10).stream().every(20 * MS).take(3));
    pair.feed(Side::A, rtp(3).seq(90).stream().every(30 * MS).take(2));
    assert!(pair.run_until_quiet(1000 * MS));
    let expected = [(5 * MS, 10), (5 * MS, 90), (25 * MS, 11), (35 * MS, 91), (45 * MS, 12)];
    assert_eq!(arrivals(&pair, Side::B), expected);
}

#[test]
fn a_feed_goes_on_over_several_runs() {
    let mut pair = plain(LinkOptions::default());
    pair.feed(Side::A, rtp(1).stream().every(10 * MS));
    pair.run_for(25 * MS);
    assert_eq!(pair.take_received(Side::B).len(), 3);
    pair.run_for(25 * MS);
    assert_eq!(pair.take_received(Side::B).len(), 3);
    assert_eq!(pair.clock().elapsed(), 50 * MS);
    assert_eq!(pair.take_sent(Side::A).len(), 6);
    assert!(!pair.run_until_quiet(100 * MS), "the feed is endless");
    assert_eq!(pair.clock().elapsed(), 150 * MS);
}

#[test]
fn a_run_ends_with_what_is_due_at_its_end() {
    let mut pair = plain(LinkOptions::default().with_delay(10 * MS));
    pair.write_rtp(Side::A, rtp(1).seq(1).build());
    pair.run_until(pair.clock().at(10 * MS));
    assert_eq!(arrivals(&pair, Side::B), [(10 * MS, 1)]);
}

#[test]
fn what_a_chain_emits_travels_too() {
    let echo = Registry::new().with(Echo { after: Duration::ZERO });
    let links = LinkOptions::default().with_delay(25 * MS);
    let mut pair =
        Pair::new(&Registry::new(), &echo, PairOptions::default().with_links(links)).expect("valid options");
    pair.bind(Side::A, stream_info::video(1)).expect("free");
    pair.bind(Side::B, stream_info::video(2)).expect("free");
    pair.write_rtp(Side::A, rtp(1).seq(8).build());
    assert!(pair.run_until_quiet(1000 * MS));
    assert_eq!(arrivals(&pair, Side::A), [(50 * MS, 8)]);
}

#[test]
fn timers_fire_when_they_are_due() {
    let echo = Registry::new().with(Echo { after: 100 * MS });
    let mut pair = Pair::new(&Registry::new(), &echo, PairOptions::default()).expect("valid options");
    pair.bind(Side::A, stream_info::video(1)).expect("free");
    pair.bind(Side::B, stream_info::video(2)).expect("free");
    pair.write_rtp(Side::A, rtp(1).build());
    assert!(pair.run_until_quiet(1000 * MS));
    assert_eq!(arrivals(&pair, Side::A), [(100 * MS, 0)]);
}

#[test]
fn chains_that_keep_each_other_busy_at_one_instant_end_the_test() {
    let panic = catch_unwind(|| {
        let echo = |name| {
            let mock = MockFactory::new(name);
            mock.script().set(
                "read_rtp",
                Arc::new(|_, cx| {
                    cx.send_rtp(rtp(1).build());
                    Ok(Flow::Consumed)
                }),
            );
            Registry::new().with(mock)
        };
        let mut pair = Pair::new(&echo("a"), &echo("b"), PairOptions::default().with_record_sent(false))
            .expect("valid options");
        pair.bind(Side::A, stream_info::video(1)).expect("free");
        pair.bind(Side::B, stream_info::video(1)).expect("free");
        pair.write_rtp(Side::A, rtp(1).build());
        pair.run_for(MS);
    })
    .expect_err("it must not run for ever");
    let message = panic.downcast_ref::<String>().expect("a formatted message");
    assert_eq!(message, "the pair does not come to rest 0ns after its start");
}

#[test]
fn rtcp_and_foreign_datagrams_cross_as_well() {
    let mut pair = plain(LinkOptions::default());
    let report = RtcpPacket::parse(hex("80 c9 0001 00000001")).expect("well formed");
    pair.write_rtcp(Side::A, report.clone());
    pair.inject(Side::A, Datagram::new(hex("00 01 00 00 # STUN")));
    pair.write_rtp(Side::A, rtp(9).build());
    assert!(pair.run_until_quiet(MS));
    let received = pair.received(Side::B);
    assert_eq!(received[0].rtcp(), Some(&report));
    assert_eq!(received[1].raw(), Some(&hex("00010000")));
    assert_eq!(received[2].unbound_rtp(), Some(&rtp(9).build()));
    assert_eq!(pair.sent(Side::A)[0].rtcp(), Some(report));
    assert_eq!(pair.sent(Side::A).len(), 2, "what is injected was not sent by the chain");
}

#[test]
fn ecn_bits_travel_and_the_queue_marks_them() {
    let link = LinkOptions::default()
        .with_capacity(Capacity::constant(1_000_000))
        .with_mark_above(QueueDepth::Packets(0));
    let mut pair = plain(link);
    for seq in 0..4 {
        pair.write_rtp(Side::A, rtp(1).seq(seq).ecn(Ecn::Ect1).payload_len(1200).build());
    }
    pair.write_rtp(Side::A, rtp(1).seq(4).payload_len(1200).build());
    assert!(pair.run_until_quiet(1000 * MS));
    let marks: Vec<_> = pair.received_rtp(Side::B).map(|packet| packet.info().ecn).collect();
    let ce = Some(Ecn::Ce);
    assert_eq!(marks, [Some(Ecn::Ect1), Some(Ecn::Ect1), ce, ce, None]);
    assert_eq!(pair.link(Side::A).counters().marked, 2);
}

#[test]
fn the_link_can_change_while_the_pair_runs() {
    let mut pair = plain(LinkOptions::default());
    pair.feed(Side::A, rtp(1).stream().every(10 * MS).take(20));
    pair.run_for(95 * MS);
    let now = pair.now();
    let dead = LinkOptions::default().with_loss(Loss::random(1.0));
    pair.link_mut(Side::A).reconfigure(now, dead).expect("valid");
    assert!(pair.run_until_quiet(1000 * MS));
    assert_eq!(arrivals(&pair, Side::B).len(), 10);
    assert_eq!(pair.link(Side::A).counters().lost, 10);
}

#[test]
fn streams_end_and_events_are_kept() {
    let mock = MockFactory::new("mock");
    mock.script().add(
        "unbind_local",
        Arc::new(|_, cx| {
            cx.raise("unbound");
            Ok(Flow::Forward)
        }),
    );
    let registry = Registry::new().with(mock);
    let mut pair = Pair::new(&registry, &Registry::new(), PairOptions::default()).expect("valid options");
    pair.bind(Side::A, stream_info::video(1)).expect("free");
    pair.run_for(7 * MS);
    pair.unbind(Side::A, 1).expect("bound");
    assert!(pair.unbind(Side::A, 1).is_err());
    assert_eq!(pair.chain(Side::A).stream_counts(), (0, 0));
    assert_eq!(pair.chain(Side::B).stream_counts(), (0, 0));
    let (at, event) = &pair.events(Side::A)[0];
    assert_eq!((*at, event.raised()), (pair.now(), Some(&"unbound")));
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = |seed| {
        let link = LinkOptions::default()
            .with_delay(20 * MS)
            .with_jitter(Jitter::uniform(10 * MS))
            .with_loss(Loss::random(0.1));
        let recording = Recording::new();
        let mut registry = Registry::new();
        registry.add(recording.recorder("wire", Stage::CAPTURE)).add(Echo { after: Duration::ZERO });
        let options = PairOptions::default().with_links(link).with_seed(seed);
        let mut pair = Pair::new(&registry, &registry, options).expect("valid options");
        pair.bind(Side::A, stream_info::video(1)).expect("free");
        pair.bind(Side::B, stream_info::video(2)).expect("free");
        pair.feed(Side::A, rtp(1).stream().every(5 * MS).take(200));
        pair.run_for(2000 * MS);
        recording.take()
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}

#[test]
fn the_ends_differ_in_seed_and_wall_clock() {
    let options = PairOptions::default();
    let (a, b) = (options.config(Side::A), options.config(Side::B));
    assert_ne!(a.sender_ssrc, b.sender_ssrc);
    assert_ne!(a.cname, b.cname);
    assert_eq!(b.ntp.checked_duration_since(a.ntp), Some(3250 * MS));
    assert_eq!(a.now, b.now);
}

#[test]
fn the_wall_clocks_can_be_made_to_agree_or_to_differ_more() {
    for offset in [Duration::ZERO, 90_000 * MS] {
        let options = PairOptions::default().with_clock_offset(offset);
        let [a, b] = [Side::A, Side::B].map(|side| options.config(side).ntp);
        assert_eq!(b.checked_duration_since(a), Some(offset));
    }
}

#[test]
fn chains_made_by_the_caller_can_be_joined() {
    let options = PairOptions::default();
    let a = Chain::new(options.config(Side::A).with_cname("alice"));
    let b = Chain::new(options.config(Side::B));
    let pair = Pair::between(a, b, options).expect("valid options");
    assert_eq!(&*pair.chain(Side::A).config().cname, "alice");
}

#[test]
fn bad_link_options_are_refused() {
    let options = PairOptions::default().with_links(LinkOptions::default().with_loss(Loss::random(2.0)));
    let refused = Pair::new(&Registry::new(), &Registry::new(), options);
    assert!(matches!(refused, Err(PairError::Link(error)) if error.field == "loss.rate"));
}
