//! RFC 8888 congestion control feedback: reports when each packet arrived, and its ECN mark.
//!
//! Of each remote stream that negotiated it the peer is told, within a frame or 25 ms, which packets came, when, and whether a router had
//! marked them (congestion experienced, RFC 3168). From that a sender learns what the path carries. This is what L4S and SCReAM ask for; where marks do not
//! matter, transport-wide feedback (`interceptor-twcc`) says the same in fewer bytes, and nobody needs both. What to make
//! of reports that come in is congestion control's, which is no part of this crate; [`Ccfb`](interceptor_core::packet::rtcp::Ccfb)
//! reads them.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_core::packet::{Ecn, NtpTime, Rtcp, RtpPacket};
//! use interceptor_core::{ChainConfig, Outgoing, Registry, StreamInfo};
//! use interceptor_rfc8888::{Rfc8888, Rfc8888Factory, Rfc8888Options};
//!
//! let registry = Registry::new().with(Rfc8888Factory::new(Rfc8888Options::default())?);
//! let mut now = Instant::now();
//! let mut chain = registry.build(ChainConfig::new("receiver", now, NtpTime::default(), 7))?;
//! chain.bind_remote(StreamInfo::new(0xa, 96, 90_000).with_feedback("ack", "ccfb"), now)?;
//!
//! // Packets 1 and 3 of a frame, 10 ms apart; the second of them was marked on its way.
//! for (seq, ecn) in [(1, Ecn::Ect1), (3, Ecn::Ce)] {
//!     let packet = RtpPacket::builder().ssrc(0xa).payload_type(96).sequence_number(seq).marker(seq == 3).build()?;
//!     now += Duration::from_millis(10);
//!     chain.read_datagram_ecn(packet.to_bytes(), Some(ecn), now); // with what your socket says
//! }
//! // The frame is complete: it is reported.
//! chain.handle_timeout(now);
//! let Some(Outgoing::Rtcp(report)) = chain.poll_wire() else { panic!("a report leaves") };
//! let Some(Rtcp::Ccfb(report)) = report.packets().next() else { panic!("it is about congestion") };
//! let block = report.blocks().next().expect("there is a stream");
//! let told: Vec<_> = block.metrics().map(|(seq, metric)| (seq, metric.ecn())).collect();
//! assert_eq!(told, [(1, Some(Ecn::Ect1)), (2, None), (3, Some(Ecn::Ce))]);
//!
//! let counters = chain.get::<Rfc8888>().expect("it is in the chain").counters();
//! assert_eq!((counters.arrivals, counters.arrivals_marked, counters.reports_sent), (2, 1, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! It stands at [`Stage::CONGESTION`](interceptor_core::Stage::CONGESTION): arrivals are noted before any delay, and RTX and FEC packets
//! as they came. Packets pass unchanged; local streams do not concern it.
//!
//! # Behaviour
//!
//! 1. It takes part in each remote stream whose negotiated feedback has `ack ccfb`. Its media, RTX and FEC SSRCs have numbers, and a
//!    block of a report, each of its own. Packets of SSRCs that no stream has are not reported: their numbers would be state for
//!    whatever SSRC a peer makes up.
//! 2. The time of an arrival is that of the datagram ([`PacketInfo::arrival`](interceptor_core::packet::PacketInfo::arrival)), its mark
//!    that of the IP header ([`PacketInfo::ecn`](interceptor_core::packet::PacketInfo::ecn)), and *not-ECT* where the transport does not tell. Of
//!    copies the first arrival counts, and congestion experienced if any copy had it, even one that comes after the report: then the next one
//!    says so. What RTX or FEC restored has not arrived.
//! 3. A packet with the marker has its report at once, others after [`min_interval`](Rfc8888Options::min_interval); never within that time of the
//!    report before. Reports take [`bandwidth_share`](Rfc8888Options::bandwidth_share) of the received rate, which is taken to be
//!    [`min_bitrate`](Rfc8888Options::min_bitrate) at least, IP and UDP headers included: what one takes more, the next ones wait for, up to
//!    [`max_interval`](Rfc8888Options::max_interval).
//! 4. A report has a block for each SSRC of which packets came since the last one (RFC 8888, erratum 7894), about every number since then,
//!    missing ones included. Missing numbers are told up to 256 a round and 8 for each packet that came: a peer chooses its numbers, and
//!    each takes two bytes. Beyond that the block begins later.
//! 5. Arrivals are told as time before the report, rounded down to 1/1024 s; more than 8189/1024 s as *over range*, after the report
//!    as *unavailable* (§3.1).
//! 6. What does not fit a datagram of [`max_report_bytes`](Rfc8888Options::max_report_bytes) or the MTU goes into further ones, with the same report
//!    timestamp: whole blocks first, then parts of them.
//! 7. A packet that comes after it was reported missing is reported with all that follows it, up to
//!    [`late_packets`](Rfc8888Options::late_packets) numbers back: the latest word counts (§3).
//! 8. Two packets in a row more than 3000 numbers behind all others, or sixteen less far behind, with nothing new between them, are those of a
//!    source that has begun to count anew: reports go on there. The numbers between are not reported.
//! 9. Where reduced-size RTCP was not negotiated, an empty receiver report and the canonical name precede each report (RFC 3550 §6.1).
//! 10. A stream that is described anew keeps what is known of the SSRCs that it still has.
//!
//! # Options
//!
//! | [`Rfc8888Options`] | default | range | source |
//! |---|---|---|---|
//! | `min_interval` | 25 ms | 5 ms..=1 s | libwebrtc |
//! | `max_interval` | 500 ms | `min_interval`..=10 s | libwebrtc |
//! | `bandwidth_share` | 0.05 | 0.001..=1 | RFC 3550 §6.2 |
//! | `min_bitrate` | 500 kbit/s | 10 kbit/s..=1 Gbit/s | libwebrtc |
//! | `max_report_bytes` | 1200, at most the MTU | 128..=65 507 | what every path carries |
//! | `late_packets` | 64 | 0..=1024 | libwebrtc |
//! | `max_arrivals` | 8192 an SSRC | 1024..=16 384 | |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | a number that came before | the first arrival counts | `duplicates` | `a_copy_changes_nothing` |
//! | numbers far behind the others | not reported | `too_late` | `numbers_far_behind_are_not_reported` |
//! | numbers that begin anew | followed from the second on | `restarts` | `a_source_that_counts_anew_is_followed_from_its_second_packet` |
//! | numbers that jump ahead, each packet | most of what is between is not reported | `missing_untold` | `jumps_cost_less_in_reports_than_the_packets_that_jump` |
//! | numbers at random | bounded memory and reports | `missing_untold`, `too_late` | `a_number_at_random_each_packet_costs_bounded_memory_and_reports` |
//! | more packets than are remembered until a report leaves | the oldest are not reported | `arrivals_forgotten` | `more_arrivals_than_are_remembered_push_the_oldest_out` |
//!
//! # Memory, timers, counters
//!
//! An SSRC of a reported stream takes at most 160 bytes, and 24 for each packet that waits to be reported and of the last
//! [`late_packets`](Rfc8888Options::late_packets) numbers; [`max_arrivals`](Rfc8888Options::max_arrivals) bounds it at 192 KiB by default. A connection takes
//! 4 KiB for reports, and two bytes for each number of the largest. A running connection allocates nothing, reports included. There is a
//! timer while something waits to be reported, and none otherwise. [`Rfc8888Counters`] are those of the connection: what arrived is
//! reported, forgotten, or [waits](Rfc8888::pending).

mod arrivals;
mod counters;
mod factory;
mod interceptor;
mod options;
mod pace;
mod round;
mod stream;

pub use counters::Rfc8888Counters;
pub use factory::Rfc8888Factory;
pub use interceptor::Rfc8888;
pub use interceptor_core::OptionsError;
pub use options::Rfc8888Options;
pub use stream::ReportedStream;
