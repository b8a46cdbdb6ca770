//! W3C [webrtc-stats] of any RTP session, read through a live handle while media flows.
//!
//! One interceptor counts what crosses the wire, both ways: packets, bytes, loss, jitter, retransmissions, repair, ECN marks,
//! feedback, and what the far end reports. A [`StatsHandle`] reads all of it, of all connections, from any thread and
//! never stops media: packets write plain numbers, without a lock and without an allocation. The fields have the
//! W3C identifiers and definitions; what W3C has no word for is marked *own* below.
//!
//! [webrtc-stats]: https://www.w3.org/TR/webrtc-stats/
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_core::packet::{NtpTime, ReportBlockData, RtcpPacket, RtpPacket};
//! use interceptor_core::{ChainConfig, Registry, StreamInfo};
//! use interceptor_stats::StatsFactory;
//!
//! let factory = StatsFactory::default();
//! let handle = factory.handle();
//! let registry = Registry::new().with(factory); // and the others, in any order
//!
//! let start = Instant::now(); // the driver's clock
//! let wall = NtpTime::from_unix(Duration::from_secs(1_700_000_000));
//! let mut chain = registry.build(ChainConfig::new("call-1", start, wall, 7))?;
//! chain.bind_local(StreamInfo::new(0x1122_3344, 96, 90_000).with_mime_type("video/VP8"), start)?;
//! for seq in 0..4 {
//!     let packet = RtpPacket::builder().ssrc(0x1122_3344).sequence_number(seq).payload(&b"media"[..]).build()?;
//!     chain.write_rtp(packet, start);
//! }
//!
//! // 150 ms later the receiver reports: one packet lost, our SR of 100 ms ago held for 50 ms.
//! let later = start + Duration::from_millis(150);
//! let block = ReportBlockData {
//!     ssrc: 0x1122_3344,
//!     extended_sequence_number: 3,
//!     cumulative_lost: 1,
//!     fraction_lost: 64,
//!     last_sr: (wall + Duration::from_millis(50)).middle_32(),
//!     delay_since_last_sr: 65_536 / 20,
//!     ..ReportBlockData::default()
//! };
//! chain.read_rtcp(RtcpPacket::builder().receiver_report(1, &[block]).build()?, later);
//!
//! // On any thread:
//! let stream = handle.stream("call-1", 0x1122_3344).expect("bound");
//! let (sent, reported) = (stream.outbound_rtp.expect("local"), stream.remote_inbound_rtp.expect("reported"));
//! assert_eq!((sent.packets_sent, sent.bytes_sent, sent.header_bytes_sent), (4, 20, 48));
//! assert_eq!((reported.packets_received, reported.packets_lost, reported.fraction_lost), (3, 1, 0.25));
//! assert_eq!(reported.round_trip_time.map(|rtt| rtt.as_millis()), Some(50));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! At [`Stage::CAPTURE`], nearest the wire, whatever the order of adding. There it sees what really
//! crosses the wire: also the NACKs, reports and retransmissions that interceptors above make, and losses before any
//! repair. It changes, holds and sends nothing.
//!
//! [`Stage::CAPTURE`]: interceptor_core::Stage::CAPTURE
//!
//! # Behaviour
//!
//! 1. **One entry a stream.** RTX and FEC packets come under SSRCs of their own and belong to the media stream that
//!    names them in its [`StreamInfo`](interceptor_core::StreamInfo). Totals include them, as Chromium's do; the split stands beside. Each of the SSRCs finds
//!    the entry.
//! 2. **Bytes** are payload without headers and padding; headers and padding together are `headerBytes`. The sum of both
//!    is what the transport carries. The payload of an RTX packet includes its two bytes of original sequence number.
//! 3. **Loss** is RFC 3550 A.3 of the media SSRC, signed: expected less received, duplicates and late packets count as
//!    received, recovered ones do not. Among the newest 4096 numbers a packet is late, however late; an outage is a loss in
//!    full, if the RTP clock has gone on ([`SourceState`](interceptor_packet::rfc3550::SourceState)). When the sender
//!    restarts its numbers (A.1) the sum goes on.
//! 4. **Jitter** is RFC 3550 §6.4.1, A.8: the smoothed first difference of transit times of the media SSRC, wrap-safe,
//!    from the packets' arrival; or libwebrtc's variant ([`JitterRule::NewTimestamps`]).
//! 5. **Recovered by RTX**: an RTX packet whose original sequence number (RFC 4588 §4) is known to have been sent and has
//!    not come, among the newest 4096. The stream's repaired packets do not pass here, so this is
//!    derived from what crosses the wire; a repair by FEC cannot be, and counts only where the interceptor is
//!    [added above](interceptor_core::Registry::add_at) [`Stage::FEC`](interceptor_core::Stage::FEC), from the mark on the packet. A plain repeat on the media SSRC
//!    looks like a late packet and counts as reordered.
//! 6. **Feedback** that this end sends counts on the remote stream, feedback that comes in on the local one. `nackCount` and
//!    `pliCount` are RTCP packets, not sequence numbers; `firCount` is FCI entries that name the stream, since the media SSRC of a FIR
//!    is 0 (RFC 5104 §4.3.1.2). Every sub-packet of a compound is read, in reduced-size RTCP (RFC 5506) too.
//! 7. **Reports.** A report block (in RR or SR) about the media SSRC of a local stream is its `remote-inbound-rtp`. An SR is
//!    credited to the stream of its sender only, not to those that its blocks are about. Reports about or of RTX and FEC SSRCs are left out.
//! 8. **Round trips.** From LSR and DLSR against the wall clock at arrival (RFC 3550 §6.4.1); LSR 0 is no measurement, a DLSR
//!    of 0 is one. From DLRR blocks (RFC 3611 §4.5) of the stream's sender that answer us: the SSRC that reports on the
//!    stream if it has told its clock, else any SSRC of ours. Negative results are 0, those over 60 s are dropped.
//! 9. **Rates** are of the last complete window (1 s): totals are noted when a timer ends the window, the division is
//!    done when somebody looks. A window's true length counts, so a late timer distorts nothing. In silence the rates go
//!    to 0, the timer stops, and the next packet begins a new window.
//! 10. **Entries go** with what they describe. At unbind the stream's last statistics are raised as [`StreamEnded`], at close
//!     the connection's as [`ConnectionEnded`]; take them with [`Event::raised`](interceptor_core::Event::raised). A chain that is dropped without being closed leaves nothing either.
//! 11. **Live attach**: [`StatsFactory::attach`] makes the interceptor for a chain that runs already.
//!
//! # Fields
//!
//! Times are [`Duration`](std::time::Duration) and [`SystemTime`](std::time::SystemTime) in Rust; in JSON (feature `serde`) durations are seconds and timestamps milliseconds since
//! 1970, both with fractions, as W3C has them, and what is unknown is left out.
//!
//! [`InboundRtp`], a remote stream as this end receives it (`inbound-rtp`):
//!
//! | field | unit | definition |
//! |---|---|---|
//! | `packetsReceived` | packets | of all SSRCs of the stream, duplicates included |
//! | `bytesReceived`, `headerBytesReceived` | bytes | payload; headers and padding |
//! | `packetsLost` | packets, signed | behaviour 3 |
//! | `jitter` | s | behaviour 4; 0 while the clock rate is unknown |
//! | `packetsDiscarded` | packets | told by the chain's jitter buffer, or by the playout stage through [`StatsHandle::add_discarded`] |
//! | `jitterBufferDelay`, `jitterBufferTargetDelay`, `jitterBufferMinimumDelay` | s | told by the chain's jitter buffer twice a second, added up over what it emitted |
//! | `jitterBufferEmittedCount` | packets | what it emitted; W3C counts samples and frames |
//! | `packetsDuplicated` (own) | packets | media packets whose number had come before, itself or as a retransmission |
//! | `packetsReordered` (own) | packets | media packets behind a newer one that are no duplicates |
//! | `lastPacketReceivedTimestamp` | wall clock | arrival of the last packet of any SSRC |
//! | `retransmittedPacketsReceived`, `retransmittedBytesReceived` | packets, bytes | on the RTX SSRC, padding and probes included |
//! | `fecPacketsReceived`, `fecBytesReceived` | packets, bytes | on the FEC SSRC |
//! | `packetsRecoveredByRtx`, `packetsRecoveredByFec` (own) | packets | behaviour 5 |
//! | `nackCount`, `pliCount`, `firCount` | RTCP packets, entries | sent by this end, behaviour 6 |
//! | `packetsReceivedWithEct1`, `…WithCe`, `…WithEct0` (own) | packets | by the ECN bits, when the transport tells them |
//! | `packetsPerSecond`, `bitsPerSecond` (own) | 1/s, bit/s | all SSRCs, payload; behaviour 9 |
//!
//! [`OutboundRtp`], a local stream as this end sends it (`outbound-rtp`):
//!
//! | field | unit | definition |
//! |---|---|---|
//! | `packetsSent`, `bytesSent`, `headerBytesSent` | packets, bytes | of all SSRCs of the stream |
//! | `retransmittedPacketsSent`, `retransmittedBytesSent` | packets, bytes | on the RTX SSRC, and plain repeats |
//! | `fecPacketsSent`, `fecBytesSent` (own) | packets, bytes | on the FEC SSRC |
//! | `nackCount`, `pliCount`, `firCount` | RTCP packets, entries | received |
//! | `targetBitrate` | bit/s | the stream's published share; else the connection's target, while there is no other local stream |
//! | `lastPacketSentTimestamp` (own) | wall clock | of any SSRC |
//! | `packetsSentWithEct1` | packets | by the ECN bits that the packet asks for |
//! | `packetsPerSecond`, `bitsPerSecond` (own) | 1/s, bit/s | as above |
//!
//! [`RemoteInboundRtp`], a local stream as its receiver reports it (`remote-inbound-rtp`):
//!
//! | field | unit | definition |
//! |---|---|---|
//! | `packetsReceived` | packets | sent up to the reported highest number, less the reported loss; at least 0 |
//! | `packetsLost` | packets, signed | as reported, 24 bits with sign |
//! | `fractionLost` | 0 to 255/256 | as reported |
//! | `jitter` | s | as reported, by the stream's clock rate |
//! | `roundTripTime`, `totalRoundTripTime`, `roundTripTimeMeasurements` | s, s, count | behaviour 8 |
//! | `reportsReceived` (own) | count | report blocks |
//!
//! [`RemoteOutboundRtp`], a remote stream as its sender reports it (`remote-outbound-rtp`):
//!
//! | field | unit | definition |
//! |---|---|---|
//! | `packetsSent`, `bytesSent` | packets, payload bytes | as reported, the wraps at 2³² undone |
//! | `remoteTimestamp` | the sender's wall clock | NTP time of the last SR |
//! | `reportsSent` | count | SRs received |
//! | `roundTripTime`, `totalRoundTripTime`, `roundTripTimeMeasurements` | s, s, count | from DLRR, behaviour 8 |
//!
//! All four have `id`, `timestamp`, `ssrc`, `kind` and the link between the two views of a stream (`remoteId`, `localId`); the first two
//! also `rtxSsrc`, `fecSsrc` and the stream's `name` (own).
//!
//! [`ConnectionStats`], a connection with its streams (own, but for the names that W3C has):
//!
//! | field | unit | definition |
//! |---|---|---|
//! | `availableOutgoingBitrate` | bit/s | the congestion controller's published target |
//! | `availableIncomingBitrate` | bit/s | the last REMB that this end has sent |
//! | `currentRoundTripTime` | s | the newest that any interceptor has published |
//! | `rtcpPacketsSent`, `rtcpBytesSent`, `rtcpPacketsReceived`, `rtcpBytesReceived` | datagrams, bytes | RTCP of the application and of all interceptors |
//! | `unknownSsrcs` | count | reports, blocks, feedback and answers received about streams that are not bound |
//! | `malformedDatagrams`, `malformedRtcpPackets`, `foreignDatagrams` | count | as the chain counts them |
//! | `unboundPacketsReceived`, `unboundPacketsSent` | packets | RTP whose SSRC is not bound |
//! | `hookErrors`, `interceptorErrors`, `panics` | count | errors that hooks returned, in all and by interceptor; panics |
//!
//! What the chain counts and publishes (bit rates, round-trip time, malformed, unbound, errors) is taken over with each RTCP packet and at the end of each
//! rate window.
//!
//! # Options
//!
//! | [`StatsOptions`] | default | what it does |
//! |---|---|---|
//! | `jitter` | [`JitterRule::Rfc3550`] | which packets make up `jitter`: every one, or as libwebrtc |
//! | `rate_window` | 1 s | length of a rate window, 100 ms..=1 h; 0 turns rates and timer off |
//!
//! Features, both off by default: `serde` (every snapshot is `Serialize`) and `prometheus` (`StatsCollector` for a `prometheus_client` registry: labels
//! `connection`, `kind`, `direction`, `stream`, never an SSRC; bounded by `max_series`).
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | malformed RTP or RTCP datagram, another protocol | never reaches it; shown as the chain counts it | [`ConnectionStats::malformed_datagrams`], `foreign_datagrams` | `a_malformed_datagram_is_shown_with_the_next_report_or_window` |
//! | malformed sub-packet in a readable compound | skipped; its siblings are read | [`ConnectionStats::malformed_rtcp_packets`] | `the_well_formed_parts_of_a_broken_compound_count` |
//! | RTP of an SSRC that is not bound | no entry is made, so a peer cannot make entries | [`ConnectionStats::unbound_packets_received`] | `an_ssrc_that_is_not_bound_makes_no_entry` |
//! | reports, feedback, DLRR about SSRCs that are not ours | ignored | [`ConnectionStats::unknown_ssrcs`] | `what_is_about_ssrcs_that_are_not_ours_is_ignored` |
//! | RTX payload of less than two bytes | a retransmitted packet (a probe), recovers nothing | [`InboundRtp::retransmitted_packets_received`] | `an_rtx_payload_of_less_than_two_bytes_recovers_nothing` |
//! | a single packet with a far-off sequence number | does not touch loss, jitter or duplicates (A.1) | [`InboundRtp::packets_received`] | `a_single_packet_with_a_far_off_number_touches_only_the_count` |
//! | report with nonsense (highest before first, loss above expected) | `packetsReceived` of `remote-inbound-rtp` is 0 | [`RemoteInboundRtp::reports_received`] | `a_report_with_nonsense_has_received_nothing` |
//! | round trip that is negative | 0 | [`RemoteInboundRtp::round_trip_time_measurements`] | `a_negative_round_trip_is_0` |
//! | round trip over 60 s | dropped | [`RemoteInboundRtp::reports_received`], and none in `round_trip_time_measurements` | `a_round_trip_over_a_minute_is_dropped` |
//! | a clock that goes back | the chain lets it stand still | [`Counters::clock_went_back`](interceptor_core::Counters::clock_went_back) | `a_clock_that_goes_back_stands_still` |
//!
//! # Cost, memory, timers, counters
//!
//! A packet costs one cache line of counters and, incoming, the receive state: no lock, no allocation, no atomic
//! read-modify-write (`benches/hot_path.rs` shows about 11 ns sent and 14 ns received beyond an interceptor that does nothing, a quarter of
//! it the arithmetic of `Instant`). A reader at 1 kHz on another thread costs the packet path under 3 %. RTCP costs a walk over its sub-packets.
//!
//! A remote stream takes at most 1 KiB, a local one 512 bytes, a connection less than 1 KiB; nothing grows with packets or time.
//! Streams are bounded by the chain's [`Limits`](interceptor_core::Limits). One timer a connection, once a window while RTP flows.
//! All that it counts is in the fields above; it has no counters beside them.

mod cell;
mod connection;
mod factory;
mod handle;
mod identity;
mod interceptor;
mod options;
#[cfg(feature = "prometheus")]
mod prometheus;
mod rate;
mod reporters;
mod rtcp;
mod snapshot;
mod stream;
mod time;

pub use factory::StatsFactory;
pub use handle::StatsHandle;
pub use interceptor::Stats;
pub use interceptor_core::OptionsError;
pub use interceptor_packet::rfc3550::JitterRule;
pub use options::StatsOptions;
#[cfg(feature = "prometheus")]
pub use prometheus::StatsCollector;
pub use snapshot::{
    ConnectionEnded, ConnectionStats, InboundRtp, InterceptorErrors, MediaKind, OutboundRtp,
    RemoteInboundRtp, RemoteOutboundRtp, StreamEnded, StreamStats,
};
pub use stream::{LocalStream, RemoteStream};
