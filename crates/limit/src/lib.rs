//! Limits on RTP streams: packets and bytes a second, streams, and what happens beyond: drop, mark, wait or stop.
//!
//! A stream has [`Bounds`], and so has a connection for all its streams together, each way: rates of packets and of bytes, each with a
//! burst, and a [`Policy`] for what is over. What is dropped is counted by reason, and nobody makes up for it: of what leaves nothing
//! is sent again, of what comes in nothing is asked for again.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_core::{ChainConfig, Registry, StreamInfo};
//! use interceptor_core::packet::{NtpTime, RtpPacket};
//! use interceptor_limit::{Bounds, LimitFactory, LimitOptions, Policy, Rate, Rates, Reached, Scope, Way};
//!
//! // Ten packets a second of each local stream, two of them at once; what is over waits, at most 100 packets or 64 KiB.
//! let slow = Rate::new(10, Duration::from_secs(1), 2)?;
//! let bounds = Bounds::default().with_packets(slow).with_policy(Policy::Wait { packets: 100, bytes: 64 << 10 });
//! let limit = LimitFactory::new(LimitOptions::default().with_local(bounds))?;
//! let handle = limit.handle();
//! let registry = Registry::new().with(limit.remote()).with(limit);
//!
//! let now = Instant::now(); // the driver's clock
//! let mut chain = registry.build(ChainConfig::new("call-1", now, NtpTime::default(), 7))?;
//! chain.bind_local(StreamInfo::new(0xa, 96, 90_000), now)?;
//! for seq in 0..5 {
//!     chain.write_rtp(RtpPacket::builder().ssrc(0xa).payload_type(96).sequence_number(seq).build()?, now);
//! }
//! // Two leave at once, three wait for their turn, and the owner is told once.
//! assert_eq!(std::iter::from_fn(|| chain.poll_wire()).count(), 2);
//! assert_eq!(handle.stream(Way::Outgoing, 0xa).map(|stream| stream.waiting.packets), Some(3));
//! assert_eq!(chain.poll_event().expect("a limit is reached").raised(), Some(&Reached::Rate { ssrc: 0xa }));
//! assert_eq!(chain.next_timeout(), Some(now + Duration::from_millis(100)));
//!
//! // A tenth of a second later there is one token more; and at another rate the others leave, too.
//! chain.handle_timeout(now + Duration::from_millis(100));
//! assert_eq!(std::iter::from_fn(|| chain.poll_wire()).count(), 1);
//! handle.set_rate(Scope::Local, Rates::default())?;
//! chain.handle_timeout(now + Duration::from_millis(200));
//! assert_eq!(std::iter::from_fn(|| chain.poll_wire()).count(), 2);
//! let counters = handle.totals(Way::Outgoing).streams;
//! assert_eq!((counters.passed, counters.delayed, counters.dropped()), (5, 3, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! Two places, and therefore two factories with one handle. [`LimitFactory`], of what leaves, stands at
//! [`Stage::PACING`](interceptor_core::Stage::PACING)`.above()`: all that interceptors above generate counts, and what stamps or records
//! packets as they leave is below. [`RemoteLimitFactory`], of what comes in, stands at
//! [`Stage::NACK`](interceptor_core::Stage::NACK)`.above()`: reports and NACK have seen what it drops. Nearer the wire, each drop would be
//! a loss to them, and a limit the cause of a storm of requests.
//!
//! # Behaviour
//!
//! 1. Each bound stream has a bucket of packets and one of bytes, full when it is bound (or empty,
//!    [`Rate::starting_empty`]). A packet takes one packet and its bytes, header and payload, or nothing at all. Media, retransmissions,
//!    FEC and padding of a stream count alike, whatever SSRC they are on.
//! 2. Bounds of the connection apply to what the stream's let pass. A packet that the connection drops costs its stream nothing.
//! 3. [`Policy::Drop`]: a packet over a rate ends here. [`Policy::Mark`]: it goes on with the attribute [`OverLimit`] and takes no tokens.
//! 4. [`Policy::Wait`]: it waits, and passes at the first nanosecond at which there are tokens. Nobody overtakes who waits, not even a
//!    packet so small that there would be tokens for it: each stream's packets stay in order, and so do all that wait for the
//!    connection, whose queue is one for all streams. Queues are bounded in packets, in bytes, and by
//!    [`max_waiting_bytes`](LimitOptions::max_waiting_bytes) together; over it the newest is dropped.
//! 5. [`Policy::Stop`]: it ends here, and so does everything after it until the stream is bound anew.
//! 6. What is larger than a burst of bytes would wait for ever: with `Wait`, too, it is dropped.
//! 7. Of local streams, numbers that were dropped, and of which no other copy is among the last 64 sent, are published as [`Abandoned`](interceptor_core::Abandoned), in runs, as soon as a later packet of the
//!    stream passes: NACK does not answer requests for them. Sender reports count what the application sent, dropped or not.
//! 8. RTCP has bounds of its own ([`rtcp`](LimitOptions::rtcp)) and counts for no others.
//! 9. RTP whose SSRC no stream has counts for [`max_unbound`](LimitOptions::max_unbound), where all such SSRCs share one bucket, and for the connection.
//!    What passed like that and is given to its stream later is not charged to the connection twice.
//! 10. [`max_streams`](LimitOptions::max_streams): streams beyond it are refused with [`TooManyStreams`].
//! 11. The owner is told with [`Reached`], once an excursion: again when nothing was over the same limit for a second.
//! 12. When a stream is unbound, the interceptor removed or the chain closed, what waits is dropped and counted.
//! 13. [`LimitHandle::set_rate`] changes rates, of one stream or of many, while chains run. What has come in stays in, up to the new burst.
//!
//! # Options
//!
//! | [`LimitOptions`] | default | range | what it is |
//! |---|---|---|---|
//! | `local`, `remote` | none | [`Bounds`] | of each local, each remote stream |
//! | `connection` | none | [`Bounds`] | of all RTP together, each way |
//! | `rtcp` | none | [`Bounds`] | of all RTCP, each way |
//! | `max_streams` | as many as the chain takes | 1..=1 048 576 | bound streams, each way |
//! | `max_unbound` | any number | a [`Rate`] | packets that no stream has, each way |
//! | `max_waiting_bytes` | 16 MiB | 1500..=4 GiB | of all queues, each way |
//!
//! | [`Bounds`] | default | range | what it is |
//! |---|---|---|---|
//! | `packets` | any number | a [`Rate`] | |
//! | `bytes` | any number | a [`Rate`] with a burst of 1500 at least | headers and payloads |
//! | `policy` | `Drop` | `Wait` for 1..=65 536 packets and 1500..=1 GiB | [`Policy::wait`]: 512 packets, 512 KiB |
//!
//! With `Wait` a burst holds at least what comes in within a millisecond, as a chain wakes nobody more often
//! ([`Limits::min_rearm`](interceptor_core::Limits::min_rearm)).
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | malformed datagram | never reaches it | the chain's `malformed_datagrams` | `a_malformed_datagram_takes_no_tokens` |
//! | far more packets than the rate | dropped | `dropped_rate` | `a_flood_is_dropped_beyond_the_rate` |
//! | the same, with `Wait` | the queue takes what it has room for | `dropped_queue` | `a_flood_fills_the_queue_and_no_more` |
//! | packet larger than the burst | dropped, with `Wait` as well | `dropped_oversize` | `a_giant_is_dropped_rather_than_waited_for` |
//! | packet that waits and is larger than a new burst | dropped when its turn comes | `dropped_oversize` | `a_giant_in_the_queue_goes_when_the_burst_becomes_smaller` |
//! | made-up SSRCs | share one bucket, and no state is kept of them | `dropped_rate` | `made_up_ssrcs_share_what_is_allowed_to_all_of_them` |
//! | more streams than `max_streams` | refused | `streams_refused` | `more_streams_than_there_may_be_are_refused` |
//! | duplicate, packet that comes late | counts like any other | `passed` | `duplicates_and_what_comes_late_count_like_any_other` |
//! | packets of nothing but padding | count with all their bytes | `passed_bytes` | `padding_counts_with_all_its_bytes` |
//!
//! # Memory, timers, counters
//!
//! A stream takes at most 640 bytes, counters included, and with `Wait` at most 176 bytes for each packet that waits, beside its payload; a payload that
//! is part of a larger buffer keeps that alive. The number of a made-up SSRC takes nothing. Queues keep their size until the stream ends: once
//! they have it, a packet costs no allocation whether it passes, waits or is dropped. With [`Policy::Mark`] each mark is allocated, and so is each event.
//!
//! There is a timer while packets wait, for the first of all streams, and at least every 100 ms, to hear of new rates; and none otherwise. Ten thousand streams that wait
//! share a heap.
//!
//! [`LimitHandle`] reads the counters of all connections of a factory, of one or of one stream: [`LimitCounters`] say what became of
//! packets, [`Waiting`] what waits. What came in is what has passed, was dropped, or waits.

mod bounds;
mod connection;
mod counters;
mod event;
mod excursions;
mod factory;
mod gate;
mod handle;
mod interceptor;
mod meter;
mod options;
mod passing;
mod releasing;
mod side;
mod stream;

pub use bounds::{Bounds, Policy, Rates};
pub use counters::{LimitCounters, Waiting};
pub use event::{Excess, OverLimit, Reached, TooManyStreams};
pub use factory::{LimitFactory, RemoteLimitFactory};
pub use handle::{LimitHandle, LimitTotals, Scope, StreamLimit, Way};
pub use interceptor::Limit;
pub use interceptor_core::OptionsError;
pub use interceptor_token_bucket::{Rate, RateError};
pub use options::LimitOptions;
pub use stream::LimitedStream;
