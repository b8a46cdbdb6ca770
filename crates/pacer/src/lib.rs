//! Paces RTP: what would leave in a burst leaves evenly, the urgent first, at the rate that congestion control or you set.
//!
//! An encoder makes a frame at once, and a key frame is a hundred packets. Sent in one go they fill queues on the way, are dropped
//! there, and hide from congestion control what the path can carry. A pacer lets them go one after the other; audio does not wait for
//! them. The pace is what congestion control publishes as [`Pacing`](interceptor_core::Pacing), or a fixed one: a pacer is of use alone,
//! too.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_core::{ChainConfig, Registry, StreamInfo};
//! use interceptor_core::packet::{NtpTime, RtpPacket};
//! use interceptor_pacer::{Class, PacerFactory, PacerOptions};
//!
//! // 1 Mbit/s: a packet of 1250 bytes takes ten milliseconds, five of which may be run ahead of.
//! let pacer = PacerFactory::new(PacerOptions::default().with_rate(Some(1_000_000)))?;
//! let handle = pacer.handle();
//! let now = Instant::now(); // the driver's clock
//! let mut chain = Registry::new().with(pacer).build(ChainConfig::new("call-1", now, NtpTime::default(), 7))?;
//! chain.bind_local(StreamInfo::new(0xa, 96, 90_000).with_mime_type("video/VP8"), now)?;
//! for seq in 0..4 {
//!     // 12 bytes of header, and 28 of IP and UDP.
//!     chain.write_rtp(RtpPacket::builder().ssrc(0xa).sequence_number(seq).payload(vec![0; 1210]).build()?, now);
//! }
//! assert_eq!(std::iter::from_fn(|| chain.poll_wire()).count(), 1);
//! assert_eq!(handle.queue().time, Duration::from_millis(30));
//!
//! let mut left = Vec::new();
//! while let Some(at) = chain.next_timeout().filter(|_| left.len() < 3) {
//!     chain.handle_timeout(at);
//!     left.extend(std::iter::from_fn(|| chain.poll_wire()).map(|_| (at - now).as_millis()));
//! }
//! assert_eq!(left, [5, 15, 25]);
//! assert_eq!(handle.totals().class(Class::Video).passed, 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! It stands at [`Stage::PACING`](interceptor_core::Stage::PACING): all that interceptors above it make is paced (retransmissions,
//! FEC, RTX padding), and what stands below sees each packet when it leaves: transport-wide numbers are given, departure times noted and
//! captures written after the wait. Limits (`interceptor-limit`) stand just above.
//!
//! # Behaviour
//!
//! 1. A packet leaves when nothing is owed; it then owes its bytes, which the pace pays off. So in any time there leaves at most what the
//!    pace allows, one burst and one packet; a packet larger than a burst goes alone, and nothing is ever too large. Bytes are those on the wire:
//!    header, payload, and IP and UDP ([`datagram_overhead`](PacerOptions::datagram_overhead)).
//! 2. The burst is what `Pacing` says, 10 ms at most, and no less than what comes in until a chain's timers fire again
//!    ([`min_rearm`](interceptor_core::Limits::min_rearm), 1 ms); of a fixed [`rate`](PacerOptions::rate) it is [`burst`](PacerOptions::burst).
//! 3. Classes are strict ([`Class`]): audio, repeats (of audio before those of video), video, FEC, padding. Audio
//!    does not wait, but what it takes the others have not ([`pace_audio`](PacerOptions::pace_audio)). Repeats that have taken
//!    [`repeats_percent`](PacerOptions::repeats_percent) of the pace over a second let video go first.
//! 4. Equals take turns by SSRC. Within an SSRC nothing is reordered: padding that a repeat comes after leaves with it. Only a
//!    repeat on the media SSRC, without RTX, overtakes, and its number is an old one.
//! 5. Without a pace everything passes at once. RTP whose SSRC no stream has is paced with video.
//! 6. From half of [`max_queue_time`](PacerOptions::max_queue_time) on, or of the bytes that may wait, the pace rises so that all leaves in time, to
//!    twice its value at most.
//! 7. Beyond that, packets are dropped: padding, then FEC, then the whole oldest frame of video (all of its RTP timestamp, also what is
//!    still to come of it), then repeats, and audio only when it has waited for 200 ms. Dropped numbers are published as
//!    [`Abandoned`](interceptor_core::Abandoned), so that NACK does not answer for them; for a lost frame
//!    [`KeyframeRequested`](interceptor_core::KeyframeRequested) is; the owner is told by [`PacerOverflow`], once an excursion. Whoever writes never waits.
//!    Rather than have frames dropped, make fewer: [`PacerHandle::queue`] says how long the next would wait.
//! 8. A [`Probe`](interceptor_core::Probe) is a cluster of packets at a rate of its own: media first, and where there is none, padding is asked for
//!    by [`PaddingWanted`](interceptor_core::PaddingWanted), which `interceptor-rtx` answers. Its packets carry
//!    [`PacketInfo::probe`](interceptor_core::packet::PacketInfo::probe). Packets closer than `min_gap` leave in groups, so that the
//!    time from the first to the last is what the rate says. At most five clusters wait, five seconds each; a pace that falls by more than 3 %
//!    ends them all. The pace pays for a probe afterwards, for half a second at most.
//! 9. `Pacing::padding` is a rate that is filled with padding where media does not.
//! 10. `Pacing::window`: nothing leaves that would make more bytes be on the way, but for audio and probes, and one packet in 500 ms: without feedback
//!     a full window would never open again. A pace of zero is a window of zero. Between two facts the pacer adds what it lets go to
//!     what is on the way.
//! 11. `Pacing::ect` is the mark that packets leave with ([`PacketInfo::ecn`](interceptor_core::packet::PacketInfo::ecn)), where the transport sets it.
//! 12. RTCP is not paced. A compound with a BYE waits until the packets of its SSRCs have left, 100 ms at most. Sender reports count what was
//!     written: they may run ahead of what has left by the queue.
//! 13. When a stream is unbound, or the chain closed, what waits leaves at once, before the BYE; as much as a chain emits at a time.
//!
//! # Options
//!
//! | [`PacerOptions`] | default | range | source |
//! |---|---|---|---|
//! | `rate` | none: everything passes until congestion control says a pace | 1000..=100 Gbit/s | |
//! | `burst` | 5 ms | 0..=10 ms | a tenth of the queue on the way that libwebrtc's 40 ms make |
//! | `max_queue_time` | 500 ms | 100 ms..=2 s | what a conversation bears; libwebrtc drains in 2 s |
//! | `queue_bytes` | 64 KiB | 64 KiB..=64 MiB | a key frame at a low pace |
//! | `max_queue_packets` | 4096 | 64..=65 536 | a second of 40 Mbit/s |
//! | `pace_audio` | no | | libwebrtc's `pace_audio` |
//! | `repeats_percent` | 30 | 1..=100 | loss that is worth repairing |
//! | `datagram_overhead` | 28 bytes | 20..=256 | IPv4 and UDP |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | malformed datagram | never reaches it: it paces what leaves | the chain's `malformed_datagrams` | `a_malformed_datagram_is_none_of_its_business` |
//! | requests for repeats without end | repeats beyond their share wait, and are dropped | `dropped_late`, `dropped_full` | `requests_without_end_do_not_keep_video_from_leaving` |
//! | far more packets than the pace lets through | what there is no room for is dropped | `dropped_full` | `packets_are_bounded_in_number_as_well` |
//! | packet larger than every burst | leaves alone | `passed` | `a_packet_larger_than_every_burst_leaves_alone` |
//! | made-up SSRCs | share one lane, and no state is kept of them | `passed`, `dropped_full` | `unbound_packets_are_dropped_one_by_one` |
//! | feedback that stays away, a window that stays full | a packet leaves in 500 ms | `passed` | `a_window_is_kept_and_a_full_one_lets_a_packet_go_in_half_a_second` |
//! | probes without end, or beyond all measure | five wait; rates, bytes and gaps are cut | `probes_abandoned` | `probes_without_end_or_beyond_all_measure_are_cut_off` |
//! | goodbyes without end | 64 wait, the others pass | `byes_held` | `goodbyes_that_wait_are_bounded` |
//!
//! # Memory, timers, counters
//!
//! A stream takes at most 256 bytes, and 192 bytes for each packet that waits, beside its payload; a payload that is part of a larger buffer
//! keeps that alive. Bounds hold as soon as timers have fired, a millisecond later at most; until then twice as much may wait. Lanes keep their
//! size until the stream ends: once they have it, a packet costs no allocation.
//!
//! There is a timer while packets wait, a probe is pending or a padding rate is set, and none otherwise.
//!
//! [`PacerHandle`] reads the counters of all connections of a factory or of one: [`ClassCounters`] for each class. What came in is what
//! has passed, was dropped, or waits.

mod budget;
mod class;
mod counters;
mod event;
mod factory;
mod goodbyes;
mod handle;
mod interceptor;
mod lane;
mod options;
mod pace;
mod padding;
mod passing;
mod probes;
mod releasing;
mod share;
mod shedding;
mod stream;
mod turns;

pub use class::Class;
pub use counters::{ClassCounters, PacerTotals, Queue};
pub use event::PacerOverflow;
pub use factory::PacerFactory;
pub use handle::PacerHandle;
pub use interceptor::Pacer;
pub use interceptor_core::OptionsError;
pub use options::PacerOptions;
pub use stream::PacedStream;
