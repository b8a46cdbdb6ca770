//! RTP header extensions: send times, MID and RID, playout delay, capture times, audio levels, and what a forwarder does to them.
//!
//! An extension is a factory of its own, and takes part only in streams that negotiated it
//! ([`StreamInfo::extension_id`](interceptor_core::StreamInfo::extension_id)); others never reach it and pay nothing.
//!
//! | extension | factory | place | what leaves | what comes |
//! |---|---|---|---|---|
//! | abs-send-time | [`AbsSendTimeFactory`] | `CONGESTION.above()` | each packet says when it leaves | [`SentAt`], if asked for |
//! | transmission offset (RFC 5450) | [`TransmissionOffsetFactory`] | `CONGESTION.above()` | each packet says how late it leaves | |
//! | MID, RID (RFC 8843, RFC 8852) | [`IdentificationFactory`] | `APPLICATION.below()` | media says whose it is until the peer knows | [`UnboundStream`] |
//! | MID, repaired RID | [`RepairIdentificationFactory`] | `RTX.below()` | so do retransmissions and repairs | |
//! | playout-delay | [`PlayoutDelayFactory`] | `PLAYOUT.below()` | asks for bounds until the peer has them | [`PlayoutBounds`](interceptor_core::PlayoutBounds) |
//! | abs-capture-time | [`AbsCaptureTimeFactory`] | `APPLICATION.below()` | a frame a second says when it was captured | attribute, [`CaptureReceiver::captured`] |
//! | audio levels (RFC 6464, RFC 6465) | [`AudioLevelFactory`] | `APPLICATION` | what the application attaches | [`Levels`] |
//! | all | [`ForwardExtensionsFactory`] | `APPLICATION` | removed and renamed | |
//!
//! ```
//! use std::time::{Duration, Instant};
//! use interceptor_core::packet::ext::{AbsSendTime, Mid};
//! use interceptor_core::packet::{HeaderExtension, NtpTime, RtcpPacket, RtpPacket};
//! use interceptor_core::{ChainConfig, Outgoing, Registry, StreamInfo};
//! use interceptor_hdrext::{AbsSendTimeFactory, IdentificationFactory, UnboundStream};
//!
//! let registry = Registry::new().with(AbsSendTimeFactory::default()).with(IdentificationFactory::default());
//! let start = Instant::now();
//! let chain = |id| registry.build(ChainConfig::new(id, start, NtpTime::default(), 7));
//! let (mut sender, mut receiver) = (chain("sender")?, chain("receiver")?);
//! let negotiated = |ssrc| {
//!     StreamInfo::new(ssrc, 96, 90_000).with_extension(2, AbsSendTime::URI).with_extension(9, Mid::URI)
//! };
//! sender.bind_local(negotiated(0xa).with_mid("cam"), start)?;
//! receiver.bind_local(negotiated(0xb), start)?;
//!
//! let send = |sender: &mut interceptor_core::Chain, seq, now| -> Result<RtpPacket, Box<dyn std::error::Error>> {
//!     sender.write_rtp(RtpPacket::builder().ssrc(0xa).payload_type(96).sequence_number(seq).build()?, now);
//!     let Some(Outgoing::Rtp(packet)) = sender.poll_wire() else { return Err("media leaves".into()) };
//!     Ok(packet)
//! };
//! let packet = send(&mut sender, 1, start + Duration::from_millis(500))?;
//! assert_eq!(packet.read(2), Some(AbsSendTime::from_bits(1 << 17)));
//!
//! // The receiver has bound no such stream: it hears which one that may be.
//! receiver.read_datagram(packet.to_bytes(), start);
//! let event = receiver.poll_event().ok_or("it is told")?;
//! let unbound: &UnboundStream = event.raised().ok_or("by the one that knows")?;
//! assert_eq!((unbound.ssrc, unbound.mid), (0xa, Mid::new("cam")));
//!
//! // When its reports show that the stream has arrived, the name is not said again.
//! let block = interceptor_core::packet::ReportBlockData { ssrc: 0xa, extended_sequence_number: 1, ..Default::default() };
//! sender.read_rtcp(RtcpPacket::builder().receiver_report(0xb, &[block]).build()?, start);
//! assert_eq!(send(&mut sender, 2, start)?.read::<Mid>(9), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! What is written into packets nearer the wire than FEC would spoil its sums, and what is written above FEC it repairs. So times of sending,
//! which exist only there, are declared at bind ([`declare_stamp`](interceptor_core::Context::declare_stamp)): FEC reserves zeros, which
//! they overwrite in place. Names, bounds and levels stand above; what is stored and sent again has them. Without the reserve no lost
//! packet comes back, and with it all do: a test of this crate shows both.
//!
//! # Behaviour
//!
//! All that write take both forms of RFC 8285, overwrite an element that is there, and let a packet go on without what its header extension
//! takes no more of. All that read let packets go on untouched, but for capture times that are forwarded (9).
//!
//! Times of sending:
//!
//! 1. *abs-send-time* is the wall clock of the connection when the packet passes: 24 bits in units of 2^-18 s, retransmissions, repairs
//!    and padding included. With [`attributes`](AbsSendTimeOptions::attributes) what comes has [`SentAt`] attached: the sender's clock
//!    without its wrap at 64 s.
//! 2. The *transmission offset* is what the stream's clock has gone beyond the packet's timestamp, counted from the first packet. A
//!    retransmission is as late as it is sent again. After a jump of the timestamps of more than 2^23, or on another clock, it counts
//!    anew. A payload type without a known clock leaves without.
//!
//! Names:
//!
//! 3. The first packets of a media SSRC carry its `mid` and `rid`, as far as the description has them as tokens of 1 to 16 bytes: until a report
//!    block, a NACK or feedback of RFC 8888 shows that one of them has come, or transport-wide feedback or a picture request names the
//!    SSRC a round trip after the first (libwebrtc stops at any report). [`Identify::Always`] goes on for ever. Other names are said anew.
//! 4. [`RepairIdentificationFactory`] does the same for RTX and FEC SSRCs, with the repaired RID; each SSRC is acknowledged by itself. Without
//!    it a retransmission has the names that the original had.
//! 5. A packet of an SSRC that no stream has and that says whose it is raises [`UnboundStream`]: once an SSRC, and again if it says
//!    something else. The last [`max_unbound`](IdentificationOptions::max_unbound) are remembered. Identifiers are those of the options, or
//!    of any stream that was bound.
//!
//! Playout delay:
//!
//! 6. A local stream asks for the [`bounds`](PlayoutDelayOptions::bounds) of the options, or those that [`PlayoutDelays::set`] gives it, until they
//!    are acknowledged as in 3.
//! 7. Bounds that come are told as [`PlayoutBounds`](interceptor_core::PlayoutBounds) when they change, for jitter buffers, at most once in
//!    [`min_change_interval`](PlayoutDelayOptions::min_change_interval); the last word counts. Packets that were overtaken, or are
//!    sent again, say what is old.
//!
//! Capture times:
//!
//! 8. The first packet of a frame says when it was captured, at most each [`interval`](AbsCaptureTimeOptions::interval): what the
//!    application has attached as [`AbsCaptureTime`](interceptor_core::packet::ext::AbsCaptureTime), else the time at which it writes
//!    the packet, less [`latency`](AbsCaptureTimeOptions::latency). Packets that come to it with a capture time keep it, and their stream
//!    gets none that is made up.
//! 9. Of what comes [`CaptureReceiver::captured`] tells any frame's time within 5 s, and packets that say it have it attached. With
//!    [`forwarding`](AbsCaptureTimeOptions::forwarding) the element's clock offset is made to be that to this system's clock: sender reports and the
//!    round-trip time tell how the peer's clock stands to it. Until they do, the offset goes.
//!
//! Levels:
//!
//! 10. [`Levels`] has, for each remote stream of all connections of a factory, the level smoothed over
//!     [`smoothing_packets`](AudioLevelOptions::smoothing_packets), the last voice and, of a mix, the level of each contributing source.
//!     Nothing is decoded; a level is a hint that nobody has checked (RFC 6464 §4).
//! 11. An [`AudioLevel`](interceptor_core::packet::ext::AudioLevel) or [`MixerLevels`](interceptor_core::packet::ext::MixerLevels) that
//!     the application attaches to a packet leaves in it.
//!
//! Forwarding:
//!
//! 12. Identifiers are exchanged ([`Remap`]) and elements removed ([`StripExtensions`]) in one pass over the packet, in place; what is not named goes
//!     on untouched. [`ForwardOptions::between`] makes the rules from what the two streams negotiated, [`ForwardedStream::set`] gives a
//!     stream rules of its own. Local stampers stand below: what they write stays.
//!
//! # Options
//!
//! | [`AbsSendTimeOptions`] | default | range | source |
//! |---|---|---|---|
//! | `stamping` | yes | | |
//! | `attributes` | no | | three allocations a packet |
//!
//! | [`IdentificationOptions`] | default | range | source |
//! |---|---|---|---|
//! | `identify` | until acknowledged | [`Identify`] | libwebrtc |
//! | `mid_id`, `rid_id`, `repaired_rid_id` | those of the streams | 1..=255 | RFC 8843 §9.2 |
//! | `max_unbound` | 256 | 1..=65 536 | some 64 bytes each |
//! | `max_events` | 256 a second | 1..=65 536 | |
//!
//! | [`PlayoutDelayOptions`] | default | range | source |
//! |---|---|---|---|
//! | `bounds` | none | 0..=40.95 s | |
//! | `min_change_interval` | 100 ms | 0..=10 s | |
//!
//! | [`AbsCaptureTimeOptions`] | default | range | source |
//! |---|---|---|---|
//! | `interval` | 1 s | 0..=5 s | libwebrtc's receiver gives up after 5 s |
//! | `latency` | 0 | `None` or 0..=10 s | |
//! | `attributes` | yes | | three allocations for a packet that says it |
//! | `forwarding` | no | | |
//!
//! | [`AudioLevelOptions`] | default | range | source |
//! |---|---|---|---|
//! | `smoothing_packets` | 8 | 1..=64 | 160 ms of packets of 20 ms |
//! | `attributes` | no | | three allocations a packet |
//!
//! | [`ForwardOptions`] | default | range | source |
//! |---|---|---|---|
//! | `strip` | nothing | [`StripExtensions`] | |
//! | `remap` | nothing | identifiers 1..=255, each once on each side | RFC 8285 §4 |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | send time of another length | not read, the packet goes on | `malformed` | `a_send_time_of_another_length_is_not_read` |
//! | MID or RID of no byte or more than 16 | not read | `malformed` | `a_mid_of_no_or_too_many_bytes_is_not_read` |
//! | MID or RID of other characters (RFC 8852 §3) | not read; what else the packet says is | `malformed` | `names_of_other_characters_are_not_read` |
//! | 10 000 unbound SSRCs that say whose they are | as many events a second as are allowed; a table of bounded size | `unbound_suppressed` | `ten_thousand_made_up_ssrcs_make_no_more_events_than_are_allowed_a_second` |
//! | playout delay of another length | not read | `malformed` | `bounds_of_another_length_are_not_read` |
//! | playout delay with a minimum above its maximum | ignored | `malformed` | `a_minimum_above_the_maximum_is_ignored` |
//! | playout delays that change with each packet | told ten times a second | `deferred` | `bounds_that_change_with_each_packet_are_told_ten_times_a_second` |
//! | capture time of another length | not read | `malformed` | `a_capture_time_of_another_length_is_not_read` |
//! | audio level of another length | not read | `malformed` | `a_level_of_another_length_is_not_read` |
//! | outgoing packet with a header extension of a foreign profile | leaves as it is | `not_stamped` | `a_foreign_extension_block_leaves_without_a_time` |
//! | outgoing packet with the longest of all header extensions | leaves as it is | `not_stamped` | `a_block_without_room_leaves_without_a_time` |
//! | outgoing timestamps that jump | offsets count anew | `anchored` | `timestamps_that_jump_begin_anew` |
//! | forwarded header extension that would become too long | goes on as it is | `not_changed` | `a_block_that_would_become_too_long_goes_on_as_it_is` |
//!
//! # Memory, timers, counters
//!
//! A stream takes at most 200 bytes, with audio levels some 400; a stream of [`ForwardedStream::set`] 256 more. Unbound SSRCs take what
//! [`max_unbound`](IdentificationOptions::max_unbound) allows. A packet costs no allocation, whether it is stamped in place or grows, unless
//! attributes are asked for; an event costs one. There are no timers, and no lock on the way of packets: [`Levels`] are atomics, locked only when
//! streams begin and end. Each interceptor has counters of its own, such as [`IdentificationCounters`].

