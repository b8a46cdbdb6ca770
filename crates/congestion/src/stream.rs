//! A local stream: what it negotiated, what it sends, what becomes of it.

use interceptor_core::packet::ext::{TransportSequenceNumber, TransportSequenceNumberV2};
use interceptor_core::packet::{HeaderExtension, Origin, RtpPacket};
use interceptor_core::{BitrateRange, StreamInfo, StreamKey, StreamTarget};

use crate::PacketClass;
use crate::allocate::{Pause, Wish};
use crate::loss::LossMeter;
use crate::numbers::Numbers;
use crate::rates::RateMeter;
use crate::reports::Reported;
use crate::tmmbr::Requests;

/// What an audio stream takes that does not say it, in bits per second.
const AUDIO: u64 = 64_000;

/// A local stream that takes part in congestion control.
#[derive(Debug)]
pub struct SentStream {
    pub(crate) ssrc: u32,
    pub(crate) key: StreamKey,
    pub(crate) offer: Offer,
    /// Its media SSRC first, then those of RTX and FEC.
    pub(crate) sources: Vec<Numbers>,
    pub(crate) is_audio: bool,
    pub(crate) range: Option<BitrateRange>,
    pub(crate) traffic: Traffic,
    pub(crate) loss: LossMeter,
    pub(crate) reported: Reported,
    pub(crate) requests: Requests,
    pub(crate) pause: Pause,
    /// What was published last.
    pub(crate) told: Option<StreamTarget>,
}

/// How the peer may tell of a stream's packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The identifier of the transport-wide number, with `transport-cc` feedback.
    pub(crate) number_id: Option<u8>,
    /// `ack ccfb`.
    pub(crate) ccfb: bool,
}

/// What a stream sends.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    /// Payloads of media.
    pub(crate) payload: RateMeter,
    /// Headers of media, those below RTP included.
    pub(crate) headers: RateMeter,
    /// Whole packets of retransmissions, and of FEC.
    pub(crate) retransmissions: RateMeter,
    pub(crate) fec: RateMeter,
    /// Packets of media; a byte stands for one.
    pub(crate) packets: RateMeter,
}

impl Offer {
    pub(crate) fn of(info: &StreamInfo) -> Self {
        let number_id = info
            .extension_id(TransportSequenceNumber::URI)
            .or_else(|| info.extension_id(TransportSequenceNumberV2::URI))
            .filter(|_| info.has_feedback("transport-cc", ""));
        Self { number_id, ccfb: info.has_feedback("ack", "ccfb") }
    }

    /// The transport-wide number of a packet; both forms of the extension begin with it.
    #[inline]
    pub(crate) fn number(self, packet: &RtpPacket) -> Option<u16> {
        let value = packet.extension(self.number_id?)?;
        TransportSequenceNumberV2::read(value).map(|number| number.sequence_number)
    }
}

impl SentStream {
    pub(crate) fn new(info: &StreamInfo, key: StreamKey) -> Self {
        Self {
            ssrc: info.ssrc,
            key,
            offer: Offer::of(info),
            sources: Vec::new(),
            is_audio: info.is_audio(),
            range: info.bitrate,
            traffic: Traffic::default(),
            loss: LossMeter::default(),
            reported: Reported::default(),
            requests: Requests::default(),
            pause: Pause::default(),
            told: None,
        }
    }

