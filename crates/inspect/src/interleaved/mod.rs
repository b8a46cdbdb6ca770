//! RTP and RTCP between the messages of RTSP, over TCP (RFC 7826 §14).
//!
//! Each direction of a connection is put in order (`direction`), cut into frames and messages (`framing`), and the messages
//! are read for what they say of channels and payload types (`message`).

mod buffer;
mod direction;
mod framing;
mod message;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use self::direction::Direction;
use super::Endpoints;
use super::frame::{Datagram, Segment};
use super::problem::Problem;
use super::sdp::Session;

/// Ports with RTSP that are named.
const MAX_NAMED: usize = 8;

/// What comes out of a connection.
#[derive(Debug)]
pub(super) enum Event<'a> {
    /// What a channel carries.
    Frame {
        /// When its last byte came, as it was given.
        since: Duration,
        datagram: Datagram<'a>,
        channel: Channel,
    },
    /// A server describes its media.
    Session(Session),
}

/// What a frame's channel says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// It is for RTP, by the server's word.
    Rtp,
    /// It is for RTP, as far as servers follow the usual order.
    Even,
    /// It is for RTCP, or for both.
    Other,
}

/// How much is kept of TCP connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) flows: usize,
    pub(super) bytes: usize,
}

/// The TCP connections of a capture.
#[derive(Debug, Default)]
pub(super) struct Interleaved {
    directions: HashMap<Endpoints, Direction, foldhash::fast::FixedState>,
    /// What all of them hold.
    bytes: usize,
    /// All are RTSP, so none goes for another one.
    is_full: bool,
    /// Segments that were not looked into.
    refused: u64,
    ports: BTreeSet<u16>,
}

impl Interleaved {
    /// Takes in a segment; what it completes goes to `out`.
    pub(super) fn receive(
        &mut self,
        since: Duration,
        segment: &Segment<'_>,
        limits: Limits,
        out: &mut dyn FnMut(Event<'_>),
    ) {
        let endpoints = segment.endpoints;
        if segment.wire_len == 0 && !segment.is_first {
            return;
        }
        if !self.directions.contains_key(&endpoints) && !self.has_room(limits.flows) {
            self.refused += 1;
            return;
        }
        let direction = self.directions.entry(endpoints).or_default();
        let before = direction.bytes();
        direction.receive(since, segment, out);
        if self.bytes - before + direction.bytes() > limits.bytes {
            self.refused += 1;
            direction.give_up(endpoints, out);
        }
        self.bytes = self.bytes - before + direction.bytes();
        if let Some(learnt) = direction.take_learnt() {
            if self.ports.len() < MAX_NAMED {
                // The server's, mostly: a client's is one of the high ones.
                self.ports.insert(endpoints.src.port().min(endpoints.dst.port()));
            }
            if let Some(other) = self.directions.get_mut(&endpoints.reversed()) {
                other.learn(&learnt);
            }
        }
    }

    /// The capture has ended: what waits for missing bytes waits in vain.
    pub(super) fn flush(&mut self, out: &mut dyn FnMut(Event<'_>)) {
        let mut waiting: Vec<Endpoints> = self
            .directions
            .iter()
            .filter(|(_, direction)| direction.is_waiting())
            .map(|(key, _)| *key)
            .collect();
        waiting.sort_unstable();
        for endpoints in waiting {
            let Some(direction) = self.directions.get_mut(&endpoints) else { continue };
            let before = direction.bytes();
            direction.give_up(endpoints, out);
            self.bytes = self.bytes - before + direction.bytes();
        }
    }

    /// What could not be followed.
    pub(super) fn problem(&self) -> Option<Problem> {
        (self.refused > 0).then_some(Problem::TooMuchTcp { segments: self.refused })
    }

    /// There was RTSP, so a reader will look for RTP.
    pub(super) fn without_rtp(&self) -> Option<Problem> {
        (!self.ports.is_empty())
            .then(|| Problem::RtspWithoutRtp { ports: self.ports.iter().copied().collect() })
    }

    /// Makes room for another direction: those that have shown no RTSP go.
    fn has_room(&mut self, limit: usize) -> bool {
        if self.directions.len() >= limit && !self.is_full {
            self.directions.retain(|_, direction| direction.is_rtsp());
            self.bytes = self.directions.values().map(Direction::bytes).sum();
            self.is_full = self.directions.len() >= limit;
        }
        self.directions.len() < limit
    }
}
