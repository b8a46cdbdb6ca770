//! What can go wrong.

use interceptor_core::packet::ParseError;

/// Why a packet of the stack is none that the chain can see. It goes on as it is; the adapter counts it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// A field of an RTP header that cannot be on the wire.
    #[error("RTP header with a field that cannot be written")]
    Header,
    /// The bytes are no RTP packet.
    #[error("not RTP")]
    Rtp(#[source] ParseError),
    /// The stack cannot write one of its own RTCP packets.
    #[error("RTCP packet that cannot be written: {0}")]
    Unwritable(String),
    /// A list or a text in an RTCP packet is longer than its field can say.
    #[error("RTCP packet with more in it than it can hold")]
    TooMuch,
    /// The bytes are no RTCP.
    #[error("not RTCP")]
    Rtcp(#[source] ParseError),
}

impl ConvertError {
    pub(crate) fn unwritable(error: rtc_shared::error::Error) -> Self {
        Self::Unwritable(error.to_string())
    }
}
