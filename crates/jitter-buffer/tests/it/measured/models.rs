//! Models of other buffers: what they hold, and when they let go, by what their sources say; not their code.

use std::collections::VecDeque;
use std::time::Duration;

use super::Outcome;
use super::traces::Trace;

const INTERVAL: i64 = 20_000_000;

/// `rtpjitterbuffer` of GStreamer with a fixed latency: the offset between the clocks is the least of two seconds, smoothed; a packet
/// that comes when its number has been given up is dropped.
pub(super) fn gstreamer(trace: &Trace, latency: Duration) -> Outcome {
    const WINDOW: i64 = 2_000_000_000;
    let latency = latency.as_nanos() as i64;
    let (mut window, mut offset) = (VecDeque::<(i64, i64)>::new(), None::<i64>);
    let mut outcome = Outcome { packets: trace.packets.len() as u64, ..Outcome::default() };
    for packet in &trace.packets {
        let arrival = packet.arrival.as_nanos() as i64;
        let media = i64::from(packet.number) * INTERVAL;
        let transit = arrival - media;
        while window.back().is_some_and(|(_, other)| *other >= transit) {
            window.pop_back();
        }
        window.push_back((arrival, transit));
        while window.front().is_some_and(|(at, _)| arrival - at > WINDOW) {
            window.pop_front();
        }
        let least = window.front().map_or(transit, |(_, transit)| *transit);
        let smoothed = offset.map_or(least, |offset| (offset * 124 + least) / 125);
        offset = Some(smoothed);
        play(&mut outcome, trace, packet.number, arrival, media + smoothed + latency);
    }
    outcome
}

/// The jitter buffer of rtc-interceptor 0.21: anchored at the first packet, and anew at one that finds it dry, or is ten seconds from the
/// anchor. Then it drops what waits; that counts as not there, too.
pub(super) fn rtc_interceptor(trace: &Trace, depth: Duration) -> Outcome {
    const DISCONTINUITY: i64 = 10_000_000_000;
    let depth = depth.as_nanos() as i64;
    let mut anchor = None::<(i64, i64)>;
    let mut waiting: VecDeque<(u32, i64)> = VecDeque::new();
    let mut outcome = Outcome { packets: trace.packets.len() as u64, ..Outcome::default() };
    for packet in &trace.packets {
        let arrival = packet.arrival.as_nanos() as i64;
        let media = i64::from(packet.number) * INTERVAL;
        waiting.retain(|(number, due)| {
            let waits = *due > arrival;
            if !waits {
                play(&mut outcome, trace, *number, 0, *due);
            }
            waits
        });
        let mut due = anchor.map_or(arrival + depth, |(came, first)| came + (media - first) + depth);
        let apart = anchor.is_some_and(|(_, first)| media - first > DISCONTINUITY);
        if apart {
            outcome.late += waiting.drain(..).count() as u64;
        }
        if anchor.is_none() || apart || waiting.is_empty() && due < arrival {
            // What runs dry is late before it is anchored anew.
            outcome.late += u64::from(anchor.is_some() && !apart);
            anchor = Some((arrival, media));
            due = arrival + depth;
            waiting.push_back((packet.number, due));
        } else if due < arrival {
            outcome.late += 1;
        } else {
            waiting.push_back((packet.number, due));
        }
    }
    for (number, due) in waiting {
        play(&mut outcome, trace, number, 0, due);
    }
    outcome
}

/// A packet that comes at `arrival` and was to leave at `due` does, or is late.
fn play(outcome: &mut Outcome, trace: &Trace, number: u32, arrival: i64, due: i64) {
    if arrival > due {
        outcome.late += 1;
        return;
    }
    outcome.played(Duration::from_nanos(due.unsigned_abs()).saturating_sub(trace.sent(number)));
}
