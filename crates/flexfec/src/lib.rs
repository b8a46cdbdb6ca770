//! Forward error correction of RTP streams: FlexFEC as browsers speak it (draft 03) and as RFC 8627 has it, both ways.
//!
//! A packet that is lost comes back by asking for it, which takes a round trip, or out of repair packets that were sent along: the XOR of some of the
//! packets before them. This interceptor makes such packets for local streams, as many as the loss asks for and none while asking is enough, and
//! brings back what remote streams have lost. It takes part in streams that have [`StreamInfo::fec`](interceptor_core::StreamInfo::fec).
//!
//! ```
//! use std::time::Instant;
//! use interceptor_core::{ChainConfig, FecInfo, FecScheme, Incoming, Outgoing, Registry, StreamInfo};
//! use interceptor_core::packet::{NtpTime, Recovery, RtpPacket};
//! use interceptor_flexfec::{Code, FlexFecFactory, FlexFecOptions, ProtectionOptions};
//!
//! // A repair packet for each three packets. The default sends as many as the loss asks for.
//! let protection = ProtectionOptions::default().with_code(Code::Rows { l: 3 });
//! let fec = FlexFecFactory::new(FlexFecOptions::default().with_protection(protection))?;
//! let handle = fec.handle();
//! let registry = Registry::new().with(fec);
//! let now = Instant::now(); // the driver's clock
//! let mut sender = registry.build(ChainConfig::new("a", now, NtpTime::default(), 7))?;
//! let mut receiver = registry.build(ChainConfig::new("b", now, NtpTime::default(), 8))?;
//! let video = StreamInfo::new(0xa, 96, 90_000).with_fec(FecInfo::new(FecScheme::FlexFec03, 49).with_ssrc(0xf));
//! sender.bind_local(video.clone(), now)?;
//! receiver.bind_remote(video, now)?;
//!
//! for seq in 0..3 {
//!     let packet = RtpPacket::builder().ssrc(0xa).payload_type(96).sequence_number(seq).payload(vec![seq as u8; 9]);
//!     sender.write_rtp(packet.build()?, now);
//! }
//! // The second packet gets lost.
//! let sent = std::iter::from_fn(|| sender.poll_wire()).filter_map(|packet| match packet {
//!     Outgoing::Rtp(packet) => Some(packet.to_bytes()),
//!     Outgoing::Rtcp(_) => None,
//! });
//! sent.enumerate().filter(|(index, _)| *index != 1).for_each(|(_, packet)| receiver.read_datagram(packet, now));
//!
//! let received: Vec<_> = std::iter::from_fn(|| receiver.poll_app())
//!     .filter_map(|incoming| match incoming {
//!         Incoming::Rtp(packet) => Some((packet.sequence_number(), packet.info().recovered_by)),
//!         _ => None,
//!     })
//!     .collect();
//! assert_eq!(received, [(0, None), (2, None), (1, Some(Recovery::Fec))]);
//! assert_eq!(handle.totals().protection.repairs, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! It stands at [`Stage::FEC`](interceptor_core::Stage::FEC): above RTX, so that a retransmission counts for recovery as the packet that it is; below NACK, so that a
//! packet that comes back is not asked for, and what is sent again is not protected once more. What is stamped nearer the wire (transport-wide
//! numbers, send times) is declared to it, and reserved: without that, no repair packet would bring anything back.
//!
//! # Wire format
//!
//! | [`FecScheme`](interceptor_core::FecScheme) | SDP | repair header | protected SSRC |
//! |---|---|---|---|
//! | `FlexFec03` | `flexfec-03` | 20, 24 or 32 bytes: draft-ietf-payload-flexible-fec-scheme-03 §4.2 | in the repair header |
//! | `FlexFec` | `flexfec` | 12, 16 or 24 bytes: RFC 8627 §4.2 | as CSRC of the repair packet |
//! | `St2022_1` | none, it is told by ports | 16 bytes: SMPTE ST 2022-1, which is read and not written | the stream's that names its SSRC; the payload alone is summed |
//!
//! [`interceptor_core::packet::fec`] reads and writes them. What is summed is the first two bytes of a packet, its length, its timestamp, and all
//! behind the fixed header, where header extensions that change on the way count as zeros ([`MutableExtensions`]): both ends have to agree on which.
//!
//! # Behaviour
//!
//! Protecting local streams:
//!
//! 1. Each media packet is added to the open repair packets that cover it, and kept nowhere. Retransmissions, padding and FEC are not protected.
//! 2. Before that, zeros are put in for each header extension that is stamped nearer the wire, in media and in what is sent again: the stamp overwrites them in
//!    place, and the sum stays right.
//! 3. Which repair packet covers which packet, the [`Code`] says: rows, columns, both, interleaved, dense, or what rule 8 makes of the loss.
//! 4. A block closes with its last packet, where its mask ends (15, 46 or 109 numbers, by the size of the code), [`max_block_time`](ProtectionOptions::max_block_time)
//!    after its first packet, at a marker ([`per_frame`](ProtectionOptions::per_frame)), and when the stream or the chain ends. Repair packets leave
//!    right behind the packet that closed it. Of one that is not full, fewer leave: sums are added up, in proportion to its packets.
//! 5. Packets that come in another order join the block if its mask reaches them. One that comes later than that, up to 100 numbers, passes without
//!    protection; one farther away ends the block. A number that comes twice is summed once.
//! 6. A repair packet has its stream's FEC SSRC and payload type, numbers of that SSRC from a random one on, the timestamp of the newest packet that it covers,
//!    and no marker (RFC 8627 §4.2.1). Streams that name one FEC SSRC share its numbers.
//! 7. Repair packets take no more than [`max_overhead_percent`](ProtectionOptions::max_overhead_percent) of the bytes of the media, their own headers not counted; what goes over does not leave. What
//!    they take is published as [`ProtectionOverhead`](interceptor_core::ProtectionOverhead): when a code begins, as it is expected to, then as it was, once a
//!    second if it has changed.
//! 8. [`Code::Adaptive`] goes by [`repair_plan`](interceptor_core::packet::repair::repair_plan): from the worst [`Loss`](interceptor_core::Loss) of the last ten seconds,
//!    [`Rtt`](interceptor_core::Rtt), what the stream sends, and [`deadline`](ProtectionOptions::deadline). While asking again leaves one packet in a thousand lost,
//!    nothing is sent. More protection comes with the next block; less of it, a repair packet of a block in each second. While
//!    [`TargetBitrate`](interceptor_core::TargetBitrate) falls loss is congestion: there is no more protection for a second.
//! 9. The bytes that a repair packet is longer than what it covers are declared as headroom: who packetises leaves them free
//!    ([`Chain::headroom`](interceptor_core::Chain::headroom)). What is larger than the MTU all the same leaves, and is counted.
//!
//! Recovering remote streams:
//!
//! 10. The last [`packets`](RecoveryOptions::packets) of a stream are kept, by reference. Nothing is computed until a repair packet lacks just one of those that it
//!     covers: without losses there is no work.
//! 11. What comes back may make another repair packet lack just one, and so on. Where only several of them together say what is missing, they are solved as
//!     linear equations, once for each repair packet that comes, and for each packet that one of them lacked.
//! 12. What comes back is believed only if it can be: no longer than the sum, zeros behind its end, and a packet. It is
//!     [`Origin::Media`](interceptor_core::packet::Origin::Media) with [`Recovery::Fec`](interceptor_core::packet::Recovery::Fec) and no time of arrival, so that it counts
//!     neither for feedback nor for jitter. Mutable extensions are zeros in it.
//! 13. It goes on at once, before the packet that completed it, several in the order of their numbers. Its second copy ends here, as does that of a
//!     retransmission.
//! 14. Repair packets end here, unless a relay wants them ([`forward_repair`](RecoveryOptions::forward_repair)). Streams that name one FEC SSRC share their repair
//!     packets, which may cover several of them. A repeated packet of RFC 8627 §4.2.2.3 is read as that packet.
//! 15. A repair packet waits for [`repair_window`](RecoveryOptions::repair_window) at most, less where
//!     [`PlayoutDeadline`](interceptor_core::PlayoutDeadline) says that what comes back later is of no use. When a sender begins anew (RFC 3550 A.1) what was kept is
//!     forgotten.
//! 16. What repair packets have done is published as [`FecStats`](interceptor_core::FecStats), twice a second at most.
//!
//! # Options
//!
//! | [`FlexFecOptions`] | default | range | what it is |
//! |---|---|---|---|
//! | `protection` | [`ProtectionOptions`] | | how local streams are protected |
//! | `recovery` | [`RecoveryOptions`] | | how remote streams are recovered |
//! | `mutable` | as libwebrtc | [`MutableExtensions`] | header extensions that count as zeros |
//!
//! | [`ProtectionOptions`] | default | range | source |
//! |---|---|---|---|
//! | `code` | [`Code::Adaptive`] | 1..=109 packets, 1..=48 repair packets | what a mask of the draft reaches; 48 sums of 1.5 KiB |
//! | `deadline` | 200 ms | 20 ms..=10 s | what a conversation bears |
//! | `max_block_time` | 10 ms less than the deadline | 1 ms..=10 s | the first packet of a block comes back in time |
//! | `per_frame` | no | | a block as short as a frame falls to every burst |
//! | `max_overhead_percent` | 50 | 1..=100 | libwebrtc's `kMaxProtectionOverhead` |
//! | `receiver` | peels | [`FecDecoder`] | browsers; this crate eliminates as well |
//! | `first_sequence_number` | random | 0..=65 535 | RFC 8627 §4.2.1, RFC 3550 §5.1 |
//!
//! | [`RecoveryOptions`] | default | range | source |
//! |---|---|---|---|
//! | `packets` | 512 | 64..=4096 | a second of 5 Mbit/s |
//! | `packet_bytes` | 1 MiB | 64 KiB..=64 MiB | these, and some |
//! | `repairs` | 64 | 1..=256 | more than a block of any peer has |
//! | `repair_bytes` | 96 KiB | 4 KiB..=16 MiB | 64 of 1.5 KiB |
//! | `repair_window` | 1 s, or what was negotiated if that is less | 10 ms..=10 s | what is older is of no use |
//! | `forward_repair` | no | | |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | losses, round trips or targets beyond all measure | protection stays within its part of the media | `over_budget` | `absurd_figures_of_the_path_cost_no_more_than_the_most_that_protection_may_take` |
//! | written numbers that jump about | each ends a block; repair packets stay within their part | `early`, `over_budget` | `numbers_that_jump_about_open_and_close_blocks_and_no_more` |
//! | a number that is written twice | summed once, sent twice | `duplicates` | `a_packet_that_is_written_twice_counts_once` |
//! | a packet that is written later than the mask reaches | passes without protection | `unprotected` | `a_packet_that_comes_too_late_for_the_mask_passes_and_the_block_goes_on` |
//! | a packet that has no room for a stamp | passes as it is | `unreserved` | `a_packet_that_has_no_room_for_a_stamp_is_counted` |
//! | a packet that leaves no room for the repair header | the repair packet is larger than the MTU, and leaves | `oversize` | `the_room_that_repair_packets_need_is_declared` |
//! | more repair packets than the chain emits for one input | the others do not leave, and take no numbers | `unsent` | `no_more_leave_at_once_than_the_chain_lets` |
//! | a repair packet that is cut, has a mask without an end or without a bit, reserved bits, or no row | ends here | `malformed` | `what_is_no_repair_packet_is_counted_and_ends_here` |
//! | a repair packet of ST 2022-1 with a mask, another type than XOR, or no packet | ends here | `malformed` | `what_st_2022_1_has_no_use_for_is_counted_as_malformed` |
//! | nothing but nonsense, a million times | each is counted, nothing grows | `inconsistent`, `expired`, `useless` | `nonsense_of_draft_03_is_counted_and_kept_in_bounds`, `nonsense_of_rfc_8627_is_counted_and_kept_in_bounds`, `nonsense_of_st_2022_1_is_counted_and_kept_in_bounds` |
//! | a repair packet of a stream that does not share its SSRC | ends here | `unknown_stream` | `a_repair_packet_of_another_stream_is_counted` |
//! | a repair packet of what is long gone, or half a lap away | never waits | `expired`, `useless` | `a_repair_packet_of_what_is_long_gone_never_waits` |
//! | a repair packet whose packets never come | waits for a second | `expired` | `a_repair_packet_waits_for_a_second_and_no_longer` |
//! | a length beyond the sum, bytes that do not cancel, no packet | nothing of it is believed | `inconsistent` | `what_contradicts_what_came_is_not_believed` |
//! | repair packets without end | 64 wait, the oldest go | `expired`, `useless` | `repair_packets_without_end_are_bounded` |
//! | a repair packet twice, or of what has come | ends here | `useless` | `repair_packets_end_here_or_go_on_where_a_relay_wants_them` |
//! | a second copy of what came back | ends here | `duplicates` | `a_packet_that_came_back_is_not_asked_for_again_and_its_second_copy_ends_here` |
//! | a repeated packet, twice | goes on once | `repeats` | `a_repeated_packet_is_read_as_such_and_comes_once` |
//!
//! # Memory
//!
//! A protected stream keeps no packet: one sum of its longest packet for each open repair packet, 48 at most, so 72 KiB at 1500 bytes, and 15 KiB with the ten of an
//! adaptive code at 5 % loss; beside these 1 KiB. Sums are built in the buffers that repair packets leave in, which come back when these have left: then a
//! packet costs no allocation, and a repair packet that still waits when the next block closes costs one.
//!
//! A recovered stream keeps references to [`packets`](RecoveryOptions::packets) packets, of [`packet_bytes`](RecoveryOptions::packet_bytes) at most, and at most 128 bytes for each number;
//! a group of streams keeps [`repairs`](RecoveryOptions::repairs) repair packets of [`repair_bytes`](RecoveryOptions::repair_bytes) at most. What is kept keeps its datagram alive.
//!
//! # Timers
//!
//! One for the open block that closes first; none while no block is open.
//!
//! # Counters
//!
//! [`FlexFecHandle`] reads the counters of all connections of a factory or of one, [`ProtectionCounters`] and [`RecoveryCounters`], and how each local stream is
//! protected at present: [`Protection`]. Media packets that were written are `protected`, `duplicates` or `unprotected`; repair packets that were made are `repairs`,
//! `over_budget` or `unsent`.

mod factory;
mod handle;
mod interceptor;
mod options;
mod protection;
mod recovery;

pub use factory::FlexFecFactory;
pub use handle::{FlexFecHandle, FlexFecTotals};
pub use interceptor::FlexFec;
pub use interceptor_core::OptionsError;
pub use interceptor_core::packet::repair::FecDecoder;
pub use interceptor_parity::MutableExtensions;
pub use options::FlexFecOptions;
pub use protection::{Code, ProtectedStream, Protection, ProtectionCounters, ProtectionOptions};
pub use recovery::{RecoveredStream, RecoveryCounters, RecoveryOptions};
