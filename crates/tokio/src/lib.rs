//! The async session: drives an interceptor chain over any datagram transport with tokio.
//!
//! [`interceptor-core`](interceptor_core)'s chain does no I/O and reads no clock. A [`Session`] gives it
//! both: packets that the application writes pass the chain and leave, datagrams that come in pass the chain and wait to
//! be read, and retransmissions, reports and feedback happen whether or not the application reads anything.
//!
//! # A call over loopback
//!
//! ```
//! use interceptor_core::{Registry, StreamInfo};
//! use interceptor_nack::NackFactory;
//! use interceptor_packet::RtpPacket;
//! use interceptor_report::ReportFactory;
//! use interceptor_tokio::{Session, UdpTransport};
//! use tokio::net::UdpSocket;
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let (a, b) = (UdpSocket::bind("127.0.0.1:0").await?, UdpSocket::bind("127.0.0.1:0").await?);
//!     a.connect(b.local_addr()?).await?;
//!     b.connect(a.local_addr()?).await?;
//!
//!     // One registry serves any number of sessions.
//!     let registry = Registry::new().with(ReportFactory::default()).with(NackFactory::default());
//!     let alice = Session::builder(&registry, "alice").transport(UdpTransport::connected(a)?).spawn()?;
//!     let bob = Session::builder(&registry, "bob").transport(UdpTransport::connected(b)?).spawn()?;
//!
//!     let video = StreamInfo::new(0x1122_3344, 96, 90_000).with_feedback("nack", "");
//!     let outgoing = alice.bind_local_stream(video.clone())?;
//!     let packet = RtpPacket::builder().ssrc(0x1122_3344).payload_type(96).payload(&b"frame"[..]).build()?;
//!     outgoing.write(packet).await?;
//!
//!     // Bob has not announced the stream: its first packets wait until he decides what it is.
//!     let incoming = bob.accept().await?;
//!     assert_eq!((incoming.ssrc(), incoming.payload_type()), (0x1122_3344, 96));
//!     let mut incoming = incoming.bind(video)?;
//!     assert_eq!(incoming.read().await?.payload(), b"frame");
//!
//!     alice.close().await?;
//!     bob.close().await?;
//!     assert!(outgoing.write(RtpPacket::default()).await.is_err());
//!     Ok(())
//! }
//! ```
//!
//! # How it runs
//!
//! 1. **One task a session** reads the transport, runs the chain and its timers, and sends what writers could not. Nothing
//!    depends on the application reading RTCP, or anything at all.
//! 2. **Writing** ([`LocalStream`], [`RtcpSender`]) takes the session's lock for the walk through the chain and sends
//!    within the call if the transport takes it: no task switch, no allocation. While somebody sends, others queue behind
//!    and are sent along, so packets leave in the order in which the chain put them out, whoever wrote them.
//! 3. **Backpressure**: with [`send_queue`](SessionOptions::send_queue) packets or
//!    [`send_queue_bytes`](SessionOptions::send_queue_bytes) waiting for the transport [`write`](LocalStream::write) waits,
//!    first come, first served, and [`try_write`](LocalStream::try_write) gives the packet back.
//! 4. **Reading** ([`RemoteStream`]): each stream has a bounded queue of its own. A slow reader loses the oldest, is told
//!    how many, and disturbs no other stream. Batches are read with one clock reading and wake each reader once.
//! 5. **Unannounced SSRCs** are offered by [`accept`](Session::accept) with their first packets, which pass the chain when
//!    the stream is bound, with the arrival times they came with. A bind that fails gives the [`IncomingStream`] back with
//!    the error; dropped, it is offered again while it goes on sending; only [`reject`](IncomingStream::reject) is final.
//!    Where streams are learnt from the wire alone, [`probation_packets`](SessionOptions::probation_packets) of 2 offers an SSRC
//!    after two packets in sequence (RFC 3550 A.1), with both: SSRCs that a peer makes up are not offered, and do not push out
//!    one that goes on.
//! 6. **Live changes**: [`with_chain`](Session::with_chain) inserts and removes interceptors while the session runs;
//!    [`layout`](Session::layout) and [`counters`](Session::counters) show what there is.
//! 7. **Time** is tokio's: `tokio::time::pause` drives a whole session. The wall clock is read once, when the session
//!    starts, for the NTP time of sender reports.
//! 8. **The end**: [`close`](Session::close) lets interceptors say goodbye, sends what is queued, closes the transport and
//!    joins the task. Dropping the last [`Session`] does the same in the background. Streams and readers do not keep a
//!    session alive, so no forgotten reading task can.
//!
//! # Transports
//!
//! | transport | feature | notes |
//! |---|---|---|
//! | `UdpTransport` | `udp` (default) | batched receive (`recvmmsg`, GRO), GSO for packets of one size, ECN both ways; connected, to one peer, or latching on to whoever first sends RTP in sequence, of a host that is expected if one is ([`LatchOptions`]) |
//! | `MuxTransport` | `udp` (default) | one socket for many sessions (`UdpMux`): told apart by the addresses of their peers, and those learnt by a callback that names a session; batches both ways as above |
//! | `SrtpTransport` | `srtp` | SRTP and SRTCP around any other, with the caller's keys; other protocols pass as they are |
//! | `Arc` of any `webrtc_util::Conn` | `webrtc-util` (default) | UDP sockets, DTLS, vnet, test conns; datagrams up to 8192 bytes; calls are never cancelled half way |
//! | yours | | implement [`Transport`]: another encryption around one of these, a relay's allocation, a lossy link |
//!
//! # STUN, DTLS, and who the peer is
//!
//! Datagrams of other protocols come by [`raw`](Session::raw) with the address that they came from, and are answered there with
//! [`send_raw_to`](Session::send_raw_to), before there is a peer as well. Where ICE shows who the peer is, a latching `UdpTransport`
//! or a `MuxTransport` is told so (`LatchOptions::told`) by `Latch::set_peer`, at first and whenever the peer moves: media follows with
//! the next datagram. **Read there what must have been verified before**: whoever is named gets the media.
//!
//! | | of the peer | of another address |
//! |---|---|---|
//! | STUN, ZRTP, DTLS, TURN channel data (first byte 0..=3, 16..=79, RFC 7983) | raw | raw, as a [stranger's](RawDatagram::stranger), up to `stranger_queue`; of a mux only from addresses that its callback has named |
//! | media, noise | taken | rejected, or the proof of a latching transport that this is the peer |
//!
//! A mux leaves the choice to its callback: it is asked about each datagram of an unknown address, and about STUN binding requests of
//! known ones, up to `unknown_per_second` of either. The receive
//! buffer of its socket is what all sessions have together: set it (`SO_RCVBUF`) to what comes in while the machine is busy elsewhere, such
//! as 4 MiB for 20 ms at 50 000 packets a second, and allow it (`net.core.rmem_max`). What the kernel drops no counter here shows.
//!
//! # One source, many subscribers
//!
//! A [`Fanout`] forwards what sources send (publishers, layers of their simulcasts) to the sessions of any number of subscribers. Each
//! has a stream of its own, without seams whichever source it gets (`interceptor-rewriter`), and shares the payloads. Packets that came together
//! leave each in one go ([`try_write_all`](LocalStream::try_write_all)). Who is too slow gets fewer layers, then nothing until a key frame;
//! nobody waits for anybody, and each packet is counted by what became of it ([`SubscriptionCounters`]). A batch costs those who want its source,
//! and nobody else. The example `sfu` chooses layers by congestion control.
//!
//! # Several networks
//!
//! [`SessionBuilder::path`] gives a session a transport for each of several networks. What comes over one is marked with its number
//! ([`PacketInfo::path`](interceptor_packet::PacketInfo::path), [`RawDatagram::path`]), and what is marked with that leaves by it. A path that
//! fails does not end the session while another lives, and one that takes nothing holds no other up: [`Paths`]. `interceptor-merge` sends each packet
//! over all of them, and passes the first copy on (SMPTE ST 2022-7); `examples/two_paths.rs` shows it.
//!
//! # Cancel safety
//!
//! Every future may be dropped at any point.
//!
//! | future | dropped before it is ready |
//! |---|---|
//! | [`LocalStream::write`], [`RtcpSender::write`], [`Session::send_raw`], [`Session::send_raw_to`] | nothing was sent; the packet is dropped with it |
//! | [`LocalStream::write_all`] | packets already sent are out of the vector, all others still in it |
//! | [`RemoteStream::read`], [`RtcpReceiver::read`](Reader::read), [`Events::read`](Reader::read), [`RawReceiver::read`], [`Session::accept`] | nothing was taken out |
//! | [`RemoteStream::read_many`] | nothing was taken out |
//! | [`Session::close`] | the session closes all the same; call it again to wait for the end |
//! | [`Session::closed`] | nothing happens |
//!
//! # Options
//!
//! Of the chain, on [`SessionBuilder`]: CNAME, MTU, reduced-size RTCP, seed (default from the operating system), limits, and
//! [`configure`](SessionBuilder::configure) for the rest. Of the session, in [`SessionOptions`]:
//!
//! | option | default | range | over it |
//! |---|---|---|---|
//! | `send_queue` | 256 packets | 1..=65 536 | writers wait; what interceptors make may double it (at least 64 more), then it is dropped |
//! | `send_queue_bytes` | 1 MiB | 65 536..=2^30 | the same |
//! | `receive_queue` | 512 packets a stream | `pending_packets`..=1 048 576 | the oldest are dropped |
//! | `receive_queue_bytes` | 1 MiB a stream | `pending_bytes`..=2^30 | the oldest are dropped |
//! | `rtcp_queue` | 64 compounds a reader | 1..=65 536 | the oldest are dropped |
//! | `rtcp_queue_bytes` | 256 KiB a reader | 65 536..=2^30 | the oldest are dropped |
//! | `event_queue` | 256 events a reader | 1..=65 536 | the oldest are dropped |
//! | `raw_queue` | 64 datagrams a reader | 1..=65 536 | the oldest are dropped |
//! | `raw_queue_bytes` | 256 KiB a reader | 65 536..=2^30 | the oldest are dropped |
//! | `stranger_queue` | 64 datagrams a reader | 0..=65 536 | the oldest are dropped |
//! | `stranger_queue_bytes` | 64 KiB a reader | 65 536..=2^30 | the oldest are dropped |
//! | `receive_budget` | none shared | any, with 16 KiB a queue assured | the queue's own oldest are dropped |
//! | `pending_streams` | 16 SSRCs | 0..=1024 | the one silent longest goes |
//! | `pending_packets` | 64 packets an SSRC | 1..=65 536 | the oldest are dropped |
//! | `pending_bytes` | 256 KiB an SSRC | 65 536..=2^30 | the oldest are dropped |
//! | `pending_total_bytes` | 1 MiB | `pending_bytes`..=2^30 | the oldest of the SSRC that holds most are dropped |
//! | `probation_packets` | 1 in sequence | 1..=16 | the SSRC is not offered before; from 2 on, for a second after one was given back, nor before it has gone on for 100 ms |
//! | `probation_streams` | 1024 SSRCs | 1..=65 536 | those who have had 500 ms go, else new ones are refused |
//! | `offer_again_after` | 200 ms | | |
//! | `close_timeout` | 1 s | | what is queued is dropped |
//! | `close_transport` | yes | | |
//!
//! Of a `UdpMux`, in `MuxOptions`, and of an `SrtpTransport`, in `SrtpOptions`:
//!
//! | option | default | range | over it |
//! |---|---|---|---|
//! | `session_queue` | 512 datagrams a session | 1..=65 536 | its oldest are dropped |
//! | `session_queue_bytes` | 1 MiB a session | 65 536..=2^30 | its oldest are dropped |
//! | `receive_budget` | 64 MiB of its own | any, with 16 KiB a session assured | the session's oldest are dropped |
//! | `session_addresses` | 16 addresses a session | 2..=1024 | the one named first goes, but not the peer's |
//! | `unknown_per_second` | 20 000 datagrams | 1..=1 000 000 | dropped without asking whose they are |
//! | `replay_window` | 2048 packets an SSRC | 64..=16 384 | what is older is a replay |
//! | `max_ssrcs` | 1024 of the peer, RTP and RTCP each | 1..=65 536 | refused |
//!
//! Of a [`Fanout`], in [`FanoutOptions`]:
//!
//! | option | default | range | over it |
//! |---|---|---|---|
//! | `thin_above_packets` | 64 packets that wait | 1..=65 536 | layers above the lowest are left out, until half as many wait |
//! | `rewriter` | of `interceptor-rewriter` | | |
//!
//! # Errors
//!
//! | what happens | what follows |
//! |---|---|
//! | the transport fails (end of a pipe, closed socket) | the session ends; every handle returns the same [`SessionError::Transport`] |
//! | one of several [paths](SessionBuilder::path) fails, or gives ten errors in a row with nothing sent in between | it is given up, and what is for it counts in [`discarded_sends`](SessionCounters::discarded_sends); when all have failed the session ends |
//! | it fails while the session closes | nothing is waited for any more; [`close`](Session::close) returns [`SessionError::Transport`] |
//! | an [`IncomingStream`] cannot be bound (no room, wrong information, an interceptor's veto) | [`IncomingBindError`] has it, with all its packets |
//! | ICMP unreachable, message too long, no buffer space, forbidden by a firewall | counted in [`send_errors`](SessionCounters::send_errors) or [`receive_errors`](SessionCounters::receive_errors); the session goes on |
//! | a hundred such errors in a row on receiving, with nothing sent in between | the session ends: no peer answers what was never asked |
//! | the socket of a `UdpMux` fails | every session of it ends, with that error; ICMP errors of one peer end nobody |
//! | the callback of a `UdpMux` panics | it has named nobody; the mux goes on |
//! | a packet does not decrypt, or cannot be encrypted | dropped and counted; the session goes on |
//! | a datagram is for an address, over a transport that knows its peer only | [`SessionError::OnlyToPeer`] |
//! | an interceptor fails or panics | the packet goes on, the session too; [`Events`] name the one that panicked |
//! | a subscriber's session panics while it takes packets of a [`Fanout`] | the subscription ends, nobody else's |
//! | a panic inside [`with_chain`](Session::with_chain) | reaches its caller only; nothing is poisoned |
//! | the session's task panics, or the runtime goes away | every handle returns [`SessionError::TaskEnded`] |
//!
//! # Malformed and hostile input
//!
//! Counters are those of [`Session::counters`], `chain` the ones of the chain in it.
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | a datagram of another protocol | given to [`RawReceiver`] as it came | `chain.foreign_datagrams` | `a_datagram_of_another_protocol_comes_raw` |
//! | malformed RTP or RTCP | given to [`RawReceiver`] as it came | `chain.malformed_datagrams` | `a_malformed_datagram_comes_raw` |
//! | malformed sub-packet of an RTCP compound | the compound goes to the readers; its other packets are seen | `chain.malformed_rtcp_packets` | `a_compound_with_a_malformed_packet_is_read` |
//! | RTCP, noise or single RTP packets on a latching socket, before its peer sends | makes nobody the peer | `rejected_datagrams` | `nobody_takes_the_place_of_a_latching_sockets_peer_with_rtcp` |
//! | a datagram of somebody who is not the peer, or whom the transport does not believe | dropped | `rejected_datagrams` | `a_datagram_of_a_stranger_is_rejected` |
//! | over a `Conn`, a datagram of more than 8192 bytes | dropped | `rejected_datagrams` | `a_datagram_longer_than_a_conn_takes_is_rejected` |
//! | ICMP errors, true or forged | the session goes on, but not when they are all that comes | `receive_errors`, `send_errors` | `errors_that_pass_are_counted_until_there_is_nothing_else` |
//! | SSRCs without end | the one silent longest goes | `dropped_unbound` | `ssrcs_without_end_are_not_kept` |
//! | the same, with probation | a stream among them is offered all the same | `dropped_unproven` | `a_stream_is_accepted_beside_ssrcs_without_end` |
//! | large packets of SSRCs that nobody has bound | beyond 256 KiB of one its oldest go, beyond 1 MiB of all those of whoever holds most | `dropped_unbound` | `giants_of_unbound_ssrcs_are_kept_up_to_the_caps` |
//! | an SSRC that was rejected goes on | dropped | `dropped_rejected` | `an_ssrc_that_is_rejected_is_not_offered_again` |
//! | packets faster than they are read | the oldest of their stream go | `dropped_reads`, [`RemoteStream::dropped`] | `packets_faster_than_they_are_read_push_the_oldest_out` |
//! | large packets, faster than they are read | beyond 1 MiB the oldest of their stream go | `dropped_reads`, [`RemoteStream::dropped`] | `giants_of_a_stream_that_is_not_read_are_kept_up_to_its_cap` |
//! | large RTCP and datagrams of other protocols, faster than they are read | beyond 256 KiB the oldest of that reader go | [`RtcpReceiver::dropped`](Reader::dropped), [`RawReceiver::dropped`] | `giants_of_rtcp_and_other_protocols_are_kept_up_to_their_caps` |
//! | RTCP, datagrams of other protocols, events faster than they are read | the oldest of that reader go | [`RtcpReceiver::dropped`](Reader::dropped), [`RawReceiver::dropped`], [`Events::dropped`](Reader::dropped) | `rtcp_raw_datagrams_and_events_faster_than_they_are_read_push_the_oldest_out` |
//! | requests that make interceptors send more than the transport takes | dropped beyond their share of the send queue | `dropped_sends` | `requests_for_more_than_the_transport_takes_are_dropped` |
//! | a packet that makes an interceptor panic | it goes on, the session too | `chain.panics` | `a_packet_that_makes_an_interceptor_panic_goes_on` |
//!
//! | STUN, DTLS and their like of strangers, on a socket that is to find its peer, faster than they are read | the oldest of theirs go, none of the peer's | `dropped_strangers` | `handshakes_of_strangers_are_kept_up_to_their_cap_and_push_out_none_of_the_peers` |
//! | large ones of these | beyond 64 KiB the oldest of theirs go | `dropped_strangers` | `giant_handshakes_of_strangers_are_kept_up_to_their_cap` |
//! | media on a socket that is told its peer, before that | makes nobody the peer | `rejected_datagrams` | `where_the_peer_is_told_media_makes_nobody_it` |
//!
//! Of a `UdpMux`, by its own counters:
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | datagrams of addresses that the callback names no session for | dropped, nothing is kept of them | `unknown` | `closed_sessions_leave_nothing` |
//! | more of them than it is to be asked about | dropped, nothing is kept of them | `unknown_limited` | `more_unknown_datagrams_than_are_asked_about_are_counted` |
//! | a request that makes the callback panic | it has named nobody | `callback_panics`, `unknown` | `a_callback_that_panics_names_nobody` |
//! | a request for a session from addresses without end | the oldest of its addresses go, never its peer's | `evicted_addresses` | `addresses_without_end_do_not_push_out_the_peers` |
//! | a STUN request for another session, from an address that has one | the address moves if the callback names that session, and its first has no peer then | `moved_addresses` | `an_address_moves_only_by_the_callbacks_word` |
//! | media of an address that is the session's, but not its peer's | dropped | `rejected`, and the session's `rejected_datagrams` | `of_many_addresses_of_a_session_one_is_the_peers` |
//! | datagrams faster than one session takes them | the oldest of that session go | `overrun`, and the session's `overrun_datagrams` | `a_session_that_stalls_loses_its_own_oldest_and_disturbs_no_other` |
//!
//! Of an `SrtpTransport`, by its own counters, and the session's `rejected_datagrams`:
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | a packet cut anywhere, or with a header that does not fit | dropped | `malformed`, `unauthenticated` | `a_cut_or_changed_packet_is_refused_wherever_it_is_cut_or_changed`, `a_header_that_does_not_fit_is_malformed` |
//! | packets of other keys, plain ones, changed ones | dropped | `unauthenticated` | `packets_of_other_keys_plain_ones_and_replays_are_counted_and_the_session_goes_on` |
//! | RTCP that says it is not encrypted, with any tag | dropped | `unauthenticated` | `rtcp_that_says_it_is_not_encrypted_is_refused` |
//! | replays, and what is older than the window | dropped | `replayed` | `what_came_before_is_a_replay_and_what_is_late_is_not`, `rtcp_is_counted_on_from_index_to_index_and_replays_are_refused` |
//! | sequence numbers that wrap, late or lost around it | decrypted | | `numbers_wrap_again_and_again_with_packets_late_and_lost_around_it` |
//! | made-up packets of an SSRC before its first true one | dropped; they move neither its window nor its rollover counter | `unauthenticated` | `made_up_ssrcs_are_not_remembered_and_keep_no_true_one_out` |
//! | made-up SSRCs without end | dropped, nothing is kept of them | `unauthenticated` | `made_up_ssrcs_are_not_remembered_and_keep_no_true_one_out` |
//! | true SSRCs without end | those of more than `max_ssrcs` are dropped | `refused_ssrcs` | `ssrcs_of_the_peer_without_end_are_refused` |
//! | header extensions of any shape, padded or broken | decrypted, the payload is where the lengths say | | `extensions_and_csrcs_of_any_shape_do_not_move_the_payload` |
//! | STUN, DTLS and their like | pass as they are | | `other_protocols_pass_untouched_with_where_they_came_from` |
//!
//! # Memory
//!
//! A session without traffic takes about 4 kB, a stream under 1 kB, besides what its interceptors keep. What a peer can make
//! it hold is bounded by the options above, in packets and in bytes: with the defaults 512 packets and 1 MiB a bound stream that
//! is not read, 1 MiB of unbound SSRCs, 256 KiB of RTCP and as much of other protocols for each reader, 64 KiB of strangers'. Behind a
//! `UdpMux` a session has no socket, and up to 1 MiB more waits if its task does not run; what nobody is named for is not kept. Over SRTP
//! an SSRC takes about half a kilobyte. Over UDP datagrams of
//! more than 1024 bytes that arrive together share buffers of up to 16 kB, so one of them that is kept may keep its
//! neighbours' bytes alive (8 MB for the 512 of a stream, if one of sixteen is its own); all others have buffers of their own,
//! and so has everything that is kept for `accept`. One scratch buffer of 1 MiB a thread receives for all its UDP sessions; only the pages in use are
//! ever touched.
//!
//! # Counters
//!
//! [`Session::counters`]: datagrams and bytes each way, passing errors, rejected and dropped packets by cause, and the chain's
//! own counters. [`RemoteStream::dropped`] counts for one stream.
//!
//! The books close. An RTP packet that came in (`received_rtp`) or that interceptors restored (`restored_rtp`) was consumed by an
//! interceptor (`consumed_rtp`), is read, waits to be read or accepted (`waiting_rtp`), or is counted in one of `dropped_reads`
//! (read too slowly), `dropped_unread` (nobody left to read it), `dropped_unbound` (more than is kept of unbound SSRCs),
//! `dropped_unproven` (the same on probation), `dropped_rejected` (nobody wants its SSRC) and `unaccepted_at_close`;
//! [`unaccounted_rtp`](SessionCounters::unaccounted_rtp) adds up. What was written (`written_rtp`) or made here
//! (`made_datagrams`) was consumed (`consumed_writes`), sent, waits (`waiting_sends`), or is counted in `discarded_sends` (the
//! transport gave it up), `dropped_sends` (no room) or `unsent_at_close`; [`unaccounted_sends`](SessionCounters::unaccounted_sends)
//! adds up. A `UdpMux` has a book of its own, in `MuxCounters`: what came in was delivered to a session, waits for one, or is counted in
//! `unknown`, `unknown_limited`, `rejected`, `overrun` or `untaken_at_close`; `unaccounted` adds up.

