//! A stream that the peer sends.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use async_trait::async_trait;
use interceptor_core::StreamInfo;
use interceptor_packet::RtpPacket;

use crate::bound::Generation;
use crate::counters::add;
use crate::error::{BindError, SessionError};
use crate::inbox::{Capacity, Inbox};
use crate::shared::Shared;
use crate::traits::RtpReader;

/// A stream that the peer sends: reads RTP that has passed the chain.
///
/// Packets wait in a queue of [`receive_queue`](crate::SessionOptions::receive_queue); a reader that is too slow loses
/// the oldest, and no other stream notices. Retransmissions and repair packets that no interceptor consumed come too:
/// [`origin`](interceptor_packet::PacketInfo::origin) tells them apart.
///
/// Dropping it unbinds it; its SSRCs are then not offered by [`accept`](crate::Session::accept) while they go on (but after
/// [`release`](Self::release)). It does not keep the session alive; only [`Session`](crate::Session)s do.
pub struct RemoteStream {
    shared: Arc<Shared>,
    info: StreamInfo,
    generation: Generation,
    inbox: Arc<Inbox<RtpPacket>>,
    /// Its SSRCs may be offered again when it is gone.
    wanted: bool,
}

impl RemoteStream {
    pub(crate) fn bind(shared: &Arc<Shared>, info: StreamInfo) -> Result<Self, BindError> {
        if let Some(error) = shared.ended() {
            return Err(error.clone().into());
        }
        let inbox = Arc::new(Inbox::new(Capacity {
            values: shared.options.receive_queue,
            bytes: shared.options.receive_queue_bytes,
            measure: RtpPacket::total_len,
            budget: shared.options.receive_budget.clone(),
        }));
        let generation = shared.enter().bind_remote(&info, &inbox)?;
        Ok(Self { shared: Arc::clone(shared), info, generation, inbox, wanted: false })
    }

    /// Describes the stream anew: what signalling, or its first packets, teach later (RTX, FEC, codecs, extensions, feedback).
    /// Nothing is unbound and no history is lost; only the media SSRC is for good.
    ///
    /// What already waits to be accepted of an SSRC that the stream has now, its RTX stream for example, is read here.
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
        self.shared.enter().amend_remote(&info, self.generation)?;
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

    /// The next packet.
    ///
    /// Cancel-safe: a packet is taken out only when the future is ready.
    ///
    /// # Errors
    /// Everything queued has been read, and the session has ended or the stream was unbound through
    /// [`with_chain`](crate::Session::with_chain).
    pub async fn read(&mut self) -> Result<RtpPacket, SessionError> {
        tokio::task::coop::consume_budget().await;
        poll_fn(|cx| self.inbox.poll_pop(cx)).await.ok_or_else(|| {
            let unbound = || SessionError::Unbound { ssrc: self.info.ssrc };
            self.shared.ended().cloned().unwrap_or_else(unbound)
        })
    }

    /// Waits for at least one packet, then moves up to `max` packets to `packets`; returns how many.
    ///
    /// Cancel-safe: packets are taken out only when the future is ready.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn read_many(
        &mut self,
        packets: &mut Vec<RtpPacket>,
        max: usize,
    ) -> Result<usize, SessionError> {
        if max == 0 {
            return Ok(0);
        }
        packets.push(self.read().await?);
        Ok(1 + self.inbox.drain(packets, max - 1))
    }

    /// The next packet, if one is there.
    #[must_use]
    pub fn try_read(&mut self) -> Option<RtpPacket> {
        self.inbox.try_pop()
    }

    /// Packets that wait to be read.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.inbox.len()
    }

    /// Packets that were dropped because they were not read in time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.inbox.dropped()
    }

    /// Ends the stream now; dropping it does the same.
    pub fn unbind(self) {}

    /// Ends the stream, but not for good: its SSRCs are offered by [`accept`](crate::Session::accept) again if they go on, as
    /// ones that nobody has seen. For who needs its place, and would have it back.
    pub fn release(mut self) {
        self.wanted = true;
    }
}

#[async_trait]
impl RtpReader for RemoteStream {
    async fn read_rtp(&mut self) -> Result<RtpPacket, SessionError> {
        self.read().await
    }
}

impl Drop for RemoteStream {
    fn drop(&mut self) {
        let exits = &self.shared.exits;
        if self.shared.ended().is_none() {
            let mut entered = self.shared.enter();
            let now = entered.now;
            entered.state.unbind_remote(&self.info, self.generation, self.wanted, now, exits);
        }
        if self.queued() > 0 {
            // Whoever counts holds the state's lock.
            let _state = self.shared.state.lock();
            add(&exits.counts.dropped_unread, self.queued());
        }
    }
}

impl fmt::Debug for RemoteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteStream")
            .field("session", &self.shared.id)
            .field("info", &self.info)
            .field("queued", &self.queued())
            .finish_non_exhaustive()
    }
}
