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
//! 1. [`RtpPacket::parse`] checks once what a packet is made of: version, lengths, contributing sources, extension block,
//!    padding (RFC 3550 §5.1). Accessors then cannot fail. Elements of the extension block are checked when they are read
//!    (RFC 8285 §4): a broken one hides those behind it, and not the packet. Header bytes are copied (inline up to 64
//!    bytes, so nothing is allocated), the payload stays in the buffer that it came in.
//! 2. Setters change the header's bytes in place. [`RtpPacket::set_extension`] moves bytes only when a size changes, and
//!    turns a block of the one-byte form into the two-byte form when an element needs it (RFC 8285 §4.1.2).
//!    [`RtpPacket::read`] and [`RtpPacket::write`] do the same with typed elements ([`ext`]).
//! 3. What no one changes leaves as it came: padding, unknown extension profiles, padding between extension elements,
//!    malformed RTCP beside well-formed.
//! 4. [`RtcpPacket`] is one datagram. [`RtcpPacket::packets`] walks borrowed views of the packets in it ([`rtcp`]), without
//!    padding; [`RtcpBuilder`] writes compounds, into memory that it has back when they are gone, and takes ready-made
//!    bytes for what it has no method for.
//! 5. Losses are signed 24-bit numbers (RFC 3550 §6.4.1), sequence numbers are packed into NACKs across 65 535 → 0
//!    (RFC 4585 §6.2.1), bit rates are rounded down when written and saturate when read.
//! 6. [`SequenceNumber`] compares by RFC 1982, [`Unwrapper`] takes numbers off the circle, [`NtpTime`] and [`RtpClock`]
//!    calculate in integers and across their wraps.
//! 7. [`PacketInfo`] goes with a packet: arrival, ECN mark, origin, recovery, path, probe, and [`Attributes`], which cost
//!    nothing while empty.
//! 8. [`red`] reads the blocks of RFC 2198 as ranges of the payload, and writes them by appending.
//! 9. Packets show themselves in logs: `Debug` by fields, `Display` on one line as
//!    `RTCP 36 bytes: RR 0x00000001; NACK 0x00000001 > 0x00000007 3, 4`. What a peer can make long is cut short.
//!
//! # Malformed input
//!
//! No input panics, and memory is bounded by the input's length. The parser keeps no counters: a chain of `interceptor-core`
//! counts what this crate refuses or skips, in its `Counters`; what is accepted counts as any packet does, in `interceptor-stats`.
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | RTP: version not 2 | refused; no chain takes it for RTP | [`ParseError::Version`], the chain's `foreign_datagrams` | `refuses_other_versions` |
//! | RTP: shorter than its header says | refused | [`ParseError::Truncated`], the chain's `malformed_datagrams` | `refuses_every_truncation_of_a_header` |
//! | RTP: extension element over the end of its block | accepted: the elements before it count, it and what follows it are not seen; the bytes stay | [`RtpPacket::extensions_malformed`] | `elements_over_the_end_of_their_block_hide_what_follows_and_not_the_packet` |
//! | RTP: padding count 0 or larger than what follows the header | refused | [`ParseError::Padding`], the chain's `malformed_datagrams` | `refuses_padding_that_does_not_fit` |
//! | RTP: extension identifier 15, or 0 with a length, in the one-byte form | accepted: the elements before it count, the rest of the block stays as bytes | `packets_received` of `interceptor-stats` | `identifier_15_ends_the_elements_but_not_the_block`, `identifier_0_with_a_length_ends_the_elements` |
//! | RTP: extension element whose length or content is not that of its type | accepted: [`RtpPacket::read`] says `None`, and who reads counts; the bytes stay | none in [`RtpPacket::read`], `packets_received` of `interceptor-stats` | `elements_that_are_not_of_their_type_say_nothing_and_stay` |
//! | RTP: extension profile that is not RFC 8285's | accepted: no elements; the block stays as bytes | `packets_received` of `interceptor-stats` | `unknown_profiles_are_opaque_and_stay` |
//! | RED: cut off inside its headers | refused | [`RedError::Truncated`](red::RedError::Truncated) | `a_payload_that_ends_inside_its_headers_is_refused` |
//! | RED: blocks longer than the payload | refused | [`RedError::BlocksTooLong`](red::RedError::BlocksTooLong) | `blocks_longer_than_the_payload_are_refused` |
//! | RED: over 32 blocks | refused | [`RedError::TooManyBlocks`](red::RedError::TooManyBlocks) | `more_blocks_than_anybody_sends_are_refused` |
//! | RTCP: no first packet of version 2 with a length that fits | refused | [`ParseError::Truncated`], [`ParseError::Version`], the chain's `malformed_datagrams`, or `foreign_datagrams` for the version | `refuses_what_has_no_first_header` |
//! | RTCP: a packet whose content does not fit its type, count or padding | skipped, its neighbours are seen | [`RtcpPacket::malformed`], the chain's `malformed_rtcp_packets` | `siblings_of_a_malformed_packet_are_seen`, `counts_that_promise_more_than_there_is`, `wrong_padding_is_counted` |
//! | RTCP: bytes at the end that are no packet | skipped, what is before them is seen | [`RtcpPacket::malformed`] once, the chain's `malformed_rtcp_packets` | `a_tail_that_is_no_packet_is_counted_once` |
//! | RTCP: unknown packet type, format or report block | accepted: given as bytes | none in [`RtcpPacket::malformed`], `rtcp_packets_received` of `interceptor-stats` | `unknown_types_and_formats_are_passed_on_raw`, `blocks_of_unknown_type_or_wrong_length_are_passed_on_raw` |
//! | RTCP: padding in a packet that is not the last | tolerated | none in [`RtcpPacket::malformed`], `rtcp_packets_received` of `interceptor-stats` | `padding_inside_a_compound_is_tolerated` |
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | what it adds |
//! |---|---|
//! | `rtp` | conversions with `rtp::packet::Packet` both ways, `Marshal`, `MarshalSize` and `Unmarshal` for [`RtpPacket`], the codecs of `rtp::extension` |
//! | `rtcp` | conversions with `Vec<Box<dyn rtcp::packet::Packet + Send + Sync>>` both ways, the same traits for [`RtcpPacket`] |
//! | `rtcp-types` | `RtcpBuilder::writer` takes the writers of `rtcp-types` 0.3; the crate is re-exported |
//!
//! The first two bring in `webrtc-util`, and with it parts of tokio: 46 packages in place of 9. Without them neither is in the tree.
//!
//! # Why the views are not those of `rtcp-types`
//!
//! Its parsers leave padding in the control information, take leading zeros of an SSRC for the end of the chunk before it,
//! accept a DLRR block only of 1, 5, 9 … entries, read losses without their sign, and allocate for source descriptions. Its
//! writers are right, but allocate a list a report, which a connection writes every second. Where they are right, property
//! tests hold ours against them.

mod attributes;
mod classify;
mod clock;
mod error;
pub mod ext;
pub mod fec;
mod info;
#[cfg(any(feature = "rtp", feature = "rtcp"))]
mod interop;
mod ntp;
mod placing;
pub mod red;
pub mod repair;
pub mod rfc3550;
pub mod rtcp;
mod rtp;
mod sequence;
mod text;

pub use attributes::Attributes;
pub use classify::{Kind, classify, classify_on_rtp_port};
pub use clock::RtpClock;
pub use error::{BuildError, ExtensionError, ParseError};
pub use ext::HeaderExtension;
pub use info::{Ecn, Origin, PacketInfo, Recovery};
pub use ntp::{NtpTime, duration_to_short, round_trip_time, short_to_duration};
pub use placing::{Place, Placing};
pub use rtcp::{NackPair, ReportBlock, ReportBlockData, Rtcp, RtcpBuilder, RtcpPacket, nack_pairs};
#[cfg(feature = "rtcp-types")]
pub use rtcp_types;
pub use rtp::{RtpPacket, RtpPacketBuilder, extension_elements};
pub use sequence::{SequenceNumber, Unwrapper};