    /// The SSRCs that a stream's packets have.
    pub(crate) fn ssrcs(info: &StreamInfo) -> impl Iterator<Item = u32> + '_ {
        let rtx = info.rtx.as_ref().map(|rtx| rtx.ssrc);
        let fec = info.fec.and_then(|fec| fec.ssrc);
        std::iter::once(info.ssrc).chain(rtx).chain(fec)
    }

    /// Where one of the stream's SSRCs stands among its sources.
    #[inline]
    pub(crate) fn position(&self, ssrc: u32) -> Option<usize> {
        self.sources.iter().position(|source| source.ssrc == ssrc)
    }

    /// The numbers of one of the stream's SSRCs.
    #[inline]
    pub(crate) fn numbers(&mut self, ssrc: u32) -> Option<&mut Numbers> {
        self.sources.iter_mut().find(|source| source.ssrc == ssrc)
    }

    /// Is this source its media SSRC?
    #[inline]
    pub(crate) fn is_media(&self, source: u16) -> bool {
        self.sources.first().is_some_and(|first| first.source == source)
    }

    /// What a packet of the stream carries.
    #[inline]
    pub(crate) fn class(&self, packet: &RtpPacket) -> PacketClass {
        match packet.info().origin {
            Origin::Retransmission => PacketClass::Retransmission,
            Origin::FecRepair => PacketClass::Fec,
            Origin::Padding => PacketClass::Padding,
            _ if self.is_audio => PacketClass::Audio,
            _ => PacketClass::Video,
        }
    }

    /// Counts a packet of so many bytes, headers below RTP included.
    #[inline]
    pub(crate) fn count(&mut self, packet: &RtpPacket, class: PacketClass, bytes: u32) {
        let bytes = u64::from(bytes);
        match class {
            PacketClass::Audio | PacketClass::Video => {
                let payload = packet.payload_len() as u64;
                self.traffic.payload.add(payload);
                self.traffic.headers.add(bytes.saturating_sub(payload));
                self.traffic.packets.add(1);
                self.reported.sent = self.reported.sent.saturating_add(1);
            }
            PacketClass::Retransmission => self.traffic.retransmissions.add(bytes),
            PacketClass::Fec => self.traffic.fec.add(bytes),
            PacketClass::Padding => {}
        }
    }

    /// The most of the target that the stream can use; `None`: nobody knows.
    pub(crate) fn most(&self, below: u64) -> Option<u64> {
        let wish = self.wish(0, below);
        match (self.range, self.requests.is_empty()) {
            (None, true) if !self.is_audio => None,
            (None, true) => Some(wish.max.max(AUDIO).saturating_add(wish.overhead)),
            (None, false) => {
                let repair = wish.overhead.saturating_sub(self.traffic.headers.bits_per_second());
                let allowed = self.requests.limit(self.packets_per_second(), below)?;
                Some(allowed.saturating_add(repair))
            }
            (Some(_), _) => Some(wish.max.saturating_add(wish.overhead)),
        }
    }

    /// Packets of media that leave in a second.
    pub(crate) fn packets_per_second(&self) -> u64 {
        self.traffic.packets.bits_per_second() / 8
    }

    /// What the stream can use of the target. `protection` is what whoever makes FEC says that it takes, `below` the bytes of headers
    /// below RTP. A stream that does not say what it can use keeps what it has.
    pub(crate) fn wish(&self, protection: u64, below: u64) -> Wish {
        let traffic = &self.traffic;
        let fec = traffic.fec.bits_per_second().max(protection);
        let overhead = traffic.headers.bits_per_second() + traffic.retransmissions.bits_per_second();
        let overhead = overhead.saturating_add(fec);
        let sent = traffic.payload.bits_per_second();
        let (min, max, weight, pauses) = match self.range {
            Some(range) => (range.min, range.max, range.weight, range.pauses && !self.is_audio),
            None => (0, sent, 1, false),
        };
        let allowed = self.requests.limit(self.packets_per_second(), below);
        let max = allowed.map_or(max, |allowed| {
            max.min(allowed.saturating_sub(traffic.headers.bits_per_second())).max(min)
        });
        Wish { min, max, weight, pauses, overhead }
    }
}

impl Traffic {
    pub(crate) fn pass(&mut self, seconds: f64) {
        let meters = [
            &mut self.payload,
            &mut self.headers,
            &mut self.retransmissions,
            &mut self.fec,
            &mut self.packets,
        ];
        meters.into_iter().for_each(|meter| meter.pass(seconds));
    }
}
