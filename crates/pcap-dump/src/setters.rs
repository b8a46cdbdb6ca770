//! The chainable setters of the options.

use std::path::PathBuf;
use std::time::Duration;

use crate::filter::Predicate;
use crate::sink::SinkMaker;
use crate::{
    Direction, Endpoints, Format, LinkType, Overflow, PacketSink, PacketView, PcapDumpOptions, Protocol,
};

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
