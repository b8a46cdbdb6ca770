//! What was counted of protecting, by one writer for any number of readers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use interceptor_core::{CounterCell, counters};

use crate::Code;

counters! {
    /// What protecting local streams came to.
    pub struct ProtectionCounters {
        /// Media packets that repair packets cover.
        protected,
        /// Media packets that were in the block already, by their number: not summed again.
        duplicates,
        /// Media packets that passed while no code was in use, or later than the mask reaches.
        unprotected,
        /// Blocks that have closed.
        blocks,
        /// Of these, such as were not full.
        early,
        /// Repair packets that left.
        repairs,
        /// Bytes of these, RTP header and payload.
        repair_bytes,
        /// Of these, such as were larger than the MTU.
        oversize,
        /// Repair packets that did not leave, as they would have taken more than their part.
        over_budget,
        /// Repair packets that did not leave, as the chain emits no more for one input.
        unsent,
        /// Packets in which a stamp of an interceptor nearer the wire found no room, and which repair packets bring back wrong therefore.
        unreserved,
    }
}

/// How a local stream is protected at present. Read by [`FlexFecHandle::protected`](crate::FlexFecHandle::protected).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Protection {
    /// The stream's media SSRC.
    pub ssrc: u32,
    /// The code in use; `None`: no repair packets.
    pub code: Option<Code>,
    /// Bits per second of repair packets, RTP headers included, over the last second.
    pub bits_per_second: u64,
    /// Packets in a million that are expected to stay lost in spite of all repair: of [`Code::Adaptive`] only, 0 else.
    pub residual_ppm: u32,
}

/// [`ProtectionCounters`] as they are written.
#[derive(Debug, Default)]
pub(crate) struct ProtectionCells {
    pub(crate) protected: CounterCell,
    pub(crate) duplicates: CounterCell,
    pub(crate) unprotected: CounterCell,
    pub(crate) blocks: CounterCell,
    pub(crate) early: CounterCell,
    pub(crate) repairs: CounterCell,
    pub(crate) repair_bytes: CounterCell,
    pub(crate) oversize: CounterCell,
    pub(crate) over_budget: CounterCell,
    pub(crate) unsent: CounterCell,
    pub(crate) unreserved: CounterCell,
    /// Changed when streams come and go.
    streams: Mutex<Vec<Arc<ProtectionState>>>,
}

impl ProtectionCells {
    pub(crate) fn totals(&self) -> ProtectionCounters {
        ProtectionCounters {
            protected: self.protected.get(),
            duplicates: self.duplicates.get(),
            unprotected: self.unprotected.get(),
            blocks: self.blocks.get(),
            early: self.early.get(),
            repairs: self.repairs.get(),
            repair_bytes: self.repair_bytes.get(),
            oversize: self.oversize.get(),
            over_budget: self.over_budget.get(),
            unsent: self.unsent.get(),
            unreserved: self.unreserved.get(),
        }
    }

    /// A protected stream begins.
    pub(crate) fn begin(&self, ssrc: u32) -> Arc<ProtectionState> {
        let state = Arc::new(ProtectionState::new(ssrc));
        self.lock().push(Arc::clone(&state));
        state
    }

    /// It ends.
    pub(crate) fn end(&self, state: &Arc<ProtectionState>) {
        self.lock().retain(|other| !Arc::ptr_eq(other, state));
    }

    /// How each stream is protected at present.
    pub(crate) fn streams(&self) -> Vec<Protection> {
        self.lock().iter().map(|stream| stream.get()).collect()
    }

    /// Nothing is done under this lock that could leave things half done.
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<ProtectionState>>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// [`Protection`] as it is written.
#[derive(Debug)]
pub(crate) struct ProtectionState {
    ssrc: u32,
    /// 0: none.
    code: CounterCell,
    pub(crate) bits_per_second: CounterCell,
    residual_ppm: CounterCell,
}

impl ProtectionState {
    pub(crate) fn new(ssrc: u32) -> Self {
        Self {
            ssrc,
            code: CounterCell::default(),
            bits_per_second: CounterCell::default(),
            residual_ppm: CounterCell::default(),
        }
    }

    pub(crate) fn set_code(&self, code: Option<Code>, residual_ppm: u32) {
        self.code.set(code.map_or(0, Code::pack));
        self.residual_ppm.set(residual_ppm.into());
    }

    pub(crate) fn get(&self) -> Protection {
        Protection {
            ssrc: self.ssrc,
            code: Some(Code::unpack(self.code.get())).filter(|code| *code != Code::Adaptive),
            bits_per_second: self.bits_per_second.get(),
            residual_ppm: self.residual_ppm.get() as u32,
        }
    }
}
