//! Asks for key frames when a stream needs one, and makes of the requests of many viewers one.
//!
//! A decoder that has lost its picture, a recorder that begins, a viewer that joins: each needs a key frame, which costs the sender as much as
//! many other frames. So one request is outstanding a stream, whoever needs it; it is repeated when an answer should have come, and ends when a key
//! frame is seen in the stream. The other way round, what a peer asks of a local stream is told to the owner once in a while, and [`KeyframeHub`]
//! says whom to ask for it.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_core::packet::{NtpTime, Rtcp, RtcpPacket, RtpPacket};
//! use interceptor_core::{ChainConfig, Event, Fact, KeyframeNeeded, KeyframeRequested, Outgoing, Registry, StreamInfo};
//! use interceptor_keyframe::{KeyframeFactory, KeyframeHub};
//!
//! let factory = KeyframeFactory::default();
//! let handle = factory.handle();
//! let registry = Registry::new().with(factory);
//! let now = Instant::now(); // the driver's clock
//! let chain = |name: &str| registry.build(ChainConfig::new(name, now, NtpTime::default(), 7));
//! let video = |ssrc| StreamInfo::new(ssrc, 96, 90_000).with_mime_type("video/VP8").with_feedback("nack", "pli");
//!
//! // One camera, and a viewer who sees it as another stream.
//! let (mut camera, mut viewer) = (chain("camera")?, chain("viewer")?);
//! camera.bind_remote(video(1), now)?;
//! viewer.bind_local(video(2), now)?;
//! let hub = KeyframeHub::default();
//! hub.link("viewer", 2, "camera", 1);
//!
//! // The viewer has lost its picture, and says so more than once.
//! for _ in 0..3 {
//!     viewer.read_rtcp(RtcpPacket::builder().pli(9, 2).build()?, now);
//! }
//! let mut asked = 0;
//! while let Some(event) = viewer.poll_event() {
//!     if let Event::Fact(Fact::KeyframeRequested(KeyframeRequested { ssrc })) = event {
//!         let (_camera, ssrc) = hub.publisher_of(&"viewer", ssrc).expect("it is linked");
//!         camera.publish(KeyframeNeeded { ssrc }, now);
//!         asked += 1;
//!     }
//! }
//! assert_eq!(asked, 1);
//! let Some(Outgoing::Rtcp(request)) = camera.poll_wire() else { panic!("it is asked at once") };
//! assert!(matches!(request.packets().next(), Some(Rtcp::Pli(pli)) if pli.media_ssrc() == 1));
//!
//! // The key frame comes: nothing is asked again.
//! let key_frame = RtpPacket::builder().ssrc(1).payload_type(96).payload(vec![0x10, 0x50, 0, 0]).build()?;
//! camera.read_rtp(key_frame, now + Duration::from_millis(120));
//! camera.handle_timeout(now + Duration::from_secs(2));
//! assert!(camera.poll_wire().is_none());
//! assert_eq!(handle.connection("camera").map(|all| (all.asking.plis_sent, all.asking.answered)), Some((1, 1)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! [`Stage::NACK`](interceptor_core::Stage::NACK)`.above().above()`: it sees what NACK, RTX and FEC have brought back, and hears what NACK has given up;
//! reports, pacing and capture see what it sends. It says [`KeyframeAsking`](interceptor_core::KeyframeAsking), so that `nack` sends no requests of its own.
//! It takes part in streams with `nack pli` or `ccm fir`; no packet of others reaches it.
//!
//! # Wire format
//!
//! Picture loss indications (RFC 4585 §6.3.1) and full intra requests (RFC 5104 §4.3.1), from the connection's sender SSRC. Those that are due together
//! share a datagram, full intra requests of several streams a message.
//!
//! # Behaviour
//!
//! Asking, of remote streams:
//!
//! 1. Causes: a stream's first packet is none of a key frame ([`on_bind`](KeyframeOptions::on_bind)); somebody publishes
//!    [`KeyframeNeeded`](interceptor_core::KeyframeNeeded), such as NACK, a jitter buffer, or the owner
//!    ([`on_fact`](KeyframeOptions::on_fact)); a fixed [`interval`](KeyframeOptions::interval); or no frame has ended for a while although
//!    something else came ([`on_silence`](KeyframeOptions::on_silence)).
//! 2. One request is outstanding a stream, until a key frame comes. It is repeated when an answer should have come: after
//!    [`min_interval`](KeyframeOptions::min_interval) or, where that is longer, one and a half round trips and two frames. The first three are evenly apart, since so many may be lost;
//!    then each pause is twice the last, up to [`max_repeat`](KeyframeOptions::max_repeat). After [`max_unanswered`](KeyframeOptions::max_unanswered) it is repeated each
//!    [`unanswered_interval`](KeyframeOptions::unanswered_interval), and only while anything comes from the peer.
//! 3. A cause that comes within `min_interval` of the last request is remembered, and asked for at its end if no key frame has come meanwhile: the
//!    one before was for others.
//! 4. [`Method`] says by which message. A full intra request has the number after the last one's if it is new, the same if it is repeated
//!    (RFC 5104 §4.3.1.2).
//! 5. A key frame is seen by its first packet, as its codec marks it: VP8, VP9, H.264, H.265 or AV1, in RED as well; [`detect`] has the functions.
//!    [`KeyframeDetect::Custom`] is for others. Where nothing can be seen, a request is over after
//!    [`assume_answered`](KeyframeOptions::assume_answered), is not repeated, and later causes are remembered until then. A key frame that is older than
//!    what was asked for, because it was late, ends nothing.
//! 6. Nobody is asked for ever: a stream that stays silent is asked as rarely as an encoder that does not answer, and not at all while nothing comes
//!    from the peer.
//!
//! Answering, of local streams:
//!
//! 7. The first request is told to the owner as [`KeyframeRequested`](interceptor_core::KeyframeRequested). Those within
//!    [`coalesce`](KeyframeOptions::coalesce) after it are one, told at the end; and not even that if a key frame has left since, or so shortly before
//!    that the peer cannot have had it when it asked. A full intra request that is repeated is no request.
//! 8. With [`consume`](KeyframeOptions::consume) these requests are taken out of the peer's RTCP; the rest goes on as it came.
//! 9. A forwarder finds the publisher of a viewer's stream with [`KeyframeHub`]; rules 2 to 4 hold for all its viewers together.
//! 10. A stream that ends leaves nothing: no request, no timer.
//!
//! # Options
//!
//! | [`KeyframeOptions`] | default | range | what it is |
//! |---|---|---|---|
//! | `asking`, `answering` | yes | | the two roles |
//! | `on_bind`, `on_fact` | yes | | causes |
//! | `interval` | never | 100 ms..=1 h | a cause |
//! | `on_silence` | 3 s | never, 100 ms..=1 min | a cause |
//! | `min_interval` | 500 ms | 0..=1 min | from request to request of a stream |
//! | `max_repeat` | 3 s | 100 ms..=10 min | the longest pause before a repetition |
//! | `max_unanswered` | 10 | 1..=1000 | requests, before they become rare |
//! | `unanswered_interval` | 10 s | 1 s..=1 h | how rare |
//! | `method` | [`Method::Pli`] | `PliThenFir` after 1..=100 | which message |
//! | `detect` | [`KeyframeDetect::ByMime`] | | how a key frame is seen |
//! | `assume_answered` | 1 s | 0..=1 min | how long a request lasts where none is seen |
//! | `coalesce` | 500 ms | 0..=1 min | the peer's requests within this are one |
//! | `consume` | no | | the application does not see them |
//! | `fir_memory` | 2 s | 0..=1 min | how long a number is a repetition |
//! | `fir_senders` | 16 | 1..=1024 | remembered of a local stream |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | full intra request without a whole entry, or of half a one | ignored | `malformed` | `a_broken_full_intra_request_is_ignored` |
//! | request for an unknown SSRC, or for that of an RTX stream | ignored | `unknown_ssrc` | `a_request_for_an_unknown_ssrc_is_ignored` |
//! | full intra request whose media SSRC is not 0 | taken by its entries (RFC 5104 §4.3.1.2 wants 0) | `firs` | `a_full_intra_request_names_its_streams_in_its_entries` |
//! | 10 000 requests in a second | the owner is told twice | `coalesced` | `a_storm_of_requests_is_two_a_second` |
//! | number of a full intra request repeated, or gone back | one request for 2 s | `fir_repeats` | `numbers_that_repeat_or_go_back_are_one_request` |
//! | full intra requests of thousands of senders | 16 are remembered | `coalesced` | `thousands_of_senders_are_one_storm` |
//! | payload that ends within its codec's descriptor | begins no key frame | `too_short` | `a_payload_that_ends_too_soon_begins_no_key_frame` |
//! | key frame that comes again, or late | ends no newer request | `stale_keyframes` | `a_key_frame_of_before_ends_no_request` |
//! | sender that never answers | is asked more and more rarely | `repeats` | `an_encoder_that_does_not_answer_is_asked_rarely` |
//! | key frame needed of an SSRC that is no such stream | ignored | `unknown_needed` | `what_is_needed_of_nobody_is_ignored` |
//!
//! # Memory
//!
//! A remote stream takes 248 bytes and those of its counters, a local one 160 and 16 for each sender of full intra requests. No SSRC that a peer makes up takes
//! anything. A packet costs no allocation; with `consume` a datagram that has a request is copied.
//!
//! # Timers
//!
//! One, for the first of all streams that has to be looked after: the repetition of a request, the end of an interval or a window, silence. There is none
//! while nothing comes from the peer.
//!
//! # Counters
//!
//! [`KeyframeHandle`] reads those of all connections of a factory, of one or of one stream: [`AskCounters`] of remote streams, [`AnswerCounters`] of local
//! ones, [`OtherCounters`] of what is about none. A cause that is not `joined` or `remembered` is a request; a remembered one becomes a request or is
//! `spared`.

mod answering;
mod asking;
mod counters;
pub mod detect;
mod factory;
mod handle;
mod hub;
mod interceptor;
mod look;
mod message;
mod options;
mod roles;
mod side;

pub use answering::LocalStream;
pub use asking::RemoteStream;
pub use counters::{AnswerCounters, AskCounters, KeyframeCounters, OtherCounters};
pub use factory::KeyframeFactory;
pub use handle::KeyframeHandle;
pub use hub::KeyframeHub;
pub use interceptor::Keyframe;
pub use interceptor_core::OptionsError;
pub use options::{KeyframeDetect, KeyframeOptions, Method};
