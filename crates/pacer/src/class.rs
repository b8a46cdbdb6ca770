//! What is more urgent than what.

use interceptor_core::packet::Origin;

/// What a packet is to a pacer, the most urgent first. A class leaves before the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Audio: it does not wait, but what it takes the others have not.
    Audio,
    /// Repeats of lost packets, of audio before those of video. Beyond their share of the pace they let video go first.
    Retransmission,
    /// Video and whatever else an application sends, of all SSRCs in turn.
    Video,
    /// Forward error correction.
    Fec,
    /// Nothing that is needed: it fills a probe, or keeps the path busy.
    Padding,
}

impl Class {
    /// All, the most urgent first.
    pub const ALL: [Self; 5] = [Self::Audio, Self::Retransmission, Self::Video, Self::Fec, Self::Padding];

    /// The class of a packet of this origin, of an audio stream or not.
    pub(crate) const fn of(origin: Origin, audio: bool) -> Self {
        match origin {
            Origin::Retransmission => Self::Retransmission,
            Origin::FecRepair => Self::Fec,
            Origin::Padding => Self::Padding,
            _ if audio => Self::Audio,
            _ => Self::Video,
        }
    }
}

/// The order in which lanes are served: classes, and repeats of audio apart from those of video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Audio,
    AudioRepeats,
    VideoRepeats,
    Video,
    Fec,
    Padding,
}

impl Rank {
    pub(crate) const COUNT: usize = 6;

    /// The most urgent first.
    pub(crate) const ALL: [Self; Self::COUNT] =
        [Self::Audio, Self::AudioRepeats, Self::VideoRepeats, Self::Video, Self::Fec, Self::Padding];

    /// Who goes first when there is no room: the least needed.
    pub(crate) const GIVEN_UP: [Self; Self::COUNT] =
        [Self::Padding, Self::Fec, Self::Video, Self::VideoRepeats, Self::AudioRepeats, Self::Audio];
}
