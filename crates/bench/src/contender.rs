//! What a contender has to do to be measured.

use crate::ours;

/// One set-up under test. Packets are made outside the measured part, so that only the work on them counts.
pub trait Contender {
    /// Makes the next `packets` packets; not measured.
    fn prepare(&mut self, packets: usize);

    /// Takes what was prepared through the chain, runs its timers when due, polls and drops everything that comes
    /// out; measured.
    fn run(&mut self);
}

/// A contender in a scenario.
pub struct Case {
    /// `S1`, `S2`, … as in the documentation of the benchmarks.
    pub scenario: &'static str,
    /// Which form of the scenario.
    pub variant: &'static str,
    /// Streams that share the packets in turn.
    pub streams: u32,
    /// Who.
    pub contender: &'static str,
    /// Sets it up.
    pub make: Box<dyn Fn() -> anyhow::Result<Box<dyn Contender>>>,
}

impl Case {
    /// A case from its set-up function.
    pub fn new<C: Contender + 'static>(
        scenario: &'static str,
        variant: &'static str,
        streams: u32,
        contender: &'static str,
        make: impl Fn() -> anyhow::Result<C> + 'static,
    ) -> Self {
        let make = Box::new(move || make().map(|contender| Box::new(contender) as Box<dyn Contender>));
        Self { scenario, variant, streams, contender, make }
    }

    /// Every case that is built in.
    pub fn all() -> Vec<Self> {
        ours::cases()
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {} {}", self.scenario, self.variant, self.streams, self.contender)
    }
}
