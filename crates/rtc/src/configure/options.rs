//! What a connection is configured with besides its chain.

use rtc::peer_connection::configuration::media_engine::MediaEngine;
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::rtp_transceiver::rtp_sender::{RTCRtpCodecParameters, RtpCodecKind};
use rtc_interceptor::{Registry, Slot};

use crate::{ChainInterceptor, Delivery};

/// Which codecs the media engine offers.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Codecs {
    /// Those that the stack registers by default, each video codec with its retransmission codec.
    #[default]
    Stack,
    /// These. A video codec without a retransmission codec gets one if the chain needs it.
    These(Vec<(RtpCodecKind, RTCRtpCodecParameters)>),
    /// Those that the media engine has been given already. It does not tell which these are, so retransmission codecs are the
    /// caller's.
    Registered,
}

/// What a connection is configured with besides its chain.
#[non_exhaustive]
pub struct Setup {
    /// The media engine to add to. Default: an empty one.
    pub media: MediaEngine,
    /// The codecs to register. Default: the stack's.
    pub codecs: Codecs,
    /// Other settings. Default: the stack's.
    pub settings: SettingEngineBuilder,
    /// The SRTP replay window in packets; at least the history that the far end answers NACKs from. Default 4096: twice that of
    /// `interceptor-nack`, and what a second of 40 Mbit/s is. The stack's own is 64, and throws away every answer on the media's
    /// own SSRC that comes later. 0 switches the protection off.
    pub srtp_replay_window: usize,
    /// Interceptors of the stack's own, beside the chain. Default: none.
    pub interceptors: Registry,
    /// Where the chain stands among them. Default: [`ChainInterceptor::SLOT`].
    pub slot: Slot,
    /// Which RTCP goes on to the application. Default: none.
    pub rtcp_to_application: Delivery,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            media: MediaEngine::default(),
            codecs: Codecs::default(),
            settings: SettingEngineBuilder::default(),
            srtp_replay_window: 4096,
            interceptors: Registry::new(),
            slot: ChainInterceptor::SLOT,
            rtcp_to_application: Delivery::default(),
        }
    }
}

impl Setup {
    /// The media engine to add to.
    #[must_use]
    pub fn with_media(mut self, media: MediaEngine) -> Self {
        self.media = media;
        self
    }

    /// The codecs to register.
    #[must_use]
    pub fn with_codecs(mut self, codecs: Codecs) -> Self {
        self.codecs = codecs;
        self
    }

    /// Other settings; the SRTP replay window among them is [`srtp_replay_window`](Self::srtp_replay_window) all the same.
    #[must_use]
    pub fn with_settings(mut self, settings: SettingEngineBuilder) -> Self {
        self.settings = settings;
        self
    }

    /// The SRTP replay window in packets.
    #[must_use]
    pub const fn with_srtp_replay_window(mut self, packets: usize) -> Self {
        self.srtp_replay_window = packets;
        self
    }

    /// Interceptors of the stack's own, beside the chain.
    #[must_use]
    pub fn with_interceptors(mut self, interceptors: Registry) -> Self {
        self.interceptors = interceptors;
        self
    }

    /// Where the chain stands among them.
    #[must_use]
    pub const fn with_slot(mut self, slot: Slot) -> Self {
        self.slot = slot;
        self
    }

    /// Which RTCP goes on to the application.
    #[must_use]
    pub const fn with_rtcp_to_application(mut self, delivery: Delivery) -> Self {
        self.rtcp_to_application = delivery;
        self
    }
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup")
            .field("codecs", &self.codecs)
            .field("srtp_replay_window", &self.srtp_replay_window)
            .field("interceptors", &self.interceptors.slots())
            .field("slot", &self.slot)
            .field("rtcp_to_application", &self.rtcp_to_application)
            .finish_non_exhaustive()
    }
}
