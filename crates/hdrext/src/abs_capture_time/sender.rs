//! Which packets of a local stream say when they were captured, and what they say.

use interceptor_core::Context;
use interceptor_core::packet::ext::AbsCaptureTime;
use interceptor_core::packet::{HeaderExtension, RtpPacket};

use crate::AbsCaptureTimeOptions;

/// A local stream whose frames say when they were captured.
#[derive(Debug)]
pub struct CaptureSender {
    pub(crate) id: u8,
    ssrc: u32,
    /// The timestamp of the frame that is being written.
    frame: Option<u32>,
    /// When the last was said, in nanoseconds since the chain began.
    said: Option<u64>,
    /// Packets come with capture times of their own: the frames were captured elsewhere.
    forwarded: bool,
}

/// What a packet is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Say {
    /// Nothing.
    Nothing,
    /// What it says already.
    AsItIs,
    /// This.
    This(AbsCaptureTime),
}

impl CaptureSender {
    pub(crate) const fn new(id: u8, ssrc: u32) -> Self {
        Self { id, ssrc, frame: None, said: None, forwarded: false }
    }

    pub(crate) fn say(
        &mut self,
        packet: &RtpPacket,
        options: &AbsCaptureTimeOptions,
        cx: &Context<'_>,
    ) -> Say {
        if packet.ssrc() != self.ssrc {
            return Say::Nothing;
        }
        let begins_frame = self.frame.replace(packet.timestamp()) != Some(packet.timestamp());
        if packet.extension(self.id).and_then(AbsCaptureTime::read).is_some() {
            self.forwarded = true;
            return Say::AsItIs;
        }
        let now = cx.elapsed_nanos();
        let is_due =
            self.said.is_none_or(|said| now.saturating_sub(said) >= options.interval.as_nanos() as u64);
        if !begins_frame || !is_due {
            return Say::Nothing;
        }
        let attributes = &packet.info().attributes;
        let known = if attributes.is_empty() { None } else { attributes.get::<AbsCaptureTime>().copied() };
        let supposed = || {
            let latency = options.latency.filter(|_| !self.forwarded)?;
            Some(AbsCaptureTime { timestamp: cx.ntp_now() - latency, clock_offset: Some(0) })
        };
        match known.or_else(supposed) {
            Some(time) => {
                self.said = Some(now);
                Say::This(time)
            }
            None => Say::Nothing,
        }
    }
}
