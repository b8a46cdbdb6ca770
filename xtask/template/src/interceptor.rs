//! The interceptor: reads like the list of behaviour in the crate's documentation.

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Context, Flow, Interceptor, Result, StreamInfo};

use crate::NewThingOptions;

/// A stream has reached a milestone. Taken from the chain's events with
/// [`Event::raised`](interceptor_core::Event::raised).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// The stream's media SSRC.
    pub ssrc: u32,
    /// Its media packets so far.
    pub packets: u64,
}

/// Counts the packets of one connection. The crate's documentation says what it does.
#[derive(Debug)]
pub struct NewThing {
    options: NewThingOptions,
    counted: u64,
}

/// What [`NewThing`] keeps of a stream.
#[derive(Debug)]
pub struct StreamCount {
    ssrc: u32,
    packets: u64,
}

impl StreamCount {
    /// The stream's media packets so far.
    #[must_use]
    pub const fn packets(&self) -> u64 {
        self.packets
    }
}

impl NewThing {
    pub(crate) const fn new(options: NewThingOptions) -> Self {
        Self { options, counted: 0 }
    }

    /// Media packets of all streams so far, ended ones included.
    #[must_use]
    pub const fn counted(&self) -> u64 {
        self.counted
    }

    fn count(&mut self, stream: &mut StreamCount, packet: &RtpPacket, cx: &mut Context<'_>) {
        if packet.info().origin != Origin::Media {
            return;
        }
        self.counted += 1;
        stream.packets += 1;
        if stream.packets.is_multiple_of(self.options.every.into()) {
            cx.raise(Milestone { ssrc: stream.ssrc, packets: stream.packets });
        }
    }
}

impl Interceptor for NewThing {
    type Local = StreamCount;
    type Remote = StreamCount;

    fn bind_local(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<StreamCount>> {
        Ok(Some(StreamCount { ssrc: info.ssrc, packets: 0 }))
    }

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<StreamCount>> {
        Ok(Some(StreamCount { ssrc: info.ssrc, packets: 0 }))
    }

    fn write_rtp(
        &mut self,
        stream: &mut StreamCount,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.count(stream, packet, cx);
        Ok(Flow::Forward)
    }

    fn read_rtp(
        &mut self,
        stream: &mut StreamCount,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.count(stream, packet, cx);
        Ok(Flow::Forward)
    }
}
