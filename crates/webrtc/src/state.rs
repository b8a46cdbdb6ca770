//! What a connection's lock guards: the chain, the streams, and what waits to leave.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::Instant;

use interceptor::{RTCPWriter, RTPWriter};
use interceptor_core::{Chain, Event, Incoming, Outgoing};
use rtp::packet::Packet;

use crate::AdapterOptions;
use crate::book::{LocalSide, RemoteSide};
use crate::counters::AdapterCounters;
use crate::outgoing::Waiting;
use crate::rtcp::Copies;

/// The chain and all that stands around it.
pub(crate) struct State {
    pub(crate) chain: Chain,
    pub(crate) local: LocalSide,
    pub(crate) remote: RemoteSide,
    pub(crate) copies: Copies,
    pub(crate) counters: AdapterCounters,
    /// The connection's way for RTCP. It reaches the host's connection, which holds us: so it is not held.
    pub(crate) rtcp_writer: Option<Weak<dyn RTCPWriter + Send + Sync>>,
    waiting: Waiting,
    events: VecDeque<Event>,
    most_events: usize,
    /// When the task will wake by itself.
    pub(crate) armed: Option<Instant>,
}

/// Who has to be told once the lock is released.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Due {
    /// The task: something waits to leave, or a deadline has become earlier.
    pub(crate) task: bool,
    /// Who waits for events.
    pub(crate) events: bool,
}

/// A packet with the writer that it leaves by.
pub(crate) enum Departure {
    Rtp(Arc<dyn RTPWriter + Send + Sync>, Packet),
    Rtcp(Arc<dyn RTCPWriter + Send + Sync>, Vec<Box<dyn rtcp::packet::Packet + Send + Sync>>),
}

impl State {
    pub(crate) fn new(chain: Chain, options: &AdapterOptions) -> Self {
        Self {
            chain,
            local: LocalSide::default(),
            remote: RemoteSide::default(),
            copies: Copies::default(),
            counters: AdapterCounters::default(),
            rtcp_writer: None,
            waiting: Waiting::new(options.send_queue, options.send_queue_bytes),
            events: VecDeque::new(),
            most_events: options.event_queue,
            armed: None,
        }
    }

    /// Moves on what an input has left in the chain.
    #[inline]
    pub(crate) fn settle(&mut self) -> Due {
        while let Some(packet) = self.chain.poll_wire() {
            self.wait(packet);
        }
        while let Some(incoming) = self.chain.poll_app() {
            self.deliver(incoming);
        }
        let mut due = Due { task: !self.waiting.is_empty(), events: false };
        while let Some(event) = self.chain.poll_event() {
            self.note(event);
            due.events = true;
        }
        let next = self.chain.next_timeout();
        if next.is_some_and(|next| self.armed.is_none_or(|armed| next < armed)) {
            self.armed = next;
            due.task = true;
        }
        due
    }

    /// A packet that leaves when the task comes to it.
    pub(crate) fn wait(&mut self, packet: Outgoing) {
        self.counters.dropped_outgoing += self.waiting.push(packet);
    }

    /// A packet that did not come by the reader of its own stream.
    pub(crate) fn deliver(&mut self, incoming: Incoming) {
        let (Incoming::Rtp(packet) | Incoming::UnboundRtp(packet)) = incoming else {
            self.counters.unroutable += 1;
            return;
        };
        match self.remote.way(packet.ssrc()) {
            Some(inbox) => {
                let bytes = packet.total_len();
                self.counters.dropped_rtp += inbox.push(packet.into(), bytes);
            }
            None => self.counters.unroutable += 1,
        }
    }

    fn note(&mut self, event: Event) {
        if self.events.len() >= self.most_events {
            self.events.pop_front();
            self.counters.dropped_events += 1;
        }
        self.events.push_back(event);
    }

    /// The next event, and whether there are more.
    pub(crate) fn next_event(&mut self) -> (Option<Event>, bool) {
        (self.events.pop_front(), !self.events.is_empty())
    }

    /// All that waits to leave, each with its writer.
    pub(crate) fn departures(&mut self) -> Vec<Departure> {
        let waiting = self.waiting.take();
        waiting.into_iter().filter_map(|packet| self.departure(packet)).collect()
    }

    fn departure(&mut self, packet: Outgoing) -> Option<Departure> {
        let departure = match packet {
            Outgoing::Rtp(packet) => {
                self.counters.padding_stripped += u64::from(packet.padding_len() != 0);
                let writer = self.local.way(packet.ssrc()).cloned();
                writer.map(|writer| Departure::Rtp(writer, packet.into()))
            }
            Outgoing::Rtcp(packet) => {
                let writer = self.rtcp_writer.as_ref().and_then(Weak::upgrade);
                writer.map(|writer| Departure::Rtcp(writer, crate::rtcp::to_host(&packet)))
            }
        };
        self.counters.unroutable += u64::from(departure.is_none());
        departure
    }
}
