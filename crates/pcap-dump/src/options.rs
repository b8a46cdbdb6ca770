//! What to capture, how to write it and where.

use std::time::Duration;

use crate::filter::Predicate;
use crate::sink::SinkMaker;
use crate::{Direction, Endpoints, Format, LinkType, Overflow, PacketView, Protocol};

/// What to capture, how to write it and where. Checked by [`PcapDumpFactory::new`](crate::PcapDumpFactory::new).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PcapDumpOptions {
    /// The format of the files. Default [`Format::Pcapng`], the only one that holds directions, comments and gaps.
    pub format: Format,
    /// What stands around packets in pcapng and pcap. Default [`LinkType::Ip`], which can be replayed.
    pub link_type: LinkType,
    /// Template of the files' names; directories are made as needed. Default `{id}.{ext}` in the current directory.
    ///
    /// `{id}`: the connection's id, anything but ASCII letters, digits, `.`, `-` and `_` replaced by `_`, at most 128
    /// bytes. `{n}`: the number of the file in its capture, `00001` and up; added in front of the extension when there
    /// is rotation and the template lacks it. `{start}`: UTC time of the file's first packet, `20231114T221320Z`.
    /// `{ext}`: the format's extension. A name that exists already gets `-2`, `-3`, …
    pub path: String,
    /// Replace a file of the same name, when the new one is complete. Default: no, nothing is overwritten. A file
    /// that is being written (`.part`) is never touched.
    pub overwrite: bool,
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
    /// Bytes on disk of all the factory's captures together, at least 65 536 and
    /// [`rotate_bytes`](Self::rotate_bytes). The oldest complete files, of whatever
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
    /// Default 32 768: 330 ms at 100 000 packets a second. About 200 bytes each are allocated at once.
    pub queue_packets: usize,
    /// RTP and RTCP bytes that may wait for the writer, at least 65 536. Default 64 MiB: memory stays bounded
    /// where packets are large.
    pub queue_bytes: usize,
    /// What happens when either is exceeded. Default [`Overflow::Drop`]: media never waits for a disk.
    pub overflow: Overflow,
    /// How long closing waits for the writer to write, name and synchronise the connection's files, 0 (not at all)
    /// to 1 h. Default 5 s, for a busy disk. What remains is then done in the background.
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
            overwrite: false,
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
            queue_packets: 32_768,
            queue_bytes: 64 << 20,
            overflow: Overflow::default(),
            close_timeout: Duration::from_secs(5),
            sink: None,
        }
    }
}

impl PcapDumpOptions {
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