mod accept;
mod bound;
mod broadcast;
mod builder;
mod cork;
mod counters;
mod driver;
mod enter;
mod error;
mod exits;
mod fanout;
mod inbox;
mod local_stream;
mod lock;
mod options;
mod outbox;
mod pending;
mod raw;
mod reader;
mod receive_budget;
mod remote_stream;
mod rtcp_sender;
mod send;
mod session;
mod shared;
#[cfg(feature = "srtp")]
mod srtp;
mod state;
mod traits;
mod transport;
mod writers;

pub use accept::{IncomingBindError, IncomingStream};
pub use builder::SessionBuilder;
pub use cork::Cork;
pub use counters::SessionCounters;
pub use error::{BindError, SessionError, SpawnError, TryWriteError};
pub use fanout::{Fanout, FanoutOptions, Forwarded, Part, Subscription, SubscriptionCounters};
pub use interceptor_core as core;
pub use interceptor_core::OptionsError;
pub use interceptor_packet as packet;
pub use interceptor_rewriter as rewriter;
pub use local_stream::LocalStream;
pub use options::SessionOptions;
pub use raw::{RawDatagram, RawReceiver};
pub use reader::{Events, Reader, RtcpReceiver};
pub use receive_budget::ReceiveBudget;
pub use remote_stream::RemoteStream;
pub use rtcp_sender::RtcpSender;
pub use session::Session;
#[cfg(feature = "srtp")]
pub use srtp::{
    SrtpCounters, SrtpError, SrtpKeys, SrtpMaster, SrtpMeter, SrtpOptions, SrtpProfile, SrtpReceiver,
    SrtpSender, SrtpTransport,
};
pub use traits::{RtcpReader, RtcpWriter, RtpReader, RtpWriter};
#[cfg(feature = "udp")]
pub use transport::{
    BatchSocket, Copier, KeyTaken, Latch, LatchOptions, Message, MuxCounters, MuxError, MuxOptions,
    MuxReceiver, MuxSender, MuxTransport, PeerError, UdpMux, UdpReceiver, UdpSender, UdpTransport,
};
#[cfg(feature = "webrtc-util")]
pub use transport::{ConnReceiver, ConnSender};
pub use transport::{
    Datagrams, PathReceivers, PathSenders, Paths, Received, Run, SendQueue, Transport, TransportReceiver,
    TransportSender,
};
