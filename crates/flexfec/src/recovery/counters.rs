//! What was counted of recovering, by one writer for any number of readers.

use interceptor_core::{CounterCell, counters};
use interceptor_parity::DecoderTally;

counters! {
    /// What recovering remote streams came to.
    ///
    /// A repair packet that came was used, is one of `useless`, `expired`, `inconsistent`, `unknown_stream` and `malformed`, repeated a packet
    /// (`repeats`), or waits still.
    pub struct RecoveryCounters {
        /// Repair packets that came (`fecPacketsReceived` of W3C webrtc-stats).
        repairs,
        /// Packets that came back.
        recovered,
        /// Repair packets that packets came back by.
        used,
        /// Repair packets of which all packets were there, or that had come before.
        useless,
        /// Repair packets that waited too long, were pushed out, or protect what is out of reach.
        expired,
        /// Repair packets that contradict what has come: nothing of them is believed.
        inconsistent,
        /// Repair packets of a stream that does not share their SSRC.
        unknown_stream,
        /// Repair packets that cannot be read, or name a stream twice.
        malformed,
        /// Repair packets that are a repeated packet (RFC 8627 §4.2.2.3).
        repeats,
        /// Media packets that had come before, or came back before, and where one of the two was restored: they end here.
        duplicates,
    }
}

impl RecoveryCounters {
    /// Repair packets that brought nothing back, but for those that wait (`fecPacketsDiscarded` of W3C webrtc-stats).
    #[must_use]
    pub const fn discarded(&self) -> u64 {
        self.useless + self.expired + self.inconsistent + self.unknown_stream + self.malformed
    }
}

/// [`RecoveryCounters`] as they are written.
#[derive(Debug, Default)]
pub(crate) struct RecoveryCells {
    pub(super) repairs: CounterCell,
    pub(super) malformed: CounterCell,
    pub(super) repeats: CounterCell,
    recovered: CounterCell,
    used: CounterCell,
    useless: CounterCell,
    expired: CounterCell,
    inconsistent: CounterCell,
    unknown_stream: CounterCell,
    duplicates: CounterCell,
}

impl RecoveryCells {
    pub(crate) fn totals(&self) -> RecoveryCounters {
        RecoveryCounters {
            repairs: self.repairs.get(),
            recovered: self.recovered.get(),
            used: self.used.get(),
            useless: self.useless.get(),
            expired: self.expired.get(),
            inconsistent: self.inconsistent.get(),
            unknown_stream: self.unknown_stream.get(),
            malformed: self.malformed.get(),
            repeats: self.repeats.get(),
            duplicates: self.duplicates.get(),
        }
    }

    /// Adds what a decoder has counted since `before`.
    pub(super) fn add(&self, now: &DecoderTally, before: &DecoderTally) {
        self.recovered.add(now.recovered - before.recovered);
        self.used.add(now.used - before.used);
        self.useless.add(now.useless - before.useless);
        self.expired.add(now.expired - before.expired);
        self.inconsistent.add(now.inconsistent - before.inconsistent);
        self.unknown_stream.add(now.unknown_stream - before.unknown_stream);
        self.malformed.add(now.malformed - before.malformed);
        self.duplicates.add(now.duplicates - before.duplicates);
    }
}
