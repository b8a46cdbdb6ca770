//! Redundant audio (RED, RFC 2198): older payloads beside each new one, and lost packets made of them.
//!
//! Two interceptors. [`RedSender`] puts the payloads of a few packets before in front of each packet's own, as many as the path's losses
//! ask for. [`RedReceiver`] cuts them off again, and what was lost of those packets goes on as if it had come: without a request, a
//! packet or a few later. Both take part in streams of audio whose description has [`RedInfo`](interceptor_core::RedInfo).
//!
//! ```
//! use std::time::Instant;
//! use interceptor_core::packet::{NtpTime, Recovery, RtpPacket};
//! use interceptor_core::{ChainConfig, Incoming, Outgoing, RedInfo, Registry, StreamInfo};
//! use interceptor_red::{RedReceiver, RedReceiverFactory, RedSenderFactory};
//!
//! let registry = Registry::new().with(RedReceiverFactory::default()).with(RedSenderFactory::default());
//! let now = Instant::now(); // the driver's clock
//! let chain = |id| registry.build(ChainConfig::new(id, now, NtpTime::default(), 7));
//! let (mut sender, mut receiver) = (chain("sender")?, chain("receiver")?);
//! // a=rtpmap:63 red/48000/2, a=fmtp:63 111/111
//! let opus = StreamInfo::new(0xa, 111, 48_000).with_mime_type("audio/opus").with_red(RedInfo::new(63, 111));
//! sender.bind_local(opus.clone(), now)?;
//! receiver.bind_remote(opus, now)?;
//!
//! // Packet 2 of three is lost.
//! for seq in 1..=3 {
//!     let packet = RtpPacket::builder().ssrc(0xa).payload_type(111).sequence_number(seq).timestamp(960 * u32::from(seq));
//!     sender.write_rtp(packet.payload(vec![seq as u8; 80]).build()?, now);
//!     let Some(Outgoing::Rtp(packet)) = sender.poll_wire() else { panic!("sound leaves") };
//!     assert_eq!(packet.payload_type(), if seq == 1 { 111 } else { 63 });
//!     if seq != 2 {
//!         receiver.read_datagram(packet.to_bytes(), now);
//!     }
//! }
//! // It is made of the copy in packet 3, and goes on before that.
//! let came = std::iter::from_fn(|| receiver.poll_app());
//! let came: Vec<RtpPacket> = came.filter_map(|it| if let Incoming::Rtp(packet) = it { Some(packet) } else { None }).collect();
//! assert!(came.iter().map(RtpPacket::sequence_number).eq([1, 2, 3]));
//! assert_eq!((came[1].payload(), came[1].payload_type()), (&[2; 80][..], 111));
//! assert_eq!(came[1].info().recovered_by, Some(Recovery::Fec));
//! let counters = receiver.with_streams::<RedReceiver, _>(|red, streams| red.counters(&streams)).expect("it is in the chain");
//! assert_eq!(counters.recovered, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! Two places, and therefore two factories. [`RedReceiverFactory`] stands at [`Stage::FEC`](interceptor_core::Stage::FEC): retransmissions
//! have been restored, and nothing that a copy brings back is asked for. [`RedSenderFactory`] stands at
//! [`Stage::NACK`](interceptor_core::Stage::NACK)`.above()`: what `nack` keeps and sends again is what left, blocks and all, and a peer may
//! make other packets of it. With `rtx` RED needs an `apt` pair of its own beside the codec's.
//!
//! # Wire format
//!
//! `interceptor_packet::red` reads and writes it. SSRC, number, timestamp, marker, CSRCs and header extensions are the primary payload's.
//! Each redundant block says how many ticks before it was sampled (1..=16 383) and how long it is (up to 1023 bytes).
//!
//! # Behaviour
//!
//! Sending:
//!
//! 1. A media packet with the primary payload type leaves as RED, with the payloads of packets before it, oldest first (RFC 2198 §3).
//!    Which ones is the [`Redundancy`]: with `Adaptive` one up to 3 % loss, two up to 10 %, three above, so that random losses leave at
//!    most 0.1 %. Where runs of three packets and more are lost (and 1 % at least), copies are three, two and four, or two, four and six
//!    packets away: that leaves half as much for the same bit rate, but somebody has to wait for it so long. More copies count at once,
//!    fewer one by one after five seconds.
//! 2. What does not fit is left out, the older first: older than [`max_age`](RedSenderOptions::max_age), longer than a block,
//!    or over the MTU with what is stamped and added nearer the wire. Numbers that were not sent here are not repeated. If nothing is
//!    left, the packet leaves plainly with the primary type, which RED's `a=fmtp` allows.
//! 3. Other payload types (comfort noise, DTMF), padding and what others make pass untouched. Padding behind a payload goes.
//! 4. Payloads are shared with who made them, and copied once, into a buffer that is used again. What redundancy takes of the
//!    bit rate is published once a second when it has changed by an eighth
//!    ([`ProtectionOverhead`](interceptor_core::ProtectionOverhead)), so that congestion control asks the encoder for less.
//!
//! Receiving:
//!
//! 5. [`Mode::Decode`]: the primary payload goes on with its own type, as a slice. A block is of the packet that was sampled
//!    then. If that is missing it is made: header as of the packet that brought it, but its own number, timestamp and type, no marker, of
//!    the header extensions only MID and RIDs, no arrival time; [`Recovery::Fec`](interceptor_core::packet::Recovery::Fec). It goes
//!    on before the packet that brought it.
//! 6. Whose a block is follows from the last 64 packets: it names a time, and packets of known times stand around those that are
//!    missing. A single missing one is meant whatever the time; of several, the one that is due then if all are equally long, or as long
//!    as the last. If nobody can say, nothing is made.
//! 7. Each further copy of what was made, or restored by a retransmission, ends here; so neither reaches the application twice. Copies that the path
//!    makes of what came by itself go on.
//! 8. [`Mode::Strip`]: only the primary payload goes on. [`Mode::Pass`]: everything goes on untouched. A forwarder serves four kinds of
//!    pairs: RED to RED by `Pass`, RED to plain by `Decode`, plain to RED by the sender alone, plain to plain by neither.
//!
//! Both: a stream that is described anew keeps its state; one that gains RED joins, one that loses it leaves. Streams of video, and those
//! whose RED carries ULPFEC, are left to `interceptor-ulpfec`.
//!
//! # Options
//!
//! | [`RedSenderOptions`] | default | range | source |
//! |---|---|---|---|
//! | `redundancy` | `Adaptive` | or `Described`, or `Fixed`: up to three of the last eight | p^(copies + 1) ≤ 0.1 %; browsers send one |
//! | `max_age` | 200 ms | 10 ms..=2 s | longer nobody waits |
//! | `buffer_bytes` | 64 KiB | 2048..=1 MiB | seconds of sound |
//!
//! | [`RedReceiverOptions`] | default | range | source |
//! |---|---|---|---|
//! | `mode` | `Decode` | or `Pass`, `Strip` | |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | malformed datagram | never reaches it | the chain's `malformed_datagrams` | `a_malformed_datagram_never_comes_here` |
//! | RED payload that ends inside its headers | consumed | `malformed` | `a_payload_that_ends_inside_its_headers_ends_here` |
//! | blocks longer than the payload | consumed | `malformed` | `blocks_longer_than_the_payload_end_here` |
//! | more than 32 blocks | consumed | `malformed` | `more_than_32_blocks_end_here` |
//! | RED within RED | consumed | `foreign_primaries` | `red_within_red_ends_here` |
//! | primary payload of a type that was not negotiated | consumed | `foreign_primaries` | `a_primary_payload_of_a_foreign_type_ends_here` |
//! | block of a type that was not negotiated | skipped | `foreign_blocks` | `a_block_of_a_foreign_type_is_skipped` |
//! | block with offset 0, at no packet's time, from before the stream, too old, or empty | skipped | `unplaced` | `a_block_of_no_packet_is_skipped`, `a_packet_far_ahead_makes_nothing_up` |
//! | block of a packet that has come | skipped | `unneeded` | `a_block_of_a_packet_that_has_come_is_skipped` |
//! | 32 blocks of one packet | the first counts | `recovered`, `unneeded` | `a_payload_that_says_the_same_thing_32_times_makes_one_packet` |
//! | RED on the RTX SSRC without an `apt` pair | consumed by `rtx` | `unknown_payload_type` of `interceptor-rtx` | `red_in_retransmissions_without_a_pair_for_it_never_comes_here` |
//!
//! # Memory, timers, counters
//!
//! A remote stream takes at most 512 bytes, a local one 640 and its last eight payloads, which it shares with who made them; a connection
//! that sends, two buffers. A payload that is part of a larger buffer keeps that alive for eight packets. There is no timer.
//!
//! [`RedReceiver::counters`] and [`RedSender::counters`] tell the sums over all streams, ended ones included;
//! [`Chain::with_streams`](interceptor_core::Chain::with_streams) lends a stream's [`RemoteStream`] or [`LocalStream`].

mod copies;
mod counters;
mod factory;
mod negotiated;
mod options;
mod receiver;
mod sender;

pub use copies::Copies;
pub use counters::{ReceiveCounters, SendCounters};
pub use factory::{RedReceiverFactory, RedSenderFactory};
pub use interceptor_core::OptionsError;
pub use options::{Mode, RedReceiverOptions, RedSenderOptions, Redundancy};
pub use receiver::{RedReceiver, RemoteStream};
pub use sender::{LocalStream, RedSender};
