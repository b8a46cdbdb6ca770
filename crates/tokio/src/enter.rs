//! Into the session's state, and on with everything that sets in motion.

use std::net::SocketAddr;
use std::sync::{Arc, MutexGuard};
use std::task::Waker;
use std::thread::panicking;
use std::time::Instant;

use interceptor_core::{ChainError, StreamInfo};
use interceptor_packet::{RtcpPacket, RtpPacket};

use crate::bound::Generation;
use crate::counters::add;
use crate::inbox::{Inbox, Wakers};
use crate::shared::{Shared, now};
use crate::state::State;

/// The session's state, locked. Dropping it moves on what the chain has put out: to the transport, to readers, to the
/// timer.
pub(crate) struct Entered<'a> {
    pub(crate) state: MutexGuard<'a, State>,
    pub(crate) now: Instant,
    // Dropped after the lock.
    leaving: Leaving<'a>,
}

/// What is done once the state is unlocked, when this is dropped.
struct Leaving<'a> {
    shared: &'a Shared,
    wakers: Wakers,
    /// The session's task must set its timer anew.
    earlier: bool,
    /// Entered while a panic unwinds, from the destructor of a handle.
    unwinding: bool,
}

impl Shared {
    /// Locks the state.
    #[inline]
    pub(crate) fn enter(&self) -> Entered<'_> {
        let leaving = Leaving { shared: self, wakers: Wakers::new(), earlier: false, unwinding: panicking() };
        let now = now();
        Entered { state: self.state.lock(), now, leaving }
    }
}

impl Entered<'_> {
    /// A packet from the application.
    #[inline]
    pub(crate) fn write_rtp(&mut self, packet: &mut RtpPacket) {
        self.state.write_rtp(packet, self.now, &self.leaving.shared.exits);
    }

    /// A compound from the application.
    pub(crate) fn write_rtcp(&mut self, packet: RtcpPacket) {
        self.state.chain.write_rtcp(packet, self.now);
    }

    /// A datagram that passes the chain by.
    pub(crate) fn write_raw(&mut self, datagram: &[u8], to: Option<SocketAddr>) {
        let exits = &self.leaving.shared.exits;
        add(&exits.counts.made_datagrams, 1);
        if !exits.outbox.push_raw(datagram, to) {
            add(&exits.counts.dropped_sends, 1);
        }
    }

    /// Starts a remote stream, with what has come of it already.
    pub(crate) fn bind_remote(
        &mut self,
        info: &StreamInfo,
        inbox: &Arc<Inbox<RtpPacket>>,
    ) -> Result<Generation, ChainError> {
        let Leaving { shared, wakers, .. } = &mut self.leaving;
        self.state.bind_remote(info, inbox, self.now, &shared.exits, wakers)
    }

    /// Describes a remote stream anew.
    pub(crate) fn amend_remote(
        &mut self,
        info: &StreamInfo,
        generation: Generation,
    ) -> Result<(), ChainError> {
        let Leaving { shared, wakers, .. } = &mut self.leaving;
        self.state.amend_remote(info, generation, self.now, &shared.exits, wakers)
    }

    /// Moves on what the chain has put out, before more goes in.
    #[inline]
    pub(crate) fn pump(&mut self) {
        self.state.pump(&self.leaving.shared.exits, &mut self.leaving.wakers);
    }

    /// Lets go of streams that the chain no longer has.
    pub(crate) fn let_go(&mut self) {
        self.state.let_go(&mut self.leaving.wakers);
    }
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.leaving.panicked() {
            self.pump();
            self.leaving.earlier = self.state.earlier_deadline().is_some();
        }
    }
}

impl Leaving<'_> {
    /// Has something panicked since? Nothing else is done then: the next one to enter does it.
    #[inline]
    fn panicked(&self) -> bool {
        panicking() && !self.unwinding
    }
}

impl Drop for Leaving<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.panicked() {
            return;
        }
        if self.earlier {
            self.shared.driver.notify.notify_one();
        }
        self.shared.flush();
        if !self.wakers.is_empty() {
            std::mem::take(&mut self.wakers).into_iter().for_each(Waker::wake);
        }
    }
}
