//! Sends RTCP.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use interceptor_packet::RtcpPacket;

use crate::error::{SessionError, TryWriteError};
use crate::shared::Shared;
use crate::traits::RtcpWriter;

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
        let mut writer = self.shared.writer();
        writer.room().await?.write_rtcp(packet);
        Ok(())
    }

    /// Sends one compound if there is room for it now.
    ///
    /// # Errors
    /// [`TryWriteError::Full`] gives the compound back; or the session has ended.
    pub fn try_write(&self, packet: RtcpPacket) -> Result<(), TryWriteError<RtcpPacket>> {
        let Some(mut entered) = self.shared.try_room()? else { return Err(TryWriteError::Full(packet)) };
        entered.write_rtcp(packet);
        Ok(())
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
