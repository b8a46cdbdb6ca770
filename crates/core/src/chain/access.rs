//! An owner's way to the interceptors inside.

use std::time::Instant;

use super::Chain;
use crate::erased::Erased;
use crate::place::NodeId;
use crate::{Interceptor, Streams};

impl Chain {
    /// The first interceptor, from the wire up, of this type; in nested chains as well.
    #[must_use]
    pub fn get<I: Interceptor>(&self) -> Option<&I> {
        let interceptors = || self.shared.roster.order().iter().filter_map(|id| self.interceptors.get(*id));
        let here = interceptors().find_map(|interceptor| interceptor.as_any().downcast_ref::<I>());
        let chains = || interceptors().filter_map(|interceptor| interceptor.as_any().downcast_ref::<Self>());
        here.or_else(|| chains().find_map(|chain| chain.get::<I>()))
    }

    /// The first interceptor, from the wire up, of this type, to change. A nested chain may be worked on as any other: what it
    /// emits, finds out or wants to be woken for is this chain's as soon as the wire is polled or anything else is done, and
    /// [`next_timeout`](Self::next_timeout) says that there is something to do.
    pub fn get_mut<I: Interceptor>(&mut self) -> Option<&mut I> {
        let id = self.find::<I>()?;
        let interceptor = self.interceptors.get_mut(id)?.as_any_mut();
        if interceptor.is::<Self>() {
            self.lent = id;
            (self.shared.hot.pending, self.shared.hot.held_up) = (true, true);
            self.shared.hot.wakes.hurry(self.shared.hot.latest);
        }
        interceptor.downcast_mut()
    }

    /// Lends the first interceptor, from the wire up, of this type, with the states that it keeps for its streams: counters
    /// of one stream, or of all. In nested chains as well. `None`: there is no such interceptor.
    ///
    /// ```
    /// # use std::time::Instant;
    /// # use interceptor_core::packet::{NtpTime, RtpPacket};
    /// # use interceptor_core::{Chain, ChainConfig, Context, Flow, Interceptor, Result, Stage, StreamInfo};
    /// struct Count;
    ///
    /// impl Interceptor for Count {
    ///     type Local = u64; // packets of one stream
    ///     type Remote = ();
    ///
    ///     fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<u64>> {
    ///         Ok(Some(0))
    ///     }
    ///
    ///     fn write_rtp(&mut self, packets: &mut u64, _: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
    ///         *packets += 1;
    ///         Ok(Flow::Forward)
    ///     }
    /// }
    ///
    /// # let now = Instant::now();
    /// # let mut chain = Chain::new(ChainConfig::new("call", now, NtpTime::default(), 1));
    /// chain.insert("count", Stage::APPLICATION, Count, now)?;
    /// chain.bind_local(StreamInfo::new(0x1122_3344, 96, 90_000), now)?;
    /// chain.write_rtp(RtpPacket::builder().ssrc(0x1122_3344).build()?, now);
    /// let packets = chain.with_streams::<Count, _>(|_, mut streams| streams.local(0x1122_3344).copied());
    /// assert_eq!(packets.flatten(), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_streams<I: Interceptor, R>(
        &mut self,
        look: impl FnOnce(&mut I, Streams<'_, I>) -> R,
    ) -> Option<R> {
        let Some(id) = self.find::<I>() else {
            return self.nested_with::<I>()?.with_streams(look);
        };
        let now = self.shared.hot.latest;
        let (interceptors, mut cx) = self.parts(now);
        cx.node = id;
        let erased = interceptors.get_mut(id)?.as_erased_mut().downcast_mut::<Erased<I>>()?;
        let (interceptor, streams) = erased.split(&cx);
        Some(look(interceptor, streams))
    }

    fn find<I: Interceptor>(&self) -> Option<NodeId> {
        let is_one = |id: &NodeId| {
            self.interceptors.get(*id).is_some_and(|interceptor| interceptor.as_any().is::<I>())
        };
        self.shared.roster.order().iter().copied().find(is_one)
    }

    /// The first nested chain that has such an interceptor.
    fn nested_with<I: Interceptor>(&mut self) -> Option<&mut Self> {
        let has_one = |id: &NodeId| {
            let chain = self.interceptors.get(*id).and_then(|chain| chain.as_any().downcast_ref::<Self>());
            chain.is_some_and(|chain| chain.get::<I>().is_some())
        };
        let id = self.shared.roster.order().iter().copied().find(has_one)?;
        self.interceptors.get_mut(id)?.as_any_mut().downcast_mut()
    }

    /// Has the nested chain that was lent, if one was, hand on what it did meanwhile.
    pub(super) fn settle_lent(&mut self, now: Instant) {
        let id = std::mem::replace(&mut self.lent, NodeId::NOBODY);
        if id == NodeId::NOBODY {
            return;
        }
        self.shared.hot.wakes.recompute();
        let (interceptors, mut cx) = self.parts(now);
        cx.node = id;
        let nested = interceptors.get_mut(id).and_then(|nested| nested.as_any_mut().downcast_mut::<Self>());
        let Some(nested) = nested else { return };
        nested.step_out(&mut cx);
        for (ssrc, reserved) in nested.reserved() {
            let place = self.shared.roster.place(id);
            let key = self.routes.local.key(ssrc).ok();
            if let Some(stream) = key.and_then(|key| self.routes.local.stream_mut(key)) {
                stream.reserves.withdraw(id);
                stream.reserves.declare(id, place, reserved);
            }
        }
    }
}
