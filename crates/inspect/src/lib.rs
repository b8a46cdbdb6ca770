//! Finds the RTP streams in captures and says how they fared: losses and what brought them back, jitter, clocks, RTCP.
//!
//! Reads pcap, pcapng and rtpdump of any length, whole or damaged, packed or not, or takes packets one by one while a call runs.
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
//! # Losses and their repair
//!
//! Of each media stream: what was lost on the way, and what brought it back.
//!
//! ```
//! use interceptor_inspect::{Inspector, OpenError};
//!
//! fn tell(path: &str) -> Result<(), OpenError> {
//!     let mut inspector = Inspector::default();
//!     inspector.read_file(path)?;
//!     for stream in inspector.summary().streams {
//!         let Some(repair) = stream.repair else { continue }; // an RTX or FlexFEC stream
//!         println!("{:08x}: {} lost, {:.1} % never came back", stream.ssrc, repair.lost, stream.unrepaired_pct());
//!         println!("  {} by RTX, {} by FEC, {} sent again", repair.by_rtx, repair.by_fec, repair.by_repeat);
//!         if let Some(after) = repair.recovery_ms {
//!             println!("  after {:.0} ms, 95 % within {:.0} ms", after.p50, after.p95);
//!         }
//!     }
//!     Ok(())
//! }
//!
//! if let Err(error) = tell("call.pcap") {
//!     println!("{error}");
//! }
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
//! | files ([`capture`]) | pcap and pcapng, both byte orders, any resolution of times; rtpdump; each of them also in gzip |
//! | frames ([`frame`]) | Ethernet with VLAN tags, Linux cooked (SLL, SLL2), PPP, PPPoE, Cisco HDLC, raw IP, BSD loopback, Wireshark's Exported PDU; IPv4, IPv6 with extension headers, their first fragments; UDP, TCP |
//! | tunnels | MPLS and its pseudowires, GRE (PPTP, ERSPAN), IP in IP, EtherIP, VXLAN, Geneve, GTP-U, Teredo, TURN's channel data and indications; eight in each other at most. Addresses are the innermost |
//! | RTSP | RTP and RTCP between its messages, over TCP (RFC 7826 §14): with segments late, repeated, cut or missing |
//! | RTP | recognised by four packets of one SSRC in sequence, of any number of SSRCs in turn; by one in a flow that has a stream, or on a named port; counted from the first packet on |
//! | RTCP | counts of reports and feedback for each stream, round trips (RFC 3550 §6.4.1); SRTCP (RFC 3711) by its clear header |
//! | payload types ([`PayloadTypes`]) | RFC 3551 §6; session descriptions ([`sdp`]) and announcements (RFC 2974); what you say; else the clock rate is guessed from the timestamps. Each type has its own clock (RFC 7160) |
//! | repair | RTX (RFC 4588) and FlexFEC streams (RFC 8627 and its draft 03) are tied to their media by content, or by `a=ssrc-group`; ULPFEC (RFC 5109) in RED, and packets sent again as they were, are told from media by content |
//!
//! Cut packets will do: of RTP only the header is needed, for RTX two bytes behind it, for FEC 32.
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
//! | `max_tcp_flows` | 4096 | those that have shown no RTSP go first |
//! | `max_tcp_bytes` | 16 MiB | what is beyond is given up, and reading goes on at the next frame |
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
//! | gzip file that ends early, or is damaged | read up to there, but for the last 4 KiB of what was in it | [`DamageKind::Truncated`](capture::DamageKind::Truncated), [`Damaged`](capture::DamageKind::Damaged) | `a_gzip_file_that_is_cut_or_damaged_is_read_up_to_there` |
//! | file that is no capture, or is packed otherwise (zstd, xz, …) | not read, but named | [`DamageKind::NotACapture`](capture::DamageKind::NotACapture) | `what_is_no_capture_is_not_read`, `files_packed_otherwise_are_named` |
//! | disk or pipe that fails | read up to there | [`DamageKind::Unreadable`](capture::DamageKind::Unreadable) | `a_reader_that_fails_ends_the_file_there` |
//! | damage without end | the first 32 places are described | [`Problem::MoreDamage`] | `damage_without_end_is_counted` |
//! | frames of an unknown link type | left out | [`Problem::UnknownLinkType`] | `frames_of_an_unknown_link_type_are_left_out` |
//! | later fragments of IP packets without their first | left out | [`Problem::Fragments`] | `later_fragments_without_their_first_are_left_out` |
//! | pcapng interface whose resolution cannot be read; packets without times | counted, but nothing is made of their times | [`Problem::UnknownTimes`] | `packets_without_times_are_counted_alone` |
//! | datagrams that the capture cut off before the end of an RTP header | left out | [`Problem::CutOff`] | `datagrams_cut_before_the_end_of_their_rtp_header_are_left_out` |
//! | tunnels in tunnels without end, or encrypted | left out; named when no stream is found | [`Problem::Encapsulated`] | `what_cannot_be_looked_into_is_left_out` |
//! | TCP connections without end, or segments that never come | those beyond the limits are left out | [`Problem::TooMuchTcp`] | `tcp_connections_without_end_are_left_out` |
//! | no stream at all | what there was is said | [`Problem::NoRtp`], [`PortUnused`](Problem::PortUnused), [`RtspWithoutRtp`](Problem::RtspWithoutRtp) | `what_there_was_is_said_when_there_is_no_stream` |
//! | malformed datagrams among RTP | left out | [`Problem::MalformedRtp`] | `malformed_datagrams_among_rtp_are_left_out` |
//! | malformed parts of RTCP datagrams | left out, their siblings count | [`Problem::MalformedRtcp`] | `malformed_parts_of_rtcp_are_left_out_and_their_siblings_count` |
//! | RTCP that is encrypted (SRTCP) | its clear header counts, nothing behind it | [`Problem::EncryptedRtcp`] | `of_encrypted_rtcp_the_clear_header_counts` |
//! | timestamps that jump by hours, or stand still | jitter, skew and drift go on behind them | [`Problem::TimestampJumps`] | `timestamps_that_jump_are_named_and_teach_nothing` |
//! | few packets that look like RTP | left out, unless a port says that they are | [`Problem::Undecided`] | `few_packets_that_look_like_rtp_are_left_out` |
//! | more packets that may be RTP than may wait | the oldest are left out | [`Problem::Undecided`] | `packets_that_wait_without_end_are_forgotten_and_counted` |
//! | retransmissions and repair packets that fit nothing | bring nothing back, every sum holds | [`StreamSummary::packets`] | `whatever_comes_the_sums_of_repair_hold` |
//! | streams without end | those beyond the limit are left out | [`Problem::TooManyStreams`] | `streams_without_end_in_a_capture_are_not_told_apart` |
//!
//! # Memory
//!
//! Follows the streams, not the length of the capture: 8 to 11 KB a stream, up to 1 KB a flow without one, 250 bytes an SSRC
//! that RTCP speaks of and 1 KB a sender of reports; what waits until it is known to be RTP, 16 MiB at most; of TCP connections,
//! what waits for missing segments and the rest of frames, 16 MiB at most; and while a file is read, twice its largest record,
//! 32 MiB at most. Gzip is unpacked as it is read.
//!
//! What became of lost packets takes some 70 bytes for each gap, and for each number in it that came back or was asked
//! for, among the newest 4096 numbers of a stream: 400 KB at the very worst, when every second packet is lost and comes back.
//! Repair packets that wait for others take 16 KB a flow at most: of more than 64, or 2048 numbers, the oldest goes.
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
mod fragments;
mod frames;
mod header;
mod inspector;
mod interleaved;
mod limit;
mod options;
mod payload_types;
mod problem;
mod reading;
mod related;
mod repair;
mod rtcp;
mod rtcp_form;
mod sentences;
mod sequence;
#[cfg(feature = "serde")]
mod serialize;
mod srtcp;
mod summarise;
mod summary;
mod tcp;
mod traffic;
mod untimed;

pub use endpoints::Endpoints;
pub use error::{OpenError, ParseCodecError, ParseLimitError, ParsePayloadTypeError};
pub use figures::SpreadMs;
pub use inspector::Inspector;
pub use limit::{Excess, Limit};
pub use options::InspectOptions;
pub use payload_types::{Codec, PayloadType, PayloadTypes};
pub use problem::Problem;
pub use repair::RecoveryMs;
pub use rtcp::RtcpCounts;
pub use summary::{FecFormat, LossRuns, Repair, StreamSummary, Summary, TimestampJumps};
