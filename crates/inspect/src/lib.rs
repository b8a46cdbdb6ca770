//! Finds the RTP streams in captures and says how they fared: losses, jitter, clocks, retransmissions, RTCP.
//!
//! Reads pcap, pcapng and rtpdump of any length, whole or damaged, or takes packets one by one while a call runs.
//! Figures are those of Wireshark where it has them. Sans-IO but for opening a file: no clock, no runtime, no packet kept.
//!
//! ```
//! use std::time::Duration;
//! use interceptor_inspect::frame::Datagram;
//! use interceptor_inspect::{Endpoints, Inspector};
//!
//! let mut inspector = Inspector::default();
//! // A capture: inspector.read_file("call.pcapng")?. Or packets, as they come:
//! let way = Endpoints::new("192.0.2.1:5004".parse()?, "192.0.2.2:5004".parse()?);
//! for seq in [1, 2, 3, 5, 6] {
//!     let packet = [0x80, 0, 0, seq, 0, 0, 0, 0, 0, 0, 0, 7]; // payload type 0, SSRC 7
//!     inspector.datagram(Duration::from_millis(20 * u64::from(seq)), &Datagram::new(way, &packet));
//! }
//!
//! let stream = &inspector.summary().streams[0]; // at the end, or at any time
//! assert_eq!((stream.ssrc, stream.codec.as_deref()), (7, Some("PCMU")));
//! assert_eq!((stream.packets, stream.lost, stream.loss_runs.longest), (5, 1, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Files
//!
//! ```
//! use interceptor_inspect::{InspectOptions, Inspector, Limit, OpenError, Summary};
//!
//! /// Says which streams are in a file, and which of them meet a condition.
//! fn report(path: &str, limit: &Limit) -> Result<Summary, OpenError> {
//!     let mut inspector = Inspector::new(InspectOptions::default().with_port(5004)); // all ports without it
//!     inspector.read_file(path)?;
//!     let summary = inspector.summary();
//!     for stream in &summary.streams {
//!         println!("{:#010x} to {}: {:.1} % lost", stream.ssrc, stream.dst, stream.lost_pct);
//!     }
//!     for excess in limit.exceeded_by(&summary) {
//!         println!("too much: {excess}");
//!     }
//!     Ok(summary)
//! }
//!
//! let limit: Limit = "jitter>30ms".parse()?;
//! assert!(report("no such file", &limit).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The command-line tool for it is `rtptap inspect`. [How the figures come about](../../docs/inspect.md).
//! [`Inspector::read`] takes any reader, such as a pipe; [`Inspector::record`] takes whole frames, with Ethernet, IP and UDP
//! headers.
//!
//! # What it reads
//!
//! | what | which |
//! |---|---|
//! | files ([`capture`]) | pcap and pcapng, both byte orders, micro- and nanoseconds; rtpdump |
//! | frames ([`frame`]) | Ethernet with VLAN tags, Linux cooked (SLL, SLL2), raw IP, BSD loopback, Wireshark's Exported PDU; IPv4, IPv6 with extension headers, UDP |
//! | RTP | recognised by four packets of one SSRC in sequence, of any number of SSRCs in turn; by one in a flow that has a stream, or on a named port; counted from the first packet on |
//! | RTCP | counts of reports and feedback for each stream, round trips (RFC 3550 §6.4.1); SRTCP (RFC 3711) by its clear header |
//! | payload types ([`PayloadTypes`]) | RFC 3551 §6; session descriptions ([`sdp`]) and announcements (RFC 2974); what you say; else the clock rate is guessed from the timestamps. Each type has its own clock (RFC 7160) |
//! | repair | RTX (RFC 4588) and FlexFEC streams are tied to their media by content, or by `a=ssrc-group` |
//!
//! Cut packets will do: of RTP only the header is needed, and for RTX and FEC the first bytes behind it.
//!
//! # Options
//!
//! | [`InspectOptions`] | default | |
//! |---|---|---|
//! | `ports` | none: all are looked at | RTP is on these only, RTCP on them and on those above |
//! | `payload_types` | RFC 3551 §6 | [`with_payload_type`](InspectOptions::with_payload_type) counts for more than any description |
//! | `session` | nothing | [`with_session`](InspectOptions::with_session): ports, payload types, groups of SSRCs |
//! | `max_streams` | 16 384 | those beyond are counted |
//! | `max_flows` | 65 536 | those without a stream go first |
//! | `max_waiting_packets`, `max_waiting_bytes` | 65 536, 16 MiB | of what is not known to be RTP yet; the oldest go first, and are counted |
//! | `max_rtcp_ssrcs` | 65 536 | RTCP about others is credited to nobody |
//!
//! Any value is valid.
//!
//! # Malformed and hostile input
//!
//! No input panics: reading is fuzzed, byte by byte. Nothing fails but opening a file; everything else is a [`Problem`], and
//! what could be read is reported all the same.
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | file that ends early | read up to there | [`DamageKind::Truncated`](capture::DamageKind::Truncated) | `a_file_that_ends_early_is_read_up_to_there` |
//! | bytes in a file that make no sense | skipped up to where two records make sense | [`DamageKind::Damaged`](capture::DamageKind::Damaged) | `bytes_that_make_no_sense_are_skipped` |
//! | file that is no capture | not read | [`DamageKind::NotACapture`](capture::DamageKind::NotACapture) | `what_is_no_capture_is_not_read` |
//! | disk or pipe that fails | read up to there | [`DamageKind::Unreadable`](capture::DamageKind::Unreadable) | `a_reader_that_fails_ends_the_file_there` |
//! | damage without end | the first 32 places are described | [`Problem::MoreDamage`] | `damage_without_end_is_counted` |
//! | frames of an unknown link type | left out | [`Problem::UnknownLinkType`] | `frames_of_an_unknown_link_type_are_left_out` |
//! | fragments of IP packets | left out | [`Problem::Fragments`] | `fragments_are_left_out` |
//! | malformed datagrams among RTP | left out | [`Problem::MalformedRtp`] | `malformed_datagrams_among_rtp_are_left_out` |
//! | malformed parts of RTCP datagrams | left out, their siblings count | [`Problem::MalformedRtcp`] | `malformed_parts_of_rtcp_are_left_out_and_their_siblings_count` |
//! | RTCP that is encrypted (SRTCP) | its clear header counts, nothing behind it | [`Problem::EncryptedRtcp`] | `of_encrypted_rtcp_the_clear_header_counts` |
//! | timestamps that jump by hours, or stand still | jitter, skew and drift go on behind them | [`Problem::TimestampJumps`] | `timestamps_that_jump_are_named_and_teach_nothing` |
//! | few packets that look like RTP | left out, unless a port says that they are | [`Problem::Undecided`] | `few_packets_that_look_like_rtp_are_left_out` |
//! | more packets that may be RTP than may wait | the oldest are left out | [`Problem::Undecided`] | `packets_that_wait_without_end_are_forgotten_and_counted` |
//! | streams without end | those beyond the limit are left out | [`Problem::TooManyStreams`] | `streams_without_end_in_a_capture_are_not_told_apart` |
//!
//! # Memory
//!
//! Follows the streams, not the length of the capture: 8 to 11 KB a stream, up to 1 KB a flow without one, 250 bytes an SSRC
//! that RTCP speaks of and 1 KB a sender of reports; what waits until it is known to be RTP, 16 MiB at most; and while a file is
//! read, twice its largest record, 32 MiB at most.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `serde` | no | `Serialize` for [`Summary`] and what is in it, in the shape that `rtptap inspect --json` prints |

pub mod capture;
pub mod frame;
pub mod sdp;

mod candidates;
mod endpoints;
mod error;
mod figures;
mod flow;
mod flows;
mod header;
mod inspector;
mod limit;
mod options;
mod payload_types;
mod problem;
mod reading;
mod related;
mod rtcp;
mod rtcp_form;
mod sequence;
#[cfg(feature = "serde")]
mod serialize;
mod srtcp;
mod summarise;
mod summary;

pub use endpoints::Endpoints;
pub use error::{OpenError, ParseCodecError, ParseLimitError, ParsePayloadTypeError};
pub use figures::SpreadMs;
pub use inspector::Inspector;
pub use limit::{Excess, Limit};
pub use options::InspectOptions;
pub use payload_types::{Codec, PayloadType, PayloadTypes};
pub use problem::Problem;
pub use rtcp::RtcpCounts;
pub use summary::{LossRuns, StreamSummary, Summary, TimestampJumps};
