//! What to capture, how to write it and where.

use std::fmt::Debug;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use interceptor_core::OptionsError;

use crate::file::template::Template;
use crate::filter::Predicate;
use crate::sink::SinkMaker;
use crate::{Direction, Endpoints, Format, LinkType, Overflow, PacketSink, PacketView, Protocol};

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
    /// Write what is known of the streams into pcapng and pcap files: codec and clock of each payload type, which one retransmits
    /// which, which SSRCs belong together; as session announcements (RFC 2974) with an SDP, to port 9875, before the first packet
    /// and whenever something changes. Wireshark and `rtptap inspect` need no other word then. They are packets that were never on
    /// the wire, and not counted as written. Default: no.
    pub announcements: bool,
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
            announcements: false,
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

    /// Sets [`overwrite`](Self::overwrite).
    #[must_use]
    pub const fn with_overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
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

    /// Sets [`announcements`](Self::announcements).
    #[must_use]
    pub const fn with_announcements(mut self, announcements: bool) -> Self {
        self.announcements = announcements;
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

/// The largest UDP payload and then some: nothing is cut.
const MAX_SNAPLEN: usize = 65_535;
const MILLISECOND: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Refuses what is out of range; gives back the options with their addresses in one family.
pub(crate) fn check(mut options: PcapDumpOptions) -> Result<PcapDumpOptions, OptionsError> {
    options.endpoints = options.endpoints.checked()?;
    within("snaplen", options.snaplen, &(12..=MAX_SNAPLEN), "in 12..=65535")?;
    for payload_type in &options.payload_types {
        within("payload_types", *payload_type, &(0..=127), "in 0..=127")?;
    }
    check_queue(&options)?;
    check_files(&options)?;
    Ok(options)
}

fn check_queue(options: &PcapDumpOptions) -> Result<(), OptionsError> {
    within("queue_packets", options.queue_packets, &(16..=1_048_576), "in 16..=1048576")?;
    within("queue_bytes", options.queue_bytes, &(65_536..=usize::MAX), "at least 65536")?;
    within("flush_interval", options.flush_interval, &(MILLISECOND..=HOUR), "in 1ms..=1h")?;
    within("close_timeout", options.close_timeout, &(Duration::ZERO..=HOUR), "in 0..=1h")
}

fn check_files(options: &PcapDumpOptions) -> Result<(), OptionsError> {
    Template::parse(&options.path)?;
    if let Some(bytes) = options.rotate_bytes {
        within("rotate_bytes", bytes, &(4096..=u64::MAX), "at least 4096")?;
    }
    if let Some(time) = options.rotate_after {
        within("rotate_after", time, &(MILLISECOND..=Duration::MAX), "at least 1ms")?;
    }
    if let Some(bytes) = options.max_total_bytes {
        let least = options.rotate_bytes.unwrap_or(0).max(65_536);
        within("max_total_bytes", bytes, &(least..=u64::MAX), "at least 65536 and at least rotate_bytes")?;
    }
    let Some(files) = options.ring_files else { return Ok(()) };
    if !options.rotates() {
        return Err(refused("ring_files", files, "set together with rotate_bytes or rotate_after"));
    }
    within("ring_files", files, &(2..=1_000_000), "in 2..=1000000")
}

fn within<T: PartialOrd + Debug>(
    field: &'static str,
    value: T,
    allowed: &RangeInclusive<T>,
    range: &'static str,
) -> Result<(), OptionsError> {
    if allowed.contains(&value) { Ok(()) } else { Err(refused(field, value, range)) }
}

/// A field of the options has a value that it may not have.
pub(crate) fn refused(field: &'static str, value: impl Debug, range: &'static str) -> OptionsError {
    OptionsError::new("PcapDumpOptions", field, value, range)
}
