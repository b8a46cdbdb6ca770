//! What was counted, by one writer for any number of readers.

use std::time::Duration;

use interceptor_core::{CounterCell, counters};

use crate::class::Class;

counters! {
    /// What became of the packets of a class: what came has passed, was dropped, or waits.
    pub struct ClassCounters {
        /// Packets that went on.
        passed,
        /// Bytes of these on the wire.
        passed_bytes,
        /// Of those that went on: after having waited.
        delayed,
        /// Microseconds that these have waited, added up (`totalPacketSendDelay` of W3C webrtc-stats).
        delay_micros,
        /// Dropped: too many waited.
        dropped_full,
        /// Dropped: they had waited for too long.
        dropped_late,
        /// Dropped: they waited when everything ended, and there was no room for them to leave at once.
        dropped_ended,
        /// Bytes of all that were dropped.
        dropped_bytes,
        /// Packets that wait.
        waiting,
        /// Bytes of these on the wire.
        waiting_bytes,
    }
}

impl ClassCounters {
    /// Packets that were dropped, for whatever reason.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped_full + self.dropped_late + self.dropped_ended
    }

    /// Packets that came.
    #[must_use]
    pub const fn came(&self) -> u64 {
        self.passed + self.dropped() + self.waiting
    }
}

/// What one connection's pacer, or all of a factory, have counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacerTotals {
    /// By [`Class`], in the order of [`Class::ALL`].
    pub classes: [ClassCounters; 5],
    /// Clusters of probes that were sent as a whole.
    pub probes_sent: u64,
    /// Clusters that were not: nothing was there to fill them in time, or the rate was cut.
    pub probes_abandoned: u64,
    /// Times that padding was asked for.
    pub padding_asked: u64,
    /// Goodbyes that were held until the media before them had left.
    pub byes_held: u64,
}

impl PacerTotals {
    /// What became of the packets of a class.
    #[must_use]
    pub fn class(&self, class: Class) -> ClassCounters {
        self.classes.get(class as usize).copied().unwrap_or_default()
    }

    /// What became of all packets.
    #[must_use]
    pub fn all(&self) -> ClassCounters {
        let mut all = ClassCounters::default();
        self.classes.iter().for_each(|class| all += *class);
        all
    }
}

impl std::ops::AddAssign for PacerTotals {
    fn add_assign(&mut self, other: Self) {
        self.classes.iter_mut().zip(other.classes).for_each(|(class, other)| *class += other);
        self.probes_sent += other.probes_sent;
        self.probes_abandoned += other.probes_abandoned;
        self.padding_asked += other.padding_asked;
        self.byes_held += other.byes_held;
    }
}

/// What waits now, and how long it will.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Queue {
    /// The pace in bits a second; `None`: nobody has set one.
    pub pace: Option<u64>,
    /// Packets that wait.
    pub packets: u64,
    /// Bytes of these on the wire.
    pub bytes: u64,
    /// What the last of them will have waited for at this pace: whoever makes frames skips one when this becomes long. Zero without a pace.
    pub time: Duration,
}

/// Why a packet ends here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Full,
    Late,
    Ended,
}

/// [`ClassCounters`] as they are written.
#[derive(Debug, Default)]
struct ClassCells {
    passed: CounterCell,
    passed_bytes: CounterCell,
    delayed: CounterCell,
    delay_micros: CounterCell,
    full: CounterCell,
    late: CounterCell,
    ended: CounterCell,
    dropped_bytes: CounterCell,
    waiting: CounterCell,
    waiting_bytes: CounterCell,
}

/// [`PacerTotals`] as they are written, and the pace.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    classes: [ClassCells; 5],
    pub(crate) probes_sent: CounterCell,
    pub(crate) probes_abandoned: CounterCell,
    pub(crate) padding_asked: CounterCell,
    pub(crate) byes_held: CounterCell,
    /// Bits a second; 0: none.
    pub(crate) pace: CounterCell,
}

