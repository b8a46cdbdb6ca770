//! What to capture, how to write it and where.

use std::path::PathBuf;
use std::time::Duration;

use crate::filter::Predicate;
use crate::sink::SinkMaker;
use crate::{Direction, Endpoints, PacketSink, PacketView, Protocol};

/// The format of capture files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// pcapng: one interface a direction, nanoseconds, a comment a packet, counts of what was missed.
    #[default]
    Pcapng,
    /// Classic pcap with nanoseconds (magic `a1b23c4d`). Has no place for direction, comments and gaps; the addresses
    /// tell the direction.
    Pcap,
    /// rtptools' rtpdump: milliseconds, no direction, no comments, IPv4 addresses only (IPv6 becomes 0.0.0.0).
    Rtpdump,
    /// One line a packet, for people and `grep`.
    Text,
}

impl Format {
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Pcapng => "pcapng",
            Self::Pcap => "pcap",
            Self::Rtpdump => "rtpdump",
            Self::Text => "txt",
        }
    }
}

/// What stands around each packet in pcapng and pcap files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinkType {
    /// Raw IPv4 or IPv6 and UDP, checksums right (LINKTYPE_RAW, 101). Can be replayed. Wireshark needs "decode as RTP"
    /// or the RTP heuristic.
    #[default]
    Ip,
    /// Wireshark's Exported PDU (LINKTYPE_WIRESHARK_UPPER_PDU, 252) that names the dissector: opens as RTP and RTCP at
    /// once.
    RtpPdu,
    /// Ethernet, IP and UDP (LINKTYPE_ETHERNET, 1), with locally administered addresses `02:00:00:00:00:01` (local)
    /// and `02:00:00:00:00:02` (remote).
    Ethernet,
}

/// What happens to a packet when the queue to the writer is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Overflow {
    /// It is not captured, and counted; the capture says where packets are missing. Media never waits.
    #[default]
    Drop,
    /// Media waits for the writer. For tests and offline tools; a disk that hangs stops the call.
    Block,
}

