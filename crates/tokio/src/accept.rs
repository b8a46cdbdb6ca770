//! Streams that the peer sends without anybody having announced them.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use interceptor_core::StreamInfo;
use interceptor_packet::RtpPacket;

use crate::error::{BindError, SessionError};
use crate::remote_stream::RemoteStream;
use crate::shared::Shared;

/// An SSRC that came in and belongs to no stream: decide by its first packet (payload type, MID and RID extensions),
/// then [`bind`](Self::bind) it.
///
/// Meanwhile its newest packets are kept, [`pending_packets`](crate::SessionOptions::pending_packets) of them. Dropping
/// it says that nobody wants the SSRC: it is not offered again while it goes on sending.
pub struct IncomingStream {
    shared: Arc<Shared>,
    packet: RtpPacket,
    bound: bool,
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

    /// The first packet that is still kept.
    #[must_use]
    pub const fn first_packet(&self) -> &RtpPacket {
        &self.packet
    }

    /// Binds the stream. What was kept of all its SSRCs passes the chain now, with the arrival times it came with,
    /// so that interceptors miss nothing, and is the first that the stream gives to read.
    ///
    /// # Errors
    /// `info` does not have this SSRC, the chain refuses the stream, or the session has ended.
    pub fn bind(mut self, info: StreamInfo) -> Result<RemoteStream, BindError> {
        let ssrc = self.ssrc();
        if !info.ssrcs().any(|known| known == ssrc) {
            return Err(BindError::ForeignInfo { ssrc });
        }
        let stream = self.shared.bind_remote(info)?;
        self.bound = true;
        Ok(stream)
    }
}

impl Drop for IncomingStream {
    fn drop(&mut self) {
        if !self.bound && self.shared.ended().is_none() {
            self.shared.state.lock().pending.decline(self.packet.ssrc());
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

impl Shared {
    pub(crate) async fn accept(self: &Arc<Self>) -> Result<IncomingStream, SessionError> {
        loop {
            let mut announced = pin!(self.announced.notified());
            announced.as_mut().enable();
            if let Some(error) = self.ended() {
                return Err(error.clone());
            }
            if let Some(packet) = self.next_offer() {
                return Ok(IncomingStream { shared: Arc::clone(self), packet, bound: false });
            }
            announced.await;
        }
    }

    fn next_offer(&self) -> Option<RtpPacket> {
        let mut state = self.state.lock();
        let offer = state.pending.offer()?;
        if state.pending.has_offers() {
            self.announced.notify_one();
        }
        Some(offer)
    }

    pub(crate) fn bind_remote(self: &Arc<Self>, info: StreamInfo) -> Result<RemoteStream, BindError> {
        if let Some(error) = self.ended() {
            return Err(error.clone().into());
        }
        let capacity = self.options.receive_queue;
        let inbox = self.enter(|state, now, _| state.bind_remote(&info, capacity, now))?;
        Ok(RemoteStream::new(Arc::clone(self), Arc::new(info), inbox))
    }
}
