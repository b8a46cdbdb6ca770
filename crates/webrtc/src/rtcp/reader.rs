//! The application's side of RTCP that comes in.

use std::sync::Arc;

use async_trait::async_trait;
use interceptor::{Attributes, Error, RTCPReader};

use super::{Compound, Packets};
use crate::error::Result;
use crate::inbox::Inbox;

/// Gives what the chain has forwarded; its pump reads the host's reader.
pub(crate) struct RtcpIn {
    inbox: Arc<Inbox<Compound>>,
}

impl RtcpIn {
    pub(crate) const fn new(inbox: Arc<Inbox<Compound>>) -> Self {
        Self { inbox }
    }
}

#[async_trait]
impl RTCPReader for RtcpIn {
    async fn read(&self, _: &mut [u8], _: &Attributes) -> Result<(Packets, Attributes)> {
        self.inbox.recv().await.ok_or(Error::ErrIoEOF)
    }
}
