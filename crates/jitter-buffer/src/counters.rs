//! What is counted, of a stream and of all.

use std::time::Duration;

use interceptor_core::{CounterCell, Playout};

interceptor_core::counters! {
    /// Packets of a stream, or of many. What was received went on, was dropped for a reason, or [waits](Self::held).
    pub struct JitterBufferCounters {
        /// Packets that came to it.
        received,
        /// Of these, those that went on in order and in time, or earlier.
        emitted,
        /// Those without payload: they count as there, and do not go on.
        empty,
        /// Those that came when a newer one had left, and were dropped.
        late,
        /// Those that went on nevertheless, out of order, by [`LatePolicy::Deliver`](crate::LatePolicy::Deliver).
        late_delivered,
        /// Those whose number had come.
        duplicates,
        /// Those far from all others, to which no other has come.
        strays,
        /// Those that were dropped because the stream or the chain ended, and the chain had no room to let them out.
        ended,
        /// Of the emitted, those that had to leave before their time because too much waited.
        forced,
        /// Of the emitted, those that came after their time, and left because nothing newer had.
        underruns,
        /// Numbers that were missing when a newer one left.
        lost,
        /// Runs of these.
        gaps,
        /// Times that the sender began its numbers anew.
        restarts,
        /// Times that its timestamps went on elsewhere.
        jumps,
        /// The time that emitted packets waited, in microseconds, added up.
        delay_micros,
        /// The delay that was aimed at when each left.
        target_micros,
        /// The delay that jitter alone asked for.
        minimum_micros,
    }
}

impl JitterBufferCounters {
    /// Packets that wait now.
    #[must_use]
    pub const fn held(&self) -> u64 {
        let gone = self.emitted
            + self.empty
            + self.late
            + self.late_delivered
            + self.duplicates
            + self.strays
            + self.ended;
        self.received.saturating_sub(gone)
    }

    /// Packets that came, and did not go on although they carried something (W3C `packetsDiscarded`).
    #[must_use]
    pub const fn discarded(&self) -> u64 {
        self.late + self.strays + self.ended
    }

    /// The mean time that a packet waited; zero before the first.
    #[must_use]
    pub fn mean_delay(&self) -> Duration {
        Duration::from_micros(self.delay_micros.checked_div(self.emitted).unwrap_or(0))
    }

    /// As other interceptors hear of it.
    pub(crate) const fn playout(&self, ssrc: u32) -> Playout {
        Playout {
            ssrc,
            delay_sum: Duration::from_micros(self.delay_micros),
            target_sum: Duration::from_micros(self.target_micros),
            minimum_sum: Duration::from_micros(self.minimum_micros),
            emitted: self.emitted,
            discarded: self.discarded(),
        }
    }
}

/// A stream, as it is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamPlayout {
    /// The delay aimed at over the fastest path.
    pub target: Duration,
    /// The delay over the fastest path that a packet has which came last.
    pub delay: Duration,
    /// Bytes that wait, with what is kept of each packet.
    pub held_bytes: u64,
    /// What was counted.
    pub counters: JitterBufferCounters,
}

/// [`JitterBufferCounters`] as they are written, by one thread, and read, by any.
macro_rules! cells {
    ($($field:ident)*) => {
        #[derive(Debug, Default)]
        pub(crate) struct Cells {
            $(pub(crate) $field: CounterCell,)*
            pub(crate) target_nanos: CounterCell,
            pub(crate) current_nanos: CounterCell,
            pub(crate) held_bytes: CounterCell,
        }

        impl Cells {
            pub(crate) fn counters(&self) -> JitterBufferCounters {
                JitterBufferCounters { $($field: self.$field.get(),)* }
            }
        }
    };
}

cells! {
    received emitted empty late late_delivered duplicates strays ended forced underruns lost gaps restarts jumps
    delay_micros target_micros minimum_micros
}

impl Cells {
    /// A packet leaves that has waited for so long.
    #[inline]
    pub(crate) fn emit(&self, waited: i64, target: i64, minimum: i64) {
        self.emitted.increment();
        self.delay_micros.add(micros(waited));
        self.target_micros.add(micros(target));
        self.minimum_micros.add(micros(minimum));
    }

    pub(crate) fn playout(&self) -> StreamPlayout {
        StreamPlayout {
            target: Duration::from_nanos(self.target_nanos.get()),
            delay: Duration::from_nanos(self.current_nanos.get()),
            held_bytes: self.held_bytes.get(),
            counters: self.counters(),
        }
    }
}

#[inline]
fn micros(nanos: i64) -> u64 {
    (nanos / 1000).max(0).unsigned_abs()
}
