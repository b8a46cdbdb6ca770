//! What each aim costs and gains on paths of six kinds, beside models of other buffers.

mod models;
mod page;
mod traces;

use std::fmt::Write;
use std::time::Duration;

use interceptor_core::packet::NtpTime;
use interceptor_core::{ChainConfig, Incoming, Registry};
use interceptor_jitter_buffer::{Aim, JitterBufferFactory, JitterBufferOptions, Underrun};
use interceptor_test::{Clock, rtp, stream_info};

use self::models::{gstreamer, rtc_interceptor};
use self::traces::{Kind, Trace};
use crate::kit::{MS, SECOND, SSRC, STEP, options};

/// Of a run: packets that were not there at their time, of all, and how long they took in the mean, over the fastest path.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    late: u64,
    packets: u64,
    played: u64,
    delay: Duration,
}

impl Outcome {
    /// In percent.
    fn late(&self) -> f64 {
        self.late as f64 * 100.0 / self.packets as f64
    }

    /// In milliseconds.
    fn delay(&self) -> f64 {
        self.delay.as_secs_f64() * 1000.0 / self.played.max(1) as f64
    }

    fn played(&mut self, delay: Duration) {
        self.played += 1;
        self.delay += delay;
    }

    fn add(&mut self, other: Self) {
        self.late += other.late;
        self.packets += other.packets;
        self.played += other.played;
        self.delay += other.delay;
    }
}

/// Ours, through a chain.
fn ours(options: &JitterBufferOptions, trace: &Trace) -> Outcome {
    let factory = JitterBufferFactory::new(options.clone()).unwrap();
    let (handle, mut clock) = (factory.handle(), Clock::new());
    let start = clock.now();
    let config = ChainConfig::new("call", start, NtpTime::default(), 1);
    let mut chain = Registry::new().with(factory).build(config).unwrap();
    chain.bind_remote(stream_info::audio(SSRC), start).unwrap();
    let template = rtp(SSRC).pt(111).payload(&b"media"[..]).build();
    let mut outcome = Outcome { packets: trace.packets.len() as u64, ..Outcome::default() };
    let end = trace.packets.last().map(|packet| packet.arrival + 2 * SECOND);
    for packet in trace.packets.iter().map(Some).chain([None]) {
        let at = start + packet.map_or(end.unwrap_or_default(), |packet| packet.arrival);
        let mut more = true;
        while more {
            let due = chain.next_timeout().filter(|due| *due <= at);
            more = due.is_some();
            clock.advance_to(due.unwrap_or(at));
            if more {
                chain.handle_timeout(clock.now());
            } else if let Some(packet) = packet {
                let mut rtp = template.clone();
                rtp.set_sequence_number(packet.number as u16);
                rtp.set_timestamp(packet.number.wrapping_mul(STEP));
                chain.read_rtp(rtp, clock.now());
            }
            while let Some(Incoming::Rtp(rtp)) = chain.poll_app() {
                let number = rtp.timestamp() / STEP;
                outcome.played(clock.elapsed() - trace.sent(number));
            }
            while chain.poll_event().is_some() {}
        }
    }
    let book = handle.totals();
    outcome.late = book.late + book.underruns;
    outcome
}

/// Over several seeds.
fn over(seeds: u64, kind: Kind, run: impl Fn(&Trace) -> Outcome) -> Outcome {
    (0..seeds).fold(Outcome::default(), |mut sum, seed| {
        sum.add(run(&Trace::new(kind, seed)));
        sum
    })
}

