//! The application's side of RTCP that goes out.

use std::sync::Arc;

use async_trait::async_trait;
use interceptor::{Attributes, RTCPWriter};
use interceptor_core::Outgoing;
use rtcp::packet::Packet;

use super::convert::from_host;
use crate::connection::Connection;
use crate::error::Result;

/// Passes what the application writes through the chain. It holds the host's writer, for which the connection has only a weak
/// reference: that writer is the host's connection, which holds ours.
pub(crate) struct RtcpOut {
    connection: Arc<Connection>,
    below: Arc<dyn RTCPWriter + Send + Sync>,
}

impl RtcpOut {
    pub(crate) const fn new(connection: Arc<Connection>, below: Arc<dyn RTCPWriter + Send + Sync>) -> Self {
        Self { connection, below }
    }

    /// Does the host's own compound go on, as it is? What the chain made of it otherwise waits with all that it makes.
    fn pass(&self, packets: &[Box<dyn Packet + Send + Sync>]) -> bool {
        if self.connection.is_closed() {
            return true;
        }
        let Some(compound) = from_host(packets) else {
            self.connection.look(|state| state.counters.unconverted_rtcp += 1);
            return true;
        };
        let bytes = compound.as_bytes().clone();
        self.connection.with(|state, now| {
            state.chain.write_rtcp(compound, now);
            match state.chain.poll_wire() {
                Some(Outgoing::Rtcp(packet)) if packet.as_bytes() == &bytes => true,
                Some(other) => {
                    state.wait(other);
                    false
                }
                None => false,
            }
        })
    }
}

#[async_trait]
impl RTCPWriter for RtcpOut {
    async fn write(
        &self,
        packets: &[Box<dyn Packet + Send + Sync>],
        attributes: &Attributes,
    ) -> Result<usize> {
        if self.pass(packets) {
            return self.below.write(packets, attributes).await;
        }
        Ok(packets.iter().map(|packet| packet.marshal_size()).sum())
    }
}
