//! A stream that this end sends.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use interceptor_core::StreamInfo;
use interceptor_packet::RtpPacket;

use crate::bound::Generation;
use crate::enter::Entered;
use crate::error::{BindError, SessionError, TryWriteError};
use crate::outbox::Load;
use crate::shared::Shared;
use crate::traits::RtpWriter;

/// A stream that this end sends: writes RTP through the chain to the transport.
///
/// Dropping it unbinds it (interceptors may say goodbye to the peer). It does not keep the session alive; only
/// [`Session`](crate::Session)s do. Share it in an `Arc` to write from several tasks.
pub struct LocalStream {
    shared: Arc<Shared>,
    info: StreamInfo,
    generation: Generation,
}

impl LocalStream {
    pub(crate) fn bind(shared: &Arc<Shared>, info: StreamInfo) -> Result<Self, BindError> {
        if let Some(error) = shared.ended() {
            return Err(error.clone().into());
        }
        let mut entered = shared.enter();
        let now = entered.now;
        let generation = entered.state.bind_local(&info, now)?;
        drop(entered);
        Ok(Self { shared: Arc::clone(shared), info, generation })
    }

    /// Describes the stream anew: what signalling, or its first packets, teach later (RTX, FEC, codecs, extensions, feedback).
    /// Nothing is unbound and no history is lost; only the media SSRC is for good.
    ///
    /// # Errors
    /// Another media SSRC, a description that cannot be, an SSRC that is taken, an interceptor that refuses (everything is then
    /// as before), a stream that has ended, or a session that has.
    pub fn amend(&mut self, info: StreamInfo) -> Result<(), BindError> {
        if info.ssrc != self.info.ssrc {
            return Err(BindError::ForeignInfo { ssrc: self.info.ssrc });
        }
        if let Some(error) = self.shared.ended() {
            return Err(error.clone().into());
        }
        let mut entered = self.shared.enter();
        let now = entered.now;
        entered.state.amend_local(&info, self.generation, now)?;
        drop(entered);
        self.info = info;
        Ok(())
    }

