//! What a contender has to do to be measured.

use std::fmt;

/// One set-up under test. Packets are made outside the measured part, so that only the work on them counts.
pub trait Contender {
    /// Makes the next `items` packets (or NACKs, where those are what is counted); not measured.
    fn prepare(&mut self, items: usize);

    /// Takes what was prepared through the chain, runs its timers when due, polls and drops everything that comes
    /// out; measured.
    fn run(&mut self);
}

/// How a contender enters into the ratios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ours as it is meant to be used: the ratios are its.
    Subject,
    /// Another set-up of ours, for comparison only.
    Variant,
    /// Somebody else's: the ratios are taken to the best of these.
    Peer,
}

/// What a row of the results is about; contenders with the same task are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// `S1`, `S2`, … as in [`crate::scenarios`].
    pub scenario: &'static str,
    /// Which form of the scenario.
    pub variant: &'static str,
    /// Streams that share the packets in turn.
    pub streams: u32,
}

/// Heap memory that a contender's streams keep.
#[derive(Clone, Copy, Debug)]
pub struct Heap {
    /// Time that it took, in nanoseconds an item.
    pub ns: f64,
    /// Allocations that are alive, a stream or a packet.
    pub allocs: f64,
    /// Bytes that are alive, a stream or a packet.
    pub bytes: f64,
}

/// Sets a contender up.
pub type Make = Box<dyn Fn() -> anyhow::Result<Box<dyn Contender>>>;

/// How a case is measured.
pub enum Kind {
    /// Time and allocations of stretches of so many items.
    Timed(usize, Make),
    /// Memory that is kept.
    Kept(Box<dyn Fn() -> anyhow::Result<Heap>>),
}

/// A contender in a scenario.
pub struct Case {
    /// What is compared.
    pub task: Task,
    /// Who.
    pub contender: &'static str,
    /// Whose.
    pub role: Role,
    /// How.
    pub kind: Kind,
}

/// Packets in one measured stretch: long enough for the clock, short enough for the prepared packets to stay in cache.
pub const STRETCH: usize = 256;

impl Case {
    /// A case whose set-up is a contender that handles [`STRETCH`] packets at a time.
    pub fn timed<C: Contender + 'static>(
        (scenario, variant, streams): (&'static str, &'static str, u32),
        (role, contender): (Role, &'static str),
        make: impl Fn() -> anyhow::Result<C> + 'static,
    ) -> Self {
        let make = Box::new(move || make().map(|contender| Box::new(contender) as Box<dyn Contender>));
        let task = Task { scenario, variant, streams };
        Self { task, contender, role, kind: Kind::Timed(STRETCH, make) }
    }

    /// A case that tells the memory kept.
    pub fn kept(
        (scenario, variant, streams): (&'static str, &'static str, u32),
        (role, contender): (Role, &'static str),
        measure: impl Fn() -> anyhow::Result<Heap> + 'static,
    ) -> Self {
        let task = Task { scenario, variant, streams };
        Self { task, contender, role, kind: Kind::Kept(Box::new(measure)) }
    }

    /// The same with `items` at a time.
    #[must_use]
    pub fn with_stretch(mut self, items: usize) -> Self {
        if let Kind::Timed(stretch, _) = &mut self.kind {
            *stretch = items;
        }
        self
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timed(items, _) => write!(f, "timed, {items} at a time"),
            Self::Kept(_) => f.write_str("kept"),
        }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Task { scenario, variant, streams } = self.task;
        write!(f, "{scenario} ({variant}, {streams} streams): {}", self.contender)
    }
}
