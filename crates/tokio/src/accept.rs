//! Streams that the peer sends without anybody having announced them.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use interceptor_core::StreamInfo;
use interceptor_packet::RtpPacket;

use crate::error::{BindError, SessionError};
use crate::pending::{Next, Ticket};
use crate::remote_stream::RemoteStream;
use crate::shared::{Shared, now};

/// An SSRC that came in and belongs to no stream: decide by its first packet (payload type, MID and RID extensions),
/// then [`bind`](Self::bind) or [`reject`](Self::reject) it.
///
/// Meanwhile its newest packets are kept, up to [`pending_packets`](crate::SessionOptions::pending_packets) and
/// [`pending_bytes`](crate::SessionOptions::pending_bytes). Dropping it decides nothing: the SSRC is offered again, with
/// what is kept of it, when it goes on sending and [`offer_again_after`](crate::SessionOptions::offer_again_after) has
/// passed.
pub struct IncomingStream {
    shared: Arc<Shared>,
    packet: RtpPacket,
    ticket: Ticket,
    decided: bool,
}

impl IncomingStream {
    /// The SSRC that came in. It may be that of retransmissions or repair packets.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.packet.ssrc()
    }

    /// The payload type of [`first_packet`](Self::first_packet).
    #[must_use]
    pub fn payload_type(&self) -> u8 {
        self.packet.payload_type()
    }

    /// The first packet that was still kept when it was accepted.
    #[must_use]
    pub const fn first_packet(&self) -> &RtpPacket {
        &self.packet
    }

    /// Binds the stream. What was kept of all its SSRCs passes the chain now, with the arrival times it came with,
    /// so that interceptors miss nothing, and is the first that the stream gives to read.
    ///
    /// # Errors
    /// `info` does not have this SSRC, the chain refuses the stream, or the session has ended. The error has the
    /// [`IncomingStream`] in it, to bind it otherwise or when there is room; nothing that is kept for it is lost.
    pub fn bind(mut self, info: StreamInfo) -> Result<RemoteStream, IncomingBindError> {
        let ssrc = self.ssrc();
        let bound = if info.ssrcs().any(|known| known == ssrc) {
            RemoteStream::bind(&self.shared, info)
        } else {
            Err(BindError::ForeignInfo { ssrc })
        };
        match bound {
            Ok(stream) => {
                self.decided = true;
                Ok(stream)
            }
            Err(source) => Err(IncomingBindError(Box::new(Failed { incoming: self, source }))),
        }
    }

    /// Nobody wants this SSRC: what is kept of it is dropped, and it is not offered again while it goes on sending. Packets of
    /// it are counted in [`dropped_rejected`](crate::SessionCounters::dropped_rejected). Binding a stream with this SSRC
    /// takes it back.
    ///
    /// 256 rejected SSRCs are remembered; of more, the one silent longest is forgotten.
    pub fn reject(mut self) {
        self.decided = true;
        if self.shared.ended().is_none() {
            self.shared.state.lock().reject(self.packet.ssrc(), &self.shared.exits);
        }
    }
}

impl Drop for IncomingStream {
    fn drop(&mut self) {
        if !self.decided && self.shared.ended().is_none() {
            self.shared.state.lock().pending.give_back(self.ticket, now());
        }
    }
}

impl fmt::Debug for IncomingStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingStream")
            .field("session", &self.shared.id)
            .field("first_packet", &self.packet)
            .finish_non_exhaustive()
    }
}

/// Why an [`IncomingStream`] could not be bound, and the stream itself.
///
/// It converts into the [`BindError`] alone, so `?` works where that is returned; the stream is then dropped, and its SSRC
/// offered again when it goes on sending.
pub struct IncomingBindError(Box<Failed>);

#[derive(Debug)]
struct Failed {
    incoming: IncomingStream,
    source: BindError,
}

impl IncomingBindError {
    /// Why.
    #[must_use]
    pub const fn reason(&self) -> &BindError {
        &self.0.source
    }

    /// The stream, with everything that is kept for it.
    #[must_use]
    pub fn into_incoming(self) -> IncomingStream {
        self.0.incoming
    }

    /// The stream and the reason.
    #[must_use]
    pub fn into_parts(self) -> (IncomingStream, BindError) {
        let Failed { incoming, source } = *self.0;
        (incoming, source)
    }
}

impl From<IncomingBindError> for BindError {
    fn from(error: IncomingBindError) -> Self {
        error.0.source
    }
}

impl fmt::Display for IncomingBindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.reason(), f)
    }
}

impl std::error::Error for IncomingBindError {
    /// What it says is the reason itself, so this is what caused that.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.reason().source()
    }
}

impl fmt::Debug for IncomingBindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingBindError")
            .field("incoming", &self.0.incoming)
            .field("reason", &self.0.source)
            .finish()
    }
}

impl Shared {
    pub(crate) async fn accept(self: &Arc<Self>) -> Result<IncomingStream, SessionError> {
        loop {
            let mut announced = pin!(self.exits.announced.notified());
            announced.as_mut().enable();
            if let Some(error) = self.ended() {
                return Err(error.clone());
            }
            let next = self.state.lock().pending.offer(now());
            match next {
                Next::Now(packet, ticket) => {
                    return Ok(IncomingStream { shared: Arc::clone(self), packet, ticket, decided: false });
                }
                // A second one to accept has an eye on the same instant.
                Next::Later(at) => _ = tokio::time::timeout_at(at.into(), announced).await,
                Next::None => announced.await,
            }
        }
    }
}
