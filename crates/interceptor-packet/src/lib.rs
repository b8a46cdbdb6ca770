//! Checked, wire-backed RTP and RTCP packets, sequence numbers and NTP time.
//!
//! The lowest crate of the workspace: every interceptor takes and gives these packets. It knows no streams, no clock and
//! no sockets, and keeps no state but what an [`Unwrapper`] or the structures of [`rfc3550`] hold.
//!
//! ```
//! use bytes::Bytes;
//! use interceptor_packet::{Kind, Rtcp, RtcpPacket, RtpPacket, classify};
//!
//! // Off the wire: one byte of extension 5, four bytes of media.
//! let datagram = Bytes::from_static(&[
//!     0x90, 0x60, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 7, 0xbe, 0xde, 0, 1, 0x50, 0xaa, 0, 0, 1, 2, 3, 4,
//! ]);
//! assert_eq!(classify(&datagram), Kind::Rtp);
//! let mut packet = RtpPacket::parse(datagram.clone())?;
//! assert_eq!((packet.ssrc(), packet.sequence_number(), packet.extension(5)), (7, 65_535, Some(&[0xaa][..])));
//! assert_eq!(packet.to_bytes(), datagram); // what no one changes leaves as it came
//!
//! packet.set_ssrc(8);
//! packet.set_extension(5, &[0xbb])?;
//! assert_eq!(packet.payload(), [1, 2, 3, 4]); // never copied
//!
//! // A receiver that misses two packets, one on each side of the wrap, answers with:
//! let feedback = RtcpPacket::builder()
//!     .receiver_report(1, &[])
//!     .sdes_cname(1, "someone")
//!     .nack(1, 7, &[65_534, 0])
//!     .build()?;
//! let lost: Vec<u16> = feedback
//!     .packets()
//!     .filter_map(|packet| match packet {
//!         Rtcp::Nack(nack) => Some(nack.sequence_numbers()),
//!         _ => None,
//!     })
//!     .flatten()
//!     .collect();
//! assert_eq!(lost, [65_534, 0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Behaviour
//!
//! 1. [`RtpPacket::parse`] checks everything once: version, lengths, contributing sources, extension block and each of its
//!    elements, padding (RFC 3550 §5.1, RFC 8285 §4). Accessors then cannot fail. Header bytes are copied (inline up to
//!    64 bytes, so nothing is allocated), the payload stays in the buffer that it came in.
//! 2. Setters change the header's bytes in place. [`RtpPacket::set_extension`] moves bytes only when a size changes, and
//!    turns a block of the one-byte form into the two-byte form when an element needs it (RFC 8285 §4.1.2).
//! 3. What no one changes leaves as it came: padding, unknown extension profiles, padding between extension elements,
//!    malformed RTCP beside well-formed.
//! 4. [`RtcpPacket`] is one datagram. [`RtcpPacket::packets`] walks borrowed views of the packets in it ([`rtcp`]), without
//!    padding; [`RtcpBuilder`] writes compounds through the writers of `rtcp-types`.
//! 5. Losses are signed 24-bit numbers (RFC 3550 §6.4.1), sequence numbers are packed into NACKs across 65 535 → 0
//!    (RFC 4585 §6.2.1), bit rates are rounded down when written and saturate when read.
//! 6. [`SequenceNumber`] compares by RFC 1982, [`Unwrapper`] takes numbers off the circle, [`NtpTime`] and [`RtpClock`]
//!    calculate in integers and across their wraps.
//! 7. [`PacketInfo`] goes with a packet: arrival, ECN mark, origin, recovery, and [`Attributes`], which cost nothing while
//!    empty.
//!
//! # Malformed input
//!
//! No input panics, and memory is bounded by the input's length.
//!
//! | input | what happens |
//! |---|---|
//! | RTP: version not 2, shorter than its header says | [`ParseError`] |
//! | RTP: extension element over the end of its block | [`ParseError::ExtensionElement`] |
//! | RTP: padding count 0 or larger than what follows the header | [`ParseError::Padding`] |
//! | RTP: extension identifier 15, or 0 with a length, in the one-byte form | the elements before it count, the rest of the block stays as bytes |
//! | RTP: extension profile that is not RFC 8285's | no elements; the block stays as bytes |
//! | RTCP: no first packet of version 2 with a length that fits | [`ParseError`] |
//! | RTCP: a packet whose content does not fit its type, count or padding | skipped, counted in [`RtcpPacket::malformed`], its neighbours are seen |
//! | RTCP: bytes at the end that are no packet | counted once, what is before them is seen |
//! | RTCP: unknown packet type, format or report block | given as bytes |
//! | RTCP: padding in a packet that is not the last | tolerated |
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `rtp` | yes | conversions with `rtp::packet::Packet` both ways, `Marshal`, `MarshalSize` and `Unmarshal` for [`RtpPacket`], the codecs of `rtp::extension` |
//! | `rtcp` | yes | conversions with `Vec<Box<dyn rtcp::packet::Packet + Send + Sync>>` both ways, the same traits for [`RtcpPacket`] |
//!
//! Both bring in `webrtc-util`, and with it tokio. Without them neither is in the tree.
//!
//! # Why the views are not those of `rtcp-types`
//!
//! Its writers and traits are used, its parsers are not: they leave padding in the control information, take leading zeros of an
//! SSRC for the end of the chunk before it, accept a DLRR block only of 1, 5, 9 … entries, read losses without their sign, and
//! allocate for source descriptions. Where they are right, a property test holds ours against them.

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