/// What to capture, how to write it and where. Checked by [`PcapDumpFactory::new`](crate::PcapDumpFactory::new).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PcapDumpOptions {
    /// The format of the files. Default [`Format::Pcapng`].
    pub format: Format,
    /// What stands around packets in pcapng and pcap. Default [`LinkType::Ip`].
    pub link_type: LinkType,
    /// Template of the files' names; directories are made as needed. Default `{id}.{ext}` in the current directory.
    ///
    /// `{id}`: the connection's id, anything but ASCII letters, digits, `.`, `-` and `_` replaced by `_`, at most 128
    /// bytes. `{n}`: the number of the file in its capture, `00001` and up; added in front of the extension when there
    /// is rotation and the template lacks it. `{start}`: UTC time of the file's first packet, `20231114T221320Z`.
    /// `{ext}`: the format's extension. A name that exists already gets `-2`, `-3`, … : nothing is overwritten.
    pub path: String,
    /// The addresses until a session sets real ones. Default: see [`Endpoints`].
    pub endpoints: Endpoints,
    /// Only this direction. Default: both.
    pub direction: Option<Direction>,
    /// Only this protocol. Default: both.
    pub protocol: Option<Protocol>,
    /// Only RTP of these SSRCs, and RTCP from or about one of them. Default: empty, all.
    pub ssrcs: Vec<u32>,
    /// Only RTP with these payload types, 0..=127; RTCP is not affected. Default: empty, all.
    pub payload_types: Vec<u8>,
    /// Only packets for which this is true; set with [`with_filter`](Self::with_filter). Default: none.
    pub(crate) predicate: Option<Predicate>,
    /// Keep RTP headers (extensions included) and RTCP, no media. Default: no.
    pub headers_only: bool,
    /// Bytes kept of each RTP or RTCP packet, 12..=65 535; the capture remembers the original length.
    /// Default 65 535: everything.
    pub snaplen: usize,
    /// Put a comment on each pcapng packet: direction, connection, retransmission, FEC repair, recovery.
    /// Default: yes; costs some 30 bytes a packet.
    pub comments: bool,
    /// Begin a new file before one grows beyond this, in bytes, at least 4096. Default: none.
    pub rotate_bytes: Option<u64>,
    /// Begin a new file at the first packet this long after a file's start by the packets' own time, at least 1 ms.
    /// Default: none.
    pub rotate_after: Option<Duration>,
    /// Keep this many files of a connection, the one being written included, and delete older ones; 2..=1 000 000,
    /// only with rotation. Default: none, keep all.
    pub ring_files: Option<usize>,
    /// Bytes on disk of all the factory's captures together, at least 65 536. The oldest complete files, of whatever
    /// connection, are deleted to make room; when there is none, the capture that wants to write stops.
    /// Default: none.
    pub max_total_bytes: Option<u64>,
    /// How long a captured packet may stay in memory before it is written, 1 ms..=1 h. Default 1 s: what a crash
    /// may lose. A shorter interval costs a write each.
    pub flush_interval: Duration,
    /// Synchronise files with the disk (`fsync`) when they are complete. Default: yes; not on the writer's thread, so
    /// only [`Chain::close`](interceptor_core::Chain::close) waits for it.
    pub fsync: bool,
    /// Packets that may wait for the writer, of all the factory's connections together, 16..=1 048 576.
    /// Default 16 384: 160 ms at 100 000 packets a second. About 230 bytes each are allocated at once.
    pub queue_packets: usize,
    /// RTP and RTCP bytes that may wait for the writer, at least 65 536. Default 64 MiB.
    pub queue_bytes: usize,
    /// What happens when either is exceeded. Default [`Overflow::Drop`].
    pub overflow: Overflow,
    /// How long closing waits for the writer to write, name and synchronise the connection's files, 0 (not at all)
    /// to 1 h. Default 5 s. What remains is then done in the background.
    pub close_timeout: Duration,
    /// The user's sink in place of files; set with [`with_sink`](Self::with_sink). Default: none.
    pub(crate) sink: Option<SinkMaker>,
}

impl Default for PcapDumpOptions {
    fn default() -> Self {
        Self {
            format: Format::default(),
            link_type: LinkType::default(),
            path: "{id}.{ext}".into(),
            endpoints: Endpoints::default(),
            direction: None,
            protocol: None,
            ssrcs: Vec::new(),
            payload_types: Vec::new(),
            predicate: None,
            headers_only: false,
            snaplen: 65_535,
            comments: true,
            rotate_bytes: None,
            rotate_after: None,
            ring_files: None,
            max_total_bytes: None,
            flush_interval: Duration::from_secs(1),
            fsync: true,
            queue_packets: 16_384,
            queue_bytes: 64 << 20,
            overflow: Overflow::default(),
            close_timeout: Duration::from_secs(5),
            sink: None,
        }
    }
}

