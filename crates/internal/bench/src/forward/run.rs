//! Each case, each round, every contender in turn.

use anyhow::Context as _;

use super::contenders::{Contender, all};
use super::load::Source;
use super::start::Start;
use super::{Case, Forward, Forwarding};
use crate::loopback::Sink;
use crate::process::Tools;
use crate::results::Spread;

/// Rounds at most: they take seconds each.
const MAX_ROUNDS: u32 = 3;

/// Parts of a second of packets before any count, and of those that count.
const WARM_UP: f64 = 0.5;
const COUNTED: f64 = 1.5;

/// Thirty times a hundred thousand packets a second is more than the machine has.
const CASES: [(u32, u32); 4] = [(1, 4000), (1, 30_000), (20, 4000), (100, 4000)];
const STREAMS: [u32; 3] = [1, 10, 100];

/// Builds the tool and measures it beside all that is installed. `wants` is asked with a variant and a contender.
///
/// # Errors
/// The relay or a bare loop cannot be built or started; of others it is only said.
pub fn measure(rounds: u32, wants: &dyn Fn(&str, &str) -> bool) -> anyhow::Result<Forward> {
    let tools = Tools::build()?;
    let mut figures = Forward::default();
    let mut contenders = Vec::new();
    for contender in all() {
        match contender.missing() {
            None => contenders.push(contender),
            Some(why) => figures.skipped.push(why),
        }
    }
    for (targets, rate) in CASES {
        for streams in STREAMS {
            let case = Case { streams, targets, rate };
            let fits =
                |contender: &&Contender| contender.takes(case) && wants(&case.variant(), contender.name);
            let fitting: Vec<_> = contenders.iter().filter(fits).collect();
            figures.measure(&tools, case, &fitting, rounds.min(MAX_ROUNDS))?;
        }
    }
    Ok(figures)
}

/// What a round found.
struct Round {
    ns_out: f64,
    lost: f64,
    resident_bytes: u64,
}

impl Forward {
    fn measure(
        &mut self,
        tools: &Tools,
        case: Case,
        contenders: &[&Contender],
        rounds: u32,
    ) -> anyhow::Result<()> {
        let mut measured: Vec<_> = contenders.iter().map(|contender| (*contender, Vec::new())).collect();
        for _ in 0..rounds {
            for (contender, found) in &mut measured {
                let Contender { name, is_ours, .. } = contender;
                match round(tools, contender, case) {
                    Ok(round) => found.push(round),
                    Err(error) if *is_ours => {
                        return Err(error.context(format!("measuring {name}, {case:?}")));
                    }
                    Err(error) => {
                        self.skipped.push(format!("{name}, {}, {}: {error:#}", case.variant(), case.streams));
                    }
                }
            }
        }
        let measured = measured.into_iter().filter(|(_, found)| !found.is_empty());
        self.rows.extend(measured.map(|(contender, found)| Forwarding {
            case,
            contender: contender.name,
            lost: Spread::of(found.iter().map(|round| round.lost).collect()).median,
            resident_bytes: found.iter().map(|round| round.resident_bytes).max().unwrap_or(0),
            ns_out: Spread::of(found.into_iter().map(|round| round.ns_out).collect()),
        }));
        Ok(())
    }
}

fn round(tools: &Tools, contender: &Contender, case: Case) -> anyhow::Result<Round> {
    let (sink, mut source) = (Sink::open()?, Source::new(case)?);
    let (targets, from) = (sink.targets(case.targets), source.address()?);
    let started = contender.start(&Start { tools, targets: &targets, from })?;
    let to = started.to;
    source.knock(to, &sink)?;
    let packets = |seconds: f64| (f64::from(case.rate) * seconds) as u32;
    source.send(to, packets(WARM_UP))?;
    sink.settle(u64::MAX);
    let (before, arrived) = (started.running.cpu()?, sink.arrived());
    let count = packets(COUNTED);
    source.send(to, count)?;
    let expected = u64::from(count) * u64::from(case.targets);
    sink.settle(arrived + expected);
    let used = started.running.cpu()?.saturating_sub(before);
    let arrived = sink.arrived() - arrived;
    anyhow::ensure!(arrived > 0, "nothing arrived");
    let resident_bytes = started.running.resident_bytes().context("its memory")?;
    let lost = 1.0 - arrived as f64 / expected as f64;
    Ok(Round { ns_out: used.as_nanos() as f64 / arrived as f64, lost: lost.max(0.0), resident_bytes })
}
