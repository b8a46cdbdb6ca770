//! The streams that the host has told of, each with its way to the wire or to the application.

use std::collections::HashMap;
use std::sync::Arc;

use interceptor::{RTPWriter, stream_info as host};
use interceptor_core::{Codec, RtxPayloadType, StreamInfo};
use rtp::packet::Packet;

use crate::inbox::Inbox;

/// Packets for one track that did not come by its own reader.
pub(crate) type Repaired = Inbox<Packet>;

/// One side's streams by their SSRC: media and what repairs it, each as the host bound it.
pub(crate) struct Side<W> {
    streams: HashMap<u32, Entry<W>>,
}

pub(crate) type LocalSide = Side<Arc<dyn RTPWriter + Send + Sync>>;
pub(crate) type RemoteSide = Side<Arc<Repaired>>;

struct Entry<W> {
    way: W,
    told: Told,
    /// The host may bind an SSRC a second time before it unbinds the first.
    binds: u32,
}

/// What the host said of a stream when it bound it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The stream itself, without what repairs it. Of a remote one the codec is a guess and has no payload type.
    pub(crate) stream: StreamInfo,
    /// The codec that the host named.
    codec: Codec,
    /// It retransmits another stream.
    pub(crate) repairs: Option<Repairs>,
}

/// A stream that repeats another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repairs {
    pub(crate) media: u32,
    pair: Option<RtxPayloadType>,
}

impl<W> Default for Side<W> {
    fn default() -> Self {
        Self { streams: HashMap::new() }
    }
}

impl<W: Clone> Side<W> {
    /// Notes a stream and its way; the last one told of an SSRC counts.
    pub(crate) fn enter(&mut self, told: Told, way: W) {
        let ssrc = told.stream.ssrc;
        let binds = self.streams.get(&ssrc).map_or(0, |entry| entry.binds) + 1;
        self.streams.insert(ssrc, Entry { way, told, binds });
    }

    /// Takes back one telling. The stream, if that was the last.
    pub(crate) fn leave(&mut self, ssrc: u32) -> Option<Told> {
        let entry = self.streams.get_mut(&ssrc)?;
        entry.binds -= 1;
        if entry.binds > 0 {
            return None;
        }
        self.streams.remove(&ssrc).map(|entry| entry.told)
    }

    pub(crate) fn way(&self, ssrc: u32) -> Option<&W> {
        self.streams.get(&ssrc).map(|entry| &entry.way)
    }

    pub(crate) fn told(&self, ssrc: u32) -> Option<&Told> {
        self.streams.get(&ssrc).map(|entry| &entry.told)
    }

    pub(crate) fn told_mut(&mut self, ssrc: u32) -> Option<&mut Told> {
        self.streams.get_mut(&ssrc).map(|entry| &mut entry.told)
    }

    /// The media stream that is meant; the one of the least SSRC, should several be.
    pub(crate) fn find(&self, is_meant: impl Fn(&Told) -> bool) -> Option<u32> {
        let told = self.streams.values().map(|entry| &entry.told);
        let meant = told.filter(|told| told.repairs.is_none() && is_meant(told));
        meant.map(|told| told.stream.ssrc).min()
    }

    /// A stream repeats another: this payload type what its description says.
    pub(crate) fn associate(&mut self, ssrc: u32, media: u32, rtx: u8) {
        if let Some(told) = self.told_mut(ssrc) {
            let pair = told.codec.apt().map(|media| RtxPayloadType { rtx, media });
            told.repairs = Some(Repairs { media, pair });
        }
    }

    /// Forgets all streams; gives their ways.
    pub(crate) fn clear(&mut self) -> Vec<W> {
        self.streams.drain().map(|(_, entry)| entry.way).collect()
    }

    /// A media stream with what repairs it, as the chain is to know it, with these payload types.
    pub(crate) fn describe(&self, media: u32, codecs: Vec<Codec>) -> Option<StreamInfo> {
        let told = self.told(media)?;
        let mut stream = told.stream.clone();
        stream.codecs = codecs;
        let repairs = |entry: &Entry<W>| {
            entry.told.repairs.filter(|it| it.media == media).map(|it| (entry.told.stream.ssrc, it.pair))
        };
        // The least, should there be several: a table's order is nobody's choice.
        let repair = self.streams.values().filter_map(repairs).min_by_key(|(ssrc, _)| *ssrc);
        let Some((ssrc, pair)) = repair else { return Some(stream) };
        let stream = stream.with_rtx_ssrc(ssrc);
        Some(match pair {
            Some(pair) => stream.with_rtx_payload_type(pair.rtx, pair.media),
            None => stream,
        })
    }
}

impl Told {
    /// From the host's description; its payload types are taken for true if it `knows` them.
    pub(crate) fn of(info: &host::StreamInfo, knows: bool) -> Self {
        let mut stream = StreamInfo::unknown(info.ssrc).with_name(&*info.id);
        for extension in &info.rtp_header_extensions {
            // Who negotiated an identifier that no packet can carry has none.
            if let Ok(id @ 1..) = u8::try_from(extension.id) {
                stream = stream.with_extension(id, &*extension.uri);
            }
        }
        for feedback in &info.rtcp_feedback {
            stream = stream.with_feedback(&*feedback.typ, &*feedback.parameter);
        }
        let codec = Codec::new(info.payload_type, info.clock_rate)
            .with_mime_type(&*info.mime_type)
            .with_channels(info.channels)
            .with_fmtp(&*info.sdp_fmtp_line);
        let repairs = info.associated_stream.as_ref().filter(|_| is_rtx(&info.mime_type)).map(|media| {
            let pair = RtxPayloadType { rtx: info.payload_type, media: media.payload_type };
            Repairs { media: media.ssrc, pair: knows.then_some(pair) }
        });
        Self { stream, codec, repairs }
    }

    /// The codec of a payload type that has been seen. The host names one codec a stream, which for a remote one is a guess;
    /// the clock of a static payload type is certain (RFC 3551 §6).
    pub(crate) fn codec(&self, payload_type: u8) -> Codec {
        let mut codec = self.codec.clone();
        codec.payload_type = payload_type;
        let clock_rate = match payload_type {
            0 | 3..=5 | 7..=9 | 12 | 13 | 15 | 18 => 8000,
            6 => 16_000,
            10 | 11 => 44_100,
            14 | 25 | 26 | 28 | 31..=34 => 90_000,
            16 => 11_025,
            17 => 22_050,
            _ => return codec,
        };
        if clock_rate != codec.clock_rate {
            return Codec::new(payload_type, clock_rate);
        }
        codec
    }
}

trait Apt {
    fn apt(&self) -> Option<u8>;
}

impl Apt for Codec {
    /// The payload type that this one repeats (`apt`, RFC 4588 §8.1).
    fn apt(&self) -> Option<u8> {
        let value = self.fmtp.split(';').find_map(|parameter| parameter.trim().strip_prefix("apt="))?;
        value.parse().ok()
    }
}

/// Does a stream of this type repeat another (RFC 4588)?
pub(crate) fn is_rtx(mime_type: &str) -> bool {
    mime_type.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("rtx"))
}
