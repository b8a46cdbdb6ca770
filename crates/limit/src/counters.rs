//! What was counted, by one writer for any number of readers.

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{CounterCell, counters};

use crate::gate::Reason;

counters! {
    /// What waits now.
    pub struct Waiting {
        /// Packets.
        packets,
        /// Bytes of these, headers and payloads.
        bytes,
        /// Of the packets: no media but what repairs it or pads, such as retransmissions.
        repair,
    }

    /// What became of packets: what came in is what has passed, was dropped, or waits.
    pub struct LimitCounters {
        /// Packets that went on.
        passed,
        /// Bytes of these, headers and payloads.
        passed_bytes,
        /// Of those that went on: with a mark, since they were over a limit ([`Policy::Mark`](crate::Policy::Mark)).
        marked,
        /// Of those that went on: after having waited ([`Policy::Wait`](crate::Policy::Wait)).
        delayed,
        /// Dropped: over the rates of their stream, of [`max_unbound`](crate::LimitOptions::max_unbound) or of RTCP.
        dropped_rate,
        /// Dropped: over the rates of the connection.
        dropped_connection,
        /// Dropped: larger than a burst of bytes, so that no waiting would help.
        dropped_oversize,
        /// Dropped: too many waited already.
        dropped_queue,
        /// Dropped: stopped ([`Policy::Stop`](crate::Policy::Stop)).
        dropped_stopped,
        /// Dropped: they waited when the stream was unbound, or the chain closed.
        dropped_ended,
        /// Bytes of all that were dropped.
        dropped_bytes,
        /// Of those that were dropped: no media but what repairs it or pads, such as retransmissions.
        dropped_repair,
        /// Of those that went on after having waited: no media but what repairs it or pads.
        delayed_repair,
    }
}

impl LimitCounters {
    /// Packets that were dropped, for whatever reason.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped_rate
            + self.dropped_connection
            + self.dropped_oversize
            + self.dropped_queue
            + self.dropped_stopped
            + self.dropped_ended
    }
}

/// [`LimitCounters`] as they are written, and what waits.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    passed: CounterCell,
    passed_bytes: CounterCell,
    marked: CounterCell,
    delayed: CounterCell,
    rate: CounterCell,
    connection: CounterCell,
    oversize: CounterCell,
    queue: CounterCell,
    stopped: CounterCell,
    ended: CounterCell,
    dropped_bytes: CounterCell,
    dropped_repair: CounterCell,
    delayed_repair: CounterCell,
    waiting: CounterCell,
    waiting_bytes: CounterCell,
    waiting_repair: CounterCell,
}

/// A packet that does not simply pass: its bytes, and whether it is no media.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weight {
    pub(crate) bytes: u64,
    repair: bool,
}

impl Weight {
    /// Of RTP.
    pub(crate) fn of(packet: &RtpPacket, bytes: u64) -> Self {
        Self { bytes, repair: packet.info().origin != Origin::Media }
    }

    /// Of something that is no RTP.
    pub(crate) const fn bytes(bytes: u64) -> Self {
        Self { bytes, repair: false }
    }
}

/// Whose bounds a packet was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Own,
    Connection,
}

impl Cells {
    #[inline(always)]
    pub(crate) fn pass(&self, bytes: u64) {
        self.passed.add(1);
        self.passed_bytes.add(bytes);
    }

    pub(crate) fn mark(&self) {
        self.marked.add(1);
    }

    pub(crate) fn drop(&self, whose: Whose, reason: Reason, weight: Weight) {
        let cell = match (reason, whose) {
            (Reason::Rate, Whose::Own) => &self.rate,
            (Reason::Rate, Whose::Connection) => &self.connection,
            (Reason::Oversize, _) => &self.oversize,
            (Reason::Queue, _) => &self.queue,
            (Reason::Stopped, _) => &self.stopped,
        };
        cell.add(1);
        self.dropped_bytes.add(weight.bytes);
        self.dropped_repair.add(u64::from(weight.repair));
    }

    /// It waits.
    pub(crate) fn hold(&self, weight: Weight) {
        self.waiting.add(1);
        self.waiting_bytes.add(weight.bytes);
        self.waiting_repair.add(u64::from(weight.repair));
    }

    /// It has waited and goes on, or is dropped for another reason.
    pub(crate) fn release(&self, weight: Weight) {
        self.waiting.subtract(1);
        self.waiting_bytes.subtract(weight.bytes);
        self.waiting_repair.subtract(u64::from(weight.repair));
    }

    /// It has waited and goes on.
    pub(crate) fn pass_delayed(&self, weight: Weight) {
        self.release(weight);
        self.delayed.add(1);
        self.delayed_repair.add(u64::from(weight.repair));
        self.pass(weight.bytes);
    }

    /// It waited when its stream ended.
    pub(crate) fn end(&self, weight: Weight) {
        self.release(weight);
        self.ended.add(1);
        self.dropped_bytes.add(weight.bytes);
        self.dropped_repair.add(u64::from(weight.repair));
    }

    /// All that waits is gone.
    pub(crate) fn end_all(&self) {
        let Waiting { packets, bytes, repair } = self.waiting();
        self.ended.add(packets);
        self.dropped_bytes.add(bytes);
        self.dropped_repair.add(repair);
        [&self.waiting, &self.waiting_bytes, &self.waiting_repair]
            .into_iter()
            .for_each(|cell| cell.subtract(cell.get()));
    }

    pub(crate) fn waiting(&self) -> Waiting {
        Waiting {
            packets: self.waiting.get(),
            bytes: self.waiting_bytes.get(),
            repair: self.waiting_repair.get(),
        }
    }

    pub(crate) fn snapshot(&self) -> LimitCounters {
        LimitCounters {
            passed: self.passed.get(),
            passed_bytes: self.passed_bytes.get(),
            marked: self.marked.get(),
            delayed: self.delayed.get(),
            dropped_rate: self.rate.get(),
            dropped_connection: self.connection.get(),
            dropped_oversize: self.oversize.get(),
            dropped_queue: self.queue.get(),
            dropped_stopped: self.stopped.get(),
            dropped_ended: self.ended.get(),
            dropped_bytes: self.dropped_bytes.get(),
            dropped_repair: self.dropped_repair.get(),
            delayed_repair: self.delayed_repair.get(),
        }
    }
}
