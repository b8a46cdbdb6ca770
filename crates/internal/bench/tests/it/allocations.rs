//! S1, S2, S3, S5 and a whole call allocate nothing once buffers and histories have their size: packets, timers, reports and
//! requests.

use std::sync::LazyLock;
use std::time::Instant;

use bench::contender::{Contender, STRETCH};
use bench::measure::warm_up;
use bench::ours;
use bench::traffic::{Traffic, datagrams, received, sent, start};
use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Flow, Outgoing, Registry, StreamInfo};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_stats::{StatsFactory, StatsHandle};

/// 10 s: until histories, which last a second, have their size, and some reports have been written.
const WARM_UP: usize = 40_000;
/// 10 s.
const COUNTED: usize = 40_000;
/// One comes every 1.5 s at least.
const REPORTS: u64 = 13;

/// Statistics on, reports, RTX, NACK; the handle keeps the statistics read, as a user's would.
fn full() -> (Chain, StatsHandle) {
    let stats = StatsFactory::default();
    let handle = stats.handle();
    let registry = Registry::new()
        .with(stats)
        .with(ReportFactory::default())
        .with(RtxFactory::default())
        .with(NackFactory::default());
    (registry.build(config()).unwrap(), handle)
}

/// Where the time of every chain starts.
static START: LazyLock<Instant> = LazyLock::new(start);

fn config() -> ChainConfig {
    ChainConfig::new("bench", *START, NtpTime::default(), 7)
}

/// With every stream of the traffic bound both ways.
fn bound(mut chain: Chain, streams: u32) -> Chain {
    let now = chain.config().now;
    for place in Traffic::new(streams, now).take(streams as usize) {
        let ssrc = sent(&place).ssrc();
        let info = StreamInfo::new(ssrc, sent(&place).payload_type(), 90_000)
            .with_feedback("nack", "")
            .with_rtx(!ssrc, 97);
        chain.bind_local(info.clone(), now).unwrap();
        chain.bind_remote(info, now).unwrap();
    }
    chain
}

/// Allocations of the counted packets, of the timers between them and of all that these send.
fn counted<P>(
    chain: &mut Chain,
    packets: impl Iterator<Item = (P, Instant)>,
    mut pass: impl FnMut(&mut Chain, P, Instant),
) -> u64 {
    let mut allocations = 0;
    for (number, (packet, at)) in packets.take(WARM_UP + COUNTED).enumerate() {
        let info = allocation_counter::measure(|| {
            pass(chain, packet, at);
            chain.handle_timeout(at);
            while chain.poll_event().is_some() || chain.poll_app().is_some() || chain.poll_wire().is_some() {}
        });
        allocations += if number < WARM_UP { 0 } else { info.count_total };
    }
    allocations
}

fn write(chain: &mut Chain, mut packet: RtpPacket, at: Instant) {
    assert_eq!(chain.write_rtp_in_place(&mut packet, at), Flow::Forward);
}

fn read(chain: &mut Chain, mut packet: RtpPacket, at: Instant) {
    assert_eq!(chain.read_rtp_in_place(&mut packet, at), Flow::Forward);
}

#[test]
fn sending_allocates_nothing() {
    for streams in [1, 100] {
        let (chain, handle) = full();
        let mut chain = bound(chain, streams);
        let packets = Traffic::new(streams, chain.config().now).map(|place| (sent(&place), place.at));
        assert_eq!(counted(&mut chain, packets, write), 0, "{streams} streams");
        let stats = handle.connection("bench").unwrap();
        assert_eq!(stats.outbound_rtp.len(), streams as usize);
        assert!(stats.rtcp_packets_sent >= REPORTS, "reports leave");
    }
}

#[test]
fn receiving_allocates_nothing() {
    for streams in [1, 100] {
        let (chain, handle) = full();
        let mut chain = bound(chain, streams);
        let packets = Traffic::new(streams, chain.config().now).map(|place| (received(&place), place.at));
        assert_eq!(counted(&mut chain, packets, read), 0, "{streams} streams");
        let stats = handle.connection("bench").unwrap();
        assert_eq!(stats.inbound_rtp.len(), streams as usize);
        assert!(stats.rtcp_packets_sent >= REPORTS, "reports leave");
    }
}

