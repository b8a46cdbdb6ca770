//! What is repaired in a call of the whole stack, encrypted, beside what the stack's own interceptors repair.

use std::time::Duration;

use interceptor_rtc::{AdapterCounters, Setup};
use interceptor_test::Clock;

use crate::pair::{
    Call, MEDIA_SSRC, Peer, RTX_SSRC, coding, our_peer, ours, ours_without_rtx, their_peer, track, vp8_only,
};

/// Drops about 20 % of packets 100 to 199 of those that leave; the same ones in each run.
fn a_fifth_of_the_middle(number: u64) -> bool {
    (100..200).contains(&number) && hash(number) < 51
}

/// Drops about 5 % of all that leave.
fn one_of_twenty(number: u64) -> bool {
    hash(number) < 13
}

const fn hash(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56
}

/// What a call came to.
#[derive(Debug, PartialEq)]
struct Outcome {
    dropped: u64,
    on_the_wire: u64,
    unique: usize,
    delivered: usize,
}

impl Outcome {
    fn retransmitted(&self, packets: usize) -> u64 {
        self.on_the_wire - packets as u64
    }

    /// Each packet once at the application, and at most so many tenths of a retransmission for each that was dropped.
    #[track_caller]
    fn assert_repaired(&self, packets: usize, tenths: u64) {
        assert!(self.dropped > packets as u64 / 50, "the link is lossy: {self:?}");
        assert_eq!((self.unique, self.delivered), (packets, packets), "{self:?}");
        assert!(10 * self.retransmitted(packets) <= tenths * self.dropped, "{self:?}");
    }
}

/// Sends so many packets over a lossy link, `spacing` apart, and waits until nothing more comes.
fn call(
    a: Peer,
    b: Peer,
    (packets, spacing, delay): (u16, Duration, Duration),
    lost: fn(u64) -> bool,
) -> Outcome {
    let mut call = Call::new(a, b, delay);
    let sender = call.a.pc.add_track(track(coding(Some(RTX_SSRC)))).expect("a track");
    call.connect();
    call.drop_rtp(lost);
    call.send(sender, 0..packets, spacing);
    call.run_for(Duration::from_secs(3));
    assert!(call.b.heard.is_empty(), "the application gets no RTCP, and reads none");
    Outcome {
        dropped: call.dropped(),
        on_the_wire: call.a.sent,
        unique: call.b.unique(),
        delivered: call.b.received.len(),
    }
}

fn our_call(rtx: bool, window: usize, traffic: (u16, Duration, Duration), lost: fn(u64) -> bool) -> Outcome {
    let (registry, _) = if rtx { ours() } else { ours_without_rtx() };
    let now = Clock::new().now();
    let peer = |id, port| {
        let setup = Setup::default().with_codecs(vp8_only()).with_srtp_replay_window(window);
        our_peer(&registry, id, port, setup, now).0
    };
    call(peer("a", 4001), peer("b", 4002), traffic, lost)
}

/// What `configure` sets.
fn window() -> usize {
    Setup::default().srtp_replay_window
}

const SHORT: (u16, Duration, Duration) = (300, Duration::from_millis(5), Duration::from_millis(1));
/// A round trip of 120 ms is 120 packets: every answer comes after the stack's replay window has passed it.
const LONG: (u16, Duration, Duration) = (1500, Duration::from_millis(1), Duration::from_millis(60));

#[test]
fn every_packet_arrives_once_over_rtx() {
    our_call(true, window(), SHORT, a_fifth_of_the_middle).assert_repaired(300, 12);
}

#[test]
fn every_packet_arrives_once_without_rtx() {
    our_call(false, window(), SHORT, a_fifth_of_the_middle).assert_repaired(300, 12);
}

#[test]
fn the_stacks_own_interceptors_flood_the_sender_with_requests() {
    let now = Clock::new().now();
    let outcome = call(their_peer(4001, now), their_peer(4002, now), SHORT, a_fifth_of_the_middle);
    assert_eq!(outcome.unique, 300);
    assert!(
        outcome.retransmitted(300) > 5 * outcome.dropped,
        "it asks for what RTX has brought: {outcome:?}"
    );
    assert!(outcome.delivered > 500, "and hands it on each time: {outcome:?}");
}

// Until the first report a round trip counts as 100 ms, which is less than it is here: some are asked for twice.

#[test]
fn a_long_path_is_repaired_within_the_replay_window_that_configure_sets() {
    our_call(false, window(), LONG, one_of_twenty).assert_repaired(1500, 15);
}

#[test]
fn a_long_path_is_repaired_over_rtx_whatever_the_replay_window() {
    our_call(true, 64, LONG, one_of_twenty).assert_repaired(1500, 15);
}

#[test]
fn the_stacks_own_replay_window_throws_late_answers_away() {
    let outcome = our_call(false, 64, LONG, one_of_twenty);
    assert!(outcome.unique < 1500, "answers came and were thrown away: {outcome:?}");
    assert!(outcome.retransmitted(1500) > 2 * outcome.dropped, "and asked for again: {outcome:?}");
}

#[test]
fn both_ends_count_the_same() {
    let (registry, stats) = ours();
    let now = Clock::new().now();
    let (a, a_handle) = our_peer(&registry, "a", 4001, Setup::default(), now);
    let (b, b_handle) = our_peer(&registry, "b", 4002, Setup::default(), now);
    let mut call = Call::new(a, b, Duration::from_millis(1));
    let sender = call.a.pc.add_track(track(coding(Some(RTX_SSRC)))).expect("a track");
    call.connect();
    call.drop_rtp(a_fifth_of_the_middle);
    call.send(sender, 0..300, Duration::from_millis(5));
    call.run_for(Duration::from_secs(3));

    let sent = stats.stream("a", MEDIA_SSRC).expect("bound");
    let (outbound, reported) =
        (sent.outbound_rtp.expect("local"), sent.remote_inbound_rtp.expect("reported"));
    let inbound = stats.stream("b", MEDIA_SSRC).and_then(|stream| stream.inbound_rtp).expect("bound");
    assert_eq!(outbound.packets_sent, call.a.sent);
    assert_eq!(outbound.retransmitted_packets_sent, call.a.sent - 300);
    assert_eq!(inbound.packets_received, call.a.sent - call.dropped());
    assert_eq!(inbound.packets_recovered_by_rtx, inbound.packets_lost.unsigned_abs());
    assert_eq!(reported.packets_lost, inbound.packets_lost);
    assert_eq!(outbound.nack_count, inbound.nack_count);
    assert_eq!(reported.round_trip_time.map(|rtt| rtt.as_millis()), Some(2));
    for handle in [a_handle, b_handle] {
        let chain = handle.counters().expect("open");
        assert_eq!(
            (chain.hook_errors, chain.panics, chain.clock_went_back, chain.malformed_rtcp_packets),
            (0, 0, 0, 0)
        );
        let mut adapter = handle.adapter_counters().expect("open");
        // The receiving end is told of the RTX SSRC twice.
        adapter.repair_bindings = 0;
        assert_eq!(adapter, AdapterCounters::default());
    }
}
