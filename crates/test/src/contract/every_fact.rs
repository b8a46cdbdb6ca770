//! Every fact that an interceptor may be told.

use std::time::Duration;

use interceptor_core::{
    Abandoned, Fact, FecStats, KeyframeAsking, KeyframeNeeded, KeyframeRequested, LinkCondition, LinkState,
    Loss, Pacing, PaddingWanted, Playout, PlayoutBounds, PlayoutDeadline, Probe, ProtectionOverhead, Rtt,
    StreamTarget, TargetBitrate,
};
use interceptor_packet::Ecn;

/// One fact of each kind, about this SSRC where it is about a stream: a call of 2 Mbit/s over a path of 50 ms that loses one
/// packet in a hundred, with a window that has room.
///
/// ```
/// let facts = interceptor_test::every_fact(0x1122_3344);
/// assert!(facts.contains(&interceptor_core::KeyframeNeeded { ssrc: 0x1122_3344 }.into()));
/// ```
#[must_use]
pub fn every_fact(ssrc: u32) -> Vec<Fact> {
    facts(
        ssrc,
        &Size {
            time: Duration::from_millis(50),
            rate: 2_000_000,
            part: 10_000,
            window: 1 << 24,
            paused: false,
        },
    )
}

/// Every fact with nothing in it, and with as much as fits: what somebody may have computed by mistake.
pub(super) fn extreme_facts(ssrc: u32) -> Vec<Fact> {
    let nothing = Size { time: Duration::ZERO, rate: 0, part: 0, window: 0, paused: true };
    let too_much =
        Size { time: Duration::MAX, rate: u64::MAX, part: u32::MAX, window: u32::MAX, paused: true };
    [facts(ssrc, &nothing), facts(ssrc, &too_much)].concat()
}

/// How much of everything.
struct Size {
    time: Duration,
    rate: u64,
    part: u32,
    window: u32,
    paused: bool,
}

fn facts(ssrc: u32, size: &Size) -> Vec<Fact> {
    let &Size { time, rate, part, window, paused } = size;
    vec![
        Rtt::first(time).into(),
        Loss { ssrc, ppm: part, burst_packets_q8: part, burst_duration: time }.into(),
        LinkState { rtt: time, queue: time, loss_ppm: part, state: LinkCondition::Clear }.into(),
        Pacing {
            bits_per_second: rate,
            padding: rate,
            burst: time,
            window: Some(window),
            in_flight: part,
            ect: Some(Ecn::Ect1),
        }
        .into(),
        Probe { id: part as u8, rate, min_bytes: part, min_packets: part as u16, min_gap: time }.into(),
        PaddingWanted { bytes: part, probe: Some(part as u8) }.into(),
        TargetBitrate { bits_per_second: rate, stable: rate }.into(),
        StreamTarget { ssrc, bits_per_second: rate, paused }.into(),
        ProtectionOverhead { ssrc, bits_per_second: rate }.into(),
        KeyframeNeeded { ssrc }.into(),
        KeyframeRequested { ssrc }.into(),
        KeyframeAsking { active: !paused }.into(),
        PlayoutBounds { ssrc, min: time, max: time }.into(),
        PlayoutDeadline { ssrc, delay: time }.into(),
        Abandoned { ssrc, first: part as u16, count: part as u16 }.into(),
        Playout {
            ssrc,
            delay_sum: time,
            target_sum: time,
            minimum_sum: time,
            emitted: rate,
            discarded: rate,
        }
        .into(),
        FecStats { ssrc, received: rate, discarded: rate }.into(),
    ]
}
