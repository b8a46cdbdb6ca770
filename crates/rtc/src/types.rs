//! Payload types: which codecs the stack has named so far, and which types a stream is known to come with.

use interceptor_core::{Codec, RtxPayloadType, StreamInfo};

use crate::way::Way;

/// Packets of types that are known take this many places: one comparison for each packet.
const PLACES: usize = 64;

/// What is known of payload types in one connection.
#[derive(Debug)]
pub(crate) struct KnownTypes {
    /// The codec of each type as it was named last, and the type that retransmits it: at most 128.
    named: Vec<(Codec, Option<u8>)>,
    /// Types that streams are described with, or that were looked into.
    seen: [Option<(Way, u32, u8)>; PLACES],
}

impl KnownTypes {
    pub(crate) const fn new() -> Self {
        Self { named: Vec::new(), seen: [None; PLACES] }
    }

    /// Has this type been looked into? Two streams that share a place push each other out and are looked into again.
    #[inline]
    pub(crate) fn knows(&self, way: Way, ssrc: u32, payload_type: u8) -> bool {
        self.seen.get(place(ssrc, payload_type)).is_some_and(|seen| *seen == Some((way, ssrc, payload_type)))
    }

    pub(crate) fn note(&mut self, way: Way, ssrc: u32, payload_type: u8) {
        if let Some(seen) = self.seen.get_mut(place(ssrc, payload_type)) {
            *seen = Some((way, ssrc, payload_type));
        }
    }

    /// A stream has come, gone or changed.
    pub(crate) const fn forget(&mut self) {
        self.seen = [None; PLACES];
    }

    pub(crate) fn learn(&mut self, stream: &StreamInfo) {
        self.forget();
        let Some(codec) = stream.primary() else { return };
        let rtx = stream.rtx.iter().flat_map(|rtx| &rtx.payload_types);
        let rtx = rtx.filter(|pair| pair.media == codec.payload_type).map(|pair| pair.rtx).next();
        self.named.retain(|(named, _)| named.payload_type != codec.payload_type);
        self.named.push((codec.clone(), rtx));
    }

    /// The description of a stream that comes with one more type. Of a type that the stack has named for no stream only the
    /// number is known, and for video the clock; which type retransmits it is then unknown as well.
    pub(crate) fn with_type(&self, way: Way, stream: &StreamInfo, payload_type: u8) -> StreamInfo {
        let named = self.named.iter().find(|(codec, _)| codec.payload_type == payload_type);
        let clock_rate = if stream.is_video() { 90_000 } else { 0 };
        let (codec, rtx) = named.cloned().unwrap_or_else(|| (Codec::new(payload_type, clock_rate), None));
        let mut stream = stream.clone().with_codec(codec);
        if let Some(info) = &mut stream.rtx {
            match rtx {
                Some(rtx) => info.payload_types.push(RtxPayloadType { rtx, media: payload_type }),
                // What comes on the RTX SSRC is then restored as what media came with last.
                None if way == Way::Remote => info.payload_types.clear(),
                None => {}
            }
        }
        stream
    }
}

#[inline]
const fn place(ssrc: u32, payload_type: u8) -> usize {
    (ssrc ^ payload_type as u32) as usize % PLACES
}
