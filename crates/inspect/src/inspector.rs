//! Takes in captures, records or datagrams, and says at any time what RTP was in them.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use interceptor_packet::{Kind, classify};

use super::capture::{CaptureReader, Content, Record};
use super::error::OpenError;
use super::flow::{Flow, since_start};
use super::fragments::Fragments;
use super::frame::Datagram;
use super::header::Header;
use super::interleaved::Interleaved;
use super::payload_types::PayloadTypes;
use super::reading::Reading;
use super::rtcp::RtcpTable;
use super::sdp::Session;
use super::traffic::Traffic;
use super::untimed::Untimed;
use super::{Endpoints, InspectOptions};

/// The port of session announcements (RFC 2974 §3).
const ANNOUNCEMENTS: u16 = 9875;
/// Bytes between two calls of `progress`.
const PROGRESS_STEP: u64 = 4 << 20;

/// Finds RTP in what it is given, and keeps the figures of each stream.
///
/// Give it a [file](Self::read_file), anything that [reads](Self::read), [records](Self::record) one by one or
/// [datagrams](Self::datagram); ask for a [`summary`](Self::summary) at the end or while it goes on. Several files in a row
/// are one capture. It reads no clock: time is that of the records.
///
/// Memory depends on the number of streams, not on the length of a capture; the limits are in the [`InspectOptions`].
pub struct Inspector {
    pub(super) options: InspectOptions,
    pub(super) types: PayloadTypes,
    /// When the first record was captured.
    first: Option<Duration>,
    /// The time of the last record that has one, as [`since_start`] gives it.
    latest: Duration,
    by_endpoints: HashMap<Endpoints, usize, foldhash::fast::FixedState>,
    pub(super) flows: Vec<Flow>,
    streams: usize,
    /// The flow of the last packet: the next one is often of the same.
    recent: Option<(Endpoints, usize)>,
    pub(super) rtcp: RtcpTable,
    pub(super) reading: Reading,
    pub(super) unseen: Unseen,
    pub(super) fragments: Fragments,
    pub(super) traffic: Traffic,
    pub(super) interleaved: Interleaved,
    pub(super) untimed: Untimed,
}

/// What was not looked into.
#[derive(Debug, Default)]
pub(super) struct Unseen {
    pub(super) unknown_link: u64,
    pub(super) malformed: u64,
    pub(super) flows_refused: u64,
}

impl Inspector {
    /// Has seen nothing yet.
    #[must_use]
    pub fn new(options: InspectOptions) -> Self {
        Self {
            types: options.payload_types.clone(),
            rtcp: RtcpTable::new(options.max_rtcp_ssrcs),
            options,
            first: None,
            latest: since_start(Duration::ZERO, Duration::ZERO),
            by_endpoints: HashMap::default(),
            flows: Vec::new(),
            streams: 0,
            recent: None,
            reading: Reading::default(),
            unseen: Unseen::default(),
            fragments: Fragments::default(),
            traffic: Traffic::default(),
            interleaved: Interleaved::default(),
            untimed: Untimed::default(),
        }
    }

    /// Reads a capture file (pcap, pcapng or rtpdump) to its end. What is wrong inside of it is no error but among the
    /// [`Summary::problems`](crate::Summary::problems).
    ///
    /// ```
    /// # use interceptor_inspect::Inspector;
    /// let mut inspector = Inspector::default();
    /// inspector.read_file("tests/data/gst_vp8_rtx_loss.pcap")?;
    /// let [_, video, _, rtx] = &inspector.summary().streams[..] else { panic!("four streams") };
    /// assert_eq!((video.ssrc, video.packets, video.lost), (0x1122_3344, 575, 25));
    /// assert_eq!(rtx.rtx_of, Some(video.ssrc)); // found by what its packets repeat
    /// # Ok::<(), interceptor_inspect::OpenError>(())
    /// ```
    ///
    /// # Errors
    /// [`OpenError`] when the file cannot be opened; a folder cannot.
    pub fn read_file(&mut self, path: impl AsRef<Path>) -> Result<(), OpenError> {
        let path = path.as_ref();
        let file = File::open(path).and_then(|file| {
            if file.metadata()?.is_dir() {
                return Err(io::Error::from(io::ErrorKind::IsADirectory));
            }
            Ok(file)
        });
        let file = file.map_err(|source| OpenError { path: path.to_owned(), source })?;
        self.read(file);
        Ok(())
    }

    /// Reads a capture (pcap, pcapng or rtpdump) to its end; buffers by itself. Never fails and never panics, whatever the
    /// bytes: what is wrong is among the [`Summary::problems`](crate::Summary::problems).
    pub fn read(&mut self, reader: impl Read) {
        self.read_with_progress(reader, |_| {});
    }

    /// As [`read`](Self::read); tells `progress` the bytes of the file read so far, every few megabytes.
    pub fn read_with_progress(&mut self, reader: impl Read, mut progress: impl FnMut(u64)) {
        let mut reader = CaptureReader::new(reader);
        let mut told = 0;
        while let Some(record) = reader.next() {
            self.take(&record);
            if reader.file_offset() - told >= PROGRESS_STEP {
                told = reader.file_offset();
                progress(told);
            }
        }
        self.flush();
        self.reading.ended(&reader);
    }

    /// Nothing more comes: what TCP connections have behind missing segments is looked at. Reading a capture to its end does
    /// so by itself.
    pub fn flush(&mut self) {
        self.flush_tcp();
    }

