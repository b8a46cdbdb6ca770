//! Local streams: what the application writes passes the chain and goes on to the host's writer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use interceptor::{Attributes, RTPWriter};
use interceptor_core::Flow;
use interceptor_packet::RtpPacket;
use rtp::packet::Packet;
use webrtc_util::MarshalSize;

use super::Form;
use super::numbers::Numbers;
use crate::connection::Connection;
use crate::error::Result;
use crate::lock::Lock;

/// No payload type: they have seven bits.
const UNKNOWN: u16 = u16::MAX;

/// The application's side of one local stream.
pub(crate) struct RtpOut {
    connection: Arc<Connection>,
    ssrc: u32,
    /// The host's writer, or another interceptor's.
    below: Arc<dyn RTPWriter + Send + Sync>,
    /// What the last packet came with: another one is told to the chain.
    payload_type: AtomicU16,
    /// With [`AdapterOptions::continuous_numbers`](crate::AdapterOptions::continuous_numbers).
    numbers: Option<Lock<Numbers>>,
}

/// What the chain has made of a packet.
enum Verdict {
    /// The host's own packet goes on.
    Same,
    Changed(Packet),
    Kept,
}

impl RtpOut {
    pub(crate) fn new(
        connection: Arc<Connection>,
        ssrc: u32,
        clock_rate: u32,
        below: Arc<dyn RTPWriter + Send + Sync>,
    ) -> Self {
        let continuous = connection.options.continuous_numbers;
        let numbers = continuous.then(|| Lock::new(Numbers::new(clock_rate)));
        Self { connection, ssrc, below, payload_type: AtomicU16::new(UNKNOWN), numbers }
    }

    #[inline]
    fn pass(&self, packet: &Packet) -> Verdict {
        if self.connection.is_closed() {
            return Verdict::Same;
        }
        let Ok(mut form) = Form::of(packet) else {
            self.connection.look(|state| state.counters.unconverted_rtp += 1);
            return Verdict::Same;
        };
        let payload_type = u16::from(packet.header.payload_type);
        let is_new_type = self.payload_type.load(Ordering::Relaxed) != payload_type;
        let flow = self.connection.with(|state, now| {
            state.counters.renumbered += u64::from(self.renumber(&mut form.packet, now));
            if is_new_type {
                state.learn_local(self.ssrc, packet.header.payload_type, now);
            }
            state.chain.write_rtp_in_place(&mut form.packet, now)
        });
        if is_new_type {
            self.payload_type.store(payload_type, Ordering::Relaxed);
        }
        match flow {
            Flow::Consumed => Verdict::Kept,
            Flow::Forward if form.is_still(packet) => Verdict::Same,
            Flow::Forward => Verdict::Changed(form.packet.into()),
        }
    }
}

impl RtpOut {
    /// Has another track begun? The packet gets the number that follows the last.
    #[inline]
    fn renumber(&self, packet: &mut RtpPacket, now: Instant) -> bool {
        let Some(numbers) = &self.numbers else { return false };
        let place = numbers.lock().place(packet.sequence_number(), packet.timestamp(), now);
        if place.number != packet.sequence_number() {
            packet.set_sequence_number(place.number);
        }
        if place.jumped {
            tracing::debug!(ssrc = self.ssrc, "the application's numbers jumped: another track");
        }
        place.jumped
    }
}

#[async_trait]
impl RTPWriter for RtpOut {
    async fn write(&self, packet: &Packet, attributes: &Attributes) -> Result<usize> {
        match self.pass(packet) {
            Verdict::Same => self.below.write(packet, attributes).await,
            Verdict::Changed(packet) => self.below.write(&packet, attributes).await,
            Verdict::Kept => Ok(packet.marshal_size()),
        }
    }
}
