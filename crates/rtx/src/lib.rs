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
//! 8. A stream whose description changes ([`Chain::amend_local`](interceptor_core::Chain::amend_local)) keeps its counters and its
//!    RTX sequence number; one that gains RTX joins, one that loses it leaves.
//!
//! # Options
//!
//! | [`RtxOptions`] | default | range | source |
//! |---|---|---|---|
//! | `first_sequence_number` | random, from the connection's seed | 0..=65 535 | RFC 3550 §5.1 |
//! | `buffer_bytes` | 16 KiB | 2048..=1 MiB | a dozen packets of 1200 bytes |
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
//!
//! # Memory, timers, counters
//!
//! A stream takes under 100 bytes. A connection that retransmits takes two buffers of `buffer_bytes`, and more only
//! while more than these hold is still leaving. There are no timers. Counters are part of each stream's
//! state, which [`Chain::with_streams`](interceptor_core::Chain::with_streams) lends: [`Rtx::counters`] adds up
//! [`RtxCounters`], ended streams included; [`LocalStream::counters`] and [`RemoteStream::counters`] are one stream's.

mod association;
mod counters;
mod event;
mod factory;
mod interceptor;
mod options;

pub use counters::{ReceiveCounters, RtxCounters, SendCounters};
pub use event::UnknownRtxPayloadType;
pub use factory::RtxFactory;
pub use interceptor::{LocalStream, RemoteStream, Rtx};
pub use interceptor_core::OptionsError;
pub use options::RtxOptions;
