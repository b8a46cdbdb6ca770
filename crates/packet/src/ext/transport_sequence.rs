//! Transport-wide sequence numbers (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2; webrtc.org transport-wide-cc-02).

use super::{HeaderExtension, InlineBytes};

const INCLUDE_TIMESTAMPS: u16 = 0x8000;

/// The number of a packet among all that leave over a transport, whatever their streams; +1 a packet, wraps at 65 535.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TransportSequenceNumber(
    /// The number on the wire.
    pub u16,
);

impl HeaderExtension for TransportSequenceNumber {
    const URI: &'static str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    const MAX_LEN: usize = 2;
    type Bytes = [u8; 2];

    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        Some(Self(u16::from_be_bytes(value.try_into().ok()?)))
    }

    #[inline]
    fn to_bytes(&self) -> [u8; 2] {
        self.0.to_be_bytes()
    }
}

/// A transport-wide sequence number that can ask for feedback: 2 bytes without a request, 4 with one.
///
/// Where it is negotiated in place of [`TransportSequenceNumber`], feedback comes only when it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TransportSequenceNumberV2 {
    /// The number, as in [`TransportSequenceNumber`].
    pub sequence_number: u16,
    /// What feedback the sender wants at once; `None` for none.
    pub feedback_request: Option<FeedbackRequest>,
}

/// Asks for feedback about the packet that carries it and those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FeedbackRequest {
    include_timestamps: bool,
    packets: u16,
}

impl FeedbackRequest {
    /// The most packets that a request can be about.
    pub const MAX_PACKETS: u16 = 0x7fff;

    /// A request about the last `packets` packets, the one that carries it included; `None` unless they are 1 to
    /// 32 767.
    #[inline]
    #[must_use]
    pub const fn new(include_timestamps: bool, packets: u16) -> Option<Self> {
        if packets == 0 || packets > Self::MAX_PACKETS {
            return None;
        }
        Some(Self { include_timestamps, packets })
    }

    /// Whether the feedback shall say when the packets arrived, and not only that they did.
    #[inline]
    #[must_use]
    pub const fn include_timestamps(self) -> bool {
        self.include_timestamps
    }

    /// How many packets the feedback shall be about, 1..=32 767, the one that carries the request included.
    #[inline]
    #[must_use]
    pub const fn packets(self) -> u16 {
        self.packets
    }
}

impl TransportSequenceNumberV2 {
    /// The four bytes that this takes with a request; without one they ask about no packets, which means the same. So
    /// headers have the same size whether or not a packet asks.
    #[inline]
    #[must_use]
    pub const fn to_fixed_bytes(&self) -> [u8; 4] {
        let [s0, s1] = self.sequence_number.to_be_bytes();
        let [r0, r1] = match self.feedback_request {
            Some(request) if request.include_timestamps => request.packets | INCLUDE_TIMESTAMPS,
            Some(request) => request.packets,
            None => 0,
        }
        .to_be_bytes();
        [s0, s1, r0, r1]
    }
}

impl HeaderExtension for TransportSequenceNumberV2 {
    const URI: &'static str = "http://www.webrtc.org/experiments/rtp-hdrext/transport-wide-cc-02";
    const MAX_LEN: usize = 4;
    type Bytes = InlineBytes;

    /// A request about no packets is none.
    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        let (sequence_number, request) = value.split_first_chunk()?;
        let feedback_request = match *request {
            [] => None,
            [a, b] => {
                let word = u16::from_be_bytes([a, b]);
                FeedbackRequest::new(word & INCLUDE_TIMESTAMPS != 0, word & !INCLUDE_TIMESTAMPS)
            }
            _ => return None,
        };
        Some(Self { sequence_number: u16::from_be_bytes(*sequence_number), feedback_request })
    }

    #[inline]
    fn to_bytes(&self) -> InlineBytes {
        let [s0, s1, r0, r1] = self.to_fixed_bytes();
        let mut bytes = [0; InlineBytes::CAPACITY];
        [bytes[0], bytes[1], bytes[2], bytes[3]] = [s0, s1, r0, r1];
        InlineBytes::prefix(bytes, if self.feedback_request.is_some() { 4 } else { 2 })
    }
}
