//! Congestion control: how much may be sent, learnt from transport feedback (TWCC, RFC 8888), reports and REMB.
//!
//! An interceptor around a controller. It notes down what leaves, joins it with what the peer says of it, and tells a [`Controller`] in the order
//! in which packets left: this one came then, that one was lost, of that one nobody told. What the controller decides is published to those who
//! pace and encode, shared among the streams, kept within what the application and the peer allow, and stopped by a circuit breaker (RFC 8083).
//! [`Adaptive`] is the controller by default; any other is one trait away.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_congestion::{CongestionFactory, CongestionOptions};
//! use interceptor_core::packet::{NtpTime, RtcpPacket, RtpPacket};
//! use interceptor_core::{BitrateRange, ChainConfig, Registry, StreamInfo};
//!
//! let congestion = CongestionFactory::new(CongestionOptions::default())?;
//! let handle = congestion.handle();
//! let registry = Registry::new().with(congestion); // and interceptor-twcc, which numbers what leaves
//! let mut now = Instant::now(); // the driver's clock
//! let mut chain = registry.build(ChainConfig::new("call-1", now, NtpTime::default(), 7))?;
//! let mut video = StreamInfo::new(0x0a0b_0c0d, 96, 90_000)
//!     .with_mime_type("video/VP8")
//!     .with_feedback("transport-cc", "")
//!     .with_extension(5, "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01");
//! video.bitrate = Some(BitrateRange::new(100_000, 2_000_000));
//! chain.bind_local(video, now)?;
//! chain.handle_timeout(now);
//!
//! // Three packets leave, 10 ms apart. The peer tells of them: the second is lost.
//! for number in 10_u16..13 {
//!     let packet = RtpPacket::builder().ssrc(0x0a0b_0c0d).payload_type(96).extension(5, &number.to_be_bytes());
//!     chain.write_rtp(packet.payload(vec![0; 1000]).build()?, now);
//!     now += Duration::from_millis(10);
//! }
//! let feedback: &[u8] = &[
//!     0x8f, 205, 0, 6, 1, 2, 3, 4, 0x0a, 0x0b, 0x0c, 0x0d, 0, 10, 0, 3, 0, 0, 1, 0, 0xd1, 0x00, 0, 40, 0, 0, 0, 0,
//! ];
//! chain.read_rtcp(RtcpPacket::parse(feedback.into())?, now);
//!
//! let state = handle.connection("call-1").connections().remove(0);
//! assert_eq!((state.counters.packets_received, state.counters.packets_lost, state.in_flight), (2, 1, 0));
//! // What may be sent, and the video's part of it, without headers.
//! let video = handle.stream_target(0x0a0b_0c0d).expect("it says what it can use");
//! assert!(state.target >= 300_000 && video.bits_per_second <= state.target);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! It stands at [`Stage::CONGESTION`](interceptor_core::Stage::CONGESTION)`.below()`: nearer the wire than whoever paces, numbers and makes packets,
//! so that it sees what leaves when it leaves. The transport-wide number is read from the packet.
//!
//! # Behaviour
//!
//! Feedback:
//!
//! 1. A packet of a bound stream is noted down under its transport-wide number, if that is what the peer tells of, or under its SSRC and sequence
//!    number (RFC 8888). Which of both is used where streams offer both says [`FeedbackChoice`]; messages of the other are counted and not used, until
//!    what was chosen is silent for 5 s. A packet that no feedback can tell of takes its part of the target and is counted.
//! 2. A message is joined with what was sent and given to the controller in the order of sending, once a packet. A packet that was told lost, or of
//!    which nobody told, and that comes after all is told again. Numbers, reference times (24 bits) and report timestamps (32 bits) are taken off
//!    their circles. The receiver's clock begins with the first packet; where it is set by more than 5 s in the middle it goes on from where it was.
//! 3. Numbers below those that a message names, and that none has named, are unknown and never lost: it was a message that was lost, not the packet.
//!    Under RFC 8888 this goes by SSRC, and for SSRCs of which nothing comes by time, a second behind the newest that came.
//! 4. What nobody told of for 10 s, or five round trips if these are longer, is no longer on the way; after 60 s whatever the round trip.
//! 5. Transport-wide feedback is about the transport, whatever stream of ours it names: one that is bound, one of the last eight that ended, or none (0).
//! 6. Receiver reports give the controller losses and round-trip times of all streams together, also where there is nothing else.
//! 7. With a controller that wants marks, a transport that can set them ([`ChainConfig::ecn`](interceptor_core::ChainConfig::ecn)) and RFC 8888, packets
//!    leave with [`PacketInfo::ecn`](interceptor_core::packet::PacketInfo::ecn) set. They do so no longer when ten came with the mark cleared and
//!    none with one, or when more than 90 % of fifty came marked without a queue.
//!
//! What is published:
//!
//! 8. [`TargetBitrate`](interceptor_core::TargetBitrate): a fall at once; a rise of 3 % or more, at most each 25 ms. Its stable part is 95 % of the
//!    average over 2 s and never more than the target. [`Pacing`](interceptor_core::Pacing) when it changes, with a window whenever the bytes on the
//!    way have; [`Probe`](interceptor_core::Probe); [`LinkState`](interceptor_core::LinkState) at most each 100 ms while it says the same of the path.
//! 9. [`Loss`](interceptor_core::Loss) of each stream's media, at most each 500 ms: the part that is lost, and the mean length of its runs, of the
//!    last seconds. [`Rtt`](interceptor_core::Rtt) where nobody else has published one for 10 s.
//! 10. [`StreamTarget`](interceptor_core::StreamTarget) of each stream that says what it can use ([`StreamInfo::bitrate`](interceptor_core::StreamInfo::bitrate)):
//!     of the target what leaves outside of streams, headers, retransmissions and FEC (measured, or
//!     [`ProtectionOverhead`](interceptor_core::ProtectionOverhead) if that is more) are taken off; every minimum is given, audio first; the rest goes
//!     by weight up to the maxima. A video that [pauses](interceptor_core::BitrateRange::pauses) does so when its minimum does not fit, and goes on
//!     when 120 % of it have fitted for 3 s. A stream that does not say what it can use keeps what it sends.
//!
//! Limits:
//!
//! 11. The target stays between [`min_bitrate`](CongestionOptions::min_bitrate), which wins, and the smallest of
//!     [`max_bitrate`](CongestionOptions::max_bitrate), the peer's REMB, its TMMBR, and twice what all streams together can use (twice, so that the
//!     controller learns what there would be). They hold within the step in which they come.
//! 12. A REMB is a cap. After 5 s without another it ends where there is transport feedback, and falls by 15 % a second where there is none.
//!     [`CongestionHandle::set_remb`] sends them: at once when it falls by 3 %, else each second, naming the remote streams with `goog-remb`.
//! 13. TMMBR holds until its owner says BYE or something else, and is answered by TMMBN with the bounding set (RFC 5104 §3.5.4.2), at most each 100 ms.
//! 14. The circuit breaker opens when packets leave and the peer sends no RTCP for five intervals of its reports (5 s until they are known), when its
//!     reports say five times that nothing new has come, or when ten times more is sent than TCP would send, for as long as RFC 8083 §4.3 says.
//!     While it is open the target is the least, and all streams but audio that say what they can use are paused. It closes when packets arrive again.
//!     After 30 s the least rate is tried, each time that this fails twice as long after the last. The owner is told by [`CircuitBreaker`].
//!
//! What a peer offers, and what is used:
//!
//! | peer | used |
//! |---|---|
//! | `transport-cc` and `ack ccfb` | RFC 8888 where ECN is of use, else transport-wide feedback; never both |
//! | `transport-cc` | transport-wide feedback, unmarked |
//! | `ack ccfb` | RFC 8888, marked if the controller wants and the transport can |
//! | `goog-remb` | REMB as a cap, losses and round trips of reports |
//! | one of the first three and `goog-remb` | REMB as a cap beside it |
//! | nothing | losses and round trips of reports |
//!
//! # Options
//!
//! | [`CongestionOptions`] | default | range | source |
//! |---|---|---|---|
//! | `start_bitrate` | 300 kbit/s | `min_bitrate..=max_bitrate` | libwebrtc |
//! | `min_bitrate` | 30 kbit/s | 5 kbit/s..=1 Gbit/s, not over `max_bitrate` | audio and RTCP |
//! | `max_bitrate` | 50 Mbit/s | up to 10 Gbit/s | pion |
//! | `feedback` | `Auto` | [`FeedbackChoice`] | |
//! | `ecn` | yes | | |
//! | `peer_limits` | yes | | RFC 5104 |
//! | `circuit_breaker` | yes | | RFC 8083 |
//! | `stream_targets` | yes | | |
//! | `datagram_overhead` | 28 bytes | 20..=256 | IPv4 and UDP |
//! | `max_packets` | 32 768 | a power of two in 2048..=32 768 | two seconds of 150 Mbit/s |
//! | `max_tmmbr_owners` | 8 | 1..=64 | |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | feedback whose chunks or deltas end before its packets do, or about none | not used | `malformed_feedback` | `feedback_that_ends_before_its_packets_do_is_counted` |
//! | feedback about packets that were not sent, or are forgotten | that part is not used | `not_known` | `feedback_about_packets_that_were_never_sent_is_counted`, `numbers_that_were_not_sent_are_counted_under_rfc_8888_as_well` |
//! | feedback about 65 535 packets | joined with what is known, with 8191 at most | `feedback_cut`, `not_known` | `sixty_five_thousand_statuses_are_joined_with_what_was_sent_and_no_more` |
//! | feedback that comes again | nothing is told twice | `feedback_without_news`, `told_again` | `feedback_that_comes_again_changes_nothing` |
//! | feedback of another transport | not used | `foreign_feedback` | `feedback_of_another_transport_is_not_ours` |
//! | RFC 8888 blocks of SSRCs that are not ours | not used | `unknown_ssrc`, `foreign_feedback` | `feedback_that_names_nobody_of_ours_is_counted` |
//! | times that go back | given as they are | `packets_received` | `times_that_go_back_are_given_as_they_are` |
//! | a clock that leaps | goes on from where it was | `clock_set` | `a_clock_that_leaps_with_each_message_moves_nothing` |
//! | REMB of 0, or of more than there is | the least, or no cap | `remb_received` | `a_remb_is_a_cap_within_the_step_in_which_it_comes` |
//! | REMB about others | not used | `remb_foreign` | `a_remb_about_others_is_not_ours` |
//! | TMMBR of owners without end | the strictest are held, answers are gathered | `tmmbr_ignored` | `requests_without_end_are_answered_together_ten_times_a_second` |
//! | report blocks that go back or leap | no loss is made of them | `report_blocks_odd` | `report_blocks_that_leap_are_no_losses` |
//! | truncated messages and noise | nothing moves | `malformed_feedback`, the chain's `malformed_rtcp_packets` | `truncations_and_noise_of_every_kind_pass_without_a_panic` |
//!
//! # Memory, timers, counters
//!
//! A connection takes 32 KiB for the packets on the way, and more as they are more, up to 512 KiB ([`max_packets`](CongestionOptions::max_packets)); a
//! message of feedback up to some 100 bytes for each packet that it names. An SSRC of a stream with RFC 8888 takes 256 bytes, up to 128 KiB. A running
//! connection allocates nothing, feedback included. Packets take no lock; a handle's reader and the message that shows it something new share one. There
//! is a timer each 100 ms while packets leave, when the controller wants one, and none otherwise once nothing is on the way. [`CongestionCounters`] say
//! what became of every packet and every message.

mod adaptive;
mod allocate;
mod breaker;
mod choice;
mod clock;
mod connection;
mod controller;
mod counters;
mod ecn;
mod factory;
mod handle;
mod hearing;
mod history;
mod interceptor;
mod limits;
mod loss;
mod news;
mod numbers;
mod options;
mod rates;
mod remb;
mod reports;
mod resolve;
mod scream;
mod sending;
mod settling;
mod sources;
mod stream;
mod time;
mod tmmbr;
mod upkeep;

pub use adaptive::{Adaptive, AdaptiveOptions};
pub use breaker::{CircuitBreaker, Trip};
pub use connection::Congestion;
pub use controller::{
    Controller, Decision, Feedback, FeedbackFormat, LossReport, Outcome, PacketClass, PacketOutcome,
    RateLimits, Reason, Sent,
};
pub use counters::CongestionCounters;
pub use factory::{Begin, CongestionFactory};
pub use handle::{CongestionHandle, CongestionState};
pub use interceptor::RembStream;
pub use interceptor_core::OptionsError;
pub use options::{CongestionOptions, FeedbackChoice};
pub use scream::{Scream, ScreamOptions};
pub use stream::SentStream;
pub use time::Time;
