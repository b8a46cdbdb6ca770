//! Each case, each round, every contender in turn.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::contenders::{Contender, Traffic, all};
use super::kernel::{drops, files};
use super::load::Load;
use super::part::{Order, Told};
use super::process::Part;
use super::{Fate, Row, Sessions};
use crate::loopback::Sink;
use crate::results::Spread;

/// Rounds at most: they take seconds each.
const MAX_ROUNDS: u32 = 5;

/// Packets before any count, and those that count.
const WARM_UP: Duration = Duration::from_millis(1500);
const COUNTED: Duration = Duration::from_secs(3);

/// Files that a process has besides its sessions' sockets.
const OTHER_FILES: u64 = 64;

/// Measures all that `wants` says, which is asked with a variant and a contender.
///
/// # Errors
/// A process cannot be started, or fails.
pub fn measure(rounds: u32, wants: &dyn Fn(&str, &str) -> bool) -> anyhow::Result<Sessions> {
    let mut contenders = all();
    contenders.retain(|contender| wants(contender.variant, contender.name));
    let mut figures = Sessions { remarks: fit(&mut contenders)?, ..Sessions::default() };
    for contenders in contenders.chunk_by(|a, b| a.variant == b.variant) {
        let mut found: Vec<Vec<Round>> = contenders.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds.min(MAX_ROUNDS) {
            for (contender, found) in contenders.iter().zip(&mut found) {
                let Contender { variant, name, .. } = contender;
                found.push(round(contender).with_context(|| format!("measuring {variant}, {name}"))?);
            }
        }
        figures.rows.extend(contenders.iter().zip(found).map(|(contender, found)| row(contender, found)));
    }
    Ok(figures)
}

/// Fewer sessions where the system allows no more sockets; what was changed.
fn fit(contenders: &mut [Contender]) -> anyhow::Result<Vec<String>> {
    let most = contenders.iter().map(|contender| contender.sockets() * u64::from(contender.sessions)).max();
    let allowed = files(most.unwrap_or(0) + OTHER_FILES)?.saturating_sub(OTHER_FILES);
    let mut remarks = Vec::new();
    for contender in contenders {
        let fits = (allowed / contender.sockets()) as u32;
        let Contender { variant, name, sessions, .. } = contender;
        if *sessions > fits {
            remarks.push(format!(
                "{variant}, {name}: {fits} sessions instead of {sessions}, as no more files may be open"
            ));
            *sessions = fits;
        }
    }
    Ok(remarks)
}

/// What a round found.
struct Round {
    fate: Fate,
    cpu_ns: f64,
    wall: Duration,
    /// While packets were sent.
    sending: Duration,
    resident_kib: f64,
    heap_kib: f64,
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
fn round(contender: &Contender) -> anyhow::Result<Round> {
    let sink = Sink::open()?;
    let Contender { work, sessions, traffic, .. } = *contender;
    let mut part = Part::start(&Order { work, sessions, port: sink.port() })?;
    let ports = part.ready.ports.clone();
    let to = (0..sessions as usize).filter_map(|at| ports.get(at).or(ports.first()));
    let to: Vec<_> = to.map(|port| SocketAddrV4::new(Ipv4Addr::LOCALHOST, *port)).collect();
    let mut load = Load::new(sink.socket(), &sink.targets(sessions), &to);
    warm_up(traffic, &mut part, &mut load)?;
    sink.settle(u64::MAX);
    let dropped = || anyhow::Ok((drops(&ports)?, drops(&[sink.port()])?));
    let ((buffers, beyond), sent, arrived) = (dropped()?, load.sent, sink.arrived());
    let (before, start) = (part.ask(0)?, Instant::now());
    let told = act(traffic, &mut part, &mut load)?;
    let sending = start.elapsed();
    let sent = load.sent - sent + told.map_or(0, |told| told.made - before.made);
    sink.settle(arrived + sent);
    // Frames have left when that is told. Packets that come have not when the last has been sent.
    let (wall, after) = match told {
        Some(told) => (sending, told),
        None => (start.elapsed(), part.ask(0)?),
    };
    let (buffers_now, beyond_now) = dropped()?;
    let fate = Fate {
        sent,
        arrived: sink.arrived() - arrived,
        buffers: buffers_now - buffers,
        beyond: beyond_now - beyond,
        queues: after.dropped - before.dropped,
    };
    Ok(Round::new(contender, &part, (before, after), [wall, sending], fate))
}

fn warm_up(traffic: Traffic, part: &mut Part, load: &mut Load<'_>) -> anyhow::Result<()> {
    match traffic {
        Traffic::Frames { warm_up, .. } => part.ask(warm_up).map(drop),
        Traffic::Packets { rate } => load.run(rate, WARM_UP),
        Traffic::Nothing(_) => Ok(()),
    }
}

/// What counts; what the process said, if it was that which acted.
#[expect(clippy::disallowed_methods, reason = "packets come in real time, or do not")]
fn act(traffic: Traffic, part: &mut Part, load: &mut Load<'_>) -> anyhow::Result<Option<Told>> {
    match traffic {
        Traffic::Frames { counted, .. } => return part.ask(counted).map(Some),
        Traffic::Packets { rate } => load.run(rate, COUNTED)?,
        Traffic::Nothing(time) => thread::sleep(time),
    }
    Ok(None)
}

impl Round {
    fn new(
        contender: &Contender,
        part: &Part,
        (before, after): (Told, Told),
        [wall, sending]: [Duration; 2],
        fate: Fate,
    ) -> Self {
        let kib = |bytes: f64| bytes / 1024.0 / f64::from(contender.sessions);
        Self {
            fate,
            cpu_ns: (after.cpu_ns - before.cpu_ns) as f64,
            wall,
            sending,
            resident_kib: kib(after.resident_bytes.saturating_sub(part.ready.resident_bytes) as f64),
            heap_kib: kib(part.ready.heap_bytes as f64),
        }
    }
}

fn row(contender: &Contender, rounds: Vec<Round>) -> Row {
    let Contender { variant, name, sessions, .. } = *contender;
    let largest = |of: fn(&Round) -> f64| rounds.iter().map(of).fold(0.0, f64::max);
    let (resident_kib, heap_kib) = (largest(|round| round.resident_kib), largest(|round| round.heap_kib));
    let mut fate = Fate::default();
    rounds.iter().for_each(|round| fate += round.fate);
    let sending: Duration = rounds.iter().map(|round| round.sending).sum();
    let rate = fate.sent as f64 / sending.as_secs_f64();
    let ns = rounds.iter().map(|round| round.cpu_ns / round.fate.arrived as f64).collect();
    let busy = rounds.iter().map(|round| 100.0 * round.cpu_ns / round.wall.as_nanos() as f64).collect();
    let ns = (fate.arrived > 0).then(|| Spread::of(ns));
    Row { variant, contender: name, sessions, ns, rate, busy: Spread::of(busy), fate, resident_kib, heap_kib }
}
