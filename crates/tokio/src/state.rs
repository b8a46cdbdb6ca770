//! The chain with the tables that route its packets to the application.

use std::sync::Arc;
use std::time::Instant;

use interceptor_core::{Chain, ChainError, Flow, Incoming, StreamInfo};
use interceptor_packet::{Kind, RtpPacket};

use crate::bound::{Bound, Generation};
use crate::counters::add;
use crate::exits::Exits;
use crate::inbox::{Inbox, Wakers};
use crate::options::SessionOptions;
use crate::pending::Pending;
use crate::raw::RawDatagram;
use crate::shared::now;
use crate::transport::Received;

/// Everything behind the session's one lock. No call here waits, sends or wakes a reader: that comes after the lock.
pub(crate) struct State {
    pub(crate) chain: Chain,
    pub(crate) pending: Pending,
    bound: Bound,
    /// What the session's task has set its timer to, or will when it is woken.
    armed: Option<Instant>,
    /// The chain takes nothing any more, and counts what comes.
    shut: bool,
}

impl State {
    pub(crate) fn new(chain: Chain, options: &SessionOptions) -> Self {
        let seed = chain.config().seed;
        let (pending, bound) = (Pending::new(options, seed), Bound::new(seed));
        Self { chain, pending, bound, armed: None, shut: false }
    }

    /// Starts a local stream.
    pub(crate) fn bind_local(&mut self, info: &StreamInfo, now: Instant) -> Result<Generation, ChainError> {
        self.chain.bind_local(info.clone(), now)?;
        Ok(self.bound.add_local(info.ssrc))
    }

    /// Ends a local stream whose handle is gone.
    pub(crate) fn unbind_local(&mut self, ssrc: u32, generation: Generation, now: Instant) {
        if self.bound.remove_local(ssrc, generation) {
            // Unknown only if the chain is closed.
            let _ = self.chain.unbind_local(ssrc, now);
        }
    }

    /// Starts a remote stream. What has come of it already passes the chain now, as it would have done.
    pub(crate) fn bind_remote(
        &mut self,
        info: &StreamInfo,
        inbox: &Arc<Inbox<RtpPacket>>,
        now: Instant,
        exits: &Exits,
        wakers: &mut Wakers,
    ) -> Result<Generation, ChainError> {
        self.chain.bind_remote(info.clone(), now)?;
        let generation = self.bound.add_remote(info.ssrc, inbox);
        self.adopt(info, now, exits, wakers);
        Ok(generation)
    }

    /// What waits of a stream's SSRCs passes the chain as the stream's own.
    fn adopt(&mut self, info: &StreamInfo, now: Instant, exits: &Exits, wakers: &mut Wakers) {
        let ssrcs: Vec<u32> = info.ssrcs().collect();
        for mut packet in self.pending.adopt(&ssrcs) {
            packet.info_mut().seen_unbound = true;
            // Nothing is overtaken: what the last one caused goes before.
            self.pump(exits, wakers);
            match self.chain.read_rtp_in_place(&mut packet, now) {
                Flow::Forward => self.deliver(Incoming::Rtp(packet), exits, wakers),
                Flow::Consumed => add(&exits.counts.consumed_rtp, 1),
            }
        }
    }

    /// Describes a local stream anew, if its handle still stands for it.
    pub(crate) fn amend_local(
        &mut self,
        info: &StreamInfo,
        generation: Generation,
        now: Instant,
    ) -> Result<(), ChainError> {
        if !self.bound.has_local(info.ssrc, generation) {
            return Err(ChainError::UnknownSsrc { ssrc: info.ssrc });
        }
        self.chain.amend_local(info.clone(), now)
    }

    /// Describes a remote stream anew, if its handle still stands for it. What waits of an SSRC that it has now (its RTX
    /// stream, say) is the stream's.
    pub(crate) fn amend_remote(
        &mut self,
        info: &StreamInfo,
        generation: Generation,
        now: Instant,
        exits: &Exits,
        wakers: &mut Wakers,
    ) -> Result<(), ChainError> {
        if !self.bound.has_remote(info.ssrc, generation) {
            return Err(ChainError::UnknownSsrc { ssrc: info.ssrc });
        }
        self.chain.amend_remote(info.clone(), now)?;
        self.adopt(info, now, exits, wakers);
        Ok(())
    }

    /// Ends a remote stream whose reader is gone. Its SSRCs are not offered as new ones, unless it is `wanted`.
    pub(crate) fn unbind_remote(
        &mut self,
        info: &StreamInfo,
        generation: Generation,
        wanted: bool,
        now: Instant,
        exits: &Exits,
    ) {
        if self.bound.remove_remote(info.ssrc, generation) {
            // Unknown only if the chain is closed.
            let _ = self.chain.unbind_remote(info.ssrc, now);
            for ssrc in info.ssrcs().filter(|_| !wanted) {
                self.reject(ssrc, exits);
            }
        }
    }

    /// Nobody wants this SSRC, unless somebody has bound it: it is not offered while it goes on sending.
    pub(crate) fn reject(&mut self, ssrc: u32, exits: &Exits) {
        if self.chain.remote_stream(ssrc).is_some() {
            return;
        }
        add(&exits.counts.dropped_rejected, self.pending.ignore(ssrc));
    }

