//! The chain as an interceptor of the stack.

use std::sync::Arc;
use std::time::Instant;

use interceptor_core::Chain;
use interceptor_core::packet::RtpPacket;
use rtc_interceptor::{Interceptor, Packet, Slot, StreamInfo, TaggedPacket};
use rtc_shared::error::Error;
use sansio::Protocol;

use crate::belts::Belts;
use crate::shared::{Seat, Shared};
use crate::types::KnownTypes;
use crate::way::Way;
use crate::{ChainHandle, Delivery};

/// A chain of ours in the place of one interceptor of the stack. One a connection; the crate's documentation says what it does.
pub struct ChainInterceptor {
    pub(crate) shared: Arc<Shared>,
    pub(crate) belts: Belts,
    pub(crate) types: KnownTypes,
    /// The packet on its way through the chain: packets are large, and this one is moved nowhere. Empty between two inputs.
    packet: RtpPacket,
    pub(crate) delivery: Delivery,
    /// The chain's next deadline, as of the last call.
    wakes: Option<Instant>,
}

impl ChainInterceptor {
    /// Where a chain stands among the stack's own interceptors unless told otherwise: above those that report arrivals
    /// ([`Slot::TwccReceiver`], [`Slot::Rfc8888`]), which have to see padding that RTX ends, and below [`Slot::JitterBuffer`],
    /// which delays.
    pub const SLOT: Slot = Slot::Custom(9_500);

    /// Where a chain that only captures or counts stands: nearer the wire than all of the stack's own, so that it sees what they
    /// make.
    pub const CAPTURE_SLOT: Slot = Slot::Custom(500);

    /// The chain of one connection. Its [`ChainConfig::now`](interceptor_core::ChainConfig::now) is of the clock that the stack
    /// runs on.
    #[must_use]
    pub fn new(chain: Chain) -> Self {
        let config = chain.config();
        let (now, limit) = (config.now, config.limits.max_queued);
        Self {
            wakes: chain.next_timeout(),
            shared: Arc::new(Shared::new(chain)),
            belts: Belts::new(limit, now),
            types: KnownTypes::new(),
            packet: RtpPacket::default(),
            delivery: Delivery::default(),
        }
    }

    /// Which incoming RTCP goes on to the application.
    #[must_use]
    pub const fn with_rtcp_to_application(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// A way to the chain once the stack has it: the stack gives nothing back.
    #[must_use]
    pub fn handle(&self) -> ChainHandle {
        ChainHandle::new(&self.shared)
    }

    /// Runs one input, takes over what came of it and of what an owner has done meanwhile.
    #[inline]
    pub(crate) fn enter<R>(&mut self, input: impl FnOnce(&mut Entered<'_>) -> R) -> R {
        let Self { shared, belts, types, packet, delivery, wakes } = self;
        let mut seat = shared.lock();
        if shared.is_touched() && shared.take_touched() {
            belts.fill(&mut seat, *delivery);
        }
        let mut entered = Entered { seat: &mut seat, belts, types, packet, delivery: *delivery };
        let result = input(&mut entered);
        belts.fill(&mut seat, *delivery);
        *wakes = seat.chain.next_timeout();
        result
    }

    /// What an owner has done between two inputs leaves at the next poll.
    #[inline]
    fn catch_up(&mut self) {
        if self.shared.is_touched() {
            self.enter(|_| ());
        }
    }
}

/// The parts of an adapter while it has the chain.
pub(crate) struct Entered<'a> {
    pub(crate) seat: &'a mut Seat,
    pub(crate) belts: &'a mut Belts,
    pub(crate) types: &'a mut KnownTypes,
    pub(crate) packet: &'a mut RtpPacket,
    pub(crate) delivery: Delivery,
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for ChainInterceptor {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    // The stack drops the packet of an `Err`: what the chain cannot see goes on as it is.
    fn handle_read(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.belts.note(&message);
        self.enter(|entered| match &message.message.packet {
            Packet::Rtp(_) => entered.read_rtp(message),
            Packet::Rtcp(_) => entered.read_rtcp(message),
            _ => entered.belts.push_read(message, entered.seat),
        });
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.catch_up();
        self.belts.pop_read()
    }

    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.belts.note(&message);
        self.enter(|entered| match &message.message.packet {
            Packet::Rtp(_) => entered.write_rtp(message),
            Packet::Rtcp(_) => entered.write_rtcp(message),
            _ => entered.belts.push_write(message, entered.seat),
        });
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.catch_up();
        self.belts.pop_write()
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        self.belts.now = now;
        self.enter(|entered| entered.seat.chain.handle_timeout(now));
        Ok(())
    }

    fn poll_timeout(&mut self) -> Option<Instant> {
        self.catch_up();
        self.wakes
    }

    fn close(&mut self) -> Result<(), Error> {
        let now = self.belts.now;
        self.enter(|entered| entered.seat.close(now));
        Ok(())
    }
}

impl Interceptor for ChainInterceptor {
    fn bind_local_stream(&mut self, info: &StreamInfo) {
        let now = self.belts.now;
        self.enter(|entered| entered.seat.bind(Way::Local, info, entered.types, now));
    }

    fn unbind_local_stream(&mut self, info: &StreamInfo) {
        let now = self.belts.now;
        self.enter(|entered| entered.seat.unbind(Way::Local, info.ssrc, entered.types, now));
    }

    fn bind_remote_stream(&mut self, info: &StreamInfo) {
        let now = self.belts.now;
        self.enter(|entered| entered.seat.bind(Way::Remote, info, entered.types, now));
    }

    fn unbind_remote_stream(&mut self, info: &StreamInfo) {
        let now = self.belts.now;
        self.enter(|entered| entered.seat.unbind(Way::Remote, info.ssrc, entered.types, now));
    }
}

impl std::fmt::Debug for ChainInterceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seat = self.shared.lock();
        f.debug_struct("ChainInterceptor").field("chain", &seat.chain).finish_non_exhaustive()
    }
}
