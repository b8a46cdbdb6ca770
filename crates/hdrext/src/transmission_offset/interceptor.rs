//! The interceptor: stamps what leaves with how late it is.

use interceptor_core::packet::ext::TransmissionOffset;
use interceptor_core::packet::{HeaderExtension, RtpClock, RtpPacket};
use interceptor_core::{Amend, ClockRates, Context, Flow, Interceptor, Result, StreamInfo};

use super::anchor::Anchor;
use crate::TransmissionOffsetCounters;

/// Transmission offsets of one connection. The crate's documentation says what it does.
#[derive(Debug, Default)]
pub struct TransmissionOffsets {
    counters: TransmissionOffsetCounters,
}

/// A local stream whose packets are stamped.
#[derive(Debug)]
pub struct OffsetStream {
    id: u8,
    clocks: ClockRates,
    /// The clock of the payload type that came last.
    latest: (u8, RtpClock),
    anchor: Option<Anchor>,
}

/// No payload type: they have seven bits.
const UNKNOWN: u8 = u8::MAX;

impl TransmissionOffsets {
    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> &TransmissionOffsetCounters {
        &self.counters
    }

    /// The packet's offset; zero for the first, and for the first after a jump.
    #[inline]
    fn offset(
        &mut self,
        stream: &mut OffsetStream,
        packet: &RtpPacket,
        nanos: u64,
    ) -> Option<TransmissionOffset> {
        let (clock, timestamp) = (stream.clock(packet.payload_type())?, packet.timestamp());
        let known = stream.anchor.as_ref().and_then(|anchor| anchor.offset(clock, timestamp, nanos));
        known.or_else(|| {
            self.counters.anchored += 1;
            stream.anchor = Some(Anchor::new(clock, timestamp, nanos));
            Some(TransmissionOffset::default())
        })
    }
}

impl OffsetStream {
    fn of(info: &StreamInfo) -> Option<Self> {
        let id = info.extension_id(TransmissionOffset::URI)?;
        let latest = (UNKNOWN, RtpClock::new(0));
        Some(Self { id, clocks: ClockRates::of(info), latest, anchor: None })
    }

    #[inline]
    fn clock(&mut self, payload_type: u8) -> Option<RtpClock> {
        if self.latest.0 != payload_type {
            self.latest = (payload_type, RtpClock::new(self.clocks.rate(payload_type)?));
        }
        Some(self.latest.1)
    }
}

impl Interceptor for TransmissionOffsets {
    type Local = OffsetStream;
    type Remote = ();

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<OffsetStream>> {
        let stream = OffsetStream::of(info);
        if let Some(stream) = &stream {
            cx.declare_stamp(stream.id, TransmissionOffset::MAX_LEN as u8);
        }
        Ok(stream)
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut OffsetStream,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(new) = OffsetStream::of(new) else { return Ok(Amend::Leave) };
        cx.declare_stamp(new.id, TransmissionOffset::MAX_LEN as u8);
        // The timestamps go on.
        *stream = OffsetStream { anchor: stream.anchor, ..new };
        Ok(Amend::Keep)
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut OffsetStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let offset = self.offset(stream, packet, cx.elapsed_nanos());
        let stamped = offset.is_some_and(|offset| packet.write(stream.id, &offset).is_ok());
        self.counters.stamped += u64::from(stamped);
        self.counters.not_stamped += u64::from(!stamped);
        Ok(Flow::Forward)
    }
}