impl PcapDumpOptions {
    /// Defaults, with files named by this [`path`](Self::path) template.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self::default().with_path(path)
    }

    /// Sets [`format`](Self::format).
    #[must_use]
    pub const fn with_format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Sets [`link_type`](Self::link_type).
    #[must_use]
    pub const fn with_link_type(mut self, link_type: LinkType) -> Self {
        self.link_type = link_type;
        self
    }

    /// Sets [`path`](Self::path). Characters that are not Unicode are replaced.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = path.into().to_string_lossy().into_owned();
        self
    }

    /// Sets [`endpoints`](Self::endpoints).
    #[must_use]
    pub const fn with_endpoints(mut self, endpoints: Endpoints) -> Self {
        self.endpoints = endpoints;
        self
    }

    /// Captures only this [`direction`](Self::direction).
    #[must_use]
    pub const fn with_direction(mut self, direction: Direction) -> Self {
        self.direction = Some(direction);
        self
    }

    /// Captures only this [`protocol`](Self::protocol).
    #[must_use]
    pub const fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Sets [`ssrcs`](Self::ssrcs).
    #[must_use]
    pub fn with_ssrcs(mut self, ssrcs: impl IntoIterator<Item = u32>) -> Self {
        self.ssrcs = ssrcs.into_iter().collect();
        self
    }

    /// Sets [`payload_types`](Self::payload_types).
    #[must_use]
    pub fn with_payload_types(mut self, payload_types: impl IntoIterator<Item = u8>) -> Self {
        self.payload_types = payload_types.into_iter().collect();
        self
    }

    /// Captures only packets for which `keep` is true. It runs on the media path, after the other filters.
    #[must_use]
    pub fn with_filter(
        mut self,
        keep: impl Fn(Direction, PacketView<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.predicate = Some(Predicate::new(keep));
        self
    }

    /// Sets [`headers_only`](Self::headers_only).
    #[must_use]
    pub const fn with_headers_only(mut self, headers_only: bool) -> Self {
        self.headers_only = headers_only;
        self
    }

    /// Sets [`snaplen`](Self::snaplen).
    #[must_use]
    pub const fn with_snaplen(mut self, bytes: usize) -> Self {
        self.snaplen = bytes;
        self
    }

    /// Sets [`comments`](Self::comments).
    #[must_use]
    pub const fn with_comments(mut self, comments: bool) -> Self {
        self.comments = comments;
        self
    }

    /// Sets [`rotate_bytes`](Self::rotate_bytes).
    #[must_use]
    pub const fn with_rotate_bytes(mut self, bytes: u64) -> Self {
        self.rotate_bytes = Some(bytes);
        self
    }

    /// Sets [`rotate_after`](Self::rotate_after).
    #[must_use]
    pub const fn with_rotate_after(mut self, time: Duration) -> Self {
        self.rotate_after = Some(time);
        self
    }

    /// Sets [`ring_files`](Self::ring_files).
    #[must_use]
    pub const fn with_ring_files(mut self, files: usize) -> Self {
        self.ring_files = Some(files);
        self
    }

    /// Sets [`max_total_bytes`](Self::max_total_bytes).
    #[must_use]
    pub const fn with_max_total_bytes(mut self, bytes: u64) -> Self {
        self.max_total_bytes = Some(bytes);
        self
    }

    /// Sets [`flush_interval`](Self::flush_interval).
    #[must_use]
    pub const fn with_flush_interval(mut self, interval: Duration) -> Self {
        self.flush_interval = interval;
        self
    }

    /// Sets [`fsync`](Self::fsync).
    #[must_use]
    pub const fn with_fsync(mut self, fsync: bool) -> Self {
        self.fsync = fsync;
        self
    }

    /// Sets [`queue_packets`](Self::queue_packets).
    #[must_use]
    pub const fn with_queue_packets(mut self, packets: usize) -> Self {
        self.queue_packets = packets;
        self
    }

    /// Sets [`queue_bytes`](Self::queue_bytes).
    #[must_use]
    pub const fn with_queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = bytes;
        self
    }

    /// Sets [`overflow`](Self::overflow).
    #[must_use]
    pub const fn with_overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// Sets [`close_timeout`](Self::close_timeout).
    #[must_use]
    pub const fn with_close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// Hands packets to sinks of your own in place of files: `make` is called on the writer thread, once a
    /// connection, with its id. Format, link type, paths, rotation, caps and `fsync` then mean nothing; filters,
    /// `headers_only` and `snaplen` do.
    #[must_use]
    pub fn with_sink<S: PacketSink>(
        mut self,
        make: impl Fn(&str) -> std::io::Result<S> + Send + Sync + 'static,
    ) -> Self {
        self.sink = Some(SinkMaker::new(make));
        self
    }

    pub(crate) const fn rotates(&self) -> bool {
        self.rotate_bytes.is_some() || self.rotate_after.is_some()
    }

    /// How much of a packet is kept.
    pub(crate) fn kept(&self, packet: PacketView<'_>) -> usize {
        let wanted = match packet {
            PacketView::Rtp(rtp) if self.headers_only => rtp.header_len(),
            _ => packet.wire_len(),
        };
        wanted.min(self.snaplen)
    }
}
