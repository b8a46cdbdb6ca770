//! What a chain is given, in words: a failure is told with what brought it about.

use std::fmt;

use bytes::Bytes;
use interceptor_core::{Fact, StreamInfo};
use interceptor_packet::{Kind, RtcpPacket, RtpPacket, classify};

/// One input of a chain.
pub(in crate::contract) enum Input {
    /// A call that brings neither packet nor stream.
    Call(&'static str),
    Write(RtpPacket),
    WriteRtcp(RtcpPacket),
    Read(Bytes),
    ReadRtp(RtpPacket),
    Stream(&'static str, StreamInfo),
    Unbind(u32),
    Fact(Fact),
}

/// Bytes shown of a datagram that cannot be read.
const SHOWN: usize = 32;

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(what) => f.write_str(what),
            Self::Write(packet) => write!(f, "outgoing {packet}"),
            Self::WriteRtcp(packet) => write!(f, "outgoing {packet}"),
            Self::Read(datagram) => {
                f.write_str("incoming ")?;
                datagram_fmt(datagram, f)
            }
            Self::ReadRtp(packet) => write!(f, "incoming {packet}"),
            Self::Stream(what, info) => write!(f, "{what} of {info:?}"),
            Self::Unbind(ssrc) => write!(f, "unbinding of {ssrc:#010x}"),
            Self::Fact(fact) => write!(f, "{fact:?}"),
        }
    }
}

fn datagram_fmt(datagram: &Bytes, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match classify(datagram) {
        Kind::Rtp => {
            if let Ok(packet) = RtpPacket::parse(datagram.clone()) {
                return write!(f, "{packet}");
            }
        }
        Kind::Rtcp => {
            if let Ok(packet) = RtcpPacket::parse(datagram.clone()) {
                return write!(f, "{packet}");
            }
        }
        Kind::Other => {}
    }
    let shown = datagram.get(..SHOWN).unwrap_or(datagram);
    write!(f, "datagram of {} bytes {shown:02x?}", datagram.len())
}
