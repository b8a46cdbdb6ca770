//! Everything that the stack has to be told for a chain to be of use, from what the chain needs.

mod error;
mod media;
mod options;

use interceptor_core::{ChainConfig, Need, Registry};
use rtc::peer_connection::configuration::media_engine::MediaEngine;
use rtc::peer_connection::configuration::setting_engine::SettingEngine;

pub use error::ConfigureError;
pub use options::{Codecs, Setup};

use crate::{ChainHandle, ChainInterceptor};

/// A connection's parts, for the builder of the stack's connections.
#[non_exhaustive]
pub struct Configured {
    /// For `with_media_engine`.
    pub media: MediaEngine,
    /// For `with_setting_engine`.
    pub settings: SettingEngine,
    /// For `with_interceptor_registry`.
    pub interceptors: rtc_interceptor::Registry,
    /// The way to the chain.
    pub handle: ChainHandle,
    /// What interceptors need and the stack cannot be told: it is the caller's.
    pub unmet: Vec<Need>,
}

/// Builds the chain of a connection and tells the stack what it needs: codecs, feedback, header extensions, and an SRTP replay
/// window that lets late answers through.
///
/// An encoding of a track that is added has an RTX SSRC then: the one that it names
/// ([`RTCRtpRtxParameters`](rtc::rtp_transceiver::rtp_sender::RTCRtpRtxParameters)), else one that the stack draws. Only encodings that are
/// given with a transceiver have to name theirs, or answers leave on the media's own.
///
/// # Errors
/// [`ConfigureError::Chain`] when the chain cannot be built, [`ConfigureError::Media`] when the media engine refuses something,
/// [`ConfigureError::PayloadTypes`] when there is no payload type left for retransmissions.
pub fn configure(ours: &Registry, config: ChainConfig, setup: Setup) -> Result<Configured, ConfigureError> {
    let chain = ours.build(config)?;
    let Setup { mut media, codecs, settings, srtp_replay_window, interceptors, slot, rtcp_to_application } =
        setup;
    let unmet = media::fill(&mut media, codecs, ours.needs())?;
    let adapter = ChainInterceptor::new(chain).with_rtcp_to_application(rtcp_to_application);
    let handle = adapter.handle();
    let interceptors = interceptors.with(slot, adapter);
    let settings = settings.with_srtp_replay_protection_window(srtp_replay_window).build();
    Ok(Configured { media, settings, interceptors, handle, unmet })
}

impl std::fmt::Debug for Configured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let slots = self.interceptors.slots();
        f.debug_struct("Configured")
            .field("interceptors", &slots)
            .field("unmet", &self.unmet)
            .finish_non_exhaustive()
    }
}
