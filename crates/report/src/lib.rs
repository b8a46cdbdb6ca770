//! RFC 3550 sender and receiver reports, SDES, BYE, RFC 3611 round-trip times.
//!
//! One interceptor for both directions of a connection. About once a second it tells the peer what was sent and received, and
//! from what the peer reports it measures the round-trip time, and what the path loses, for the other interceptors. RTP passes unchanged.
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
//! At [`Stage::REPORT`](interceptor_core::Stage::REPORT): nearer the wire than anything that repairs losses, so losses
//! are reported as they happen on the path; farther from the wire than pacing and congestion control, so these see its datagrams.
//!
//! # Behaviour
//!
//! Receiving ([`RemoteStream`]):
//!
//! 1. Each remote SSRC has the source state of RFC 3550 A.1, with limits in time: among the newest 4096 numbers a packet is late,
//!    however late, and an outage is a loss in full if the RTP clock has gone on; numbers that neither explains are a restart
//!    when two of them are in sequence ([`SourceState`](interceptor_packet::rfc3550::SourceState)). Probation is optional,
//!    since signalling announces streams.
//! 2. Losses follow A.3: expected minus received, with a sign, so late packets and duplicates reduce the sum. The fraction covers
//!    the time since the stream's last block; it is 255 when everything was lost. Packets that RTX or FEC restored do
//!    not count as received. A plain repeat on the media SSRC does, because RFC 3550 cannot tell it from a late packet.
//! 3. Jitter follows A.8 in integers ([`JitterRule`]), with the arrival time that the packet carries. A wrap of the timestamp is
//!    not a jump. Neither a restart nor a return after [`forget_after`](ReportOptions::forget_after) adds any jitter.
//!    Without a clock rate it is 0.
//! 4. LSR and DLSR refer to the source's last sender report (§6.4.1). Both are 0 before the first one; DLSR stops at 0xffffffff.
//! 5. A stream gets a block if a packet has arrived since its last block (§6.4). After its BYE it gets none until it is heard
//!    again.
//!
//! Sending ([`LocalStream`]):
//!
//! 6. Each local SSRC counts packets and payload octets without padding (§6.4.1). Its first sender report follows its first packet;
//!    it still makes two after its last (§6.4). NTP and RTP time are those of the first packet of the newest frame in order,
//!    carried on to the moment of the report, so a large frame that takes time to leave does not skew the clock.
//! 7. Retransmission and FEC SSRCs are counted separately and report under their own numbers (RFC 4588 §6). A retransmission
//!    SSRC reports the clock of its media, since its packets carry old timestamps (RFC 4588 §4).
//!
//! What leaves, and when:
//!
//! 8. Every datagram is a real compound (§6.1): sender or receiver report, blocks, the canonical name of every SSRC that reports,
//!    extended reports, BYE. All local streams share it. Blocks come from the first local SSRC that reports as sender, or from
//!    [`ChainConfig::sender_ssrc`](interceptor_core::ChainConfig::sender_ssrc) while there is none. More than 31 blocks take further
//!    receiver reports; what exceeds the MTU takes further datagrams; what exceeds
//!    [`max_datagrams`](ReportOptions::max_datagrams) waits, and comes first in the next round.
//! 9. [`RtcpInterval::Fixed`] reports at random between a half and one and a half of the interval. [`RtcpInterval::Rfc3550`]
//!    follows §6.2 and §6.3: members and senders and their timeouts, 5 % of the bandwidth, average size, reconsideration in both
//!    directions. Both draw from the connection's seed. A timer that fires late makes one report, not several.
//! 10. A source that says BYE stops being a member and a sender at once (§6.3.4). For 2 s its late packets do not bring it back
//!     (§6.2.1); a source that is still heard after that has returned.
//! 11. Nothing leaves before anything was sent or received. From then on, a round without news is an empty receiver report. Until then
//!     a fixed interval costs a connection no turns of its timer but the first.
//! 12. Feedback of other interceptors passes on its way to the wire. Where reduced-size RTCP (RFC 5506) was not negotiated, it is
//!     put behind a report without blocks and a canonical name, and divided if it would exceed the MTU. This applies to
//!     feedback from interceptors farther from the wire; what nearer ones send does not pass here.
//! 13. A local stream that ends, and a connection that closes, send BYE with their last reports (§6.6), unless they never sent
//!     anything (§6.3.7). With [`RtcpInterval::Rfc3550`] and 50 other members or more no BYE is sent, because it would have to
//!     wait. Taking the interceptor out of a running chain ends its part in all streams, so BYE is sent then too: set
//!     [`bye`](ReportOptions::bye) to off if the call is to go on without it.
//!
//! Round-trip times:
//!
//! 14. Every block about a local SSRC that has an LSR gives a round-trip time (§6.4.1). An end that sends no media gets no blocks:
//!     by default ([`RttReports::Auto`]) it puts its clock into each report (RFC 3611 §4.4), and the peer's answer (DLRR, §4.5)
//!     gives the round-trip time. Peers that do the same are answered. Nothing has to be negotiated: a peer that does not
//!     know extended reports skips them (RFC 3550 §6.1), and then they cost 20 bytes a report for nothing.
//! 15. Results below 0 or above 60 s are dropped. Those of one datagram are published together as
//!     [`Rtt`](interceptor_core::Rtt): the latest, the average with a weight of one eighth, and the smallest of the last ten
//!     seconds, so that a path that becomes longer is believed.
//!
//! Losses:
//!
//! 16. Blocks about the media of a local stream (not about its RTX and FEC) tell what the path loses of it: lost packets by numbers that
//!     have passed, from block to block (§6.4.1), with a memory of 5 s. Packets that came late or twice take losses back, as far as
//!     there are any. An older block is ignored; a leap of more than 65 536 numbers, or a second block in a row that goes back, is a
//!     restart and no loss. Of several receivers that report, up to four and each for 10 s after its last block, the worst counts.
//! 17. It is published as [`Loss`](interceptor_core::Loss), at most each 500 ms: first with 20 packets, then when it has changed by
//!     a tenth and by 1000 ppm at least, or has become 0, and every 5 s while it is not 0. Blocks say nothing of runs: each is said to be one packet
//!     (256) that takes no time, so for a path that loses in runs adaptive repair knows less than congestion control would tell.
//! 18. There is one voice for each stream. Once somebody else has published its [`Loss`](interceptor_core::Loss), nothing is until
//!     for 10 s there was neither another nor a [`LinkState`](interceptor_core::LinkState) other than
//!     [`Silent`](interceptor_core::LinkCondition::Silent). Congestion control that has no feedback but reports publishes no losses, so these come from here.
//!
//! # Options
//!
//! | [`ReportOptions`] | default | range | what it is |
//! |---|---|---|---|
//! | `interval` | fixed, 1 s | 10 ms..=1 h, or 1000..=10¹² bit/s | when reports leave |
//! | `jitter` | every packet (RFC 3550) | | or libwebrtc's rule: the first packet of each frame |
//! | `probation` | 0 | 0..=100 packets | packets in sequence before a source counts |
//! | `bye` | yes | | whether BYE is sent |
//! | `rtt_reports` | `Auto`: while sending no media | or `Always`, `Never` | ask for round-trip times by RRTR; answer by DLRR |
//! | `repair_streams` | yes | | whether RTX and FEC SSRCs are reported on |
//! | `cname` | the connection's | 1..=255 bytes | canonical name |
//! | `forget_after` | 8 s | 100 ms..=1 h | silence after which a source starts afresh with its jitter |
//! | `max_datagrams` | 32 | 1..=1024 | datagrams of one round |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | RTCP that is no compound, or has malformed packets | its well-formed packets count | the chain's `malformed_rtcp_packets` | `a_broken_packet_does_not_hide_the_sender_report_behind_it` |
//! | sender report, block, or answer to a clock about an unknown SSRC | ignored | `unknown_ssrcs` | `a_report_about_an_unknown_ssrc_is_ignored` |
//! | BYE of an unknown SSRC, or of one of ours | ignored | `unknown_ssrcs` | `a_goodbye_of_an_unknown_ssrc_or_of_ours_is_ignored` |
//! | sender report with an NTP time of 0 | treated as if there were none: LSR and DLSR are 0 | `without_clock` | `a_sender_report_with_a_clock_of_zero_counts_as_none` |
//! | block with LSR 0 | no round-trip time | `without_lsr` | `a_block_without_lsr_gives_no_round_trip` |
//! | block with a DLSR of 18 hours or more | no round-trip time | `absurd_round_trips` | `a_block_with_the_longest_delay_gives_no_round_trip` |
//! | block that makes a round trip negative or longer than 60 s | dropped | `absurd_round_trips` | `a_negative_or_absurd_round_trip_is_dropped` |
//! | block older than the one before | ignored | `old_blocks` | `old_and_repeated_blocks_are_no_losses` |
//! | block with a number more than 65 536 away, or behind for the second time | losses count from there | `leaped_blocks` | `numbers_that_begin_anew_are_no_losses` |
//! | block that says that more was lost than there was | all was lost, no more | `absurd_losses` | `a_peer_can_say_no_more_than_that_all_is_lost` |
//! | more than four receivers that report on a stream | the losses of those beyond do not count until one of the four is silent for 10 s | `uncounted_reporters` | `no_more_than_four_receivers_of_a_stream_count` |
//! | sequence number far from all others | dropped, unless the next one follows it | `strays`, `restarts` | `a_number_far_from_all_others_is_dropped_unless_the_next_one_follows` |
//! | any timestamp | at worst a jitter of that size, below 2³¹ | `absurd_jitters` | `any_timestamp_makes_no_more_than_a_jitter_of_its_size` |
//! | more than 16 receivers that tell their clock between two reports | the newest 16 are answered | `forgotten_clocks` | `more_than_16_clocks_are_forgotten_oldest_first` |
//! | more than 10 000 members (`Rfc3550`) | those beyond do not count | `uncounted_members` | `more_than_10_000_members_do_not_count` |
//! | more than 10 000 members that say BYE within 2 s (`Rfc3550`) | late packets of the oldest bring them back until they time out | `forgotten_goodbyes` | `more_than_10_000_goodbyes_within_2_s_are_forgotten_oldest_first` |
//!
//! # Memory, timers, counters
//!
//! A local stream takes 160 bytes and 48 for each repair SSRC, and 192 more once its losses are reported; a remote one 248 bytes and 160 for each repair SSRC, and 104 bytes
//! for each of its SSRCs that is heard, with 520 more once a packet is missing. What a packet touches lies in one cache
//! line, and RTP is counted without an allocation but these. With `Rfc3550` a member takes some 50
//! bytes, and one that has said BYE as much for 2 s. Rounds of reports share memory and allocate nothing once it has its size: 32
//! bytes for each source that has something to report, and a buffer for the datagrams, which grows to at most 64 KiB if a round,
//! or a burst of feedback, is that long. There is one timer a connection, and none without streams.
//!
//! [`Report::counters`] (with [`Chain::get`](interceptor_core::Chain::get)) gives [`ReportCounters`]:
//!
//! | counter | counts |
//! |---|---|
//! | `sender_reports`, `receiver_reports`, `blocks`, `datagrams` | what was sent |
//! | `goodbyes` | SSRCs that left |
//! | `wrapped` | feedback of others that was put behind a report |
//! | `round_trips`, `absurd_round_trips` | measurements taken and dropped |
//! | `losses_told` | losses published |
//! | `old_blocks`, `leaped_blocks`, `absurd_losses`, `uncounted_reporters` | blocks whose losses did not count, or not as they were said |
//! | `unknown_ssrcs`, `without_clock`, `without_lsr` | reports that came and told nothing |
//! | `absurd_jitters`, `forgotten_clocks`, `forgotten_goodbyes`, `uncounted_members` | what a peer overdid |
//! | `strays`, `restarts` | incoming packets that did not count, senders that started again |

mod compound;
mod counters;
mod datagrams;
mod departed;
mod factory;
mod feedback;
mod goodbye;
mod incoming_rtcp;
mod interceptor;
mod interval;
mod local;
mod members;
mod options;
mod path_loss;
mod remote;
mod report_round;
mod reporter;
mod rtt;
mod schedule;
mod xr;

pub use counters::ReportCounters;
pub use factory::ReportFactory;
pub use interceptor::Report;
pub use interceptor_core::OptionsError;
pub use interceptor_packet::rfc3550::JitterRule;
pub use local::LocalStream;
pub use options::{ReportOptions, RtcpInterval, RttReports};
pub use remote::RemoteStream;
