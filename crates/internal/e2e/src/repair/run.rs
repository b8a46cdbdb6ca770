//! One path and one way to repair it, in virtual time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use interceptor_core::{Loss, PlayoutDeadline, Rtt};
use interceptor_packet::Unwrapper;
use interceptor_test::{Pair, PairOptions, Side, rtp};

use super::means::{FRAME, MEDIA};
use super::{Cell, Means, cells};

/// Close to the wrap.
const FIRST: u16 = 65_000;
/// 30 frames a second.
const FRAME_INTERVAL: Duration = Duration::from_nanos(33_333_333);
const PACKETS_A_SECOND: f64 = 150.0;
/// Packets that count, of each path and each way: 80 s, in which twelve packets are a thousandth.
pub const PACKETS: usize = 12_000;
/// Packets before those that count: the receiver learns meanwhile what the path loses.
const LEARN: usize = 600;
/// Packets behind them: nobody knows that the last one of all is missing.
const TAIL: usize = 150;
/// 1.5 Mbit/s, with the header.
const PAYLOAD: usize = 1_238;
const HEADER: usize = 12;

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Packets that the application had not in time, in percent.
    pub residual: f64,
    /// Bytes sent beside the media, in percent of these.
    pub overhead: f64,
    /// Of lost packets that came in time: 95 % had come so many milliseconds after their time.
    pub recovered_after: f64,
}

/// A path and what came of each way to repair it, in the order of [`Means::ALL`].
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The path.
    pub cell: Cell,
    /// Of each.
    pub figures: Vec<Figures>,
}

/// All paths and all ways, with so many packets each, on two threads.
#[must_use]
pub fn table(packets: usize) -> Vec<Row> {
    let (cells, next, rows) = (cells(), AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(cell) = cells.get(place) else { break };
            let figures = Means::ALL.map(|means| measure(cell, means, packets)).to_vec();
            rows.lock().unwrap_or_else(PoisonError::into_inner).insert(place, Row { cell: *cell, figures });
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    rows.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

/// One path and one way to repair it.
///
/// # Panics
/// If a chain cannot be built.
#[must_use]
pub fn measure(cell: &Cell, means: Means, packets: usize) -> Figures {
    let registry = means.registry(cell).expect("options in their ranges");
    let (forward, back) = cell.links();
    let options = PairOptions::default().with_seed(11).with_link(Side::A, forward).with_link(Side::B, back);
    let mut pair = Pair::new(&registry, &registry, options.with_record_sent(false)).expect("chains");
    pair.bind(Side::A, means.stream()).expect("a stream");
    let (start, all) = (pair.now(), LEARN + packets + TAIL);
    let media = rtp(MEDIA).seq(FIRST).payload_len(PAYLOAD).stream().packets_per_frame(FRAME);
    pair.feed(Side::A, media.zip(0..all as u32).map(|(packet, index)| (sent_at(index), packet)));

    let (mut unwrapper, mut delays) = (Unwrapper::new(), BTreeMap::new());
    let first = unwrapper.unwrap(FIRST);
    let mut bytes = [0; 2];
    for (until, sum) in [LEARN, LEARN + packets].into_iter().zip(&mut bytes) {
        let until = start + sent_at(until as u32);
        while pair.now() < until {
            tell(&mut pair, cell);
            pair.run_until(until.min(pair.now() + Duration::from_secs(1)));
        }
        *sum = pair.link(Side::A).counters().offered_bytes;
    }
    pair.run_for(Duration::from_secs(2));
    for received in pair.take_received(Side::B) {
        let Some(packet) = received.rtp().filter(|packet| packet.ssrc() == MEDIA) else { continue };
        let index = (unwrapper.unwrap(packet.sequence_number()) - first) as u32;
        let in_time = start + sent_at(index) + cell.round_trip() / 2;
        delays.entry(index as usize).or_insert(received.at.saturating_duration_since(in_time));
    }
    delays.retain(|index, delay| (LEARN..LEARN + packets).contains(index) && *delay <= cell.slack());
    let media_bytes = packets * (HEADER + PAYLOAD);
    let [before, after] = bytes;
    Figures {
        residual: 100.0 * (1.0 - delays.len() as f64 / packets as f64),
        overhead: 100.0 * ((after - before) as f64 / media_bytes as f64 - 1.0),
        recovered_after: quantile_of_recovered(&delays),
    }
}

/// What others of a whole chain would have measured, and say again about every second.
fn tell(pair: &mut Pair, cell: &Cell) {
    let rtt = Rtt::first(cell.round_trip());
    let run = cell.run_packets();
    let loss = Loss {
        ssrc: MEDIA,
        ppm: (cell.loss * 1e6) as u32,
        burst_packets_q8: (run * 256.0) as u32,
        burst_duration: Duration::from_secs_f64(run / PACKETS_A_SECOND),
    };
    pair.with_chain(Side::A, |chain, now| {
        chain.publish(rtt, now);
        chain.publish(loss, now);
    });
    pair.with_chain(Side::B, |chain, now| {
        chain.publish(rtt, now);
        chain.publish(PlayoutDeadline { ssrc: MEDIA, delay: cell.slack() }, now);
    });
}

/// Packets of a frame are a millisecond apart.
fn sent_at(index: u32) -> Duration {
    FRAME_INTERVAL * (index / FRAME) + Duration::from_millis(u64::from(index % FRAME))
}

fn quantile_of_recovered(delays: &BTreeMap<usize, Duration>) -> f64 {
    let mut late: Vec<Duration> = delays.values().copied().filter(|delay| !delay.is_zero()).collect();
    late.sort_unstable();
    let place = (late.len() * 95).div_ceil(100).saturating_sub(1);
    late.get(place).map_or(0.0, |delay| delay.as_secs_f64() * 1000.0)
}