#[test]
fn receiving_with_loss_allocates_nothing() {
    for streams in [1, 100] {
        let (chain, handle) = full();
        let mut chain = bound(chain, streams);
        let traffic = Traffic::new(streams, chain.config().now).with_loss(50);
        let packets = traffic.map(|place| (received(&place), place.at));
        assert_eq!(counted(&mut chain, packets, read), 0, "{streams} streams");
        let stats = handle.connection("bench").unwrap();
        assert!(stats.inbound_rtp.iter().all(|stream| stream.nack_count > 0), "requests leave");
    }
}

#[test]
fn receiving_datagrams_allocates_nothing() {
    let (chain, _handle) = full();
    let mut chain = bound(chain, 1);
    let mut made = Vec::new();
    datagrams(Traffic::new(1, chain.config().now), WARM_UP + COUNTED, &mut made);
    let packets = made.into_iter().map(|(datagram, place)| (datagram, place.at));
    let counted = counted(&mut chain, packets, |chain, datagram, at| {
        assert!(chain.read_datagram_in_place(datagram, None, at).is_some());
    });
    assert_eq!(counted, 0);
}

/// What waits at one end goes to the other, until nothing waits.
fn exchange([sender, receiver]: &mut [Chain; 2], at: Instant) {
    sender.handle_timeout(at);
    receiver.handle_timeout(at);
    while carry(sender, receiver, at) || carry(receiver, sender, at) {}
}

/// Says whether anything waited.
fn carry(from: &mut Chain, to: &mut Chain, at: Instant) -> bool {
    let mut any = false;
    while let Some(packet) = from.poll_wire() {
        any = true;
        match packet {
            Outgoing::Rtp(packet) => to.read_rtp(packet, at),
            Outgoing::Rtcp(packet) => to.read_rtcp(packet, at),
        }
    }
    while from.poll_app().is_some() || from.poll_event().is_some() {}
    any
}

/// Of so many packets one is lost.
const LOSS: usize = 50;

/// A sender and a receiver, and a network that loses some packets on the way: requests, RTX and reports both ways.
#[test]
fn a_call_with_loss_allocates_nothing() {
    let ((sender, sent_stats), (receiver, received_stats)) = (full(), full());
    let mut ends = [bound(sender, 1), bound(receiver, 1)];
    let now = ends[0].config().now;
    let mut allocations = 0;
    for (number, place) in Traffic::new(1, now).take(WARM_UP + COUNTED).enumerate() {
        let (mut packet, at) = (sent(&place), place.at);
        let info = allocation_counter::measure(|| {
            assert_eq!(ends[0].write_rtp_in_place(&mut packet, at), Flow::Forward);
            if number % LOSS != 0 {
                assert_eq!(ends[1].read_rtp_in_place(&mut packet, at), Flow::Forward);
            }
            exchange(&mut ends, at);
        });
        allocations += if number < WARM_UP { 0 } else { info.count_total };
    }
    assert_eq!(allocations, 0);
    let [sent, received] = [sent_stats, received_stats].map(|stats| stats.connection("bench").unwrap());
    assert!(sent.current_round_trip_time.is_some() && received.rtcp_packets_received >= REPORTS);
    let (lost, again) = ((WARM_UP + COUNTED) / LOSS, sent.outbound_rtp[0].retransmitted_packets_sent);
    // The very first packet has none before it, by which it would be missed.
    assert_eq!(again as usize, lost - 1, "every loss is sent again");
}

#[test]
fn passing_through_sixteen_interceptors_allocates_nothing() {
    assert_eq!(counted_run(ours::send_through(16)), 0);
    assert_eq!(counted_run(ours::receive_through(16)), 0);
    assert_eq!(counted_run(ours::keyframed_send()), 0);
    assert_eq!(counted_run(ours::keyframed_receive()), 0);
}

/// Repair packets are sums of what passes, in buffers that are used again; who receives keeps datagrams, not copies.
#[test]
fn protecting_and_receiving_what_is_protected_allocate_nothing() {
    assert_eq!(counted_run(ours::protecting(10, 1)), 0);
    assert_eq!(counted_run(ours::recovering(false)), 0);
}

/// Allocations of what the benchmark measures.
fn counted_run<C: Contender>(contender: anyhow::Result<C>) -> u64 {
    let mut contender = contender.unwrap();
    warm_up(&mut contender, STRETCH);
    // Nobody polls events: until there are as many as the chain keeps.
    contender.prepare(3 * WARM_UP);
    contender.run();
    contender.prepare(COUNTED);
    allocation_counter::measure(|| contender.run()).count_total
}
