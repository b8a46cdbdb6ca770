//! The interceptors of this workspace inside `webrtc` 0.17: one chain for each of its connections.
//!
//! [`ChainBuilder`] is what `webrtc` 0.17.2 makes its interceptors by. A chain takes the place of the interceptors that `webrtc` registers by
//! default, or stands beside others. What our chain adds to `webrtc`: retransmission on RTX streams, repair whether or not the application reads RTCP,
//! each lost packet asked for once a round trip, statistics of both ends, captures, congestion control.
//!
//! ```no_run
//! use interceptor_core::Registry;
//! use interceptor_nack::NackFactory;
//! use interceptor_report::ReportFactory;
//! use interceptor_rtx::RtxFactory;
//! use interceptor_webrtc::{ChainBuilder, configure};
//! use webrtc::api::APIBuilder;
//! use webrtc::api::media_engine::MediaEngine;
//! use webrtc::api::setting_engine::SettingEngine;
//!
//! # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
//! let ours = ChainBuilder::new(
//!     Registry::new().with(NackFactory::default()).with(RtxFactory::default()).with(ReportFactory::default()),
//! );
//! let (mut engine, mut settings) = (MediaEngine::default(), SettingEngine::default());
//! let theirs = interceptor::registry::Registry::new(); // and not `register_default_interceptors`
//! let (registry, connections) = configure(theirs, ours, &mut engine, &mut settings)?;
//! let api = APIBuilder::new()
//!     .with_media_engine(engine)
//!     .with_setting_engine(settings)
//!     .with_interceptor_registry(registry)
//!     .build();
//! let peer = api.new_peer_connection(Default::default()).await?;
//! let chain = connections.last().expect("it was just made");
//! println!("{}\n{}", chain.id(), chain.layout().expect("the connection lives"));
//! # Ok(())
//! # }
//! ```
//!
//! A whole call over a bad network: `cargo run -p interceptor-webrtc --example repaired`.
//!
//! # What has to be set up
//!
//! `configure` (with the feature `webrtc`, and `configure_with_codecs` for codecs of your own) does all of it, from what the chain's
//! interceptors need ([`Registry::needs`](interceptor_core::Registry::needs)). Who sets up by hand:
//!
//! | what | why |
//! |---|---|
//! | leave `register_default_interceptors` out | its interceptors would ask and answer as well |
//! | each codec's `rtcp_feedback` has `nack` and what else the chain needs | else it is not negotiated, and the chain does nothing |
//! | a `video/rtx` codec for each of video (`register_rtx`) and `SettingEngine::enable_sender_rtx(true)` | `webrtc` opens no RTX stream otherwise |
//! | `SettingEngine::set_srtp_replay_protection_window`, at least as long as NACK's history (`REPLAY_WINDOW`) | its default is 64 packets; without RTX, what is sent again later than that is thrown away unseen |
//! | leave `RTCRtpSender::enable_seq_transformer` off | see 9 below |
//!
//! # Behaviour
//!
//! 1. Each connection has a chain, a name (`webrtc` gives none: they are numbered) and one task, which sends what interceptors make and keeps their
//!    time; it wakes when there is something to send, at a deadline, or when one becomes earlier. Each reader of RTCP has a task besides. All end
//!    when the connection is closed, or dropped with its readers and writers.
//! 2. A packet that no interceptor changes goes on as it is: `webrtc`'s own packet with its own payload and attributes, both ways.
//! 3. A local stream is bound when `webrtc` binds it. A remote one is bound with its first packet, since only that tells its payload type: `webrtc` names the first codec
//!    that was negotiated, which is a guess; the clock of a static payload type (RFC 3551) is certain. Another payload type later is told to the chain, and so is what
//!    `webrtc` binds later ([`Chain::amend_remote`](interceptor_core::Chain::amend_remote)): nothing is unbound for it, and no history lost.
//! 4. `webrtc` binds an RTX stream as a stream of its own, behind its media. Here it becomes part of that. Answers leave by the writer that it was bound
//!    with, which `webrtc` throws away. What comes on it is read by a task of `webrtc`'s that throws it away: it passes the chain there, and the restored packet
//!    is given to who reads the track, before what is newer.
//! 5. RTX streams of simulcast, whose SSRCs nothing announces, are found by the name that their packets bear (RFC 8852).
//! 6. RTCP is read whether or not the application reads it, and the chain sees each compound once: `webrtc` gives one to each of the streams that it speaks of. The
//!    application reads what the chain forwards, at each sender and receiver, as before; the oldest go when it does not.
//! 7. No error of a reader ends it, as long as more may come: loops of `webrtc` stop for good at the first error. After 64 in a row each further one is waited for.
//! 8. A future that is dropped loses nothing: a packet is given in the poll in which it is taken. Interceptors of `webrtc`'s own may keep one while they wait
//!    (its TWCC receiver does), and a read of theirs is dropped when something was repaired: register them after ours, so that they are above it.
//! 9. Where the application's sequence numbers jump (by 3000 and more forward, by over 100 back, or its timestamps by ten seconds more than have passed), another track has begun, as with
//!    `replace_track`: the stream goes on with the next number, and NACK's history has the numbers that the wire has. `webrtc` can renumber as well (`enable_seq_transformer`): it then does so below
//!    the chain, and is right as long as answers leave on RTX streams; a plain answer would mislead it.
//! 10. Closing the connection closes the chain first: its BYE leaves before DTLS ends. After that packets pass untouched, and readers end.
//! 11. An SSRC that is bound a second time goes on with the new writer or reader; each bind has its own end.
//! 12. [`ChainHandle`] reads counters and events, puts interceptors in and takes them out while the connection runs.
//!
//! The chain sees what an application reads: media that it leaves in `webrtc`'s buffer is not repaired meanwhile.
//!
//! # Options
//!
//! | [`AdapterOptions`] | default | range | source |
//! |---|---|---|---|
//! | `rtcp_queue` | 64 compounds | 0..=65 536 | interceptors have seen them all |
//! | `rtcp_queue_bytes` | 64 KiB | 2048..=1 GiB | fifty compounds of 1200 bytes |
//! | `repaired_queue` | 512 packets | 1..=65 536 | two seconds of 2.5 Mbit/s |
//! | `repaired_queue_bytes` | 1 MiB | 65 536..=1 GiB | the same with room to spare |
//! | `send_queue` | 1024 packets | 1..=65 536 | four answers of 256 packets |
//! | `send_queue_bytes` | 2 MiB | 65 536..=1 GiB | the same with room to spare |
//! | `event_queue` | 256 events | 1..=65 536 | state changes are few |
//! | `continuous_numbers` | yes | | 9 above |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | RTP of media that `rtp` does not parse, or longer than the buffer | reading goes on | `read_errors` | `a_malformed_packet_does_not_end_the_media_reader` |
//! | the same on an RTX stream | reading goes on | `read_errors` | `a_malformed_packet_does_not_end_the_rtx_reader` |
//! | RTCP that `rtcp` does not parse | reading goes on | `read_errors` | `a_malformed_compound_does_not_end_the_rtcp_reader` |
//! | a flood of these | each is waited for | `read_errors` | `a_thousand_malformed_packets_end_nothing_and_take_no_processor` |
//! | a packet that cannot be written on the wire (an extension with identifier 0) | goes on, past the chain | `unconverted_rtp` | `what_the_wire_cannot_carry_passes_the_chain_by_and_is_counted` |
//! | one compound for several streams | seen once by the chain | `rtcp_copies` | `a_compound_that_the_host_gives_to_two_readers_is_answered_once_and_read_by_both` |
//! | RTCP that the application does not read | the oldest go | `dropped_rtcp` | `what_the_application_does_not_read_is_bounded_and_counted` |
//! | repaired packets that the application does not read | the oldest go | `dropped_rtp` | `what_nobody_reads_is_bounded_and_counted` |
//!
//! # What cannot be helped
//!
//! `webrtc` parses RTCP in a task of its own before anybody else: where `rtcp` 0.17 panics (a NACK or FIR of eight bytes), that task ends, and RTCP of the connection with
//! it. A compound that speaks of no SSRC (RFC 8888, APP, unknown types) it gives to nobody, so no chain sees it: congestion control works with
//! transport-wide feedback. `rtp` 0.17 cannot write padding: a padding packet leaves without (`padding_stripped`), so that probes are of repeated packets only.
//!
//! # Memory, counters
//!
//! A connection takes its chain, a map entry of about 300 bytes a stream, at most the queues above, and 2 KiB for each reader of RTCP (8 KiB after a compound that needed it).
//! An RTP packet takes one allocation besides that of the reader or writer below, each way; both are the futures that the traits box.
//! [`ChainHandle::counters`] has the chain's [`Counters`](interceptor_core::Counters) and the adapter's [`AdapterCounters`], which name everything that
//! went another way than on.

mod adapter;
mod book;
mod builder;
mod clock;
#[cfg(feature = "webrtc")]
mod configure;
mod connection;
mod connections;
mod counters;
mod driver;
mod error;
mod handle;
mod inbox;
mod layers;
mod learn;
mod lock;
mod options;
mod outgoing;
mod patience;
mod rtcp;
mod rtp;
mod state;

pub use builder::ChainBuilder;
#[cfg(feature = "webrtc")]
pub use configure::{REPLAY_WINDOW, configure, configure_settings, configure_with_codecs, register_rtx};
pub use connections::Connections;
pub use counters::{AdapterCounters, Counters};
pub use handle::{ChainHandle, HandleError};
pub use interceptor_core::OptionsError;
pub use options::AdapterOptions;
