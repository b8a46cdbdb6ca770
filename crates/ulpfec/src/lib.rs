//! ULPFEC in RED (RFC 5109, RFC 2198): repair packets among the media's own, as browsers and GStreamer send them.
//!
//! Video in RED whose stream carries repair packets. [`Ulpfec`] cuts RED off, makes what was lost, and leaves of each repair packet its
//! number, so that nobody asks for it. [`UlpfecUpper`] ends these empty packets; and it can protect what leaves, which it has to number
//! anew for that. Both take part in streams whose [`FecInfo`](interceptor_core::FecInfo) names the scheme.
//!
//! ```
//! use std::time::Instant;
//! use interceptor_core::packet::{NtpTime, Recovery, RtpPacket};
//! use interceptor_core::{ChainConfig, FecInfo, FecScheme, Incoming, Outgoing, RedInfo, Registry, StreamInfo};
//! use interceptor_ulpfec::{Protection, Ulpfec, UlpfecFactory, UlpfecOptions};
//!
//! // A repair packet for each three of media.
//! let ulpfec = UlpfecFactory::new(UlpfecOptions::default().with_sending(Some(Protection::new(3, 1))))?;
//! let registry = Registry::new().with(ulpfec.upper()).with(ulpfec);
//! let now = Instant::now(); // the driver's clock
//! let chain = |id| registry.build(ChainConfig::new(id, now, NtpTime::default(), 7));
//! let (mut sender, mut receiver) = (chain("sender")?, chain("receiver")?);
//! // a=rtpmap:118 red/90000, a=rtpmap:120 ulpfec/90000
//! let video = StreamInfo::new(0xa, 96, 90_000)
//!     .with_mime_type("video/VP8")
//!     .with_red(RedInfo::new(118, 96))
//!     .with_fec(FecInfo::new(FecScheme::UlpFec, 120));
//! sender.bind_local(video.clone(), now)?;
//! receiver.bind_remote(video, now)?;
//!
//! // Packets 0 to 2 and their repair packet, number 3, leave; 1 is lost.
//! for seq in 0..3 {
//!     let packet = RtpPacket::builder().ssrc(0xa).payload_type(96).sequence_number(seq).payload(vec![seq as u8; 500]);
//!     sender.write_rtp(packet.build()?, now);
//! }
//! let mut numbers = vec![];
//! while let Some(Outgoing::Rtp(packet)) = sender.poll_wire() {
//!     numbers.push(packet.sequence_number());
//!     if packet.sequence_number() != 1 {
//!         receiver.read_datagram(packet.to_bytes(), now);
//!     }
//! }
//! assert_eq!(numbers, [0, 1, 2, 3]);
//! let came = std::iter::from_fn(|| receiver.poll_app());
//! let came: Vec<RtpPacket> = came.filter_map(|it| if let Incoming::Rtp(packet) = it { Some(packet) } else { None }).collect();
//! assert!(came.iter().map(RtpPacket::sequence_number).eq([0, 2, 1]));
//! assert_eq!((came[2].payload(), came[2].info().recovered_by), (&[1; 500][..], Some(Recovery::Fec)));
//! let counters = receiver.with_streams::<Ulpfec, _>(|ulpfec, streams| ulpfec.counters(&streams)).expect("it is in the chain");
//! assert_eq!((counters.repairs, counters.recovered), (1, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! Two halves, and therefore two factories. [`UlpfecFactory`] stands at [`Stage::FEC`](interceptor_core::Stage::FEC): retransmissions have
//! been restored, and what repairs bring back is not asked for. [`UlpfecFactory::upper`] stands at
//! [`Stage::NACK`](interceptor_core::Stage::NACK)`.above()`: NACK has noted the numbers of repair packets, and what is numbered anew is
//! kept, repeated and reported below it. Without the upper half empty packets of
//! [`Origin::FecRepair`](interceptor_core::packet::Origin::FecRepair) reach the application.
//!
//! # Wire format
//!
//! A RED payload of one block: its payload type, then media or a repair (`interceptor_packet::fec::UlpFec`). Sums are over media as it is
//! without RED. Repair packets have SSRC and numbers of the media.
//!
//! # Behaviour
//!
//! Receiving:
//!
//! 1. Media goes on with its own payload type, as a slice, and is kept for repairs by reference. What is not in RED goes on as it is.
//! 2. A repair whose packets are all there but one brings that back (RFC 5109 §9.2): at once, or when the others have come; several in turn, and two repairs
//!    that lack the same packets together. Level 0 is read, with masks of 16 and 48 bits. Repairs may come in RED, bare, or in front of
//!    media (RFC 5109 §14.2).
//! 3. What came back goes on before the packet that completed it, in order of number, marked
//!    [`Recovery::Fec`](interceptor_core::packet::Recovery::Fec), without arrival time. Second copies of it end here.
//! 4. A repair packet, sound or not, goes on empty, as [`Origin::FecRepair`](interceptor_core::packet::Origin::FecRepair) on the media's
//!    SSRC; the upper half ends it.
//! 5. Header extensions that are written on the way count as zeros ([`mutable`](UlpfecOptions::mutable)).
//! 6. [`FecStats`](interceptor_core::FecStats) is published at most twice a second.
//!
//! Sending, with [`sending`](UlpfecOptions::sending); off by default, as FlexFEC needs none of this, and its repair packets are never
//! taken for lost media:
//!
//! 7. Media is put into RED. Each block of [`Protection::packets`] is followed by its repair packets: packet `i` is in the sum `i` mod
//!    their number. A block ends early after [`max_block_time`](UlpfecOptions::max_block_time), before a number that no mask can say, and
//!    when the stream ends. No packet is kept: the sums grow with each.
//! 8. Numbers on the wire are the application's and as many more as there were repair packets before: it is the wire's
//!    numbers that NACK, RTX, reports and congestion control below speak of, and so does RTCP that the application reads. What is
//!    written late has the number that it would have had, and no protection; more than 100 numbers back a sender has begun anew. A stream that loses ULPFEC keeps its numbers.
//! 9. What will be stamped nearer the wire is reserved as zeros before the sum. Padding behind a payload goes: RED has no room for it.
//! 10. A repair packet is up to 19 bytes longer than the longest packet in it: that is declared as headroom.
//!
//! # Options
//!
//! | [`UlpfecOptions`] | default | range | source |
//! |---|---|---|---|
//! | `mutable` | `Libwebrtc` | or `None` (GStreamer), or a list | what browsers do |
//! | `limits.packets` | 512 | 64..=4096 | a second of 5 Mbit/s |
//! | `limits.packet_bytes` | 1 MiB | 1500..=64 MiB | these packets |
//! | `limits.repairs` | 64 | 1..=1024 | more than peers send a block |
//! | `limits.repair_bytes` | 96 KiB | 1500..=16 MiB | these repairs |
//! | `limits.wait` | 1 s | 10 ms..=60 s | later nobody waits |
//! | `sending` | none | 1..=48 packets, 1..=packets repairs | FlexFEC is better |
//! | `max_block_time` | 100 ms | 5 ms..=1 s | half of what receivers wait |
//! | `forward_empty` | no | | yes below a jitter buffer: it takes numbers that it does not see for losses |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | malformed datagram | never reaches it | the chain's `malformed_datagrams` | `a_malformed_datagram_never_comes_here` |
//! | RED cut off, blocks longer than the payload | consumed | `malformed` | `blocks_that_do_not_fit_end_here` |
//! | payload type that was not negotiated, RED within RED | consumed | `foreign` | `a_payload_type_that_was_not_negotiated_ends_here` |
//! | redundant block of media | skipped | `blocks_skipped` | `a_redundant_block_of_media_is_skipped` |
//! | repair cut off, E = 1, empty mask, no length or one over the rest | dropped, its number goes on | `malformed_repairs` | `a_repair_that_is_none_is_counted_and_its_number_goes_on` |
//! | base far from all numbers | dropped | `expired` | `a_repair_of_numbers_far_away_waits_for_nothing` |
//! | repair of the first bytes alone | gives no packet | `partial` | `a_repair_of_the_first_bytes_alone_gives_no_packet` |
//! | repair that contradicts what came | gives no packet | `inconsistent` | `a_repair_that_contradicts_what_came_gives_no_packet` |
//! | repairs that lack two packets, without end | as many wait as may | `expired` | `a_flood_of_repairs_that_lack_two_packets_keeps_to_its_limits` |
//! | packet without payload | goes on | `swallowed` stays | `an_empty_packet_of_its_own_is_no_repair` |
//!
//! # Memory, timers, counters
//!
//! A remote stream keeps its last packets and repairs that wait, within [`DecoderLimits`], in bytes as well as in packets; a local one a
//! sum a repair packet. There is a timer while a block is open, and none otherwise.
//!
//! [`Ulpfec::counters`], [`Ulpfec::tally`], [`UlpfecUpper::counters`] and [`UlpfecUpper::ended`] tell the sums over all streams, ended ones
//! included; [`Chain::with_streams`](interceptor_core::Chain::with_streams) lends a stream's own.

mod counters;
mod factory;
mod negotiated;
mod options;
mod receiver;
mod upper;

pub use counters::{EndCounters, ReceiveCounters, SendCounters};
pub use factory::{UlpfecFactory, UlpfecUpperFactory};
pub use interceptor_core::OptionsError;
pub use interceptor_parity::{DecoderLimits, DecoderTally, MutableExtensions};
pub use options::{Protection, UlpfecOptions};
pub use receiver::{RepairedStream, Ulpfec};
pub use upper::{ProtectedStream, UlpfecUpper};
