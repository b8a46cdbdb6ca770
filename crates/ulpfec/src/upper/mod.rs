//! The upper half: emptied packets end, and what leaves is numbered anew, with repair packets in between.

mod block;
mod numbering;
mod stream;

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Amend, Context, Deadlines, Flow, Interceptor, Result, StreamInfo, Streams};

pub use stream::ProtectedStream;

use crate::negotiated::Types;
use crate::{EndCounters, SendCounters, UlpfecOptions};

/// Bytes that a repair packet is longer by than the longest packet in it: RED, FEC header, level header.
const HEADROOM: u16 = 19;

/// The upper half of ULPFEC of one connection. The crate's documentation says what it does.
#[derive(Debug)]
pub struct UlpfecUpper {
    options: UlpfecOptions,
    /// When open blocks end, in nanoseconds since the connection's start.
    ends: Deadlines<u64>,
    /// What ended streams had counted.
    ended: SendCounters,
    ended_remotes: EndCounters,
}

impl UlpfecUpper {
    pub(crate) fn new(options: UlpfecOptions) -> Self {
        let (ends, ended, ended_remotes) = Default::default();
        Self { options, ends, ended, ended_remotes }
    }

    /// What has been counted of what leaves, over all streams, ended ones included.
    #[must_use]
    pub fn counters(&self, streams: &Streams<'_, Self>) -> SendCounters {
        let mut total = self.ended;
        streams.iter_locals().for_each(|(_, stream)| total += *stream.counters());
        total
    }

    /// What has been counted of what came in, over all streams, ended ones included.
    #[must_use]
    pub fn ended(&self, streams: &Streams<'_, Self>) -> EndCounters {
        let mut total = self.ended_remotes;
        streams.iter_remotes().for_each(|(_, counters)| total += *counters);
        total
    }

    /// Sets, moves or removes the end of a stream's block.
    fn schedule(&mut self, stream: &ProtectedStream, began: bool, cx: &mut Context<'_>) {
        if !stream.is_open() {
            self.ends.set(stream.key, None);
        } else if began {
            let time = u64::try_from(self.options.max_block_time.as_nanos()).unwrap_or(u64::MAX);
            self.ends.set(stream.key, Some(cx.elapsed_nanos().saturating_add(time)));
            self.arm(cx);
        }
    }

    fn arm(&self, cx: &mut Context<'_>) {
        if let Some((at, _)) = self.ends.next() {
            let wait = at.saturating_sub(cx.elapsed_nanos());
            cx.wake_for("a block ends", cx.now() + std::time::Duration::from_nanos(wait));
        }
    }
}

impl Interceptor for UlpfecUpper {
    type Local = ProtectedStream;
    type Remote = EndCounters;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<ProtectedStream>> {
        let Some(protection) = self.options.sending else { return Ok(None) };
        let stream = ProtectedStream::of(info, protection, &self.options, cx.stream_key());
        if stream.is_some() {
            cx.declare_headroom(HEADROOM);
        }
        Ok(stream)
    }

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<EndCounters>> {
        Ok(Types::of(info).map(|_| EndCounters::default()))
    }

    fn amend_local(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        stream: &mut ProtectedStream,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        // What has been summed was summed as it was described then.
        if old.header_extensions != new.header_extensions {
            self.ends.set(stream.key, None);
            stream.close(cx);
        }
        // Numbers on the wire cannot go back to the application's: even without ULPFEC it stays.
        if !stream.describe(new, &self.options) {
            self.ends.set(stream.key, None);
            stream.close(cx);
        }
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        _: &mut EndCounters,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        Ok(if Types::of(new).is_some() { Amend::Keep } else { Amend::Leave })
    }

    fn unbind_local(&mut self, _: &StreamInfo, mut stream: ProtectedStream, cx: &mut Context<'_>) {
        self.ends.set(stream.key, None);
        stream.close(cx);
        self.ended += *stream.counters();
    }

    fn unbind_remote(&mut self, _: &StreamInfo, counters: EndCounters, _: &mut Context<'_>) {
        self.ended_remotes += counters;
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut ProtectedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if !stream.has_numbers_of(packet) {
            return Ok(Flow::Forward);
        }
        let written = stream.write(packet, cx);
        self.schedule(stream, written.began, cx);
        if written.closed_before {
            // Behind the repair packets of the block before.
            cx.send_rtp(packet.take());
            return Ok(Flow::Consumed);
        }
        Ok(Flow::Forward)
    }

    #[inline]
    fn read_rtp(
        &mut self,
        counters: &mut EndCounters,
        packet: &mut RtpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        if packet.info().origin == Origin::FecRepair && packet.payload_and_padding().is_empty() {
            if self.options.forward_empty {
                return Ok(Flow::Forward);
            }
            counters.swallowed += 1;
            return Ok(Flow::Consumed);
        }
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        while let Some((_, key)) = self.ends.take_due(cx.elapsed_nanos()) {
            if let Some(stream) = streams.local_by_key(key) {
                stream.close(cx);
            }
        }
        self.arm(cx);
        Ok(())
    }

    fn close(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        streams.locals().for_each(|(_, stream)| stream.close(cx));
        (self.ended, self.ended_remotes) = (self.counters(&streams), self.ended(&streams));
        Ok(())
    }
}
