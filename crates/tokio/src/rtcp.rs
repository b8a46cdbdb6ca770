//! RTCP, events and other protocols: what concerns the whole session.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use interceptor_core::Event;
use interceptor_packet::RtcpPacket;

use crate::error::{SessionError, TryWriteError};
use crate::fanout::Fanout;
use crate::inbox::Inbox;
use crate::shared::Shared;
use crate::state::State;
use crate::traits::{RtcpReader, RtcpWriter};

/// Sends RTCP through the chain. Cheap to clone; does not keep the session alive.
#[derive(Clone)]
pub struct RtcpSender {
    shared: Arc<Shared>,
}

impl RtcpSender {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Sends one compound (a PLI, a BYE, application-defined feedback). Reports, NACKs and their like are the
    /// interceptors' business. Waits while the transport is behind.
    ///
    /// Cancel-safe: until the future is ready nothing has happened to the compound.
    ///
    /// # Errors
    /// The session has ended.
    pub async fn write(&self, packet: RtcpPacket) -> Result<(), SessionError> {
        let mut packet = Some(packet);
        self.shared.write(|state, now| put(&mut packet, state, now)).await
    }

    /// Sends one compound if there is room for it now.
    ///
    /// # Errors
    /// [`TryWriteError::Full`] gives the compound back; or the session has ended.
    pub fn try_write(&self, packet: RtcpPacket) -> Result<(), TryWriteError<RtcpPacket>> {
        let mut packet = Some(packet);
        self.shared.try_write(|state, now| put(&mut packet, state, now))?;
        packet.map_or(Ok(()), |packet| Err(TryWriteError::Full(packet)))
    }
}

fn put(packet: &mut Option<RtcpPacket>, state: &mut State, now: Instant) {
    if let Some(packet) = packet.take() {
        state.chain.write_rtcp(packet, now);
    }
}

#[async_trait]
impl RtcpWriter for RtcpSender {
    async fn write_rtcp(&self, packet: RtcpPacket) -> Result<(), SessionError> {
        self.write(packet).await
    }
}

impl fmt::Debug for RtcpSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtcpSender").field("session", &self.shared.id).finish()
    }
}

/// One reader's end of what concerns the whole session.
struct Subscription<T: Clone> {
    shared: Arc<Shared>,
    source: fn(&Shared) -> &Fanout<T>,
    inbox: Arc<Inbox<T>>,
}

impl<T: Clone> Subscription<T> {
    fn new(shared: Arc<Shared>, source: fn(&Shared) -> &Fanout<T>) -> Self {
        let inbox = source(&shared).subscribe();
        Self { shared, source, inbox }
    }

    async fn read(&self) -> Result<T, SessionError> {
        tokio::task::coop::consume_budget().await;
        poll_fn(|cx| self.inbox.poll_pop(cx)).await.ok_or_else(|| self.shared.end_error())
    }

    fn fmt(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("session", &self.shared.id)
            .field("queued", &self.inbox.len())
            .finish_non_exhaustive()
    }
}

impl<T: Clone> Drop for Subscription<T> {
    fn drop(&mut self) {
        (self.source)(&self.shared).unsubscribe(&self.inbox);
    }
}

macro_rules! reader {
    ($(#[$doc:meta])* $name:ident, $item:ty, $source:ident, $what:literal) => {
        $(#[$doc])*
        pub struct $name(Subscription<$item>);

        impl $name {
            pub(crate) fn new(shared: Arc<Shared>) -> Self {
                Self(Subscription::new(shared, |shared| &shared.$source))
            }

            #[doc = concat!("The next ", $what, ".")]
            ///
            /// Cancel-safe: it is taken out only when the future is ready.
            ///
            /// # Errors
            /// The session has ended and everything queued has been read.
            pub async fn read(&mut self) -> Result<$item, SessionError> {
                self.0.read().await
            }

            #[doc = concat!("The next ", $what, ", if one is there.")]
            #[must_use]
            pub fn try_read(&mut self) -> Option<$item> {
                self.0.inbox.try_pop()
            }

            /// How many were dropped because they were not read in time.
            #[must_use]
            pub fn dropped(&self) -> u64 {
                self.0.inbox.dropped()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(stringify!($name), f)
            }
        }
    };
}

reader!(
    /// Reads the RTCP that came through the chain. Nothing depends on it: interceptors have seen every compound. A slow
    /// reader loses the oldest. Does not keep the session alive.
    RtcpReceiver, RtcpPacket, rtcp, "compound"
);

reader!(
    /// Reads what interceptors find out and raise: round-trip times, key frames that are needed, a panic. A slow
    /// reader loses the oldest. Does not keep the session alive.
    Events, Event, events, "event"
);

reader!(
    /// Reads datagrams that are neither RTP nor RTCP, as they came: STUN or DTLS on the same port (RFC 7983), and
    /// malformed RTP and RTCP. A slow reader loses the oldest. Does not keep the session alive.
    RawReceiver, Bytes, raw, "datagram"
);

#[async_trait]
impl RtcpReader for RtcpReceiver {
    async fn read_rtcp(&mut self) -> Result<RtcpPacket, SessionError> {
        self.read().await
    }
}
