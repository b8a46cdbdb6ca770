//! The interceptor trait, stages, registry and the sans-IO chain: the part of the workspace that every interceptor
//! depends on, and nothing else.
//!
//! An *interceptor* sees the RTP and RTCP of one connection between the application and the wire: it asks for lost
//! packets, answers reports, counts, captures. A *chain* is the interceptors of one connection in order. It does no I/O and
//! reads no clock: packets and instants go in, packets and deadlines come out, and the same inputs with the same seed
//! give the same bytes. `interceptor-tokio` drives a chain over sockets; by hand it takes a dozen lines.
//!
//! # An interceptor of your own
//!
//! ```
//! use interceptor_core::packet::RtpPacket;
//! use interceptor_core::{Context, Flow, Interceptor, Result, StreamInfo};
//!
//! /// Lets through at most `max_frames` frames of each outgoing video stream.
//! struct FrameLimit {
//!     max_frames: u32,
//! }
//!
//! impl Interceptor for FrameLimit {
//!     type Local = u32; // frames seen of this stream
//!     type Remote = ();
//!
//!     fn bind_local(&mut self, stream: &StreamInfo, _: &mut Context<'_>) -> Result<Option<u32>> {
//!         Ok(stream.is_video().then_some(0))
//!     }
//!
//!     fn write_rtp(&mut self, frames: &mut u32, packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
//!         let over = *frames >= self.max_frames;
//!         *frames += u32::from(packet.marker());
//!         Ok(if over { Flow::Consumed } else { Flow::Forward })
//!     }
//! }
//! #
//! # use interceptor_core::{Chain, ChainConfig, Stage, packet::NtpTime};
//! # let now = std::time::Instant::now();
//! # let mut chain = Chain::new(ChainConfig::new("call", now, NtpTime::default(), 1));
//! # chain.insert("frame-limit", Stage::APPLICATION, FrameLimit { max_frames: 1 }, now)?;
//! # chain.bind_local(StreamInfo::new(1, 96, 90_000).with_mime_type("video/VP8"), now)?;
//! # for number in 0..4 {
//! #     let packet = RtpPacket::builder().ssrc(1).sequence_number(number).marker(number % 2 == 1).build()?;
//! #     chain.write_rtp(packet, now);
//! # }
//! # assert_eq!(std::iter::from_fn(|| chain.poll_wire()).count(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! State that belongs to a stream is a value made at bind: the chain keeps it, lends it to every packet hook, drops it at
//! unbind. No map, no lock, no leak. `None` at bind means that the stream's packets never reach the interceptor.
//!
//! # A chain by hand
//!
//! ```
//! use std::time::Instant;
//! use interceptor_core::{ChainConfig, Incoming, Outgoing, Registry, StreamInfo};
//! use interceptor_core::packet::{NtpTime, RtpPacket};
//!
//! let registry = Registry::new(); // `.with(NackFactory::default())` and so on
//! let now = Instant::now(); // the driver's clock
//! let mut chain = registry.build(ChainConfig::new("call-1", now, NtpTime::default(), 7))?;
//! chain.bind_remote(StreamInfo::new(0x1122_3344, 96, 90_000), now)?;
//!
//! let datagram = RtpPacket::builder().ssrc(0x1122_3344).payload_type(96).build()?.to_bytes();
//! chain.read_datagram(datagram, now); // from the socket
//! while let Some(Outgoing::Rtp(_) | Outgoing::Rtcp(_)) = chain.poll_wire() { /* to the socket */ }
//! let Some(Incoming::Rtp(packet)) = chain.poll_app() else { panic!("delivered") };
//! assert_eq!(packet.ssrc(), 0x1122_3344);
//! if let Some(_deadline) = chain.next_timeout() { chain.handle_timeout(now) }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Facts, stamps, amendments
//!
//! Interceptors do not know one another. What one finds out and others may want to know (a round-trip time, a target bit rate,
//! that a key frame is needed) it tells as a [`Fact`], with [`Context::publish`]; the others hear it in
//! [`Interceptor::handle_fact`], and [`Chain::publish`] is the owner's way to tell one. What an interceptor will add to every
//! packet of a stream it declares when the stream is bound ([`Context::declare_stamp`], [`Context::declare_headroom`]), so
//! that those above can leave room. What is learnt about a stream later changes its description and nothing else:
//! [`Chain::amend_remote`] asks each interceptor with [`Interceptor::amend_remote`], and no state is lost.
//!
//! # Order
//!
//! An interceptor's [`Stage`] is its distance from the wire. Outgoing packets run from the application down, incoming
//! ones from the wire up; what an interceptor emits goes on from its own place, so every interceptor nearer the wire sees
//! it. [`Chain::layout`] prints the order.
//!
//! | stage | who | why there |
//! |---|---|---|
//! | [`CAPTURE`](Stage::CAPTURE) | capture files, statistics | sees what really crosses the wire, generated packets included |
//! | [`CONGESTION`](Stage::CONGESTION) | congestion control and its feedback | stamps and records after pacing, before any delay |
//! | [`PACING`](Stage::PACING) | pacer, rate limits | everything generated above is paced and bounded |
//! | [`REPORT`](Stage::REPORT) | sender and receiver reports | loss before repair, as RFC 3550 counts it |
//! | [`RTX`](Stage::RTX) | retransmission streams | decapsulates before FEC and NACK look |
//! | [`FEC`](Stage::FEC) | forward error correction | repairs before NACK asks |
//! | [`NACK`](Stage::NACK) | retransmission requests, above them key frames | asks only for what is really missing |
//! | [`PLAYOUT`](Stage::PLAYOUT) | jitter buffers | delays only after every recorder has seen the arrival |
//! | [`APPLICATION`](Stage::APPLICATION) | your own (default) | sees what the application sees |
//!
//! # What cannot happen
//!
//! - A hook's `Err` loses no packet: it is counted ([`Counters::hook_errors`]), traced at DEBUG, told to
//!   [`Interceptor::handle_error`], and the packet goes on.
//! - A hook's panic ends no call: its interceptor is bypassed from then on, [`Event::Bypassed`] names it, the packet goes
//!   on. The same holds for `handle_error` and for destructors. Costs one `catch_unwind` a walk;
//!   [`ChainConfig::with_isolate_panics`] turns it off.
//! - No input grows memory without a cap: see [`Limits`].
//! - Time does not run backwards for a hook, and no timer makes its driver spin, not even two that wake each other.
//! - No interceptor inside a nested chain behaves otherwise than it would in the outer one.
//!
//! # What is stable
//!
//! [`Interceptor`], [`Context`], [`Streams`], [`Stage`], [`StreamInfo`] and [`Factory`] are what interceptors are written
//! against: they grow by methods with a default. [`Chain`] is the engine, for those who drive one.
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | malformed RTP or RTCP datagram | delivered as [`Incoming::Raw`] | [`Counters::malformed_datagrams`] | `a_malformed_datagram_is_delivered_raw` |
//! | RTP with a header extension element over the end of its block | goes on as it is; that element and those behind it are not seen | [`Counters::malformed_extensions`] | `a_broken_header_extension_element_costs_no_packet` |
//! | malformed sub-packet of an RTCP compound | skipped, its siblings are seen | [`Counters::malformed_rtcp_packets`] | `a_malformed_sub_packet_is_counted_and_its_compound_goes_on` |
//! | datagram of another protocol (RFC 7983) | delivered as [`Incoming::Raw`] | [`Counters::foreign_datagrams`] | `a_datagram_of_another_protocol_is_delivered_raw` |
//! | RTP of an SSRC that no stream has announced | [`Interceptor::read_unbound_rtp`], then [`Incoming::UnboundRtp`] | [`Counters::unbound_read`] | `rtp_of_an_ssrc_that_no_stream_has_announced_is_told_apart` |
//! | SSRCs without end, or chosen to collide in a hash table | what nobody binds enters no table; the hash is seeded per connection | [`Counters::unbound_read`] | `ssrcs_without_end_enter_no_table` |
//! | a packet that makes an interceptor emit without end | cut off at [`Limits::max_emitted_per_input`] | [`Counters::dropped_emissions`] | `a_packet_that_makes_an_interceptor_emit_without_end_is_cut_off` |
//! | a packet that makes interceptors tell facts without end | cut off at [`Limits::max_facts_per_input`] | [`Counters::dropped_facts`] | `a_packet_that_makes_interceptors_tell_facts_without_end_is_cut_off` |
//! | a packet that makes an interceptor fail, or panic | it goes on; who panicked is bypassed | [`Counters::hook_errors`], [`Counters::panics`] | `a_packet_that_makes_an_interceptor_fail_or_panic_goes_on` |
//! | more than the owner polls | the oldest go, [`Limits::max_queued`], [`Limits::max_events`] | [`Counters::dropped_queued`], [`Counters::dropped_events`] | `more_than_the_owner_polls_pushes_the_oldest_out` |
//! | an instant before an earlier one | counts as that earlier one | [`Counters::clock_went_back`] | `an_instant_before_an_earlier_one_counts_as_that_one` |
//! | anything after [`Chain::close`] | dropped | [`Counters::after_close`] | `anything_after_the_close_is_dropped` |
//!
//! # Features
//!
//! None is on by default. `rtp` and `rtcp` convert packets from and to the `rtp` and `rtcp` 0.17 crates, and bring in
//! `webrtc-util` and parts of tokio; without them neither is in the tree.

