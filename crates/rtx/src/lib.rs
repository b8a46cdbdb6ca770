//! RFC 4588 retransmission streams: encapsulates repairs on the way out, restores originals on the way in.
//!
//! What is sent again (by `interceptor-nack`, or whoever marks a packet
//! [`Origin::Retransmission`](interceptor_core::packet::Origin::Retransmission)) leaves on the stream's RTX SSRC; what comes
//! on the RTX SSRC goes on to the application as the media packet that was lost. It takes part in streams that have
//! [`StreamInfo::rtx`](interceptor_core::StreamInfo::rtx).
//!
//! ```
//! use std::time::Instant;
//! use interceptor_core::{ChainConfig, Incoming, Outgoing, Registry, StreamInfo};
//! use interceptor_core::packet::{NtpTime, Origin, Recovery, RtpPacket};
//! use interceptor_rtx::{Rtx, RtxFactory, RtxOptions};
//!
//! let options = RtxOptions::default().with_first_sequence_number(Some(1));
//! let registry = Registry::new().with(RtxFactory::new(options)?);
//! let now = Instant::now();
//! let mut chain = registry.build(ChainConfig::new("call-1", now, NtpTime::default(), 7))?;
//! let video = StreamInfo::new(0x1122_3344, 96, 90_000).with_rtx(0x5566_7788, 97);
//! chain.bind_local(video.clone(), now)?;
//! chain.bind_remote(video, now)?;
//!
//! // Packet 7 leaves once more, on the RTX stream.
//! let mut packet =
//!     RtpPacket::builder().ssrc(0x1122_3344).payload_type(96).sequence_number(7).payload(&b"media"[..]).build()?;
//! packet.info_mut().origin = Origin::Retransmission;
//! chain.write_rtp(packet, now);
//! let Some(Outgoing::Rtp(packet)) = chain.poll_wire() else { panic!("it leaves") };
//! assert_eq!((packet.ssrc(), packet.payload_type(), packet.sequence_number()), (0x5566_7788, 97, 1));
//! assert_eq!(packet.payload(), b"\x00\x07media");
//!
//! // Where it arrives it is packet 7 again.
//! chain.read_datagram(packet.to_bytes(), now);
//! let Some(Incoming::Rtp(packet)) = chain.poll_app() else { panic!("it arrives") };
//! assert_eq!((packet.ssrc(), packet.payload_type(), packet.sequence_number()), (0x1122_3344, 96, 7));
//! assert_eq!((packet.payload(), packet.info().recovered_by), (&b"media"[..], Some(Recovery::Rtx)));
//! let counters = chain.with_streams::<Rtx, _>(|rtx, streams| rtx.counters(&streams)).expect("it is in the chain");
//! assert_eq!((counters.sent.encapsulated, counters.received.restored), (1, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! It stands at [`Stage::RTX`](interceptor_core::Stage::RTX): nearer the wire than FEC and NACK, which thus see a restored
//! packet as media and do not ask for it again; farther from the wire than reports, statistics and congestion
//! control, which see retransmissions as what they are.
//!
//! # Wire format
//!
//! RFC 4588 §4, SSRC-multiplexed: the header of the original with SSRC, payload type and sequence number of the RTX stream;
//! payload: the original sequence number (OSN, 2 bytes, big-endian), then the original payload. An RTX packet is 2
//! bytes longer than its original: they are declared for packetisers ([`Chain::headroom`](interceptor_core::Chain::headroom)).
//!
//! # Behaviour
//!
//! 1. A packet marked as retransmission on a local media SSRC gets RTX SSRC and payload type, OSN and original payload. Its
//!    padding is left out (§4); timestamp, marker, contributing sources and header extensions stay.
//! 2. The RTX stream's sequence number is one more with each packet that is sent (§4), from a random start (RFC 3550 §5.1).
//! 3. Each `apt` pair of [`RtxInfo::payload_types`](interceptor_core::RtxInfo::payload_types) is used, so RED and its content can be
//!    retransmitted side by side. A payload type without a pair leaves on the media SSRC, as it would without RTX.
//! 4. A packet on a remote RTX SSRC gets SSRC, payload type and sequence number of the original back; its payload is not copied.
//!    From here on it is [`Origin::Media`](interceptor_core::packet::Origin::Media), with
//!    [`Recovery::Rtx`](interceptor_core::packet::Recovery::Rtx) in
//!    [`recovered_by`](interceptor_core::packet::PacketInfo::recovered_by).
//! 5. A payload type on the RTX SSRC that no pair names is nothing that can be restored: it ends here, and the first of a stream
//!    raises [`UnknownRtxPayloadType`]. Where *no* pair is known ([`with_rtx_ssrc`](interceptor_core::StreamInfo::with_rtx_ssrc)),
//!    every payload type is a retransmission, of the type that media of the stream came with last; before any media it ends here.
//! 6. What is too short for an OSN, such as the padding that libwebrtc probes with on RTX streams, ends here.
//! 7. Where both `rtp-stream-id` and `repaired-rtp-stream-id` were negotiated, the name of the stream moves from one
//!    extension to the other and back (RFC 8852 §3.2).
//! 8. With [`plain_fallback`](RtxOptions::plain_fallback), for peers of which it is only supposed that they know RTX: a number that
//!    is asked for a third time, each time a round trip (300 ms until it is measured) after an RTX packet with it, is repeated
//!    plainly on the media SSRC, which everybody takes. After four such packets in vain over a second, none having
//!    ever been heeded, everything of the stream is; after sixteen over ten seconds, if one had. Heeded is what is asked for no more for two and a half round
//!    trips, and nothing is decided while older answers are not asked for again: lost RTX packets do not make a peer one that knows none.
//! 9. A stream whose description changes ([`Chain::amend_local`](interceptor_core::Chain::amend_local)) keeps its counters and its
//!    RTX sequence number; one that gains RTX joins, one that loses it leaves.
//! 10. Padding that a pacer wants ([`PaddingWanted`](interceptor_core::PaddingWanted)), for a probe or to keep a rate, leaves on the RTX streams in turn,
//!     in their numbers, as [`Origin::Padding`](interceptor_core::packet::Origin::Padding): a repeat of one of the last 32 packets, which may be of use, else a packet of 255 bytes of
//!     padding (RFC 3550 §5.1), where nothing is remembered or all is more than three times as large as what is wanted. Only a stream that has sent
//!     media pads. Packets are remembered only for 20 s after a probe, a padding rate or a wish: most calls want none. For one wish no more
//!     than 256 KiB are sent.
//!
//! # Options
//!
//! | [`RtxOptions`] | default | range | source |
//! |---|---|---|---|
//! | `first_sequence_number` | random, from the connection's seed | 0..=65 535 | RFC 3550 §5.1 |
//! | `buffer_bytes` | 16 KiB | 2048..=1 MiB | a dozen packets of 1200 bytes |
//! | `plain_fallback` | no | | RTX is negotiated (RFC 4588 §8) |
//!
//! | [`RtxAssociationOptions`] | default | range | source |
//! |---|---|---|---|
//! | `max_requests` | 1024 requests a stream | 1..=32 768 | the last round trips at heavy loss |
//! | `require_request` | no | | see below |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | RTX payload under 2 bytes, padding not counted | consumed | `padding` | `an_rtx_payload_under_2_bytes_is_consumed` |
//! | payload type on an RTX SSRC that no `apt` pair names | consumed, told once a stream | `unknown_payload_type` | `a_payload_type_that_no_pair_names_is_consumed_and_told_once` |
//! | RTX before any media on a stream whose pairs are unknown | consumed | `before_media` | `rtx_before_any_media_on_a_stream_of_unknown_pairs_is_consumed` |
//! | SSRC that no stream has | passed on untouched | the chain's `unbound_read` | `an_ssrc_that_no_stream_has_passes_untouched` |
//! | OSN far from all others | restored; `interceptor-nack` does not follow it | `restored` | `an_osn_far_from_all_others_is_restored` |
//! | RTX payload type on the media SSRC | passed on untouched | `on_media_ssrc` | `an_rtx_payload_type_on_the_media_ssrc_passes_untouched` |
//! | RTX packet of an RTX packet: an RTX payload type that is also a media one | unpacked once | `restored` | `nested_rtx_is_unpacked_once` |
//! | unknown SSRC, RTX payload type, a number that several streams have asked for | passed on untouched | [`ambiguous`](AssociationCounters::ambiguous) | `a_retransmission_that_two_streams_asked_for_passes_untouched` |
//! | unknown SSRC, RTX payload type of several streams, a number that none has asked for | passed on untouched | [`unasked`](AssociationCounters::unasked) | `a_retransmission_that_nobody_asked_for_passes_untouched` |
//! | unknown SSRC, RTX payload type, payload under 2 bytes | passed on untouched | [`too_short`](AssociationCounters::too_short) | `an_unknown_ssrc_without_a_whole_number_passes_untouched` |
//! | RTX SSRC that was found, payload type that its stream does not retransmit with | passed on untouched | [`other_payload_type`](AssociationCounters::other_payload_type) | `another_payload_type_on_a_found_ssrc_passes_untouched` |
//! | [`plain_fallback`](RtxOptions::plain_fallback): requests for numbers of the RTX stream | say nothing about answers | not `in_vain` | `requests_for_the_rtx_stream_itself_say_nothing_about_media` |
//! | [`plain_fallback`](RtxOptions::plain_fallback): requests for all numbers, over and over | each answer that is remembered is in vain once a datagram, twice at most | `in_vain` | `requests_for_all_numbers_over_and_over_count_each_answer_once` |
//!
//! # Memory, timers, counters
//!
//! A stream takes at most 160 bytes; while padding is spoken of, 32 packets are kept besides, of at most 144 bytes each and their payloads; with `plain_fallback` 256 retransmissions are remembered besides, of at most 64 bytes each. A connection that retransmits takes two buffers of `buffer_bytes`, and more only
//! while more than these hold is still leaving. There are no timers. Counters are part of each stream's
//! state, which [`Chain::with_streams`](interceptor_core::Chain::with_streams) lends: [`Rtx::counters`] adds up
//! [`RtxCounters`], ended streams included; [`LocalStream::counters`] and [`RemoteStream::counters`] are one stream's.
//!
//! # RTX streams that nothing announces
//!
//! RFC 4588 lets a sender announce payload types only: the SSRC of its RTX stream is then found out from what it answers
//! (§5.3). That is a second interceptor, [`RtxAssociation`]. Bind such a stream with an RTX SSRC of your own choice, a stand-in
//! that nobody else uses; packets of the true one get it and go on as this stream's retransmissions. Where the SSRC was
//! announced there is nothing to find, so it may always stand in the chain. It stands at
//! [`Stage::CAPTURE`](interceptor_core::Stage::CAPTURE)`.below()`: all that keeps streams apart, reports and statistics too, sees
//! the packets on the stand-in; a capture of what the wire carries has to stand nearer the wire still.
//!
//! ```
//! use std::time::Instant;
//! use interceptor_core::{ChainConfig, Incoming, Registry, StreamInfo};
//! use interceptor_core::packet::{NtpTime, RtcpPacket, RtpPacket};
//! use interceptor_rtx::{RtxAssociation, RtxAssociationFactory, RtxFactory};
//!
//! let registry = Registry::new().with(RtxAssociationFactory::default()).with(RtxFactory::default());
//! let now = Instant::now();
//! let mut chain = registry.build(ChainConfig::new("call-1", now, NtpTime::default(), 7))?;
//! // Two cameras: payload type 97 retransmits 96 of both. Nobody has said on which SSRC.
//! for (media, stand_in) in [(0x1111_1111, 1), (0x2222_2222, 2)] {
//!     chain.bind_remote(StreamInfo::new(media, 96, 90_000).with_rtx(stand_in, 97), now)?;
//! }
//! // The second one's packet 7 is missing, and asked for: `interceptor-nack` does this.
//! chain.write_rtcp(RtcpPacket::builder().nack(0x9999, 0x2222_2222, &[7]).build()?, now);
//! let answer = RtpPacket::builder().ssrc(0x7777_7777).payload_type(97).payload(&b"\x00\x07media"[..]).build()?;
//! chain.read_datagram(answer.to_bytes(), now);
//! let Some(Incoming::Rtp(packet)) = chain.poll_app() else { panic!("it has been found") };
//! assert_eq!((packet.ssrc(), packet.payload_type(), packet.sequence_number()), (0x2222_2222, 96, 7));
//! let found = chain.with_streams::<RtxAssociation, _>(|rtx, streams| rtx.rtx_ssrc(&streams, 0x2222_2222));
//! assert_eq!(found.flatten(), Some(0x7777_7777));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! 1. A packet of an unknown SSRC is a stream's if it has an RTX payload type of that stream, and the stream is the only one
//!    with that and has no RTX SSRC yet, or is the only one of these whose requests ask for the packet's OSN. By
//!    [`require_request`](RtxAssociationOptions::require_request) the latter alone counts.
//! 2. Its SSRC is the stream's from then on, whatever comes on it, until another answers a request of the stream, a BYE ends
//!    it (§5.3), or it is announced for a stream.
//! 3. Anything else passes on untouched as [`Incoming::UnboundRtp`](interceptor_core::Incoming::UnboundRtp). The chain's
//!    `unbound_read` counts packets as they came, associated ones included.
//! 4. A stream whose `apt` pairs are unknown takes no part: nothing would tell its retransmissions from media.
//! 5. §5.3 forbids two streams to ask for the same number before the association is known. Who asks need not know of that
//!    here: what both have asked for is left to the next request that only one has made.
//!
//! A stream that asks for nothing takes about 250 bytes; each remembered request about 44 and never over 64, so 64 KiB a stream
//! at most by default. Unknown SSRCs take nothing. There are no timers. [`RtxAssociation::counters`] are the connection's:
//! until a packet is associated it is no stream's.

mod association;
mod counters;
mod event;
mod factory;
mod heed;
mod interceptor;
mod options;
mod padding;
mod unsignalled;

pub use counters::{ReceiveCounters, RtxCounters, SendCounters};
pub use event::UnknownRtxPayloadType;
pub use factory::RtxFactory;
pub use interceptor::{LocalStream, RemoteStream, Rtx};
pub use interceptor_core::OptionsError;
pub use options::RtxOptions;
pub use unsignalled::{
    AssociatedStream, AssociationCounters, RtxAssociation, RtxAssociationFactory, RtxAssociationOptions,
};
