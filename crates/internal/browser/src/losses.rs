//! What a path loses: RTP at random, from a seed, and a log of it.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// A packet that did not come through.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lost {
    /// Whose it was, as the wire has it: retransmissions have SSRCs of their own.
    pub ssrc: u32,
    /// Its place in what that SSRC sends.
    pub sequence_number: u16,
    /// As the wire has it.
    pub payload_type: u8,
    /// What begins its payload: with RED that is the payload type of its block (RFC 2198 §3).
    pub first_byte: Option<u8>,
}

/// How much is lost one way, and what was.
#[derive(Clone, Debug)]
pub(crate) struct Losses(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    rate: f64,
    chance: SmallRng,
    lost: Vec<Lost>,
}

impl Losses {
    /// None so far, and who says of each RTP packet whether it is lost.
    pub(crate) fn new(seed: u64) -> (Self, impl FnMut(u64, &[u8]) -> bool + Send + 'static) {
        let state = State { rate: 0.0, chance: SmallRng::seed_from_u64(seed), lost: Vec::new() };
        let losses = Self(Arc::new(Mutex::new(state)));
        let taken = losses.clone();
        (losses, move |_, datagram| taken.with(|state| state.takes(datagram)))
    }

    /// Of all packets, from now on.
    pub(crate) fn set_rate(&self, rate: f64) {
        self.with(|state| state.rate = rate);
    }

    pub(crate) fn so_far(&self) -> Vec<Lost> {
        self.with(|state| state.lost.clone())
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn takes(&mut self, datagram: &[u8]) -> bool {
        // Nobody notices the loss of what is no packet.
        let Ok(packet) = RtpPacket::parse(Bytes::copy_from_slice(datagram)) else { return false };
        let taken = self.chance.random_bool(self.rate);
        if taken {
            self.lost.push(Lost {
                ssrc: packet.ssrc(),
                sequence_number: packet.sequence_number(),
                payload_type: packet.payload_type(),
                first_byte: packet.payload().first().copied(),
            });
        }
        taken
    }
}
