//! Remote streams: what the host reads passes the chain and goes on to the track that it belongs to.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::task::Poll;

use async_trait::async_trait;
use interceptor::{Attributes, Error, RTPReader};
use interceptor_core::{Flow, Incoming};
use rtp::packet::Packet;

use super::Form;
use crate::book::Repaired;
use crate::connection::Connection;
use crate::error::Result;
use crate::inbox::Next;
use crate::patience::Patience;

/// No payload type: they have seven bits.
const UNKNOWN: u16 = u16::MAX;

/// The host's side of one remote stream: of media, or of what repairs it.
pub(crate) struct RtpIn {
    connection: Arc<Connection>,
    ssrc: u32,
    /// The host's reader, or another interceptor's.
    below: Arc<dyn RTPReader + Send + Sync>,
    /// What comes for this stream otherwise.
    repaired: Arc<Repaired>,
    /// Its packets only repair others: the host's task reads them, and throws them away.
    is_repair: bool,
    /// What the last packet came with: another one is told to the chain.
    payload_type: AtomicU16,
}

/// What came first.
enum Came {
    Repaired(Packet),
    Read(Result<(Packet, Attributes)>),
    Closed,
}

impl RtpIn {
    pub(crate) fn new(
        connection: Arc<Connection>,
        ssrc: u32,
        below: Arc<dyn RTPReader + Send + Sync>,
        repaired: Arc<Repaired>,
        is_repair: bool,
    ) -> Self {
        Self { connection, ssrc, below, repaired, is_repair, payload_type: AtomicU16::new(UNKNOWN) }
    }

    /// The next packet of the reader below, or one that was repaired, which goes first: it is the older one.
    ///
    /// Nothing is lost with a future that is dropped, if nothing is with the reader's below: what it gives is given in the
    /// same poll.
    #[inline]
    async fn come(&self, buf: &mut [u8], attributes: &Attributes) -> Came {
        let mut read = pin!(self.below.read(buf, attributes));
        let mut filled = pin!(self.repaired.filled.notified());
        poll_fn(|cx| {
            loop {
                match self.repaired.next() {
                    Next::Value(packet) => return Poll::Ready(Came::Repaired(packet)),
                    Next::Closed => return Poll::Ready(Came::Closed),
                    Next::Empty => {}
                }
                if let Poll::Ready(result) = read.as_mut().poll(cx) {
                    return Poll::Ready(Came::Read(result));
                }
                if filled.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                filled.set(self.repaired.filled.notified());
            }
        })
        .await
    }

    /// Passes a packet through the chain; gives what the host is to have.
    #[inline]
    fn pass(&self, packet: Packet) -> Option<Packet> {
        if self.connection.is_closed() {
            return Some(packet);
        }
        let Ok(mut form) = Form::of(&packet) else {
            self.connection.look(|state| state.counters.unconverted_rtp += 1);
            return Some(packet);
        };
        let payload_type = u16::from(packet.header.payload_type);
        let is_new_type = !self.is_repair && self.payload_type.load(Ordering::Relaxed) != payload_type;
        let mine = self.connection.with(|state, now| {
            if is_new_type {
                state.learn_remote(self.ssrc, &form.packet, now);
            }
            if self.is_repair {
                state.find_repaired(self.ssrc, &form.packet, now);
            }
            if state.chain.read_rtp_in_place(&mut form.packet, now) == Flow::Consumed {
                return false;
            }
            if form.packet.ssrc() == self.ssrc {
                return true;
            }
            // It was repaired: the track that it belongs to gets it.
            state.deliver(Incoming::Rtp(form.packet.take()));
            false
        });
        if is_new_type {
            self.payload_type.store(payload_type, Ordering::Relaxed);
        }
        if self.is_repair {
            return Some(packet);
        }
        if !mine {
            return None;
        }
        Some(if form.is_still(&packet) { packet } else { form.packet.into() })
    }
}

#[async_trait]
impl RTPReader for RtpIn {
    async fn read(&self, buf: &mut [u8], attributes: &Attributes) -> Result<(Packet, Attributes)> {
        let mut patience = Patience::default();
        loop {
            match self.come(buf, attributes).await {
                Came::Repaired(packet) => return Ok((packet, attributes.clone())),
                Came::Closed => return Err(Error::ErrIoEOF),
                Came::Read(Ok((packet, attributes))) => {
                    if let Some(packet) = self.pass(packet) {
                        return Ok((packet, attributes));
                    }
                    patience = Patience::default();
                }
                Came::Read(Err(error)) => patience.bear(&self.connection, error).await?,
            }
        }
    }
}
