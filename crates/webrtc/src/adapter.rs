//! The host's interceptor: one for each connection, around one chain.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use interceptor::stream_info::StreamInfo;
use interceptor::{Error, Interceptor, RTCPReader, RTCPWriter, RTPReader, RTPWriter};
use tokio::runtime::Handle;

use crate::book::{Told, is_rtx};
use crate::connection::Connection;
use crate::driver::drive;
use crate::error::Result;
use crate::inbox::Inbox;
use crate::rtcp::{RtcpIn, RtcpOut, pump};
use crate::rtp::{RtpIn, RtpOut};

/// What the host calls. Its tasks end when it is closed, or dropped with all its readers and writers.
pub(crate) struct Adapter {
    connection: Arc<Connection>,
    runtime: Handle,
    /// Numbers of the readers of RTCP.
    readers: AtomicU64,
}

impl Adapter {
    /// Starts the connection's task on `runtime`.
    pub(crate) fn new(connection: Arc<Connection>, runtime: Handle) -> Self {
        runtime.spawn(drive(Arc::downgrade(&connection)));
        Self { connection, runtime, readers: AtomicU64::new(0) }
    }
}

#[async_trait]
impl Interceptor for Adapter {
    async fn bind_rtcp_reader(
        &self,
        below: Arc<dyn RTCPReader + Send + Sync>,
    ) -> Arc<dyn RTCPReader + Send + Sync> {
        let inbox = Arc::new(Inbox::new(self.connection.options.rtcp()));
        let number = self.readers.fetch_add(1, Ordering::Relaxed);
        self.runtime.spawn(pump(Arc::downgrade(&self.connection), below, number, Arc::clone(&inbox)));
        Arc::new(RtcpIn::new(inbox))
    }

    async fn bind_rtcp_writer(
        &self,
        below: Arc<dyn RTCPWriter + Send + Sync>,
    ) -> Arc<dyn RTCPWriter + Send + Sync> {
        self.connection.look(|state| state.rtcp_writer = Some(Arc::downgrade(&below)));
        Arc::new(RtcpOut::new(Arc::clone(&self.connection), below))
    }

    async fn bind_local_stream(
        &self,
        info: &StreamInfo,
        below: Arc<dyn RTPWriter + Send + Sync>,
    ) -> Arc<dyn RTPWriter + Send + Sync> {
        let (told, way) = (Told::of(info, true), Arc::clone(&below));
        self.connection.with(|state, now| state.enter_local(told, way, info.payload_type, now));
        Arc::new(RtpOut::new(Arc::clone(&self.connection), info.ssrc, info.clock_rate, below))
    }

    async fn unbind_local_stream(&self, info: &StreamInfo) {
        self.connection.with(|state, now| state.leave_local(info.ssrc, now));
    }

    async fn bind_remote_stream(
        &self,
        info: &StreamInfo,
        below: Arc<dyn RTPReader + Send + Sync>,
    ) -> Arc<dyn RTPReader + Send + Sync> {
        let inbox = Arc::new(Inbox::new(self.connection.options.repaired()));
        let (told, way) = (Told::of(info, false), Arc::clone(&inbox));
        self.connection.with(|state, now| state.enter_remote(told, way, now));
        Arc::new(RtpIn::new(Arc::clone(&self.connection), info.ssrc, below, inbox, is_rtx(&info.mime_type)))
    }

    async fn unbind_remote_stream(&self, info: &StreamInfo) {
        self.connection.with(|state, now| state.leave_remote(info.ssrc, now));
    }

    async fn close(&self) -> Result<()> {
        self.connection.close().await.map_err(|error| Error::Other(error.to_string()))
    }
}
