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
use super::flow::{Flow, relative, since_start};
use super::frame::{Datagram, Frame, dissect};
use super::header::Header;
use super::payload_types::PayloadTypes;
use super::reading::Reading;
use super::repair::Requests;
use super::rtcp::RtcpTable;
use super::sdp::Session;
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
    types: PayloadTypes,
    /// When the first record was captured.
    first: Option<Duration>,
    by_endpoints: HashMap<Endpoints, usize, foldhash::fast::FixedState>,
    pub(super) flows: Vec<Flow>,
    streams: usize,
    requests: Requests,
    /// The flow of the last packet: the next one is often of the same.
    recent: Option<(Endpoints, usize)>,
    pub(super) rtcp: RtcpTable,
    pub(super) reading: Reading,
    pub(super) unseen: Unseen,
    observer: Option<Observer>,
}

/// Who is told of datagrams.
type Observer = Box<dyn FnMut(f64, &Datagram<'_>) + Send + Sync>;

/// What was not looked into.
#[derive(Debug, Default)]
pub(super) struct Unseen {
    pub(super) fragments: u64,
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
            by_endpoints: HashMap::default(),
            flows: Vec::new(),
            streams: 0,
            requests: Requests::default(),
            recent: None,
            reading: Reading::default(),
            unseen: Unseen::default(),
            observer: None,
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

    /// As [`read`](Self::read); tells `progress` the bytes read so far, every few megabytes.
    pub fn read_with_progress(&mut self, reader: impl Read, mut progress: impl FnMut(u64)) {
        let mut reader = CaptureReader::new(reader);
        let mut told = 0;
        while let Some(record) = reader.next() {
            self.take(&record);
            if reader.offset() - told >= PROGRESS_STEP {
                told = reader.offset();
                progress(told);
            }
        }
        self.finish(&reader);
    }

    /// A capture whose [records](Self::record) were taken in one by one has been read as far as it will be: takes in what is
    /// wrong with it. [`read`](Self::read) and its kin do so by themselves.
    ///
    /// ```
    /// use interceptor_inspect::{Inspector, capture::CaptureReader};
    /// let (mut inspector, file) = (Inspector::default(), std::fs::read("tests/data/ffmpeg_opus.pcap")?);
    /// let mut reader = CaptureReader::new(&file[..file.len() - 1]);
    /// while let Some(record) = reader.next() {
    ///     inspector.record(&record); // and whatever is to be done between records, such as to show a summary
    /// }
    /// inspector.finish(&reader);
    /// assert!(inspector.summary().damaged); // the last record was cut off
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn finish<R: Read>(&mut self, capture: &CaptureReader<R>) {
        self.reading.ended(capture);
    }

    /// From now on `observer` is told of every datagram, RTP or not, without what surrounded it in the capture, before it is
    /// looked into; with its time in seconds since the first record, as in
    /// [`start_seconds`](crate::StreamSummary::start_seconds). Only the last observer is told.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use interceptor_inspect::Inspector;
    /// let bytes = Arc::new(Mutex::new(0));
    /// let (mut inspector, told) = (Inspector::default(), Arc::clone(&bytes));
    /// inspector.observe(move |_, datagram| *told.lock().unwrap() += datagram.wire_len);
    /// inspector.read_file("tests/data/ffmpeg_opus.pcap")?;
    /// assert!(*bytes.lock().unwrap() > 100_000);
    /// # Ok::<(), interceptor_inspect::OpenError>(())
    /// ```
    pub fn observe(&mut self, observer: impl FnMut(f64, &Datagram<'_>) + Send + Sync + 'static) {
        self.observer = Some(Box::new(observer));
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
        let since = self.since(at);
        self.dispatch(datagram, since);
    }

    fn since(&mut self, at: Duration) -> Duration {
        self.reading.records += 1;
        since_start(at, *self.first.get_or_insert(at))
    }

    fn take(&mut self, record: &Record<'_>) {
        let since = self.since(record.at);
        match &record.content {
            Content::Frame(link, data) => match dissect(*link, data, record.wire_len) {
                Frame::Udp(datagram) => self.dispatch(&datagram, since),
                Frame::Fragment => self.unseen.fragments += 1,
                Frame::UnknownLink => self.unseen.unknown_link += 1,
                Frame::Other => {}
            },
            Content::Datagram(endpoints, payload) => {
                let datagram = Datagram::new(*endpoints, payload).declared();
                self.dispatch(&datagram.with_wire_len(record.wire_len), since);
            }
        }
    }

    /// To where a datagram belongs.
    fn dispatch(&mut self, datagram: &Datagram<'_>, since: Duration) {
        if let Some(observer) = &mut self.observer {
            observer(relative(since), datagram);
        }
        let Endpoints { src, dst } = datagram.endpoints;
        if dst.port() == ANNOUNCEMENTS
            && let Some(session) = Session::from_announcement(datagram.payload)
        {
            session.describe(&mut self.types);
            self.options.session.group_as(&session);
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
                    let Self { rtcp, requests, flows, .. } = self;
                    rtcp.receive(datagram.endpoints, datagram.payload, cut, since, |nack| {
                        requests.credit(nack, datagram.endpoints, flows);
                    });
                }
            }
            Kind::Rtp if ports.is_empty() || is_rtp_port => {
                self.rtp(datagram, is_rtp_port || datagram.declared, since);
            }
            _ => {}
        }
    }

    fn rtp(&mut self, datagram: &Datagram<'_>, sure: bool, since: Duration) {
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
        // A flow that has a stream is RTP: what comes in it under another SSRC is another stream, and so is what waited.
        let mut waiting = if sure || flow.is_recognised() {
            vec![(since, header)]
        } else {
            let Some(waiting) = flow.candidates.add(since, header) else { return };
            waiting
        };
        let this = waiting.len() - 1;
        waiting.extend(flow.candidates.take_all());
        for (place_among, (since, header)) in waiting.into_iter().enumerate() {
            let data = if place_among == this { datagram.payload } else { &[] };
            if flow.receive(since, &header, data) {
                continue;
            }
            if self.streams >= self.options.max_streams {
                flow.refused += 1;
                continue;
            }
            flow.begin(&header, &self.types);
            self.requests.add(header.ssrc(), place);
            self.streams += 1;
            flow.receive(since, &header, data);
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
        self.requests.rebuild(&self.flows);
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
