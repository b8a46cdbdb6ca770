//! Paths that become longer or shorter during a call, with reports that measure them.

use std::time::Duration;

use interceptor_core::{Registry, Streams};
use interceptor_nack::{Copies, Nack, NackCounters, NackFactory, NackOptions};
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Side, rtp, stream_info};

use crate::kit::ms;

/// 50 packets a second.
const PAUSE: Duration = Duration::from_millis(20);

/// A call with defaults that loses 2 % both ways; media from A to B, and back if `both`.
struct Call {
    pair: Pair,
}

fn link(rtt: u64) -> LinkOptions {
    LinkOptions::default().with_delay(ms(rtt / 2)).with_loss(Loss::random(0.02))
}

impl Call {
    fn new(rtt: u64, both: bool, rtx: bool, seed: u64) -> Self {
        // Copies of requests would hide how often is asked.
        let once = NackFactory::new(NackOptions::default().with_request_copies(Copies::Fixed(1))).unwrap();
        let mut registry = Registry::new().with(once).with(ReportFactory::default());
        if rtx {
            registry.add(RtxFactory::default());
        }
        let options = PairOptions::default().with_seed(seed).with_links(link(rtt)).with_record_sent(false);
        let mut pair = Pair::new(&registry, &registry, options).unwrap();
        let sides = if both { &[Side::A, Side::B][..] } else { &[Side::A] };
        for (ssrc, side) in (1..).zip(sides.iter().copied()) {
            let info =
                if rtx { stream_info::video_with_rtx(ssrc, ssrc + 10) } else { stream_info::video(ssrc) };
            pair.bind(side, info).unwrap();
            pair.feed(side, rtp(ssrc).seq(65_000).payload_len(1_000).stream().every(PAUSE).take(10_000));
        }
        Self { pair }
    }

    fn change(&mut self, rtt: u64) {
        let now = self.pair.now();
        for side in [Side::A, Side::B] {
            self.pair.link_mut(side).reconfigure(now, link(rtt)).unwrap();
        }
    }

    fn counters(&mut self, side: Side) -> NackCounters {
        let read = |nack: &mut Nack, streams: Streams<'_, Nack>| nack.counters(&streams);
        self.pair.with_chain(side, |chain, _| chain.with_streams(read)).unwrap()
    }

    /// What happens of the stream from A to B in that time: packets missing, requests for them, packets sent again.
    fn measure(&mut self, time: Duration) -> [u64; 3] {
        let count = |call: &mut Self| {
            let (asking, answering) = (call.counters(Side::B).asking, call.counters(Side::A).answering);
            [asking.packets_missing, asking.packets_requested, answering.packets_resent]
        };
        let before = count(self);
        self.pair.run_for(time);
        let after = count(self);
        std::array::from_fn(|at| after[at] - before[at])
    }
}

/// From 5 s after the change on, for so long, over six calls: requests for a missing packet, and packets sent again beyond
/// the one for it.
fn after_a_change(from: u64, to: u64, both: bool, rtx: bool, time: Duration) -> (f64, f64) {
    let mut sum = [0; 3];
    for seed in 0..6 {
        let mut call = Call::new(from, both, rtx, seed);
        call.pair.run_for(Duration::from_secs(20));
        call.change(to);
        call.pair.run_for(Duration::from_secs(5));
        let measured = call.measure(time);
        sum.iter_mut().zip(measured).for_each(|(sum, count)| *sum += count);
    }
    let [missing, requested, resent] = sum.map(|count| count as f64);
    assert!(missing > 40.0, "{missing}");
    (requested / missing, (resent - missing).max(0.0) / missing)
}

#[test]
fn a_path_that_becomes_longer_is_not_asked_over_and_over() {
    for rtt in [100, 200, 400, 800] {
        for (both, rtx) in [(false, false), (false, true), (true, false), (true, true)] {
            // The first seconds are the worst.
            let (requests, repeats) = after_a_change(20, rtt, both, rtx, Duration::from_secs(10));
            let case =
                format!("20 -> {rtt} ms, both {both}, rtx {rtx}: {requests} requests, {repeats} repeats");
            assert!(requests <= 1.3 && repeats <= 0.2, "{case}");
        }
    }
}

#[test]
fn a_path_that_is_long_from_the_start_is_not_asked_over_and_over() {
    for (both, rtx) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut sum = [0.0; 3];
        for seed in 20..26 {
            let mut call = Call::new(800, both, rtx, seed);
            call.pair.run_for(Duration::from_secs(5));
            let measured = call.measure(Duration::from_secs(20));
            sum.iter_mut().zip(measured).for_each(|(sum, count)| *sum += count as f64);
        }
        let [missing, requested, resent] = sum;
        let (requests, repeats) = (requested / missing, (resent - missing).max(0.0) / missing);
        assert!(missing > 80.0 && requests <= 1.3 && repeats <= 0.2, "{both} {rtx}: {requests} {repeats}");
    }
}

#[test]
fn a_path_that_becomes_shorter_is_found_out() {
    for (both, rtx) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut call = Call::new(800, both, rtx, 1);
        call.pair.run_for(Duration::from_secs(20));
        call.change(20);
        call.pair.run_for(Duration::from_secs(60));
        let [missing, requested, resent] = call.measure(Duration::from_secs(60));
        assert!(missing > 40 && requested <= missing * 11 / 10 && resent <= missing * 11 / 10);
        let rtt = call.pair.chain(Side::B).facts().rtt().unwrap();
        assert!(rtt.smoothed < ms(30), "{rtt:?}");
    }
}

/// RRTR and DLRR (RFC 3611 §4.4, §4.5): no sender reports of its own tell it.
#[test]
fn an_end_that_sends_no_media_knows_how_long_the_path_is() {
    let mut call = Call::new(20, false, false, 2);
    call.pair.run_for(Duration::from_secs(20));
    let known = |call: &Call| call.pair.chain(Side::B).facts().rtt().unwrap();
    assert_eq!(known(&call).latest.as_millis(), 20);
    call.change(800);
    call.pair.run_for(Duration::from_secs(5));
    assert_eq!((known(&call).latest.as_millis(), known(&call).min.as_millis()), (800, 20));
    call.pair.run_for(Duration::from_secs(10));
    assert_eq!(known(&call).min.as_millis(), 800, "ten seconds later");
}
