//! Padding on the RTX stream: repeats of what was sent last, which may even be of use, else packets of nothing but padding.

use std::collections::VecDeque;

use bytes::Bytes;
use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Context, PaddingWanted, Streams};

use crate::Rtx;
use crate::interceptor::LocalStream;

/// Packets of a stream that are there to be repeated.
const RECENT: usize = 32;
/// Packets are remembered for so long after padding was last spoken of: most calls never want any.
const REMEMBERS_NANOS: u64 = 20_000_000_000;
/// Smaller payloads fill nothing (libwebrtc `kMinPayloadPaddingBytes`).
const LEAST_PAYLOAD: usize = 50;
/// A packet so many times larger than what is wanted is too large, as with libwebrtc.
const OVERSHOOT: usize = 3;
/// More is not sent for one wish.
const MOST_BYTES: usize = 256 << 10;
/// RFC 3550 §5.1: the last octet counts how many there are, itself included.
const PADDING: [u8; 255] = {
    let mut padding = [0; 255];
    padding[254] = 255;
    padding
};

/// The last packets of a stream, repeated in turn.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    packets: VecDeque<RtpPacket>,
    next: usize,
}

impl Recent {
    fn note(&mut self, packet: &RtpPacket) {
        if packet.payload_len() < LEAST_PAYLOAD {
            return;
        }
        if self.packets.len() == RECENT {
            self.packets.pop_front();
        }
        self.packets.push_back(packet.clone());
    }

    /// The next in turn, if it is not too large for so many bytes.
    fn next(&mut self, missing: usize) -> Option<RtpPacket> {
        let at = if self.next < self.packets.len() { self.next } else { 0 };
        let packet = self.packets.get(at)?;
        if packet.total_len() > OVERSHOOT * missing {
            return None;
        }
        self.next = at + 1;
        Some(packet.clone())
    }
}

impl LocalStream {
    /// Media leaves.
    #[inline]
    pub(crate) fn note_media(&mut self, packet: &RtpPacket, now: u64) {
        let remember = now < self.remembers_until;
        self.last = Some((packet.payload_type(), packet.timestamp()));
        if remember || self.recent.is_some() {
            self.remember(packet, remember);
        }
    }

    #[cold]
    fn remember(&mut self, packet: &RtpPacket, remember: bool) {
        if remember {
            self.recent.get_or_insert_default().note(packet);
        } else {
            self.recent = None;
        }
    }
}

impl Rtx {
    /// Padding is spoken of: packets are remembered from now on.
    pub(crate) fn remember_packets(&mut self, streams: &mut Streams<'_, Self>, now: u64) {
        self.remembers_until = now + REMEMBERS_NANOS;
        streams.locals().for_each(|(_, stream)| stream.remembers_until = self.remembers_until);
    }

    /// Sends as much as is wanted, of all streams in turn.
    pub(crate) fn pad(
        &mut self,
        wanted: PaddingWanted,
        streams: &mut Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) {
        let mut missing = (wanted.bytes as usize).min(MOST_BYTES);
        loop {
            let before = missing;
            for (_, stream) in streams.locals() {
                if missing == 0 || cx.emit_budget() == 0 {
                    return;
                }
                if let Some(mut packet) = self.padding_of(stream, missing) {
                    packet.info_mut().origin = Origin::Padding;
                    packet.info_mut().probe = wanted.probe;
                    missing = missing.saturating_sub(packet.total_len());
                    stream.counters.padding += 1;
                    stream.counters.padding_bytes += packet.total_len() as u64;
                    cx.send_rtp(packet);
                }
            }
            if missing == before {
                return;
            }
        }
    }

    /// A packet of a stream that has sent media before: who has not is nobody that a receiver could know.
    fn padding_of(&mut self, stream: &mut LocalStream, missing: usize) -> Option<RtpPacket> {
        let (media_type, timestamp) = stream.last?;
        if let Some(mut packet) = stream.recent.as_mut().and_then(|recent| recent.next(missing))
            && let Some(payload_type) = stream.association.rtx_payload_type(packet.payload_type())
        {
            self.encapsulate(stream, payload_type, &mut packet);
            return Some(packet);
        }
        let payload_type = stream.association.rtx_payload_type(media_type)?;
        // Version 2 with padding, no marker (RFC 3550 §5.1).
        let mut header = [0xa0, payload_type, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        header[2..4].copy_from_slice(&stream.next_number().to_be_bytes());
        header[4..8].copy_from_slice(&timestamp.to_be_bytes());
        header[8..].copy_from_slice(&stream.association.rtx_ssrc.to_be_bytes());
        RtpPacket::from_parts(&header, Bytes::from_static(&PADDING)).ok()
    }
}
