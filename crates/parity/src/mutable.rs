//! Which header extensions are written on the way, and so cannot be protected.

use interceptor_packet::HeaderExtension as _;
use interceptor_packet::ext::{
    AbsSendTime, TransmissionOffset, TransportSequenceNumber, TransportSequenceNumberV2, VideoTiming,
};

/// Which header extensions count as zeros in sums, at both ends alike: those that somebody writes after the sum was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MutableExtensions {
    /// As libwebrtc does: transport-wide sequence numbers (both versions), transmission offset, absolute send time; and
    /// video timing from the time of leaving the pacer on.
    #[default]
    Libwebrtc,
    /// None: the packets as they are, as the RFCs have it and GStreamer does.
    None,
    /// Those with these URIs, the whole of each.
    List(Vec<String>),
}

/// libwebrtc `VideoSendTiming::kPacerExitDeltaOffset`: pacer exit and what the network may set.
const PACER_EXIT: u8 = 7;

impl MutableExtensions {
    /// From which byte on an element with this URI counts as zeros; `None`: it counts as it is.
    #[must_use]
    pub fn zeros_from(&self, uri: &str) -> Option<u8> {
        match self {
            Self::Libwebrtc if uri == VideoTiming::URI => Some(PACER_EXIT),
            Self::Libwebrtc => {
                let whole = [
                    TransportSequenceNumber::URI,
                    TransportSequenceNumberV2::URI,
                    TransmissionOffset::URI,
                    AbsSendTime::URI,
                ];
                whole.contains(&uri).then_some(0)
            }
            Self::None => None,
            Self::List(uris) => uris.iter().any(|listed| listed == uri).then_some(0),
        }
    }
}