impl Cells {
    #[inline(always)]
    fn class(&self, class: Class) -> &ClassCells {
        let [audio, retransmission, video, fec, padding] = &self.classes;
        match class {
            Class::Audio => audio,
            Class::Retransmission => retransmission,
            Class::Video => video,
            Class::Fec => fec,
            Class::Padding => padding,
        }
    }

    #[inline(always)]
    pub(crate) fn pass(&self, class: Class, bytes: u64) {
        let cells = self.class(class);
        cells.passed.increment();
        cells.passed_bytes.add(bytes);
    }

    pub(crate) fn hold(&self, class: Class, bytes: u64) {
        let cells = self.class(class);
        cells.waiting.increment();
        cells.waiting_bytes.add(bytes);
    }

    fn release(&self, class: Class, bytes: u64) {
        let cells = self.class(class);
        cells.waiting.subtract(1);
        cells.waiting_bytes.subtract(bytes);
    }

    /// It has waited and goes on.
    pub(crate) fn pass_delayed(&self, class: Class, bytes: u64, nanos: u64) {
        self.release(class, bytes);
        self.pass(class, bytes);
        let cells = self.class(class);
        cells.delayed.increment();
        cells.delay_micros.add(nanos / 1000);
    }

    /// It ends here.
    pub(crate) fn drop_new(&self, class: Class, bytes: u64, reason: Reason) {
        let cells = self.class(class);
        let cell = match reason {
            Reason::Full => &cells.full,
            Reason::Late => &cells.late,
            Reason::Ended => &cells.ended,
        };
        cell.increment();
        cells.dropped_bytes.add(bytes);
    }

    /// It has waited and ends here.
    pub(crate) fn drop_held(&self, class: Class, bytes: u64, reason: Reason) {
        self.release(class, bytes);
        self.drop_new(class, bytes, reason);
    }

    /// All that waits is gone.
    pub(crate) fn end_all(&self) {
        for cells in &self.classes {
            cells.ended.add(cells.waiting.get());
            cells.dropped_bytes.add(cells.waiting_bytes.get());
            cells.waiting.set(0);
            cells.waiting_bytes.set(0);
        }
    }

    pub(crate) fn totals(&self) -> PacerTotals {
        PacerTotals {
            classes: self.classes.each_ref().map(ClassCells::snapshot),
            probes_sent: self.probes_sent.get(),
            probes_abandoned: self.probes_abandoned.get(),
            padding_asked: self.padding_asked.get(),
            byes_held: self.byes_held.get(),
        }
    }

    pub(crate) fn queue(&self) -> Queue {
        let sum =
            |of: fn(&ClassCells) -> &CounterCell| self.classes.iter().map(|cells| of(cells).get()).sum();
        let (packets, bytes) = (sum(|cells| &cells.waiting), sum(|cells| &cells.waiting_bytes));
        let pace = Some(self.pace.get()).filter(|pace| *pace > 0);
        Queue { pace, packets, bytes, time: pace.map_or(Duration::ZERO, |pace| time_of(bytes, pace)) }
    }
}

/// What so many bytes take at a pace.
fn time_of(bytes: u64, bits_per_second: u64) -> Duration {
    let nanos = u128::from(bytes) * 8_000_000_000 / u128::from(bits_per_second.max(1));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

impl ClassCells {
    fn snapshot(&self) -> ClassCounters {
        ClassCounters {
            passed: self.passed.get(),
            passed_bytes: self.passed_bytes.get(),
            delayed: self.delayed.get(),
            delay_micros: self.delay_micros.get(),
            dropped_full: self.full.get(),
            dropped_late: self.late.get(),
            dropped_ended: self.ended.get(),
            dropped_bytes: self.dropped_bytes.get(),
            waiting: self.waiting.get(),
            waiting_bytes: self.waiting_bytes.get(),
        }
    }
}
