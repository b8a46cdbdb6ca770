//! RFC 3550 sender and receiver reports, SDES, BYE, RFC 3611 round-trip times.
//!
//! One interceptor for both directions of a connection. It counts the RTP that passes, and about once a second tells the
//! peer: what was sent ([`LocalStream`]), what was received ([`RemoteStream`]), and under which name. From what the peer
//! reports it measures the round-trip time, which other interceptors use. RTP passes it unchanged and without an
//! allocation.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_core::{ChainConfig, Outgoing, Registry, StreamInfo};
//! use interceptor_packet::{NtpTime, Rtcp, RtpPacket};
//! use interceptor_report::{ReportFactory, ReportOptions, RtcpInterval};
//!
//! let options = ReportOptions::default().with_interval(RtcpInterval::Fixed(Duration::from_millis(500)));
//! let registry = Registry::new().with(ReportFactory::new(options)?);
//! let start = Instant::now();
//! let mut chain = registry.build(ChainConfig::new("call-1", start, NtpTime::default(), 7))?;
//! chain.bind_remote(StreamInfo::new(0xa, 96, 90_000), start)?;
//!
//! // Packets 1, 2 and 4 arrive.
//! for seq in [1, 2, 4] {
//!     let packet = RtpPacket::builder().ssrc(0xa).payload_type(96).sequence_number(seq).build()?;
//!     chain.read_rtp(packet, start);
//! }
//! let due = chain.next_timeout().expect("a report is due");
//! chain.handle_timeout(due);
//!
//! let Some(Outgoing::Rtcp(report)) = chain.poll_wire() else { panic!("a report leaves") };
//! let mut packets = report.packets();
//! let Some(Rtcp::ReceiverReport(rr)) = packets.next() else { panic!("it starts with a receiver report") };
//! assert!(matches!(packets.next(), Some(Rtcp::Sdes(_))));
//! let block = rr.report_blocks().next().expect("it is about the stream");
//! assert_eq!((block.ssrc(), block.cumulative_lost(), block.fraction_lost()), (0xa, 1, 64)); // one of four
//! assert_eq!(block.extended_sequence_number(), 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! It stands at [`Stage::REPORT`](interceptor_core::Stage::REPORT): nearer the wire than whatever repairs losses, so that
//! losses are reported as they happen on the path, and farther from the wire than pacing and congestion control, which
//! see its datagrams.
//!
//! # Behaviour
//!
//! What is received:
//!
//! 1. Each remote SSRC has the source state of RFC 3550 A.1: cycles, gaps up to 3000, misorder up to 100, and a restart when
//!    two packets in sequence are farther away. Probation is an option, as signalling announces streams.
//! 2. Losses are those of A.3: expected less received, with sign; late packets and duplicates bring the sum down. The fraction is
//!    of the time since the stream's last block; 255 when everything is lost. What RTX or FEC gave back does not count
//!    as received; a plain repeat on the media SSRC does, as the RFC cannot tell it from a late packet.
//! 3. Jitter is A.8's, in integers ([`JitterRule`]), from the arrival that the packet carries. A wrap of the timestamp is no jump. A
//!    restart, and a return after [`forget_after`](ReportOptions::forget_after), make none. Without a clock rate it is 0.
//! 4. LSR and DLSR tell of the source's last sender report (§6.4.1): 0 and 0 before any, DLSR at most 0xffffffff.
//! 5. A stream gets a block when it was heard since its last one (§6.4), and none after its goodbye until heard again.
//!
//! What is sent:
//!
//! 6. Each local SSRC counts packets and payload octets without padding (§6.4.1), and reports as sender in two rounds after its
//!    last packet (§6.4), not before its first. Its NTP and RTP time are those of the first packet of its newest frame in order,
//!    carried on to the moment of the report: a large frame that takes its time to leave does not skew the clock.
//! 7. Retransmission and FEC SSRCs count apart and report under their own number (RFC 4588 §6). The clock of a
//!    retransmission SSRC is its media's, as its packets carry old timestamps (RFC 4588 §4).
//!
//! What leaves, and when:
//!
//! 8. Datagrams are real compounds (§6.1): sender report or receiver report, blocks, one canonical name for every SSRC that reports,
//!    extended reports, goodbyes. All local streams share one; blocks belong to the first local SSRC that reports as
//!    sender, or to [`ChainConfig::sender_ssrc`](interceptor_core::ChainConfig::sender_ssrc) while none does. More than 31 blocks
//!    take further receiver reports, more than the MTU further datagrams, and more than
//!    [`max_datagrams`](ReportOptions::max_datagrams) wait for the next round, in which they come first.
//! 9. [`RtcpInterval::Fixed`] reports at random between half and one and a half of the interval. [`RtcpInterval::Rfc3550`] follows §6.2 and §6.3:
//!    members and senders, 5 % of the bandwidth, average size, reconsideration forwards and back. Either draws from the
//!    connection's seed, and a late timer makes one report, not many.
//! 10. Nothing leaves before anything was sent or received. Afterwards a round without news is an empty receiver report.
//! 11. Others' feedback passes on its way to the wire. Where reduced-size RTCP (RFC 5506) was not negotiated it is put behind a report without
//!     blocks and a canonical name, and divided if it grows over the MTU. Only feedback of interceptors farther
//!     from the wire comes this way.
//! 12. A local stream that ends, and a connection that closes, say goodbye with their last reports (§6.6); whoever has sent nothing
//!     says nothing (§6.3.7). With [`RtcpInterval::Rfc3550`] and more than 50 members no goodbye is sent, because it would have to
//!     wait. Taking the interceptor out of a running chain ends its part in all streams, so it says goodbye too: make
//!     one that is to be taken out while the call goes on with [`bye`](ReportOptions::bye) off.
//!
//! What is learned:
//!
//! 13. Every block about a local SSRC that has an LSR gives a round-trip time (§6.4.1), and so does every DLRR entry about
//!     this end (RFC 3611 §4.5) where [`xr`](ReportOptions::xr) was negotiated: then an end that sends no media tells its clock in each report.
//!     Results below 0 or above 60 s are dropped, those of one datagram are published at once as
//!     [`Rtt`](interceptor_core::Rtt): latest, smoothed by an eighth, smallest.
//!
//! # Options
//!
//! | [`ReportOptions`] | default | range | what it is |
//! |---|---|---|---|
//! | `interval` | fixed, 1 s | 10 ms..=1 h, or 1000..=10¹² bit/s | when reports leave |
//! | `jitter` | every packet (RFC 3550) | | or libwebrtc's rule: the first packet of each frame |
//! | `probation` | 0 | 0..=100 packets | packets in sequence before a source counts |
//! | `bye` | yes | | say goodbye |
//! | `xr` | no | | RRTR and DLRR, if negotiated |
//! | `repair_streams` | yes | | report on RTX and FEC SSRCs |
//! | `cname` | the connection's | 1..=255 bytes | canonical name |
//! | `forget_after` | 8 s | 100 ms..=1 h | silence after which a source is no longer compared with its past |
//! | `max_datagrams` | 32 | 1..=1024 | datagrams of one round |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | RTCP that is no compound, or has malformed packets | well-formed packets count | the chain's `malformed_rtcp_packets` | `a_broken_packet_does_not_hide_the_sender_report_behind_it` |
//! | sender report, block, or answer to a clock about an unknown SSRC | ignored | `unknown_ssrcs` | `a_report_about_an_unknown_ssrc_is_ignored` |
//! | goodbye of an unknown SSRC, or of one of ours | ignored | `unknown_ssrcs` | `a_goodbye_of_an_unknown_ssrc_or_of_ours_is_ignored` |
//! | sender report with an NTP time of 0 | as if there was none: LSR and DLSR are 0 | `without_clock` | `a_sender_report_with_a_clock_of_zero_counts_as_none` |
//! | block with LSR 0 | no round-trip time | `without_lsr` | `a_block_without_lsr_gives_no_round_trip` |
//! | block with a DLSR of 18 hours or more | no round-trip time | `absurd_round_trips` | `a_block_with_the_longest_delay_gives_no_round_trip` |
//! | block that makes a round trip negative or longer than 60 s | dropped | `absurd_round_trips` | `a_negative_or_absurd_round_trip_is_dropped` |
//! | sequence number far from all others | dropped, unless the next one follows it | `strays`, `restarts` | `a_number_far_from_all_others_is_dropped_unless_the_next_one_follows` |
//! | any timestamp | at worst a jitter of that size, below 2³¹ | `absurd_jitters` | `any_timestamp_makes_no_more_than_a_jitter_of_its_size` |
//! | more than 16 receivers that tell their clock between two reports | the newest 16 are answered | `forgotten_clocks` | `more_than_16_clocks_are_forgotten_oldest_first` |
//! | more than 10 000 members (`Rfc3550`) | those beyond do not count | `uncounted_members` | `more_than_10_000_members_do_not_count` |
//!
//! # Memory, timers, counters
//!
//! A local stream takes 192 bytes and 64 for each repair SSRC, a remote one 320 bytes and 192 for each repair SSRC, whatever passes. What
//! a packet touches lies in one cache line. With `Rfc3550` a member takes some 50 bytes. Rounds of reports share memory, and
//! allocate nothing once it has its size: 32 bytes for each source with something to report at once, and a buffer for the datagrams, which
//! grows to at most 64 KiB where a round, or a burst of others' feedback, is that long. There is one timer a connection, and none
//! without streams. [`Report::counters`] (with [`Chain::get`](interceptor_core::Chain::get)) gives [`ReportCounters`]:
//!
//! | counter | counts |
//! |---|---|
//! | `sender_reports`, `receiver_reports`, `blocks`, `datagrams` | what was sent |
//! | `goodbyes` | SSRCs that left |
//! | `wrapped` | others' feedback put behind a report |
//! | `round_trips`, `absurd_round_trips` | measurements taken and dropped |
//! | `unknown_ssrcs`, `without_clock`, `without_lsr` | reports that came and told nothing |
//! | `absurd_jitters`, `forgotten_clocks`, `uncounted_members` | what a peer overdid |
//! | `strays`, `restarts` | incoming packets that did not count, senders that started again |

mod compound;
mod counters;
mod error;
mod extended;
mod factory;
mod interceptor;
mod interval;
mod listen;
mod local;
mod members;
mod options;
mod plan;
mod remote;
mod rtt;
mod schedule;
mod send;
mod wrap;
mod write;

pub use counters::ReportCounters;
pub use error::OptionsError;
pub use factory::ReportFactory;
pub use interceptor::Report;
pub use interceptor_packet::rfc3550::JitterRule;
pub use interval::RtcpInterval;
pub use local::LocalStream;
pub use options::ReportOptions;
pub use remote::RemoteStream;
