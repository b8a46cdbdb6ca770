//! Telling RTP from RTCP from everything else on one port.

/// What a datagram is, by its first two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// RTP.
    Rtp,
    /// RTCP.
    Rtcp,
    /// Neither: STUN, ZRTP, DTLS, TURN channel data, or nothing known.
    Other,
}

/// Tells RTP and RTCP on one port apart (RFC 5761 §4), and both from what else may share it (RFC 7983 §7).
///
/// A first byte of 128..=191 is RTP or RTCP; of these a second byte of 192..=223 is RTCP. A datagram of less than
/// two bytes is [`Kind::Other`]. Nothing else is checked: that is what `parse` is for.
#[inline]
#[must_use]
pub fn classify(datagram: &[u8]) -> Kind {
    match datagram {
        [128..=191, 192..=223, ..] => Kind::Rtcp,
        [128..=191, _, ..] => Kind::Rtp,
        _ => Kind::Other,
    }
}
