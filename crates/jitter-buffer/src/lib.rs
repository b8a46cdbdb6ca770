//! A jitter buffer for RTP streams: each packet once, in order, at its time.
//!
//! Packets that left a sender evenly come unevenly, out of order, and some not at all. What plays, mixes or records them wants them in order and
//! evenly again, and there it is better to wait than to miss, and better to miss than to wait for ever. This interceptor learns how late packets
//! come, and holds each until all but a few of its like would have come. It does not decode and does not stretch: it says when a packet leaves.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_core::packet::{NtpTime, RtpPacket};
//! use interceptor_core::{Chain, ChainConfig, Incoming, Registry, StreamInfo};
//! use interceptor_jitter_buffer::{Aim, JitterBufferFactory, JitterBufferOptions};
//!
//! // The default adapts to the path; a fixed delay is easier to follow.
//! let delay = Duration::from_millis(60);
//! let factory = JitterBufferFactory::new(JitterBufferOptions::default().with_aim(Aim::Fixed(delay)))?;
//! let handle = factory.handle();
//! let start = Instant::now(); // the driver's clock
//! let mut chain = Registry::new().with(factory).build(ChainConfig::new("call-1", start, NtpTime::default(), 7))?;
//! chain.bind_remote(StreamInfo::new(0xa, 0, 8000).with_mime_type("audio/PCMU"), start)?;
//!
//! // What is due until an instant leaves, at its time.
//! let mut left = Vec::new();
//! let mut play = |chain: &mut Chain, until: Instant| {
//!     while let Some(at) = chain.next_timeout().filter(|at| *at <= until) {
//!         chain.handle_timeout(at);
//!         while let Some(Incoming::Rtp(packet)) = chain.poll_app() {
//!             left.push((packet.sequence_number(), (at - start).as_millis()));
//!         }
//!     }
//! };
//! // Packets of 20 ms. The second comes after the third, the fourth not at all.
//! for (millis, number) in [(0, 0_u16), (41, 2), (55, 1), (80, 4)] {
//!     let at = start + Duration::from_millis(millis);
//!     play(&mut chain, at);
//!     let packet = RtpPacket::builder().ssrc(0xa).sequence_number(number).timestamp(u32::from(number) * 160);
//!     chain.read_rtp(packet.payload(vec![0; 160]).build()?, at);
//! }
//! play(&mut chain, start + Duration::from_secs(1));
//! assert_eq!(left, [(0, 60), (1, 80), (2, 100), (4, 140)]);
//! assert_eq!((handle.totals().emitted, handle.totals().lost), (4, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! It stands at [`Stage::PLAYOUT`](interceptor_core::Stage::PLAYOUT): every recorder of arrivals, NACK and FEC have seen a packet before it waits
//! here, and what they bring back is put in its place. [`PacketInfo::arrival`](interceptor_core::packet::PacketInfo::arrival) stays the true one.
//! Outgoing packets and RTCP pass.
//!
//! # Behaviour
//!
//! 1. **Order.** Packets of the media SSRC leave once each, in order of number. One that comes when a newer one has left is late
//!    ([`LatePolicy`]), whether it took long or was repaired; one whose number has come is a duplicate. What is empty but for padding counts as
//!    there, and does not go on ([`deliver_empty`](JitterBufferOptions::deliver_empty)). RTX and FEC packets pass.
//! 2. **Restarts** (RFC 3550 A.1). A packet far from all others waits aside until the next shows what it is: the first of a sender that has
//!    begun anew, upon which what waits leaves in order; the first after an outage; or a stray. A change of the payload type does not
//!    flush; its clock counts from then on (RFC 7160).
//! 3. **Time.** With `m` the media time of a packet, its transit is arrival − `m`. The least transit of
//!    [`base_window`](JitterBufferOptions::base_window) is the path: clocks that run apart and routes that change are followed. Each packet is due at
//!    `m` + path + target; all of one timestamp at once. A transit that jumps by more than [`max_jump`](JitterBufferOptions::max_jump) begins another
//!    timeline when a second packet agrees; until then packets leave as if they were in time. No packet waits for longer than
//!    [`max`](JitterBufferOptions::max), whatever its timestamp says.
//! 4. **Target.** A histogram of the largest delay over the path of each half second, which forgets half in twenty seconds; the target is its quantile
//!    by [`Aim`], or [`Aim::Fixed`]. It rises at once and falls by [`shrink_audio`](JitterBufferOptions::shrink_audio) a second, and not below what was
//!    needed a moment ago. Repaired packets did not come by themselves, and teach nothing.
//! 5. **Loss.** A missing number is waited for until the packets behind it are due, and holds up nothing. Then it is lost:
//!    counted, told by [`Gap`], and by [`KeyframeNeeded`](interceptor_core::KeyframeNeeded), where these are wanted.
//! 6. **Underrun.** When nothing newer has left and the next packet comes after its time, it leaves at once, and the packets behind it are as late as
//!    it: one pause instead of a burst of losses ([`Underrun::Wait`]); the delay then falls as after any rise.
//! 7. **Retransmissions.** When three have come within a minute on a stream with NACK, and the round-trip time is known ([`Rtt`](interceptor_core::Rtt)),
//!    the target is at least 1.1 round trips and 10 ms, so that one arrives. How long packets are of use is told
//!    by [`PlayoutDeadline`](interceptor_core::PlayoutDeadline): nack asks for nothing that would come too late.
//! 8. **Wishes of the sender** ([`PlayoutBounds`](interceptor_core::PlayoutBounds)) narrow `min` and `max`. No delay at all means that what follows
//!    what has left leaves at once, frame by frame with [`frames`](JitterBufferOptions::frames); a hole is waited for as ever.
//! 9. **Lip sync** ([`lip_sync`](JitterBufferOptions::lip_sync)). Streams with one CNAME and with sender reports (RFC 3550 §6.4.1) wait for the latest
//!    of them, [`max_sync`](JitterBufferOptions::max_sync) at most.
//! 10. **No room.** Beyond [`max_packets`](JitterBufferOptions::max_packets) or [`max_bytes`](JitterBufferOptions::max_bytes) of a stream its oldest leave before
//!     their time, never the newest; beyond [`connection_bytes`](JitterBufferOptions::connection_bytes) those of the stream that holds most.
//! 11. **The end.** When a stream is unbound, the chain closed or the interceptor removed, what waits leaves in order; as much as a chain emits at a
//!     time, the rest is counted.
//! 12. **Statistics.** [`Playout`](interceptor_core::Playout) is told twice a second and at the end, with the sums of W3C webrtc-stats, which
//!     `interceptor-stats` shows; [`JitterBufferHandle`] reads them live.
//!
//! # Options
//!
//! | [`JitterBufferOptions`] | default | range | source |
//! |---|---|---|---|
//! | `aim` | `Balanced` | quantiles 0.5..=0.999, or fixed | measured: see `docs/jitter-buffer.md` |
//! | `min`, `max` | 5 ms, 1 s | 0..=max, ..=10 s | a bucket; what a conversation bears |
//! | `start` | 40 ms | 0..=10 s | two packets of most codecs |
//! | `base_window` | 10 s | 1..=60 s | NetEq's 2 s forget a route that comes back |
//! | `shrink_audio`, `shrink_video` | 20, 50 ms a second | 1 ms..=1 s | nobody hears 2 % |
//! | `max_jump` | 2 s | 100 ms..=60 s | RFC 3550 A.1, for time |
//! | `max_packets`, `max_bytes` | 512, 2 MiB | 16..=4096, 64 KiB..=256 MiB | ten seconds of audio |
//! | `connection_bytes` | 64 MiB | 64 KiB..=4 GiB | 32 full streams |
//! | `underrun`, `late` | `Wait`, `Drop` | | measured; order |
//! | `audio`, `video`, `without_clock` | yes, yes, no | | which streams it takes |
//! | `deliver_empty` | no | | there is nothing to play |
//! | `gaps`, `keyframe_on_gap` | no | | who decodes knows best |
//! | `rtx_floor` | yes | | libwebrtc waits for one retry, too |
//! | `frames`, `lip_sync`, `max_sync` | no, no, 200 ms | ..=10 s | ITU-R BT.1359 |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | malformed datagram | never reaches it | the chain's `malformed_datagrams` | `a_malformed_datagram_never_reaches_it` |
//! | packet of an unknown SSRC | never reaches it | the chain's `unbound_read` | `a_packet_of_an_unknown_ssrc_never_reaches_it` |
//! | timestamps that are random, stand still, or go back | due after `max` at the latest | `emitted` | `random_timestamps_hold_nothing_for_longer_than_the_most` |
//! | no clock rate | order alone, after `min` | `emitted` | `without_a_clock_rate_there_is_order_and_the_least_delay` |
//! | random numbers | each is a stray | `strays` | `random_numbers_fill_no_queue` |
//! | repairs from thousands of numbers ahead | dropped | `strays` | `a_repair_from_far_ahead_makes_nothing_late` |
//! | a flood of one timestamp | the oldest are forced out | `forced` | `a_flood_of_one_timestamp_is_forced_out_in_order` |
//! | packets of 64 KiB | bounded in bytes as well | `forced` | `large_packets_are_bounded_in_bytes` |
//! | ten thousand full streams | the stream with most is forced first | `forced` | `ten_thousand_full_streams_are_bounded_together` |
//! | the same packets again | dropped | `duplicates` | `duplicates_are_dropped_whether_they_wait_or_have_left` |
//! | a clock that stands still, or jumps an hour | nothing is due; all leave in order, 1024 at a time | `emitted` | `a_clock_that_stands_still_lets_nothing_go_and_one_that_jumps_all` |
//! | more that waits than the chain emits at the end | what is left is counted | `ended` | `what_the_chain_has_no_room_for_is_counted_at_the_end` |
//!
//! # Memory, timers, counters
//!
//! A stream without packets takes less than 1 KiB; then the histogram up to 1.6 KB, and 168 bytes for each packet that waits, beside its payload (one that is part
//! of a larger buffer keeps that alive). Queues keep their size until the stream ends: once they have it, a packet costs no allocation. In order a packet is put
//! at the end of its queue; one that is not costs moving those behind it. The bound of a connection holds when the timer has fired, a
//! millisecond later; until then twice as much may wait.
//!
//! There is a timer while packets wait, for the earliest of all streams; 1024 packets leave at a time, the rest a millisecond later.
//!
//! What was received is what was emitted, was empty, late, duplicate or stray, ended, or [waits](JitterBufferCounters::held).

mod aim;
mod base;
mod counters;
mod event;
mod factory;
mod handle;
mod held;
mod histogram;
mod intake;
mod interceptor;
mod lip_sync;
mod media_clock;
mod nanos;
mod numbers;
mod options;
mod releasing;
mod repair;
mod schedule;
mod source;
mod stream;
mod target;

pub use aim::{Aim, LatePolicy, Underrun};
pub use counters::{JitterBufferCounters, StreamPlayout};
pub use event::Gap;
pub use factory::JitterBufferFactory;
pub use handle::JitterBufferHandle;
pub use interceptor::JitterBuffer;
pub use interceptor_core::OptionsError;
pub use options::JitterBufferOptions;
pub use stream::BufferedStream;
