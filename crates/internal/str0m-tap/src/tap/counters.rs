//! What became of what a tap saw.

/// What became of the packets that a [`Tap`](super::Tap) saw: what came in is what the chain got, and what could not be said again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TapCounters {
    /// RTP packets that the chain saw leave.
    pub rtp_sent: u64,
    /// RTP packets that the chain saw come in.
    pub rtp_received: u64,
    /// RTCP messages that the chain saw leave.
    pub rtcp_sent: u64,
    /// RTCP messages that the chain saw come in.
    pub rtcp_received: u64,
    /// RTP packets that are none, or whose extensions do not fit into one: the chain did not get them.
    pub rtp_unsaid: u64,
    /// RTCP messages that cannot be written again, or say nothing: the chain did not get them.
    pub rtcp_unsaid: u64,
    /// RTCP messages that the chain got without a part of what they said.
    pub rtcp_shortened: u64,
    /// Received RTP packets that had padding, which str0m removes without saying how much.
    pub padding_lost: u64,
    /// Received RTP packets whose header came out longer or shorter than it was.
    pub headers_reshaped: u64,
    /// Packets that interceptors made or held back: they went nowhere.
    pub unsent: u64,
}
