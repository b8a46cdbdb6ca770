//! S5: an interceptor that only counts packets: a writer around the next writer, a reader around the next reader.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use interceptor::stream_info::StreamInfo;
use interceptor::{Attributes, Error, Interceptor, RTCPReader, RTCPWriter, RTPReader, RTPWriter};

use super::set_up::{Reader, Writer};

/// Counts packets and passes them on.
pub(super) struct PassThrough;

/// One stream of it.
struct Counting<N> {
    packets: AtomicU64,
    next: N,
}

impl<N> Counting<N> {
    fn arc(next: N) -> Arc<Self> {
        Arc::new(Self { packets: AtomicU64::new(0), next })
    }
}

#[async_trait]
impl RTPWriter for Counting<Writer> {
    async fn write(&self, packet: &rtp::packet::Packet, attributes: &Attributes) -> Result<usize, Error> {
        self.packets.fetch_add(1, Ordering::Relaxed);
        self.next.write(packet, attributes).await
    }
}

#[async_trait]
impl RTPReader for Counting<Reader> {
    async fn read(
        &self,
        buffer: &mut [u8],
        attributes: &Attributes,
    ) -> Result<(rtp::packet::Packet, Attributes), Error> {
        let read = self.next.read(buffer, attributes).await?;
        self.packets.fetch_add(1, Ordering::Relaxed);
        Ok(read)
    }
}

#[async_trait]
impl Interceptor for PassThrough {
    async fn bind_rtcp_reader(
        &self,
        reader: Arc<dyn RTCPReader + Send + Sync>,
    ) -> Arc<dyn RTCPReader + Send + Sync> {
        reader
    }

    async fn bind_rtcp_writer(
        &self,
        writer: Arc<dyn RTCPWriter + Send + Sync>,
    ) -> Arc<dyn RTCPWriter + Send + Sync> {
        writer
    }

    async fn bind_local_stream(&self, _: &StreamInfo, writer: Writer) -> Writer {
        Counting::arc(writer)
    }

    async fn unbind_local_stream(&self, _: &StreamInfo) {}

    async fn bind_remote_stream(&self, _: &StreamInfo, reader: Reader) -> Reader {
        Counting::arc(reader)
    }

    async fn unbind_remote_stream(&self, _: &StreamInfo) {}

    async fn close(&self) -> Result<(), Error> {
        Ok(())
    }
}
