//! Transport-wide congestion control: numbers each packet that leaves, and reports when each packet arrived.
//!
//! One interceptor for both directions of a connection. What leaves gets a number that counts on over all streams of the connection
//! (the header extension of draft-holmer-rmcat-transport-wide-cc-extensions-01 §2); of what arrives the peer is told, some times a
//! second, which numbers came and when (§3). From that a sender learns what the path carries: without it a browser sends 48 kbit/s
//! to 300 kbit/s and no more. What to make of feedback that comes in is congestion control's, which is no part of this crate;
//! [`Twcc::packets`](interceptor_core::packet::rtcp::Twcc::packets) reads it.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_core::packet::rtcp::TwccStatus;
//! use interceptor_core::packet::{NtpTime, Rtcp, RtpPacket};
//! use interceptor_core::{ChainConfig, Outgoing, Registry, StreamInfo};
//! use interceptor_twcc::{Twcc, TwccFactory, TwccOptions};
//!
//! let registry = Registry::new().with(TwccFactory::new(TwccOptions::default())?);
//! let start = Instant::now();
//! let chain = |id| registry.build(ChainConfig::new(id, start, NtpTime::default(), 7));
//! let (mut sender, mut receiver) = (chain("sender")?, chain("receiver")?);
//! let video = StreamInfo::new(0xa, 96, 90_000)
//!     .with_feedback("transport-cc", "")
//!     .with_extension(5, "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01");
//! sender.bind_local(video.clone(), start)?;
//! receiver.bind_remote(video, start)?;
//!
//! // Three packets, 10 ms apart. The second is lost.
//! let mut now = start;
//! for seq in 0..3 {
//!     let packet = RtpPacket::builder().ssrc(0xa).payload_type(96).sequence_number(seq).payload(&b"media"[..]).build()?;
//!     sender.write_rtp(packet, now);
//!     let Some(Outgoing::Rtp(packet)) = sender.poll_wire() else { panic!("media leaves") };
//!     if seq != 1 {
//!         receiver.read_datagram(packet.to_bytes(), now);
//!     }
//!     now += Duration::from_millis(10);
//! }
//! // The receiver's timer is due: it tells what came, and when.
//! receiver.handle_timeout(now);
//! let Some(Outgoing::Rtcp(feedback)) = receiver.poll_wire() else { panic!("feedback leaves") };
//! let Some(Rtcp::Twcc(feedback)) = feedback.packets().next() else { panic!("it is about the transport") };
//! let told: Vec<_> = feedback.packets().expect("it is well-formed").collect();
//! let at = |micros| TwccStatus::Received { micros };
//! assert_eq!(told, [(0, at(0)), (1, TwccStatus::NotReceived), (2, at(20_000))]);
//!
//! let counters = receiver.get::<Twcc>().expect("it is in the chain").counters();
//! assert_eq!((counters.arrivals, counters.feedback_sent), (2, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! It stands at [`Stage::CONGESTION`](interceptor_core::Stage::CONGESTION)`.above()`: nearer the wire than everything that makes or
//! holds packets back, so that retransmissions, FEC and padding are numbered, in the order in which they leave, and arrivals are
//! noted before any delay. Congestion control stands below it and finds the number in the packet. What sums whole packets above (FEC)
//! learns by [`declare_stamp`](interceptor_core::Context::declare_stamp) to leave room for the number.
//!
//! # Behaviour
//!
//! Numbering:
//!
//! 1. It takes part in each local stream that names the extension's URI. A packet of its media, RTX or FEC SSRC gets the next number
//!    of the connection, modulo 65 536, when it passes: a retransmission a new one. A number that is there, or room for it, is
//!    overwritten in place; otherwise the packet grows by up to 8 bytes.
//! 2. A packet whose header extension takes no number leaves without one, and none is used up.
//! 3. A stream that did not negotiate the extension never reaches it and pays nothing. The extension's second version, where feedback
//!    comes on request only, is read but not written.
//!
//! Reporting:
//!
//! 4. It takes part in each remote stream that names the extension and `transport-cc` feedback, and takes numbers of its media, RTX and
//!    FEC SSRCs. Packets of SSRCs that no stream has count as well, by the identifier that the bound streams have for the URI; those
//!    that came before there was one count when a session hands them on. All streams of a connection have the same (RFC 8843 §9.2): a stream that is bound with another one is refused with
//!    [`InvalidStream`](interceptor_core::ChainError::InvalidStream). Streams that are described anew one after the other may differ meanwhile.
//! 5. The time of an arrival is that of the datagram ([`PacketInfo::arrival`](interceptor_core::packet::PacketInfo::arrival)), rounded
//!    once to 250 µs: errors do not add up. Of copies the first counts. What RTX or FEC restored has not arrived.
//! 6. The first packet, and the first after a silence, is reported at once. From then on feedback leaves so often that it takes
//!    [`bandwidth_share`](TwccOptions::bandwidth_share) of the received rate at 68 bytes a message, IP and UDP headers included, but
//!    not within [`min_interval`](TwccOptions::min_interval) and not later than [`max_interval`](TwccOptions::max_interval). The rate
//!    is measured over 250 ms at least; until it is known [`first_interval`](TwccOptions::first_interval) counts. A packet
//!    that asks for feedback (second version) has it after `min_interval`.
//! 7. Feedback is about every number since the last one, without a gap, missing ones included. What does not fit a message goes into
//!    further ones, each with the next feedback count: more than [`max_feedback_bytes`](TwccOptions::max_feedback_bytes) or the MTU,
//!    more than 65 535 numbers, packets more than 8.19 s apart. Each is a datagram of its own, as libwebrtc reads only one message of
//!    a datagram.
//! 8. A packet that comes after it was reported missing is reported again, up to [`late_packets`](TwccOptions::late_packets) numbers
//!    back and [`late_time`](TwccOptions::late_time) after the next packet that had come: in a message that reaches from the first
//!    such packet to the last, and says of those between what it said before.
//! 9. Two packets in a row more than 3000 numbers behind all others, or sixteen less far behind, with nothing new between them, are those of a sender
//!    that has begun to count anew: feedback goes on there. The numbers between are not reported.
//! 10. Where reduced-size RTCP was not negotiated, an empty receiver report and the canonical name precede each message (RFC 3550 §6.1).
//!     The media SSRC of a message is that of the last packet's stream. Each path ([`PacketInfo::path`](interceptor_core::packet::PacketInfo::path))
//!     has feedback of its own, which leaves by it.
//!
//! # Options
//!
//! | [`TwccOptions`] | default | range | source |
//! |---|---|---|---|
//! | `stamping`, `reporting` | yes | | |
//! | `first_number` | 0 | any | pion |
//! | `min_interval` | 50 ms | 10 ms..=1 s | libwebrtc |
//! | `max_interval` | 250 ms | `min_interval`..=10 s | libwebrtc |
//! | `first_interval` | 100 ms | `min_interval..=max_interval` | libwebrtc |
//! | `bandwidth_share` | 0.05 | 0.001..=1 | RFC 3550 §6.2, libwebrtc |
//! | `max_feedback_bytes` | 1200, at most the MTU | 128..=65 507 | what every path carries |
//! | `late_packets` | 128 | 0..=1024 | |
//! | `late_time` | 500 ms | 0..=10 s | libwebrtc |
//! | `max_arrivals` | 8192 | 1024..=32 768 | 1.5 Gbit/s |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | extension of another length than a number has | not read, the packet goes on | `malformed_numbers` | `a_number_of_another_length_is_not_read_and_counted` |
//! | packet of a reported stream without a number | goes on | `unnumbered` | `a_packet_without_a_number_is_counted` |
//! | a number that came before | the first arrival counts | `duplicates` | `a_copy_changes_nothing` |
//! | numbers far behind the others | not reported | `too_late` | `numbers_far_behind_are_not_reported` |
//! | numbers that begin anew | followed from the second on | `restarts` | `a_sender_that_counts_anew_is_followed_from_its_second_packet` |
//! | numbers that jump ahead, each packet | reported; at most a message for two packets, and no memory for what is between | `jumps` | `jumps_of_thirty_thousand_cost_a_few_bytes_each` |
//! | numbers at random | bounded memory and feedback | `jumps`, `too_late` | `a_number_at_random_each_packet_costs_bounded_memory_and_feedback` |
//! | more packets than are remembered until feedback leaves | the oldest are not reported | `arrivals_forgotten` | `more_arrivals_than_are_remembered_push_the_oldest_out` |
//! | requests for feedback in every packet | no more often than `min_interval` | `feedback_requests` | `requests_for_feedback_in_every_packet_make_no_more_than_twenty_a_second` |
//! | outgoing packet with a header extension of a foreign profile | leaves without a number | `not_stamped` | `a_foreign_extension_block_leaves_without_a_number` |
//!
//! # Memory, timers, counters
//!
//! A connection that receives takes 16 bytes for each packet that waits to be reported and for the last
//! [`late_packets`](TwccOptions::late_packets) numbers, and some 6 KiB for messages; [`max_arrivals`](TwccOptions::max_arrivals) bounds it at 128 KiB by
//! default. A stream takes a few bytes. A running connection allocates nothing, feedback included. There is a timer while something
//! waits to be reported, and none otherwise. [`TwccCounters`] are those of the connection:
//! what arrived is reported, forgotten, or [waits](Twcc::pending).

mod arrivals;
mod chunks;
mod counters;
mod extension;
mod factory;
mod feedback;
mod interceptor;
mod options;
mod pace;
mod receiver;
mod stamp;

pub use counters::TwccCounters;
pub use factory::TwccFactory;
pub use interceptor::{ReportedStream, Twcc};
pub use interceptor_core::OptionsError;
pub use options::TwccOptions;
pub use stamp::StampedStream;
