//! What statistics cost a packet: a chain without them, with them, and with a reader at 1 kHz.
//!
//! `cargo bench -p interceptor-stats`. The difference to the first column is what the interceptor costs; the chain's own
//! lookup and queue are in all columns.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot run fails")]

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use interceptor_core::{Chain, ChainConfig, Context, Flow, Interceptor, Registry, Result, Stage, StreamInfo};
use interceptor_packet::{NtpTime, RtpPacket};
use interceptor_stats::{StatsFactory, StatsHandle};

const PACKETS: u32 = 300_000;
const ROUNDS: usize = 40;

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Sent,
    Received,
}

/// Takes part in every stream and does nothing: the cost of a place in the chain.
struct Nothing;

impl Interceptor for Nothing {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }
}

fn main() {
    println!(
        "{:<10} {:>8} {:>12} {:>12} {:>12} {:>16}",
        "way", "streams", "nothing ns", "stats ns", "cost ns", "reader at 1 kHz"
    );
    for way in [Way::Sent, Way::Received] {
        for streams in [1, 100] {
            let (mut nothing, _) = Flood::new(false, way, streams);
            let (mut stats, handle) = Flood::new(true, way, streams);
            // Interleaved, and the best of each: a neighbour on the machine slows all alike.
            let mut best = [f64::MAX; 3];
            for _ in 0..ROUNDS {
                best[0] = best[0].min(nothing.run());
                best[1] = best[1].min(stats.run());
                best[2] = best[2].min(with_reader(&handle, || stats.run()));
            }
            let [nothing, alone, read] = best;
            let name = if way == Way::Sent { "sent" } else { "received" };
            let (cost, slower) = (alone - nothing, (read / alone - 1.0) * 100.0);
            println!(
                "{name:<10} {streams:>8} {nothing:>12.1} {alone:>12.1} {cost:>12.1} {read:>9.1} {slower:>+5.1}%"
            );
        }
    }
}

/// Packets without end through one chain.
struct Flood {
    chain: Chain,
    way: Way,
    streams: u32,
    packet: RtpPacket,
    number: u32,
    now: Instant,
}

impl Flood {
    fn new(with_stats: bool, way: Way, streams: u32) -> (Self, StatsHandle) {
        let factory = StatsFactory::default();
        let handle = factory.handle();
        let now = Instant::now();
        let mut registry = Registry::new();
        if with_stats {
            registry.add(factory);
        }
        let config = ChainConfig::new("bench", now, NtpTime::default(), 1);
        let mut chain = registry.build(config).expect("builds");
        if !with_stats {
            chain.insert("nothing", Stage::CAPTURE, Nothing, now).expect("joins");
        }
        for ssrc in 0..streams {
            chain.bind_local(StreamInfo::new(ssrc, 96, 90_000), now).expect("new");
            chain.bind_remote(StreamInfo::new(ssrc, 96, 90_000), now).expect("new");
        }
        let packet = RtpPacket::builder().payload_type(96).payload(vec![0; 1200]).build().expect("valid");
        (Self { chain, way, streams, packet, number: 0, now }, handle)
    }

    /// Nanoseconds a packet.
    fn run(&mut self) -> f64 {
        let started = Instant::now();
        for _ in 0..PACKETS {
            self.number = self.number.wrapping_add(1);
            let step = self.number / self.streams;
            self.packet.set_ssrc(self.number % self.streams);
            self.packet.set_sequence_number(step as u16);
            self.packet.set_timestamp(step.wrapping_mul(900));
            self.packet.info_mut().arrival = None;
            self.now += Duration::from_nanos(10_000_000 / u64::from(self.streams));
            let flow = match self.way {
                Way::Sent => self.chain.write_rtp_in_place(&mut self.packet, self.now),
                Way::Received => self.chain.read_rtp_in_place(&mut self.packet, self.now),
            };
            black_box(flow == Flow::Forward);
        }
        started.elapsed().as_nanos() as f64 / f64::from(PACKETS)
    }
}

/// Runs something while another thread takes a snapshot a millisecond.
fn with_reader(handle: &StatsHandle, run: impl FnOnce() -> f64) -> f64 {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                black_box(handle.snapshot());
                thread::park_timeout(Duration::from_millis(1));
            }
        });
        let nanos = run();
        done.store(true, Ordering::Relaxed);
        nanos
    })
}
