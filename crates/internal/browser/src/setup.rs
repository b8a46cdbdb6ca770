//! What the page sends.

use std::fmt::Write as _;
use std::net::SocketAddr;

use interceptor_core::packet::ext::{HeaderExtension, Mid, RepairedRid, Rid};
use interceptor_core::{Media, Need};

use crate::feedback::Feedback;
use crate::redundancy::Redundancy;

/// What is sent, and what comes back.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Setup {
    /// Which feedback about the path the browser gets.
    pub feedback: Feedback,
    /// What is sent beside media, both ways.
    pub redundancy: Redundancy,
    /// Codecs of its video, the preferred one first, as `RTCRtpSender.getCapabilities` names them. Empty for none.
    pub video: &'static [&'static str],
    /// The same of its audio.
    pub audio: &'static [&'static str],
    /// Identifiers of the layers in which it sends its video, the smallest first; empty for one that has no name.
    pub layers: &'static [&'static str],
    /// Does everything go back to it?
    pub echo: bool,
    /// Does our end ask for key frames by `keyframe`, and not by NACK alone?
    pub keyframes: bool,
    /// Pixels of its pictures.
    pub size: (u32, u32),
    /// Pictures a second.
    pub fps: u32,
    /// What its encoder makes at most of a layer, in bits per second.
    pub max_bitrate: u32,
}

impl Setup {
    /// Pictures so small that the encoder has time for them, and so noisy that they take what rate there is.
    #[must_use]
    pub const fn new(feedback: Feedback) -> Self {
        Self {
            feedback,
            redundancy: Redundancy::None,
            video: &["VP8", "rtx"],
            audio: &[],
            layers: &[],
            echo: false,
            keyframes: false,
            size: (320, 180),
            fps: 30,
            max_bitrate: 2_000_000,
        }
    }

    /// With this beside its media.
    #[must_use]
    pub const fn with_redundancy(mut self, redundancy: Redundancy) -> Self {
        self.redundancy = redundancy;
        self
    }

    /// Video in these codecs.
    #[must_use]
    pub const fn with_video(mut self, codecs: &'static [&'static str]) -> Self {
        self.video = codecs;
        self
    }

    /// Audio in these codecs.
    #[must_use]
    pub const fn with_audio(mut self, codecs: &'static [&'static str]) -> Self {
        self.audio = codecs;
        self
    }

    /// Video in these layers, of which the largest has that size.
    #[must_use]
    pub const fn with_layers(mut self, layers: &'static [&'static str], width: u32, height: u32) -> Self {
        (self.layers, self.size) = (layers, (width, height));
        self
    }

    /// At a rate at which losses, and not the processor, are what matters: so many pictures a second, and bits for a layer.
    #[must_use]
    pub const fn with_rate(mut self, fps: u32, max_bitrate: u32) -> Self {
        (self.fps, self.max_bitrate) = (fps, max_bitrate);
        self
    }

    /// Everything goes back.
    #[must_use]
    pub const fn with_echo(mut self) -> Self {
        self.echo = true;
        self
    }

    /// Our end asks for key frames.
    #[must_use]
    pub const fn with_keyframes(mut self) -> Self {
        self.keyframes = true;
        self
    }

    /// What its answer takes besides what the interceptors need: a decoder asks for key frames, sections and layers are told apart,
    /// and codecs that wrap others are the page's choice.
    pub(crate) fn needs(&self) -> Vec<Need> {
        let mut needs = vec![
            Need::feedback(Media::Video, "nack", "pli"),
            Need::header_extension(Media::Any, Mid::URI),
            Need::header_extension(Media::Video, Rid::URI),
            Need::header_extension(Media::Video, RepairedRid::URI),
        ];
        let codecs = |media, list: &[&'static str]| {
            list.iter().map(|name| Need::codec(media, name)).collect::<Vec<_>>()
        };
        needs.extend(codecs(Media::Video, self.video));
        needs.extend(codecs(Media::Audio, self.audio));
        needs.extend(self.feedback.needs());
        needs
    }

    /// What the browser is to be started with.
    pub(crate) fn flags(&self) -> Vec<&'static str> {
        [self.feedback.flags(), self.redundancy.flags()].concat()
    }

    /// The page, as it is to be opened.
    pub(crate) fn page(&self, site: SocketAddr) -> String {
        let Self { video, audio, layers, echo, size: (width, height), fps, max_bitrate, .. } = self;
        let mut page =
            format!("http://{site}/?width={width}&height={height}&fps={fps}&max_bitrate={max_bitrate}");
        for (name, list) in [("video", video), ("audio", audio), ("layers", layers)] {
            // Memory takes everything.
            let _ = write!(page, "&{name}={}", list.join(","));
        }
        if *echo {
            page += "&echo=1";
        }
        page
    }
}
