//! A chain of interceptors inside the `rtc` and `webrtc` 0.21 stacks.
//!
//! [`ChainInterceptor`] stands in the stack's list of interceptors as one of them: the stack does ICE, DTLS, SRTP and SDP, the chain
//! does NACK, RTX, reports, statistics, capture, congestion control, and whatever else is written for it. It is for the
//! sans-IO `rtc` and for the asynchronous `webrtc`, which have the same interceptors; for `webrtc` 0.17 there is
//! `interceptor-webrtc`. Never have both in one program: their trees share no versions.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_core::packet::NtpTime;
//! use interceptor_core::{ChainConfig, Registry};
//! use interceptor_nack::NackFactory;
//! use interceptor_report::ReportFactory;
//! use interceptor_rtc::{Configured, Setup, configure};
//! use interceptor_rtx::RtxFactory;
//! use rtc::peer_connection::RTCPeerConnectionBuilder;
//! use rtc::rtp_transceiver::rtp_sender::RtpCodecKind;
//!
//! // Once, for all connections of the program.
//! let ours = Registry::new()
//!     .with(NackFactory::default())
//!     .with(RtxFactory::default())
//!     .with(ReportFactory::default());
//!
//! // For each connection. The instant is of the stack's clock: `Runtime::now` of `webrtc`.
//! let now = Instant::now();
//! let wall = NtpTime::from_unix(Duration::from_secs(1_700_000_000)); // the wall clock's
//! let config = ChainConfig::new("call-1", now, wall, 7); // a name of its own, a random seed
//! let Configured { media, settings, interceptors, handle, .. } = configure(&ours, config, Setup::default())?;
//! let mut connection = RTCPeerConnectionBuilder::new() // or `webrtc`'s `PeerConnectionBuilder`
//!     .with_media_engine(media)
//!     .with_setting_engine(settings)
//!     .with_interceptor_registry(interceptors)
//!     .build(now)?;
//!
//! connection.add_transceiver_from_kind(RtpCodecKind::Video, None)?;
//! let offer = connection.create_offer(None)?.sdp;
//! assert!(offer.contains("a=rtcp-fb:96 nack") && offer.contains("a=fmtp:97 apt=96"));
//! let layout = handle.layout().expect("the connection is open");
//! assert_eq!(layout.rows().len(), 3);
//! drop(connection);
//! assert!(!handle.is_open());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The example `repaired` is a whole call with `webrtc`, over sockets and a link that loses packets. The example `browser` has a camera in a browser come
//! back through `rtc` and a chain, over a link with sliders.
//!
//! # Place in the chain of the stack
//!
//! [`ChainInterceptor::SLOT`] (9500) is above those that report arrivals and below the jitter buffer. An RTX stage nearer
//! the wire than `Slot::TwccReceiver` would end padding before it is reported, so that the far end takes it for lost. What the
//! stack's own make below it (transport-wide feedback), statistics and capture of a chain there do not see; a second chain that only
//! captures and counts may stand at [`ChainInterceptor::CAPTURE_SLOT`] (500), below everything. With a chain that does NACK
//! and reports leave `register_default_interceptors` out: two of each would ask and report twice.
//!
//! # Behaviour
//!
//! 1. **The stack's own packet goes on** when the chain leaves it as it was: the very same header, payload, attributes, boxes of RTCP. Only what
//!    changes is converted. A packet costs no allocation of its own: the one that there is, is the stack's list of interceptors.
//! 2. **Never an error.** The stack drops the packet of an `Err`; what the chain cannot see goes on as it is, and is counted. Hooks that fail or
//!    panic cost no packet, as everywhere in a chain.
//! 3. **Streams** are bound as the stack tells: local ones when they are negotiated, remote ones with their first packet. It gives no instant, so
//!    the newest one counts that it gave before. The second binding of an RTX or FEC SSRC, each by itself, changes nothing. A stream that is
//!    bound again, by renegotiation, is amended: histories and statistics go on, and no goodbye leaves.
//! 4. **Another codec** on a bound stream is not told by the stack. The first packet of an unknown payload type amends the stream: by what the
//!    stack has named for another stream, else with nothing but the number and the clock of video. On a remote stream whatever then comes on its RTX SSRC is
//!    restored as what media came with last.
//! 5. **RTCP** ends at the chain, as it ends with the stack's own interceptors, read or not. [`Delivery`] says what the application gets: nothing, requests for
//!    key frames, or all.
//! 6. **Time** is what the stack gives with packets and timers; the chain's first instant is that of its configuration. Nothing reads a clock, and nothing runs before DTLS is up.
//! 7. **Congestion marks** go both ways where the transport tells them.
//! 8. **Goodbyes** leave when a track is removed. The stack's `close` sends what waits and tells its interceptors only then: call
//!    [`ChainHandle::say_goodbye`] before it. What interceptors say in the close never leaves, so those at
//!    [`Stage::CAPTURE`](interceptor_core::Stage::CAPTURE) and nearer the wire end first, and record none of it.
//! 9. **The owner** reaches the chain through a [`ChainHandle`], from any thread, while the stack has it: events, counters, layout, interceptors that come and go. It keeps
//!    nothing alive. What it makes the chain send leaves when the stack polls next; nothing wakes it. [`Connections`] numbers connections.
//!
//! # What `configure` tells the stack
//!
//! With feature `rtc`, from what the chain's factories [need](interceptor_core::Registry::needs):
//!
//! | what | why |
//! |---|---|
//! | feedback (`nack`, `nack pli`, `transport-cc`, …) on every codec | lists of one's own have none, and then nothing is negotiated and nothing repaired |
//! | header extensions | |
//! | a `video/rtx` codec for each video codec of `Codecs::These` that has none | answers share the media's numbers otherwise; the stack's default codecs have theirs, and it gives each track an RTX SSRC by itself |
//! | an SRTP replay window of 4096 packets | with the stack's own, 64, SRTP throws away each answer on the media's SSRC that comes later than that |
//!
//! It cannot see what is in a media engine: register codecs before, say `Codecs::Registered`, and bring retransmission codecs along;
//! `Configured::unmet` names what it could not do.
//!
//! # Options
//!
//! | `Setup` | default | what it is |
//! |---|---|---|
//! | `media` | empty | the media engine to add to |
//! | `codecs` | `Codecs::Stack` | codecs to register: the stack's, a list, or those that are there |
//! | `settings` | the stack's | other settings |
//! | `srtp_replay_window` | 4096 packets | at least what the far end answers NACKs from |
//! | `interceptors` | none | the stack's own beside the chain |
//! | `slot` | [`ChainInterceptor::SLOT`] | where the chain stands among them |
//! | `rtcp_to_application` | [`Delivery::None`] | which RTCP the application gets |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | RTP with fields that cannot be on the wire | passes the chain by, as it is | [`unseen_rtp`](AdapterCounters::unseen_rtp) | `rtp_that_cannot_be_converted_goes_on_as_it_is` |
//! | RTCP that cannot be written | passes the chain by, as it is | [`unseen_rtcp`](AdapterCounters::unseen_rtcp) | `rtcp_that_cannot_be_converted_goes_on_as_it_is` |
//! | RTCP with a part that only the stack takes for sound | its siblings are seen | [`Counters::malformed_rtcp_packets`](interceptor_core::Counters::malformed_rtcp_packets) | `a_malformed_packet_in_a_compound_hides_no_other` |
//! | payload types without end on one stream | each is learnt once, at most 128 | [`learnt_types`](AdapterCounters::learnt_types) | `payload_types_without_end_are_learnt_once_each` |
//! | a description that names another stream's SSRC for repair | bound without that repair | [`bound_without_repair`](AdapterCounters::bound_without_repair) | `a_repair_ssrc_that_another_stream_has_costs_the_repair_and_not_the_stream` |
//! | a stream that cannot be | not bound; its packets go on | [`refused_streams`](AdapterCounters::refused_streams) | `a_stream_that_cannot_be_is_counted_and_its_packets_go_on` |
//! | a packet that makes a hook fail or panic | it goes on | [`Counters::hook_errors`](interceptor_core::Counters::hook_errors), [`panics`](interceptor_core::Counters::panics) | `a_hook_that_panics_costs_no_packet_and_no_call` |
//! | more than the stack polls | the oldest go, [`Limits::max_queued`](interceptor_core::Limits::max_queued) each way | [`dropped_queued`](AdapterCounters::dropped_queued) | `what_nobody_polls_pushes_the_oldest_out` |
//!
//! # Limits of the stack
//!
//! - It drops an RTCP compound with a part that it cannot parse before any interceptor sees it.
//! - It binds an SSRC that nobody announced without RTX. Where RTX was negotiated answers come on another such SSRC, and nobody knows what they
//!   repair; without RTX the stream is repaired.
//! - It writes one to four bytes of padding and cannot be told how many: longer padding is cut, as
//!   [`shortened_padding`](AdapterCounters::shortened_padding) counts, so probes of nothing but padding are small.
//! - The original of a received packet's padding is gone, as are elements behind a reserved identifier; the chain sees what is left.
//! - RTCP of kinds that it does not write as it reads them leaves as raw bytes, which are right, but count in none of its own statistics: goodbyes, most source
//!   descriptions, slice loss indications.
//! - A track that replaces another must keep its SSRC: the stack refuses packets of any other.
//!
//! # Memory, timers, counters
//!
//! Beside the chain: 64 places of 12 bytes for payload types, a description of each payload type that was named, two queues that are empty
//! whenever the stack polls. A packet takes one lock that nobody else holds for long. Beside the stack's own interceptors in one run:
//! `cargo xtask bench --peers --scenario adapters`.
//!
//! Timers are the chain's; the stack asks for the first of them and fires it. [`AdapterCounters`] count what the adapter has met, the
//! chain's [`Counters`](interceptor_core::Counters) all else; a [`ChainHandle`] reads both.

mod belts;
mod bindings;
mod closing;
#[cfg(feature = "rtc")]
mod configure;
mod connections;
mod counters;
mod delivery;
mod error;
mod handle;
mod interceptor;
mod packets;
mod rtcp;
mod rtp;
mod shared;
mod stream;
mod types;
mod way;

#[cfg(feature = "rtc")]
pub use configure::{Codecs, ConfigureError, Configured, Setup, configure};
pub use connections::Connections;
pub use counters::AdapterCounters;
pub use delivery::Delivery;
pub use error::ConvertError;
pub use handle::ChainHandle;
pub use interceptor::ChainInterceptor;
pub use rtcp::{rtcp_from, rtcp_to};
pub use rtp::{rtp_from, rtp_to};
pub use stream::stream_info;
