//! One RTP stream over two or more networks at once: each packet leaves by all of them, and the first copy that comes goes on.
//!
//! What one network loses another brings, without delay and without anybody having to ask: SMPTE ST 2022-7 (seamless protection switching),
//! RFC 7198 (duplicated streams), RIST bonding in its broadcast form, WebRTC over wifi and 4G. [`Merge`] receives, [`Duplicate`] sends; each
//! goes without the other, since copies are byte for byte what was sent. Paths are told apart by
//! [`PacketInfo::path`](interceptor_core::packet::PacketInfo::path), which the driver sets and obeys: `interceptor-tokio` does, with a
//! transport a path.
//!
//! ```
//! use std::time::Instant;
//! use interceptor_core::packet::{NtpTime, RtpPacket};
//! use interceptor_core::{ChainConfig, Incoming, Outgoing, Registry, StreamInfo};
//! use interceptor_merge::{DuplicateFactory, Merge, MergeFactory};
//!
//! let now = Instant::now(); // the driver's clock
//! let config = |name| ChainConfig::new(name, now, NtpTime::default(), 7);
//! let mut camera = Registry::new().with(DuplicateFactory::default()).build(config("camera"))?;
//! let mut studio = Registry::new().with(MergeFactory::default()).build(config("studio"))?;
//! camera.bind_local(StreamInfo::new(1, 96, 90_000), now)?;
//! studio.bind_remote(StreamInfo::new(1, 96, 90_000), now)?;
//!
//! for seq in 0..100 {
//!     camera.write_rtp(RtpPacket::builder().ssrc(1).payload_type(96).sequence_number(seq).build()?, now);
//!     while let Some(Outgoing::Rtp(packet)) = camera.poll_wire() {
//!         // Path 0 loses every fifth packet, path 1 every seventh: one in 35 is lost on both.
//!         let lost = seq % if packet.info().path == 0 { 5 } else { 7 } == 3;
//!         if !lost {
//!             studio.read_rtp(packet, now);
//!         }
//!     }
//! }
//! let read = std::iter::from_fn(|| studio.poll_app()).filter(|packet| matches!(packet, Incoming::Rtp(_)));
//! assert_eq!(read.count(), 100 - 3);
//! let counters = studio.get::<Merge>().map(Merge::counters).copied().unwrap_or_default();
//! assert_eq!((counters.passed, counters.copies), (97, 69));
//! let alone = studio.with_streams::<Merge, _>(|_, streams| streams.peek_remote(1).map(|stream| stream.path(1).unique));
//! assert_eq!(alone.flatten(), Some(17), "which only the second path brought");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! [`MergeFactory`] stands at [`Stage::REPORT`](interceptor_core::Stage::REPORT)`.below()`: reports, NACK, FEC and all above see one stream,
//! and what both paths lost. What stands below sees each copy as it crosses the wire: captures and statistics show later copies as
//! duplicates, `interceptor-twcc` keeps arrivals and sends feedback a path.
//!
//! [`DuplicateFactory`] stands at `Stage(1990)`, below [`Stage::CONGESTION`](interceptor_core::Stage::CONGESTION): copies bear the same
//! stamps as the packet, and congestion control counts it once. Retransmissions, FEC and padding are copied as media is.
//!
//! # Wire format
//!
//! None of its own. With one SSRC for all copies (SMPTE ST 2022-7) nothing has to be announced. Where copies have SSRCs of their own
//! (`a=ssrc-group:DUP`, RFC 7104 §3), [`StreamInfo::with_duplicate`](interceptor_core::StreamInfo::with_duplicate) names these; numbers and
//! timestamps are the same.
//!
//! # Behaviour
//!
//! What comes in:
//!
//! 1. The first copy of a number goes on at once, whatever path brought it; later ones end here. So do copies over the same path, as
//!    temporal redundancy makes them (RFC 7197). Media, retransmissions and FEC have numbers apart, by their SSRCs.
//! 2. A packet that came on an SSRC of [`duplicates`](interceptor_core::StreamInfo::duplicates) goes on with that of the media.
//! 3. Of the newest numbers those of the last [`skew`](MergeOptions::skew) are known, at most [`window`](MergeOptions::window). What is
//!    older ends here: a path that far behind brings what the others have brought.
//! 4. A number far from all others goes on, and moves nothing. Two of them in a row are a sender that counts anew (RFC 3550 A.1), and so is
//!    a path that brings numbers again with other payloads, later than `skew`, or numbers from before all that is known when nobody has
//!    brought a new one for `skew`: all paths are followed there, each when it gets there.
//! 5. [`Order::Held`]: what is behind a gap waits until another path fills that, or for `skew`. Without gaps nothing waits. What comes
//!    when its turn is over ends here. NACK above then asks only for what all paths lost; otherwise it may ask for what a slow path is yet
//!    to bring.
//! 6. [`MergedStream::path`] tells of each path what it brought, what only it brought, what it lost, and how much later than the first its
//!    copies come.
//! 7. A path is dead when others have brought packets for more than three of its intervals, and for more than `skew`, and it has not:
//!    [`PathChange::Died`], then [`PathChange::Returned`]. While nothing comes over any path, none is dead: the sender pauses.
//! 8. Copies are compared by the first 16 bytes of their payloads. Of two that differ the path with the lower number is believed. A path that
//!    differs a hundred times within a second carries something else: [`PathChange::Distrusted`], and what it brings ends here until the
//!    stream is bound anew.
//!
//! What leaves:
//!
//! 9. Each RTP packet leaves as it is, by path 0, and once for each of [`copies`](DuplicateOptions::copies), by its path, at once or later.
//!    Packets whose path somebody has set are left alone.
//! 10. RTCP is copied to each other path at once, unless [`rtcp`](DuplicateOptions::rtcp) says no: a dead path takes no feedback with it.
//!
//! # Options
//!
//! | [`MergeOptions`] | default | range | what it is |
//! |---|---|---|---|
//! | `paths` | 8 | 1..=8 | paths that are merged, numbered from 0 |
//! | `skew` | 200 ms | 1 ms..=15 s | how much later than the first a copy may come |
//! | `window` | 2048 | a power of two in 64..=32 768 | numbers that are known at most |
//! | `order` | [`AsTheyCome`](Order::AsTheyCome) | or [`Held`](Order::Held) | in which order packets go on |
//! | `max_held_bytes` | 4 MiB | 1500..=1 GiB | with `Held`: what waits of a stream |
//!
//! | [`DuplicateOptions`] | default | range | what it is |
//! |---|---|---|---|
//! | `copies` | one, at once, by path 1 | 1 to 7, each up to 5 s later | the copies of each packet |
//! | `rtcp` | yes | | is RTCP copied too? |
//! | `max_waiting_packets` | 8192 | 1..=65 536 | copies that wait, of all together |
//! | `max_waiting_bytes` | 4 MiB | 1500..=1 GiB | their bytes |
//!
//! # Malformed and hostile input
//!
//! Counters are those of [`MergeCounters`] and [`DuplicateCounters`], but for those of the chain.
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | malformed datagram | never reaches it | the chain's `malformed_datagrams` | `a_malformed_datagram_is_no_copy` |
//! | packet of an unknown SSRC | passes, as often as it comes | the chain's `unbound_read` | `a_packet_of_an_unknown_ssrc_passes_as_often_as_it_comes` |
//! | packet over a path that is none of `paths` | passes unmerged | `unknown_path` | `a_packet_over_an_unknown_path_passes_unmerged` |
//! | copy further behind than is known | ends here | `too_old` | `a_copy_beyond_the_window_ends_here` |
//! | number far from all others | passes, moves nothing | `strays` | `a_number_far_from_all_others_moves_nothing` |
//! | numbers that jump about | pass or end; memory stays | `strays`, `restarts` | `numbers_that_jump_about_take_no_more_memory_than_the_window` |
//! | forged packets on one path | a hundred are believed if they come first; then the path is shut out | `mismatched`, `distrusted` | `forged_packets_on_one_path_leave_the_other_alone` |
//! | with `Held`, gaps without end | the oldest are given up when more waits than may | `held` | `a_gap_that_is_never_filled_holds_no_more_than_it_may` |
//! | more copies than may wait | these are dropped, the packets leave | `dropped_queue` | `copies_beyond_what_may_wait_are_dropped` |
//!
//! Path 0 is always believed: whoever can forge packets there can shut the others out. SRTP on each path keeps forgers away.
//!
//! # Memory, timers, counters
//!
//! A stream takes 16 bytes for each number that is known, at first 64 of them, and at most `window`: 1 KiB for telephony, 32 KiB from some
//! thousand packets a second on; as much again for retransmissions and for FEC if there are any. A path takes under 200 bytes. With `Held`, and of
//! delayed copies, packets that wait take 176 bytes beside their payloads. Once buffers have their size a packet costs no allocation; an
//! event is boxed.
//!
//! There is a timer while something waits, and none otherwise: that a path is dead shows by what the others bring.
//!
//! [`Merge::counters`] says what became of packets, [`MergedStream::paths`] how each path does, [`Duplicate::counters`] what was sent. What
//! came in is what has passed, ended as `copies`, `too_old`, `distrusted` or `missed_turn`, was dropped as `dropped_ended`, or waits.

mod counters;
mod duplicate;
mod duplicate_options;
mod factory;
mod fingerprint;
mod held;
mod interceptor;
mod liveness;
mod log;
mod merging;
mod options;
mod ordering;
mod path;
mod stream;

pub use counters::{DuplicateCounters, MergeCounters};
pub use duplicate::Duplicate;
pub use duplicate_options::{CopyTo, DuplicateOptions};
pub use factory::{DuplicateFactory, MergeFactory};
pub use interceptor::Merge;
pub use interceptor_core::OptionsError;
pub use liveness::PathChange;
pub use options::{MergeOptions, Order};
pub use path::PathReport;
pub use stream::MergedStream;
