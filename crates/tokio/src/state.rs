//! The chain with the tables that route its packets to the application.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use foldhash::fast::FixedState;
use interceptor_core::{Chain, ChainError, Flow, Incoming, StreamInfo};
use interceptor_packet::{Ecn, RtpPacket};

use crate::counters::add;
use crate::inbox::{Inbox, Wakers};
use crate::pending::Pending;
use crate::shared::Shared;

/// Everything behind the session's one lock. No call here waits, sends or wakes: that comes after the lock.
pub(crate) struct State {
    pub(crate) chain: Chain,
    pub(crate) pending: Pending,
    /// Readers by SSRC: media, RTX and FEC of a stream lead to the same.
    inboxes: HashMap<u32, Arc<Inbox<RtpPacket>>, FixedState>,
    /// What the session's task has set its timer to, or will when it is woken.
    armed: Option<Instant>,
}

impl State {
    pub(crate) fn new(chain: Chain, pending: Pending) -> Self {
        // SSRCs come off the wire: a peer that knew the hash could make them collide.
        let inboxes = HashMap::with_hasher(FixedState::with_seed(chain.config().seed));
        Self { chain, pending, inboxes, armed: None }
    }

    /// Starts a remote stream. What has come of it already passes the chain now, as it would have done.
    pub(crate) fn bind_remote(
        &mut self,
        info: &StreamInfo,
        capacity: usize,
        now: Instant,
    ) -> Result<Arc<Inbox<RtpPacket>>, ChainError> {
        self.chain.bind_remote(info.clone(), now)?;
        let ssrcs: Vec<u32> = info.ssrcs().collect();
        let inbox = Arc::new(Inbox::new(capacity));
        for ssrc in &ssrcs {
            self.inboxes.insert(*ssrc, Arc::clone(&inbox));
        }
        for mut packet in self.pending.adopt(&ssrcs) {
            packet.info_mut().seen_unbound = true;
            self.chain.read_rtp(packet, now);
        }
        Ok(inbox)
    }

    /// Ends a remote stream whose reader is gone. Its SSRCs are not offered as new ones.
    pub(crate) fn unbind_remote(&mut self, info: &StreamInfo, now: Instant) -> Result<(), ChainError> {
        self.chain.unbind_remote(info.ssrc, now)?;
        for ssrc in info.ssrcs() {
            self.inboxes.remove(&ssrc);
            self.pending.ignore(ssrc);
        }
        Ok(())
    }

    /// A packet from the application, as far as the outbox. [`pump`](Self::pump) moves what it has caused.
    #[inline]
    pub(crate) fn write_rtp(&mut self, packet: &mut RtpPacket, now: Instant, shared: &Shared) {
        // The chain's queues are empty between calls: this one overtakes nothing.
        if self.chain.write_rtp_in_place(packet, now) == Flow::Forward && !shared.outbox.push_rtp(packet) {
            add(&shared.counts.dropped_sends, 1);
        }
    }

    /// A datagram from the transport, to the end of its way.
    #[inline]
    pub(crate) fn read(
        &mut self,
        datagram: Bytes,
        ecn: Option<Ecn>,
        now: Instant,
        shared: &Shared,
        wakers: &mut Wakers,
    ) {
        if let Some(incoming) = self.chain.read_datagram_in_place(datagram, ecn, now) {
            self.deliver(incoming, shared, wakers);
        }
        self.pump(shared, wakers);
    }

    /// Moves everything that the chain has put out to where it goes.
    #[inline]
    pub(crate) fn pump(&mut self, shared: &Shared, wakers: &mut Wakers) {
        let dropped = shared.outbox.take_from(&mut self.chain);
        if dropped > 0 {
            add(&shared.counts.dropped_sends, dropped);
        }
        while let Some(incoming) = self.chain.poll_app() {
            self.deliver(incoming, shared, wakers);
        }
        while let Some(event) = self.chain.poll_event() {
            shared.events.publish(event, wakers);
        }
    }

    #[inline]
    fn deliver(&mut self, incoming: Incoming, shared: &Shared, wakers: &mut Wakers) {
        match incoming {
            Incoming::Rtp(packet) => {
                // Without an inbox: bound through `with_chain`, where nobody reads.
                let Some(inbox) = self.inboxes.get(&packet.ssrc()) else { return };
                if inbox.push(packet, wakers) {
                    add(&shared.counts.dropped_reads, 1);
                }
            }
            Incoming::UnboundRtp(packet) => {
                let held = self.pending.hold(packet);
                add(&shared.counts.dropped_unbound, held.dropped);
                if held.new {
                    shared.announced.notify_one();
                }
            }
            Incoming::Rtcp(packet) => shared.rtcp.publish(packet, wakers),
            Incoming::Raw(datagram) => shared.raw.publish(datagram, wakers),
            _ => {}
        }
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
    pub(crate) fn shut(&mut self, wakers: &mut Wakers) {
        for inbox in self.inboxes.values() {
            inbox.close(wakers);
        }
        self.inboxes.clear();
        self.pending.clear();
    }
}
