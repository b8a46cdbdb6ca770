//! Telling RTP from RTCP from everything else on one port.

use crate::Rtcp;
use crate::rtcp::frame::Frames;

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

/// [`classify`] for a port that RTP has for itself, as RTCP has another (RFC 3550 §11): there payload types 64..=95 with the
/// marker, which a shared port has to take for RTCP (RFC 5761 §4), are media's as all others are.
///
/// Only what is well-formed RTCP from end to end is [`Kind::Rtcp`], for there are senders that put feedback on RTP's port:
/// every sub-packet's length and content fits, and the first is of a type that this crate reads, with nothing in it that an RTP
/// header could look like (an SR or RR alone has its report blocks and nothing behind them, a BYE or SDES has a source, the
/// name of an APP is readable). Of media with payload types 72..=79 and the marker at most one packet in 65 536 is taken for RTCP
/// all the same: its number has to be what RTCP's length would be, and its content has to fit.
#[must_use]
pub fn classify_on_rtp_port(datagram: &[u8]) -> Kind {
    match classify(datagram) {
        Kind::Rtcp if !is_plain_rtcp(datagram) => Kind::Rtp,
        kind => kind,
    }
}

fn is_plain_rtcp(datagram: &[u8]) -> bool {
    let mut frames = Frames::new(datagram).map(|frame| Rtcp::of(frame.ok()?));
    let Some(Some(first)) = frames.next() else { return false };
    let (frame, mut rest) = (first.frame(), frames.peekable());
    let (count, body) = (usize::from(frame.count()), frame.body());
    let alone = rest.peek().is_none();
    let plain = match first {
        Rtcp::SenderReport(_) => !alone || body.len() == 24 + 24 * count,
        Rtcp::ReceiverReport(_) => !alone || body.len() == 4 + 24 * count,
        Rtcp::Bye(_) | Rtcp::Sdes(_) => count > 0,
        Rtcp::App(app) => app.name().iter().all(|byte| byte.is_ascii_graphic() || *byte == b' '),
        Rtcp::Other(_) => false,
        _ => true,
    };
    plain && rest.all(|packet| packet.is_some())
}
