//! Checked, wire-backed RTP and RTCP packets, sequence numbers and NTP time.

mod attributes;
mod classify;
mod clock;
mod error;
mod info;
#[cfg(any(feature = "rtp", feature = "rtcp"))]
mod interop;
mod ntp;
pub mod rfc3550;
pub mod rtcp;
mod rtp;
mod sequence;

pub use attributes::Attributes;
pub use classify::{Kind, classify};
pub use clock::RtpClock;
pub use error::{BuildError, ExtensionError, ParseError};
pub use info::{Ecn, Origin, PacketInfo, Recovery};
pub use ntp::{NtpTime, duration_to_short, round_trip_time, short_to_duration};
pub use rtcp::{NackPair, ReportBlock, ReportBlockData, Rtcp, RtcpBuilder, RtcpPacket, nack_pairs};
pub use rtcp_types;
pub use rtp::{RtpPacket, RtpPacketBuilder};
pub use sequence::{SequenceNumber, Unwrapper};
