//! What a decoder is given, and what it answers.

use bytes::Bytes;
use interceptor_packet::fec::RecoveryFields;

/// A repair packet's sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// Over the fixed headers.
    pub fields: RecoveryFields,
    /// Over what stands behind them.
    pub body: Bytes,
    /// What that is.
    pub scope: Scope,
}

/// What a repair's body sums up. One decoder gets repairs of one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All that stands behind the fixed headers (FlexFEC).
    Packet,
    /// As many bytes of it as the body has, which may be fewer than there are (ULPFEC).
    Prefix,
    /// Payloads without padding; of the headers, payload type and timestamp alone (ST 2022-1).
    Payload,
}

/// What a decoder has made of a packet of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// It is kept: repairs may need it.
    Kept,
    /// Its number has come before, or came back before, and one of the two was restored: nobody needs this one.
    Duplicate,
    /// It is not kept: too old, far from all others, a duplicate that the sender sent twice, or of no stream of this decoder.
    Left,
}

/// What a decoder has made of a repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// So many packets came back.
    Recovered(usize),
    /// It lacks more than one packet, and waits for them.
    Waits,
    /// Nothing that it protects is missing, it is inconsistent, or a repeat: the tally says which.
    Useless,
    /// It protects what is out of reach, unknown streams, or nothing.
    Refused,
}
