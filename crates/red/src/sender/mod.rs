//! The sending interceptor: packets leave with older payloads in front of their own.

mod overhead;
mod recent;
mod stream;

use bytes::BytesMut;
use interceptor_core::packet::red::{PRIMARY_HEADER_LEN, write};
use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{
    Amend, Context, Fact, Flow, Interceptor, ProtectionOverhead, Result, StreamInfo, Streams,
};

pub use stream::LocalStream;

use crate::negotiated::red_of;
use crate::{RedSenderOptions, SendCounters};

/// RED of one connection's local streams. The crate's documentation says what it does.
#[derive(Debug)]
pub struct RedSender {
    options: RedSenderOptions,
    /// What ended streams had counted.
    ended: SendCounters,
    /// Payloads are cut off it.
    buffer: BytesMut,
    /// The one before, whose packets are still leaving.
    spare: BytesMut,
}

impl RedSender {
    pub(crate) fn new(options: RedSenderOptions) -> Self {
        let (buffer, spare) = (BytesMut::new(), BytesMut::new());
        Self { options, ended: SendCounters::default(), buffer, spare }
    }

    /// What has been counted over all streams, ended ones included. Its streams are lent by
    /// [`Chain::with_streams`](interceptor_core::Chain::with_streams):
    /// `chain.with_streams::<RedSender, _>(|red, streams| red.counters(&streams))`.
    #[must_use]
    pub fn counters(&self, streams: &Streams<'_, Self>) -> SendCounters {
        let mut total = self.ended;
        streams.iter_locals().for_each(|(_, stream)| total += stream.counters);
        total
    }

    /// Puts older payloads in front of the packet's own. Gives the bytes that it has grown by; 0: there were none to put there.
    #[inline]
    fn encode(&mut self, stream: &mut LocalStream, packet: &mut RtpPacket, cx: &Context<'_>) -> usize {
        let red = stream.red;
        let blocks = stream.blocks(packet, cx);
        if blocks.is_empty() {
            return 0;
        }
        let added = PRIMARY_HEADER_LEN + blocks.iter().map(|block| block.written_len()).sum::<usize>();
        let len = added + packet.payload_len();
        if self.buffer.capacity() < len {
            // Takes the same memory again when no packet refers to it any more.
            std::mem::swap(&mut self.buffer, &mut self.spare);
            self.buffer.reserve(self.options.buffer_bytes.max(len));
        }
        write(&blocks, red.primary, packet.payload(), &mut self.buffer);
        packet.set_payload(self.buffer.split().freeze());
        packet.set_payload_type(red.payload_type);
        added
    }
}

impl Interceptor for RedSender {
    type Local = LocalStream;
    type Remote = ();

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<LocalStream>> {
        let Some(red) = red_of(info) else { return Ok(None) };
        let mut stream = LocalStream::new(info, red, &self.options);
        if let Some(loss) = cx.facts().loss(info.ssrc) {
            stream.hear(loss, cx);
        }
        Ok(Some(stream))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut LocalStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(red) = red_of(new) else { return Ok(Amend::Leave) };
        stream.describe(new, red, &self.options);
        Ok(Amend::Keep)
    }

    fn unbind_local(&mut self, info: &StreamInfo, stream: LocalStream, cx: &mut Context<'_>) {
        if stream.overhead.has_told() {
            // The stream may go on without RED.
            cx.publish(ProtectionOverhead { ssrc: info.ssrc, bits_per_second: 0 });
        }
        self.ended += stream.counters;
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut LocalStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let ours = packet.info().origin == Origin::Media && packet.payload_type() == stream.red.primary;
        if !ours || packet.payload_len() == 0 {
            return Ok(Flow::Forward);
        }
        let payload = packet.payload_bytes();
        let added = self.encode(stream, packet, cx);
        if added == 0 {
            stream.counters.plain += 1;
        } else {
            stream.counters.packets += 1;
            stream.counters.overhead_bytes += added as u64;
        }
        stream.recent.push(packet, payload);
        if let Some(bits_per_second) = stream.overhead.add(added, cx.elapsed_nanos()) {
            cx.publish(ProtectionOverhead { ssrc: packet.ssrc(), bits_per_second });
        }
        Ok(Flow::Forward)
    }

    fn handle_fact(
        &mut self,
        fact: &Fact,
        mut streams: Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        if let Fact::Loss(loss) = *fact
            && let Some(stream) = streams.local(loss.ssrc)
        {
            stream.hear(loss, cx);
        }
        Ok(())
    }

    fn close(&mut self, streams: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        self.ended = self.counters(&streams);
        Ok(())
    }
}