type Contender = (&'static str, Box<dyn Fn(&Trace) -> Outcome + Send + Sync>);

fn contenders() -> Vec<Contender> {
    let with = |options: JitterBufferOptions| Box::new(move |trace: &Trace| ours(&options, trace)) as Box<_>;
    let neteq = options().with_aim(Aim::Interactive).with_base_window(2 * SECOND);
    vec![
        ("GStreamer model, 200 ms", Box::new(|trace| gstreamer(trace, 200 * MS))),
        ("GStreamer model, 120 ms", Box::new(|trace| gstreamer(trace, 120 * MS))),
        ("rtc-interceptor model, 120 ms", Box::new(|trace| rtc_interceptor(trace, 120 * MS))),
        ("with NetEq's window and quantile", with(neteq)),
        ("Interactive", with(options().with_aim(Aim::Interactive))),
        ("Balanced", with(options())),
        ("Balanced, Drop", with(options().with_underrun(Underrun::Drop))),
        ("Smooth", with(options().with_aim(Aim::Smooth))),
    ]
}

/// Late in percent and mean delay in milliseconds, a row a contender; the last column is the mean.
fn table(seeds: u64) -> (String, Vec<(f64, f64)>) {
    let mut text = String::from("| |");
    Kind::ALL.iter().for_each(|kind| write!(text, " {} |", kind.name()).unwrap());
    text += " mean |\n|---|---|---|---|---|---|---|---|\n";
    let mut means = Vec::new();
    for (name, run) in contenders() {
        write!(text, "| {name} |").unwrap();
        let cells: Vec<(f64, f64)> = std::thread::scope(|scope| {
            let run = &run;
            let runs = Kind::ALL.map(|kind| scope.spawn(move || over(seeds, kind, run)));
            runs.map(|run| run.join().unwrap()).iter().map(|cell| (cell.late(), cell.delay())).collect()
        });
        cells.iter().for_each(|(late, delay)| write!(text, " {late:.2}/{delay:.0} |").unwrap());
        let mean = |of: fn(&(f64, f64)) -> f64| cells.iter().map(of).sum::<f64>() / cells.len() as f64;
        means.push((mean(|cell| cell.0), mean(|cell| cell.1)));
        let (late, delay) = means[means.len() - 1];
        writeln!(text, " {late:.3}/{delay:.0} |").unwrap();
    }
    (text, means)
}

#[test]
fn late_and_delay_on_six_kinds_of_path() {
    let (text, means) = table(2);
    insta::assert_snapshot!("late_and_delay", text);
    let [gst_200, gst_120, rtc, neteq, interactive, balanced, dropping, smooth] = means[..] else {
        panic!("{means:?}")
    };
    // As few late as with a long fixed delay, sooner; and an underrun is better waited for.
    assert!(balanced.0 < gst_200.0 * 1.2 && balanced.1 < gst_200.1 * 0.75, "{balanced:?} {gst_200:?}");
    assert!(interactive.0 < gst_120.0 && interactive.0 < rtc.0 && interactive.1 < gst_120.1);
    assert!(interactive.0 < neteq.0, "{interactive:?} {neteq:?}");
    assert!(smooth.0 < balanced.0 && balanced.0 < dropping.0);
}

/// Late in percent and delay in milliseconds, in the mean of all kinds, by quantile in per mille and by fixed delay.
pub(crate) struct Curve {
    pub(crate) adaptive: Vec<(u16, f64, f64)>,
    pub(crate) fixed: Vec<(u16, f64, f64)>,
}

pub(crate) fn curve() -> Curve {
    let point = |aim| {
        let options = options().with_aim(aim);
        let cells = std::thread::scope(|scope| {
            let options = &options;
            let runs = Kind::ALL.map(|kind| scope.spawn(move || ours(options, &Trace::new(kind, 0))));
            runs.map(|run| run.join().unwrap())
        });
        let mean = |of: fn(&Outcome) -> f64| cells.iter().map(of).sum::<f64>() / cells.len() as f64;
        (mean(Outcome::late), mean(Outcome::delay))
    };
    let adaptive = [800, 850, 900, 950, 970, 980, 990, 995];
    let fixed = [20, 40, 60, 80, 120, 160, 200, 300];
    let point_of = |name: u16, aim| {
        let (late, delay) = point(aim);
        (name, late, delay)
    };
    Curve {
        adaptive: adaptive.map(|q| point_of(q, Aim::PerMille(q))).to_vec(),
        fixed: fixed.map(|ms| point_of(ms, Aim::Fixed(u32::from(ms) * MS))).to_vec(),
    }
}