    /// Lets go of streams that the chain no longer has: whoever was lent the chain has unbound them.
    pub(crate) fn let_go(&mut self, wakers: &mut Wakers) {
        self.bound.let_go(&self.chain, wakers);
    }

    /// A packet from the application, as far as the outbox. [`pump`](Self::pump) moves what it has caused.
    #[inline]
    pub(crate) fn write_rtp(&mut self, packet: &mut RtpPacket, now: Instant, exits: &Exits) {
        add(&exits.counts.written_rtp, 1);
        // The chain's queues are empty between calls: this one overtakes nothing.
        if self.chain.write_rtp_in_place(packet, now) == Flow::Consumed {
            add(&exits.counts.consumed_writes, 1);
        } else if !exits.outbox.push_rtp(packet) {
            add(&exits.counts.dropped_sends, 1);
        }
    }

    /// A datagram from the transport, to the end of its way.
    #[inline]
    pub(crate) fn read(&mut self, received: Received, now: Instant, exits: &Exits, wakers: &mut Wakers) {
        let Received { bytes, kind, ecn, from, path, stranger } = received;
        match self.chain.read_datagram_over_in_place(bytes, kind, ecn, path, now) {
            Some(Incoming::Raw(bytes)) => {
                deliver_raw(RawDatagram { bytes, from, path, kind, stranger }, exits, wakers);
            }
            Some(incoming) => {
                if matches!(incoming, Incoming::Rtp(_) | Incoming::UnboundRtp(_)) {
                    add(&exits.counts.received_rtp, 1);
                }
                self.deliver(incoming, exits, wakers);
            }
            // What is malformed is not kept by anybody.
            None if kind == Kind::Rtp && !self.shut => {
                add(&exits.counts.received_rtp, 1);
                add(&exits.counts.consumed_rtp, 1);
            }
            None => {}
        }
        self.pump(exits, wakers);
    }

    /// Moves everything that the chain has put out to where it goes.
    #[inline]
    pub(crate) fn pump(&mut self, exits: &Exits, wakers: &mut Wakers) {
        let (made, dropped) = exits.outbox.take_from(&mut self.chain);
        if made > 0 {
            add(&exits.counts.made_datagrams, made);
            add(&exits.counts.dropped_sends, dropped);
        }
        while let Some(incoming) = self.chain.poll_app() {
            if matches!(incoming, Incoming::Rtp(_) | Incoming::UnboundRtp(_)) {
                add(&exits.counts.restored_rtp, 1);
            }
            self.deliver(incoming, exits, wakers);
        }
        while let Some(event) = self.chain.poll_event() {
            exits.events.publish(event, wakers);
        }
    }

    #[inline]
    fn deliver(&mut self, incoming: Incoming, exits: &Exits, wakers: &mut Wakers) {
        match incoming {
            Incoming::Rtp(packet) => match self.bound.inbox(packet.ssrc(), &self.chain) {
                Some(inbox) => {
                    let dropped = inbox.push(packet, wakers);
                    if dropped > 0 {
                        add(&exits.counts.dropped_reads, dropped);
                    }
                }
                // Bound by the chain alone, where nobody reads.
                None => add(&exits.counts.dropped_unread, 1),
            },
            Incoming::UnboundRtp(packet) => self.hold(packet, exits),
            Incoming::Rtcp(packet) => {
                exits.rtcp.publish(packet, wakers);
            }
            // Raw ones are taken before; no interceptor makes any.
            _ => {}
        }
    }

    /// Keeps a packet until somebody accepts its stream.
    fn hold(&mut self, packet: RtpPacket, exits: &Exits) {
        // One that an interceptor made has come just now.
        let came = packet.info().arrival.unwrap_or_else(now);
        let held = self.pending.hold(packet, came);
        add(&exits.counts.dropped_unbound, held.dropped);
        add(&exits.counts.dropped_unproven, held.unproven);
        add(&exits.counts.dropped_rejected, held.rejected);
        if held.offer {
            exits.announced.notify_waiters();
        }
    }

    /// Packets that wait to be read or accepted.
    pub(crate) fn waiting(&self) -> usize {
        self.pending.len() + self.bound.waiting()
    }

    /// The next deadline, if it lies before the one that the session's task knows of.
    #[inline]
    pub(crate) fn earlier_deadline(&mut self) -> Option<Instant> {
        let next = self.chain.next_timeout()?;
        if self.armed.is_some_and(|armed| armed <= next) {
            return None;
        }
        self.armed = Some(next);
        Some(next)
    }

    /// The next deadline, for the session's task to set its timer to.
    pub(crate) fn arm(&mut self) -> Option<Instant> {
        self.armed = self.chain.next_timeout();
        self.armed
    }

    /// Ends everything; readers get what is queued for them, then the end.
    pub(crate) fn shut(&mut self, exits: &Exits, wakers: &mut Wakers) {
        self.shut = true;
        self.bound.clear(wakers);
        add(&exits.counts.unaccepted_at_close, self.pending.clear());
    }
}

/// What the chain has passed on as it came. The peer's and strangers' have room apart.
#[cold]
fn deliver_raw(datagram: RawDatagram, exits: &Exits, wakers: &mut Wakers) {
    if datagram.stranger {
        add(&exits.counts.dropped_strangers, exits.strangers.publish(datagram, wakers));
    } else {
        exits.raw.publish(datagram, wakers);
    }
}
