//! Which code a stream is protected with, and when it changes.

use std::time::Duration;

use interceptor_core::Loss;
use interceptor_core::packet::repair::{FecCode, FecPlan, LossyPath, RepairNeeds, RepairPlan, repair_plan};

use super::meter::Rates;
use super::worst::Worst;
use crate::{Code, ProtectionOptions};

const SECOND: u64 = 1_000_000_000;
/// Taken while nobody has measured it (libwebrtc's `kDefaultRttMs` of NACK).
const UNKNOWN_RTT: Duration = Duration::from_millis(100);

/// Chooses a stream's code; asked between blocks.
#[derive(Debug)]
pub(crate) struct Planner {
    /// The code in use; `None`: no repair packets.
    current: Option<Code>,
    /// `None` if the code is a fixed one.
    adaptive: Option<Adaptive>,
}

/// What an adaptive code goes by.
#[derive(Debug)]
struct Adaptive {
    worst: Worst,
    wanted: Option<Code>,
    residual_ppm: u32,
    /// When the code changed last, when the plan was made, when the target fell: in nanoseconds.
    stepped: u64,
    planned: u64,
    target: u64,
    fell: Option<u64>,
    paused: bool,
}

/// What a plan is made of besides the loss.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    pub(crate) now: u64,
    pub(crate) rtt: Option<Duration>,
    pub(crate) rates: Rates,
    /// May the receiver ask for packets?
    pub(crate) nack: bool,
}

impl Planner {
    pub(crate) fn new(code: Code) -> Self {
        let adaptive = (code == Code::Adaptive).then(|| Adaptive {
            worst: Worst::default(),
            wanted: None,
            residual_ppm: 0,
            stepped: 0,
            planned: 0,
            target: 0,
            fell: None,
            paused: false,
        });
        Self { current: Some(code).filter(|code| *code != Code::Adaptive), adaptive }
    }

    /// The code in use.
    pub(crate) const fn code(&self) -> Option<Code> {
        self.current
    }

    /// Packets in a million that are expected to stay lost; 0 with a fixed code, which expects nothing.
    pub(crate) fn residual_ppm(&self) -> u32 {
        self.adaptive.as_ref().map_or(0, |adaptive| adaptive.residual_ppm)
    }

    /// What the path loses has become known: plans anew, at once when it is worse by an eighth than all before, else once a second. So no report
    /// after report of a little more makes us reckon all the time.
    pub(crate) fn hear_loss(&mut self, loss: Loss, options: &ProtectionOptions, situation: &Situation) {
        let Some(adaptive) = &mut self.adaptive else { return };
        let now = situation.now;
        let before = adaptive.worst.of(now).map_or(0, |worst| worst.ppm);
        adaptive.worst.add(loss, now);
        if loss.ppm > before.saturating_add(before / 8) || now.saturating_sub(adaptive.planned) >= SECOND {
            adaptive.plan(options, situation);
        }
    }

    /// Time has passed: without news for ten seconds there is no loss. All else waits for the next news, since plans are not made while a packet
    /// passes.
    pub(crate) fn tick(&mut self, now: u64) {
        if let Some(adaptive) = &mut self.adaptive
            && adaptive.worst.of(now).is_none()
        {
            (adaptive.wanted, adaptive.residual_ppm) = (None, 0);
        }
    }

    /// Congestion control has set another target: loss while it falls is congestion, of which repair packets would make more.
    pub(crate) fn hear_target(&mut self, bits_per_second: u64, now: u64) {
        let Some(adaptive) = &mut self.adaptive else { return };
        if bits_per_second < adaptive.target - adaptive.target / 32 {
            adaptive.fell = Some(now);
        }
        adaptive.target = bits_per_second;
    }

    /// The stream should send nothing, or may again.
    pub(crate) const fn hear_pause(&mut self, paused: bool) {
        if let Some(adaptive) = &mut self.adaptive {
            adaptive.paused = paused;
        }
    }

    /// Between two blocks: the code for the next one. Whether it is another.
    #[inline]
    pub(crate) fn step(&mut self, now: u64) -> bool {
        let Some(adaptive) = &mut self.adaptive else { return false };
        let wanted = adaptive.wanted.filter(|_| !adaptive.paused);
        if wanted == self.current {
            return false;
        }
        let next = adaptive.next(self.current, wanted, now);
        if next == self.current {
            return false;
        }
        (self.current, adaptive.stepped) = (next, now);
        true
    }
}

impl Adaptive {
    fn plan(&mut self, options: &ProtectionOptions, situation: &Situation) {
        self.planned = situation.now;
        let path = match self.worst.of(situation.now) {
            Some(loss) if loss.ppm > 0 => LossyPath::from_ppm(
                loss.ppm,
                loss.burst_packets_q8,
                loss.burst_duration,
                situation.rtt.unwrap_or(UNKNOWN_RTT),
            ),
            _ => {
                (self.wanted, self.residual_ppm) = (None, 0);
                return;
            }
        };
        if situation.rates.packets_per_second <= 0.0 {
            return;
        }
        let needs = RepairNeeds::new(options.deadline, situation.rates.packets_per_second)
            .with_frame_packets(situation.rates.frame_packets)
            .with_nack(situation.nack)
            .with_fec(options.receiver)
            .with_max_overhead(f64::from(options.max_overhead_percent) / 100.0);
        let RepairPlan { fec, residual, .. } = repair_plan(path, needs);
        self.wanted = fec.and_then(code_of);
        self.residual_ppm = (residual * 1e6) as u32;
    }

    /// Up at once, unless the target has just fallen; down a repair packet of a block a second.
    fn next(&self, current: Option<Code>, wanted: Option<Code>, now: u64) -> Option<Code> {
        let overhead = |code: Option<Code>| code.map_or(0, Code::overhead_ppm);
        if overhead(wanted) >= overhead(current) {
            let falls = self.fell.is_some_and(|fell| now.saturating_sub(fell) < SECOND);
            return if falls { current } else { wanted };
        }
        if now.saturating_sub(self.stepped) < SECOND {
            return current;
        }
        current.and_then(|current| one_fewer(current, wanted))
    }
}

/// A code on the way down: a repair packet fewer for each block of the size that is wanted.
fn one_fewer(current: Code, wanted: Option<Code>) -> Option<Code> {
    let packets = wanted.unwrap_or(current).packets();
    let repairs = (packets * current.overhead_ppm() as usize).div_ceil(1_000_000).saturating_sub(1);
    if repairs <= wanted.map_or(0, Code::repairs) {
        return wanted;
    }
    let (n, f) = (u8::try_from(packets).ok()?, u8::try_from(repairs).ok()?);
    let dense = matches!(wanted.unwrap_or(current), Code::Dense { .. });
    Some(if dense { Code::Dense { n, f } } else { Code::Interleaved { n, f } })
        .filter(|code| code.is_possible())
}

/// The code that a plan means; `None` if it is not one of ours.
fn code_of(plan: FecPlan) -> Option<Code> {
    let (n, f) = (u8::try_from(plan.packets).ok()?, u8::try_from(plan.repairs).ok()?);
    let code = match plan.code {
        FecCode::Interleaved => Code::Interleaved { n, f },
        FecCode::Dense => Code::Dense { n, f },
        FecCode::TwoD { columns, rows } => {
            Code::TwoD { l: columns.try_into().ok()?, d: rows.try_into().ok()? }
        }
        _ => return None,
    };
    Some(code).filter(|code| code.is_possible())
}