    /// What it was bound with, or amended to.
    #[must_use]
    pub const fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// The media SSRC.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.info.ssrc
    }

    /// Sends one packet: an [`RtpPacket`], or (feature `rtp` of `interceptor-packet`) an `rtp::packet::Packet`.
    ///
    /// The packet passes the chain and leaves within this call if the transport takes it; while
    /// [`send_queue`](crate::SessionOptions::send_queue) packets wait for the transport, this waits too.
    ///
    /// Cancel-safe: until the future is ready nothing has happened to the packet, and a packet is never half sent.
    ///
    /// # Errors
    /// The session has ended, the packet's SSRC is none of the stream's, or it does not convert.
    pub async fn write<P>(&self, packet: P) -> Result<(), SessionError>
    where
        P: TryInto<RtpPacket>,
        P::Error: StdError + Send + Sync + 'static,
    {
        let mut packet = match packet.try_into() {
            Ok(packet) => packet,
            Err(error) => return Err(SessionError::InvalidPacket(Arc::new(error))),
        };
        self.check(&packet)?;
        forget_arrival(&mut packet);
        // A writer that never waits must let the session's task run all the same.
        tokio::task::coop::consume_budget().await;
        // As a rule there is room, and no machinery needed to wait for it.
        if let Some(mut entered) = self.shared.try_room()? {
            entered.write_rtp(&mut packet);
            return Ok(());
        }
        let mut writer = self.shared.writer();
        writer.room().await?.write_rtp(&mut packet);
        Ok(())
    }

    /// Sends one packet if there is room for it now. For code that must not wait: an SFU rather loses a packet of one
    /// subscriber than delays the others.
    ///
    /// # Errors
    /// [`TryWriteError::Full`] gives the packet back; otherwise as [`write`](Self::write).
    #[expect(
        clippy::result_large_err,
        reason = "boxing what goes back would allocate where nothing may wait"
    )]
    pub fn try_write(&self, mut packet: RtpPacket) -> Result<(), TryWriteError<RtpPacket>> {
        self.check(&packet)?;
        forget_arrival(&mut packet);
        let Some(mut entered) = self.shared.try_room()? else { return Err(TryWriteError::Full(packet)) };
        entered.write_rtp(&mut packet);
        Ok(())
    }

    /// Sends packets (a video frame, say) in one go: one lock for all, and one system call for those of one size where
    /// the transport can. Waits while the transport is behind.
    ///
    /// Cancel-safe: `packets` keeps those that have not been sent. So it does after an error.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn write_all(&self, packets: &mut Vec<RtpPacket>) -> Result<(), SessionError> {
        for packet in &mut *packets {
            self.check(packet)?;
            forget_arrival(packet);
        }
        let mut writer = self.shared.writer();
        while !packets.is_empty() {
            let mut entered = writer.room().await?;
            self.write_while_room(&mut entered, packets);
        }
        Ok(())
    }

    /// Sends packets in one go, as [`write_all`](Self::write_all) does, as far as there is room for them now; returns how many.
    /// `packets` keeps those that found none. For an SFU or a relay that must not wait: one lock for what came in together,
    /// while packet by packet others would come in between.
    ///
    /// # Errors
    /// As [`write`](Self::write); nothing is sent then.
    pub fn try_write_all(&self, packets: &mut Vec<RtpPacket>) -> Result<usize, SessionError> {
        for packet in &mut *packets {
            self.check(packet)?;
            forget_arrival(packet);
        }
        let Some(mut entered) = self.shared.try_room()? else { return Ok(0) };
        Ok(self.write_while_room(&mut entered, packets))
    }

    /// How much there is room for now, and how many packets wait. Others may write meanwhile.
    pub(crate) fn backlog(&self) -> (Load, usize) {
        let outbox = &self.shared.exits.outbox;
        let room = if outbox.has_waiting() { Load { packets: 0, bytes: 0 } } else { outbox.room() };
        (room, outbox.queued())
    }

    /// Writes from the front as long as there is room; returns how many.
    fn write_while_room(&self, entered: &mut Entered<'_>, packets: &mut Vec<RtpPacket>) -> usize {
        let mut taken = 0;
        while let Some(packet) = packets.get_mut(taken).filter(|_| !self.shared.exits.outbox.is_full()) {
            entered.write_rtp(packet);
            entered.pump();
            taken += 1;
        }
        packets.drain(..taken);
        taken
    }

    /// Ends the stream now; dropping it does the same.
    pub fn unbind(self) {}

    #[inline]
    fn check(&self, packet: &RtpPacket) -> Result<(), SessionError> {
        let found = packet.ssrc();
        if found == self.info.ssrc || self.info.ssrcs().any(|ssrc| ssrc == found) {
            return Ok(());
        }
        Err(SessionError::WrongSsrc { stream: self.info.ssrc, found })
    }
}

/// A packet that is forwarded carries the ECN bits it came with: they must not leave as if this end had set them.
#[inline]
const fn forget_arrival(packet: &mut RtpPacket) {
    let info = packet.info_mut();
    info.ecn = None;
    info.seen_unbound = false;
}

#[async_trait]
impl RtpWriter for LocalStream {
    async fn write_rtp(&self, packet: RtpPacket) -> Result<(), SessionError> {
        self.write(packet).await
    }
}

impl Drop for LocalStream {
    fn drop(&mut self) {
        if self.shared.ended().is_none() {
            let mut entered = self.shared.enter();
            let now = entered.now;
            entered.state.unbind_local(self.info.ssrc, self.generation, now);
        }
    }
}

impl fmt::Debug for LocalStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalStream").field("session", &self.shared.id).field("info", &self.info).finish()
    }
}