mod abandoned;
mod chain;
mod config;
mod context;
mod counter_cell;
mod counters;
mod counting;
mod deadlines;
mod erased;
mod error;
mod event;
mod excursion;
mod factory;
mod facts;
mod hot;
mod interceptor;
mod io;
mod lane;
mod options;
mod place;
mod registry;
mod reserve;
mod roster;
mod routes;
mod shared;
mod ssrc_map;
mod stage;
mod states;
mod stream_info;
mod streams;
mod wakes;
mod windowed_min;

pub use abandoned::AbandonedNumbers;
pub use chain::{Chain, Layout, LayoutRow, NestedStream};
pub use config::{ChainConfig, Limits};
pub use context::Context;
pub use counter_cell::CounterCell;
pub use counters::Counters;
pub use deadlines::Deadlines;
pub use error::{BuildError, ChainError, Error, RegistryError, Result};
pub use event::Event;
pub use excursion::Excursion;
pub use factory::{BuildContext, Factory, Media, Need};
pub use facts::{
    Abandoned, Fact, Facts, FecStats, KeyframeAsking, KeyframeNeeded, KeyframeRequested, LinkCondition,
    LinkState, Loss, Pacing, PaddingWanted, Playout, PlayoutBounds, PlayoutDeadline, Probe,
    ProtectionOverhead, Rtt, StreamTarget, TargetBitrate,
};
pub use interceptor::{Amend, Flow, Interceptor};
pub use interceptor_packet as packet;
pub use io::{Incoming, Outgoing};
pub use options::OptionsError;
pub use registry::{Nested, Registry};
pub use reserve::Stamp;
pub use stage::Stage;
pub use stream_info::{
    BitrateRange, ClockRates, Codec, FecInfo, FecScheme, HeaderExtension, RedInfo, RtcpFeedback, RtxInfo,
    RtxPayloadType, StreamInfo,
};
pub use streams::{StreamKey, Streams};
pub use windowed_min::WindowedMin;