    /// Takes in one record, of a [`CaptureReader`] or of a capture that you read yourself.
    pub fn record(&mut self, record: &Record<'_>) {
        if let Content::Frame(link, _) = record.content {
            self.reading.saw(link);
        }
        self.take(record);
    }

    /// Takes in one datagram that was captured at `at`, the time since 1970 or since any other moment.
    pub fn datagram(&mut self, at: Duration, datagram: &Datagram<'_>) {
        let since = self.since(Some(at));
        self.dispatch(datagram, since);
    }

    fn since(&mut self, at: Option<Duration>) -> Duration {
        self.reading.records += 1;
        if let Some(at) = at {
            self.latest = since_start(at, *self.first.get_or_insert(at));
        }
        self.latest
    }

    fn take(&mut self, record: &Record<'_>) {
        let since = self.since(record.at);
        match &record.content {
            Content::Frame(link, data) => self.frame(since, record, *link, data),
            Content::Datagram(endpoints, payload) => {
                if record.at.is_none() {
                    self.untimed.saw(*endpoints, self.options.max_flows);
                }
                let datagram = Datagram::new(*endpoints, payload).declared();
                self.dispatch(&datagram.with_wire_len(record.wire_len), since);
            }
        }
    }

    /// To where a datagram belongs.
    pub(super) fn dispatch(&mut self, datagram: &Datagram<'_>, since: Duration) {
        let Endpoints { src, dst } = datagram.endpoints;
        if self.streams == 0 {
            self.traffic.datagram(datagram);
        }
        if dst.port() == ANNOUNCEMENTS
            && let Some(session) = Session::from_announcement(datagram.payload)
        {
            session.describe(&mut self.types);
            return;
        }
        let ports = &self.options.ports;
        let named = |port: u16| ports.contains(&port);
        let is_rtp_port = named(src.port()) || named(dst.port());
        match classify(datagram.payload) {
            Kind::Rtcp => {
                let above = |port: u16| port.checked_sub(1).is_some_and(named);
                if ports.is_empty() || is_rtp_port || above(src.port()) || above(dst.port()) {
                    let cut = datagram.payload.len() < datagram.wire_len;
                    self.rtcp.receive(datagram.endpoints, datagram.payload, cut, since);
                }
            }
            Kind::Rtp if ports.is_empty() || is_rtp_port => {
                self.rtp(datagram, is_rtp_port || datagram.declared, since);
            }
            Kind::Rtp if self.streams == 0 => self.traffic.elsewhere(datagram),
            _ => {}
        }
    }

    pub(super) fn rtp(&mut self, datagram: &Datagram<'_>, sure: bool, since: Duration) {
        let Some(header) = Header::parse(datagram.payload, datagram.wire_len) else {
            let known = self.by_endpoints.get(&datagram.endpoints);
            let known = known.and_then(|place| self.flows.get(*place));
            self.unseen.malformed += u64::from(sure || known.is_some_and(Flow::is_recognised));
            return;
        };
        let Some(place) = self.place(datagram.endpoints) else {
            self.unseen.flows_refused += 1;
            return;
        };
        let Some(flow) = self.flows.get_mut(place) else { return };
        if flow.receive(since, &header, datagram.payload) {
            return;
        }
        // A flow that has a stream is RTP: what comes in it under another SSRC is another stream.
        let waiting = if sure || flow.is_recognised() {
            let mut waiting = flow.candidates.take(header.ssrc());
            waiting.push((since, header));
            waiting
        } else {
            let Some(waiting) = flow.candidates.add(since, header) else { return };
            waiting
        };
        if self.streams >= self.options.max_streams {
            flow.refused += waiting.len() as u64;
            return;
        }
        let first = waiting.first().map_or(header, |(_, first)| *first);
        flow.begin(&first, &self.types);
        self.streams += 1;
        for (since, header) in waiting {
            flow.receive(since, &header, &[]);
        }
    }

    /// The place of a flow in the list; `None`: there are too many.
    #[inline]
    fn place(&mut self, endpoints: Endpoints) -> Option<usize> {
        if let Some((recent, place)) = self.recent
            && recent == endpoints
        {
            return Some(place);
        }
        let place = match self.by_endpoints.get(&endpoints) {
            Some(place) => *place,
            None => {
                if self.flows.len() >= self.options.max_flows {
                    self.forget();
                }
                if self.flows.len() >= self.options.max_flows {
                    return None;
                }
                self.flows.push(Flow::new(endpoints));
                self.by_endpoints.insert(endpoints, self.flows.len() - 1);
                self.flows.len() - 1
            }
        };
        self.recent = Some((endpoints, place));
        Some(place)
    }

    /// Forgets the flows without a stream: queries to name servers alone come from a port each.
    #[cold]
    fn forget(&mut self) {
        self.flows.retain(Flow::is_recognised);
        self.by_endpoints =
            self.flows.iter().enumerate().map(|(place, flow)| (flow.endpoints, place)).collect();
        self.recent = None;
    }
}

/// Knows nothing about the capture.
impl Default for Inspector {
    fn default() -> Self {
        Self::new(InspectOptions::default())
    }
}

/// Numbers, not everything that is kept.
impl fmt::Debug for Inspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspector")
            .field("packets", &self.reading.records)
            .field("flows", &self.flows.len())
            .field("streams", &self.streams)
            .finish_non_exhaustive()
    }
}