mod abs_capture_time;
mod abs_send_time;
mod acknowledged;
mod audio_level;
mod counters;
mod forward;
mod identification;
mod playout_delay;
mod transmission_offset;

pub use abs_capture_time::{
    AbsCaptureTimeFactory, AbsCaptureTimeOptions, AbsCaptureTimes, CaptureReceiver, CaptureSender,
};
pub use abs_send_time::{
    AbsSendTimeFactory, AbsSendTimeOptions, AbsSendTimes, ReadSendTimes, SentAt, StampedSendTimes,
};
pub use audio_level::{
    AudioLevelFactory, AudioLevelOptions, AudioLevels, Level, LevelReceiver, LevelSender, Levels, SourceLevel,
};
pub use counters::{
    AbsCaptureTimeCounters, AbsSendTimeCounters, AudioLevelCounters, ForwardCounters, IdentificationCounters,
    PlayoutDelayCounters, TransmissionOffsetCounters,
};
pub use forward::{
    ForwardExtensions, ForwardExtensionsFactory, ForwardOptions, ForwardedStream, Remap, StripExtensions,
};
pub use identification::{
    Identification, IdentificationFactory, IdentificationOptions, IdentifiedStream, Identify,
    RepairIdentification, RepairIdentificationFactory, UnboundStream,
};
pub use interceptor_core::OptionsError;
pub use playout_delay::{
    PlayoutDelayFactory, PlayoutDelayOptions, PlayoutDelays, PlayoutReceiver, PlayoutSender,
};
pub use transmission_offset::{OffsetStream, TransmissionOffsetFactory, TransmissionOffsets};
