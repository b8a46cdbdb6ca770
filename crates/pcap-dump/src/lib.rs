//! Captures what crosses an interceptor chain into pcapng, pcap, rtpdump or text files that Wireshark, tshark and
//! rtptools open, or into a sink of your own.
//!
//! An interceptor sees packets as the chain does: after decryption on the way in, before encryption on the way out. A
//! capture of a WebRTC call taken here can be read without keys, which one taken with tcpdump cannot.
//!
//! ```
//! use std::time::Instant;
//! use interceptor_core::{ChainConfig, Registry, StreamInfo};
//! use interceptor_packet::{NtpTime, RtpPacket};
//! use interceptor_pcap_dump::{Format, PcapDump, PcapDumpFactory, PcapDumpOptions};
//!
//! let directory = tempfile::tempdir()?;
//! let options = PcapDumpOptions::new(directory.path().join("{id}.{ext}")).with_format(Format::Text);
//! let registry = Registry::new().with(PcapDumpFactory::new(options)?);
//!
//! let now = Instant::now(); // the driver's clocks
//! let wall = NtpTime::from_unix(std::time::Duration::from_secs(1_700_000_000));
//! let mut chain = registry.build(ChainConfig::new("call-1", now, wall, 7))?;
//! chain.bind_local(StreamInfo::new(0x1122_3344, 96, 90_000), now)?;
//! let packet = RtpPacket::builder().ssrc(0x1122_3344).payload_type(96).sequence_number(7).payload(&b"media"[..]);
//! chain.write_rtp(packet.build()?, now);
//! assert!(chain.poll_wire().is_some());
//!
//! let handle = chain.get::<PcapDump>().expect("in the registry").handle();
//! chain.close(now)?; // the file is complete when this returns
//! assert_eq!(handle.counters().written, 1);
//! assert_eq!(
//!     std::fs::read_to_string(directory.path().join("call-1.txt"))?,
//!     "# connection call-1\n\
//!      2023-11-14T22:13:20.000000000Z out 192.0.2.1:5004 > 192.0.2.2:5004 \
//!      RTP len=17 ssrc=0x11223344 pt=96 seq=7 ts=0 m=0 payload=5\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Place in the chain
//!
//! [`Stage::CAPTURE`](interceptor_core::Stage::CAPTURE), nearest the wire: outgoing packets pass it last, so it sees what
//! every interceptor has made, retransmissions, reports and the BYE of a closing chain included; incoming packets pass it
//! first, as they came. Statistics share the stage; they neither change nor make packets, so the order among the two does
//! not matter. Put at another place with [`Registry::add_at`](interceptor_core::Registry::add_at) it shows the packets of
//! that place: at `Stage::APPLICATION` what the application sees, packets that were recovered marked as such.
//!
//! # Behaviour
//!
//! 1. **Everything both ways**: RTP of bound streams, incoming RTP of unknown SSRCs, RTCP; nothing is changed, held or lost.
//! 2. **Time**: an incoming packet's arrival, an outgoing one's instant of sending, on the wall clock of the connection's
//!    NTP anchor, to the nanosecond (pcapng, pcap, text; rtpdump has milliseconds).
//! 3. **Media never waits**: the hook puts a reference to the packet into a bounded queue: no copy of the payload, no I/O,
//!    no lock, no allocation (a header of more than 64 bytes is one); some 75 ns. One thread a factory writes for all its connections; a
//!    second one waits for the disk (`fsync`). Without captures under way there is neither.
//! 4. **Overflow**: a packet that finds the queue full is not captured and counted, and the capture says where: pcapng with
//!    `epb_dropcount` and a comment on the next packet of that direction, and in the interface statistics at the end; text
//!    with a line. pcap and rtpdump have no place for it: see the counters. Or media waits, with [`Overflow::Block`].
//! 5. **Failure**: a full disk, a sink that fails or panics stops this connection's capture, with one event
//!    ([`CaptureStopped`]) at the next packet or at the close, and one line of `tracing` at WARN. What was whole before stays a
//!    file that opens. Media and other captures go on.
//! 6. **Files** are written in whole blocks under a name with `.part` behind and renamed when complete, so a name without
//!    it is a complete file. A process that is killed leaves a `.part` that opens, up to the last flush. Files are made when
//!    the first stream is bound or the first packet comes; rotation, ring and cap see to their number and size.
//! 7. **Close** drains the queue, writes, renames and synchronises, and waits for that, for at most
//!    [`close_timeout`](PcapDumpOptions::close_timeout). It blocks the caller that long: in an async session close on a thread
//!    that may block, or set the timeout to zero. A chain that is dropped does the same in the background.
//! 8. **Live**: [`PcapDumpFactory::attach`] makes a capture for [`Chain::insert`](interceptor_core::Chain::insert) into a running
//!    chain; [`Chain::remove`](interceptor_core::Chain::remove) ends it.
//! 9. With [`announcements`](PcapDumpOptions::announcements), pcap and pcapng files say what their payload types and SSRCs mean: a
//!    session announcement (RFC 2974) with an SDP stands before the first packet of each direction, and again when streams are
//!    bound, described anew, or the addresses change, and at the start of each file of a rotation. Wireshark then names codecs,
//!    computes jitter, and knows RTX and FEC without an option. It was never on the wire, and counts as no packet. Where the
//!    link type is [`LinkType::RtpPdu`] the description stands alone.
//!
//! # Formats
//!
//! | [`Format`] | holds | opens in |
//! |---|---|---|
//! | `Pcapng` (default) | an interface a direction, `epb_flags`, ns, comments (direction, connection, retransmission, FEC repair, recovery), gaps, statistics | Wireshark, tshark, tcpdump |
//! | `Pcap` | ns, magic `a1b23c4d`; the addresses tell the direction | the same, and most else |
//! | `Rtpdump` | rtptools' `#!rtpplay1.0`: ms, RTP and RTCP, no direction, IPv4 | rtpplay, libwebrtc's and pion's tools; not tshark 4.0 |
//! | `Text` | a line a packet: time, direction, addresses, header fields, each RTCP sub-packet | `less`, `grep` |
//!
//! [`LinkType::Ip`] (default, can be replayed) and `Ethernet` have right lengths and checksums, also where the capture is cut;
//! tshark wants `-d udp.port==5004,rtp`. [`LinkType::RtpPdu`] opens as RTP and RTCP at once.
//!
//! # Options
//!
//! | [`PcapDumpOptions`] | default | range |
//! |---|---|---|
//! | `format`, `link_type` | `Pcapng`, `Ip` | |
//! | `path` | `{id}.{ext}` | placeholders `{id}`, `{n}`, `{start}`, `{ext}` |
//! | `overwrite` | no: `-2`, `-3`, … | |
//! | `endpoints` | 192.0.2.1:5004, 192.0.2.2:5004 | one family; a session sets real ones with [`PcapDump::set_endpoints`] |
//! | `direction`, `protocol`, `ssrcs`, `payload_types`, filter closure | all | a packet must pass each |
//! | `headers_only` | no | RTP headers and RTCP, no media |
//! | `snaplen` | 65 535 bytes of RTP or RTCP | 12..=65 535 |
//! | `comments` | yes | |
//! | `announcements` | no | pcapng and pcap |
//! | `rotate_bytes` | none | ≥ 4096 |
//! | `rotate_after` | none | ≥ 1 ms, by the packets' time |
//! | `ring_files` | none | 2..=1 000 000, with rotation |
//! | `max_total_bytes` | none | ≥ 65 536 and ≥ `rotate_bytes`; all captures of the factory |
//! | `flush_interval` | 1 s | 1 ms..=1 h |
//! | `fsync` | yes | |
//! | `queue_packets` | 32 768 | 16..=1 048 576 |
//! | `queue_bytes` | 64 MiB | ≥ 65 536 |
//! | `overflow` | `Drop` | |
//! | `close_timeout` | 5 s | 0..=1 h |
//! | sink | files | [`PacketSink`], in place of files |
//!
//! # Malformed and hostile input
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | malformed RTP or RTCP datagrams, other protocols (STUN, DTLS) | never reach interceptors: not captured | the chain's `malformed_datagrams`, `foreign_datagrams` | `nothing_of_foreign_and_malformed_datagrams_is_captured` |
//! | RTCP with malformed sub-packets | captured byte by byte; text tells how many | [`written`](PcapDumpCounters::written), the chain's `malformed_rtcp_packets` | `rtcp_with_malformed_sub_packets_is_captured_byte_by_byte` |
//! | RTP of unknown SSRCs | captured when it comes, and not once more when a session has bound its stream | `written`, the chain's `unbound_read` | `rtp_of_an_unknown_ssrc_is_captured_once` |
//! | outgoing RTP of an SSRC that is not bound | captured | `written`, the chain's `unbound_written` | `outgoing_rtp_of_an_unbound_ssrc_is_captured` |
//! | packets longer than an IP packet can be | left out with `Ip` and `Ethernet`, rtpdump too; [`LinkType::RtpPdu`] and text hold them | [`skipped`](PcapDumpCounters::skipped) | `a_packet_longer_than_an_ip_packet_is_skipped` |
//! | a connection id like `../../etc/passwd` | stays in its directory: anything but letters, digits, `.`, `-`, `_` becomes `_` | [`files`](PcapDumpCounters::files) | `a_connection_id_with_a_path_stays_in_its_directory` |
//! | a flood | the queue drops; disk use is bounded by `max_total_bytes` only if that is set | [`dropped`](PcapDumpCounters::dropped) | `a_flood_is_dropped_and_counted` |
//! | an arrival before the chain was built | the time of building | `written` | `an_arrival_before_the_chain_was_built_is_the_time_of_building` |
//!
//! # Memory, timers, threads, files
//!
//! The queue: `queue_packets` slots of some 200 bytes, allocated once a factory (6.8 MB by default), and at most `queue_bytes` of
//! packets. A packet holds its whole datagram's buffer: if the transport receives many datagrams into one large buffer, one
//! packet keeps all of it. A connection adds under 1 KiB, and one open file with some 64 KiB waiting to be written. Two
//! threads and no timers of the chain. The handle of a factory lists captures under way; entries go with them.
//!
//! # Counters
//!
//! [`PcapDumpHandle`], from [`PcapDump::handle`] for one connection or [`PcapDumpFactory::handle`] for all:
//! [`written`](PcapDumpCounters::written), `bytes`, `dropped`, `skipped`, `files`, `file_bytes`, the error, and the files that exist.

mod announce;
mod capture;
mod direction;
mod encode;
mod endpoints;
mod error;
mod factory;
mod file;
mod filter;
mod format;
mod framing;
mod handle;
mod interceptor;
mod options;
mod record;
mod sink;
mod writer;

pub use capture::PcapDump;
pub use direction::{Direction, PacketView, Protocol};
pub use endpoints::Endpoints;
pub use error::{CaptureError, CaptureStopped};
pub use factory::PcapDumpFactory;
pub use format::{Format, LinkType, Overflow};
pub use handle::{PcapDumpCounters, PcapDumpHandle};
pub use interceptor_core::OptionsError;
pub use options::PcapDumpOptions;
pub use record::{CaptureEnd, Record};
pub use sink::PacketSink;
