//! What names a stream in its statistics.

use std::sync::{Arc, PoisonError, RwLock};

use interceptor_core::StreamInfo;

use crate::MediaKind;

/// The part of a stream's statistics that changes only with its description.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) name: Arc<str>,
    pub(crate) ssrc: u32,
    pub(crate) rtx_ssrc: Option<u32>,
    pub(crate) fec_ssrc: Option<u32>,
    pub(crate) kind: Option<MediaKind>,
    pub(crate) clock_rate: u32,
}

impl Identity {
    pub(crate) fn of(stream: &StreamInfo) -> Self {
        Self {
            name: stream.name.as_str().into(),
            ssrc: stream.ssrc,
            rtx_ssrc: stream.rtx.as_ref().map(|rtx| rtx.ssrc),
            fec_ssrc: stream.fec.and_then(|fec| fec.ssrc),
            kind: stream.primary().and_then(|codec| MediaKind::of(&codec.mime_type)),
            clock_rate: stream.primary().map_or(0, |codec| codec.clock_rate),
        }
    }

    /// Whether an SSRC is one of the stream's.
    fn owns(&self, ssrc: u32) -> bool {
        self.ssrc == ssrc || self.rtx_ssrc == Some(ssrc) || self.fec_ssrc == Some(ssrc)
    }
}

/// The [`Identity`] of a stream that may be described anew while readers look. No packet's way leads here.
#[derive(Debug)]
pub(crate) struct Described {
    /// The media SSRC, which is for good.
    pub(crate) ssrc: u32,
    now: RwLock<Identity>,
}

impl Described {
    pub(crate) fn by(stream: &StreamInfo) -> Self {
        Self { ssrc: stream.ssrc, now: RwLock::new(Identity::of(stream)) }
    }

    pub(crate) fn amend(&self, stream: &StreamInfo) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Identity::of(stream);
    }

    /// As it is described at present.
    pub(crate) fn get(&self) -> Identity {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether an SSRC is one of the stream's.
    pub(crate) fn owns(&self, ssrc: u32) -> bool {
        self.ssrc == ssrc || self.now.read().unwrap_or_else(PoisonError::into_inner).owns(ssrc)
    }
}
