//! Takes in captures, records or datagrams, and says at any time what RTP was in them.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use interceptor_packet::{Kind, classify};

use super::capture::{CaptureReader, Content, Record};
use super::error::OpenError;
use super::flow::{relative, since_start};
use super::flows::{Belief, Flows};
use super::fragments::Fragments;
use super::frame::Datagram;
use super::interleaved::Interleaved;
use super::payload_types::PayloadTypes;
use super::reading::Reading;
use super::rtcp::RtcpTable;
use super::rtcp_form::Form;
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
    pub(super) flows: Flows,
    pub(super) rtcp: RtcpTable,
    pub(super) reading: Reading,
    pub(super) unseen: Unseen,
    observer: Option<Observer>,
    pub(super) fragments: Fragments,
    pub(super) traffic: Traffic,
    pub(super) interleaved: Interleaved,
    pub(super) untimed: Untimed,
}

/// Who is told of datagrams.
type Observer = Box<dyn FnMut(f64, &Datagram<'_>) + Send + Sync>;

/// What was not looked into.
#[derive(Debug, Default)]
pub(super) struct Unseen {
    pub(super) unknown_link: u64,
}

impl Inspector {
    /// Has seen nothing yet.
    #[must_use]
    pub fn new(options: InspectOptions) -> Self {
        Self {
            types: options.payload_types.clone(),
            rtcp: RtcpTable::new(options.max_rtcp_ssrcs),
            flows: Flows::new(&options),
            options,
            first: None,
            latest: since_start(Duration::ZERO, Duration::ZERO),
            reading: Reading::default(),
            unseen: Unseen::default(),
            observer: None,
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
        self.finish(&reader);
    }

    /// A capture whose [records](Self::record) were taken in one by one has been read as far as it will be: takes in what is
    /// wrong with it, and what [`flush`](Self::flush) does. [`read`](Self::read) and its kin do so by themselves.
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
        self.flush();
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
        if let Some(observer) = &mut self.observer {
            observer(relative(since), datagram);
        }
        let Endpoints { src, dst } = datagram.endpoints;
        if self.flows.streams() == 0 {
            self.traffic.datagram(datagram);
        }
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
        let may_be_rtp = ports.is_empty() || is_rtp_port;
        let is_sure = is_rtp_port || datagram.declared;
        match classify(datagram.payload) {
            Kind::Rtcp => {
                let belief = if may_be_rtp { self.belief(datagram, is_sure) } else { None };
                let above = |port: u16| port.checked_sub(1).is_some_and(named);
                if let Some(belief) = belief {
                    self.flows.receive(datagram, belief, since, &self.types);
                } else if may_be_rtp || above(src.port()) || above(dst.port()) {
                    let cut = datagram.payload.len() < datagram.wire_len;
                    let Self { rtcp, flows, .. } = self;
                    let by = datagram.endpoints;
                    rtcp.receive(by, datagram.payload, cut, since, |nack| flows.credit(nack, by));
                }
            }
            Kind::Rtp if may_be_rtp => {
                let belief = if is_sure { Belief::Sure } else { Belief::Likely };
                self.flows.receive(datagram, belief, since, &self.types);
            }
            Kind::Rtp if self.flows.streams() == 0 => self.traffic.elsewhere(datagram),
            _ => {}
        }
    }

    /// Whether a datagram whose second byte is one of RTCP's is RTP all the same. RFC 5761 §4 keeps payload types 64 to 95 off
    /// ports that RTP and RTCP share; on ports of their own, RTP may use them, and the marker makes RTCP's bytes of them.
    fn belief(&self, datagram: &Datagram<'_>, is_sure: bool) -> Option<Belief> {
        match Form::of(datagram.payload, datagram.wire_len) {
            Form::Foreign if is_sure => Some(Belief::Sure),
            Form::Foreign => Some(Belief::Doubtful),
            Form::Broken if !self.rtcp.is_in(datagram.endpoints) => Some(Belief::Doubtful),
            Form::Broken | Form::Whole | Form::Headed => {
                self.flows.continues(datagram).then_some(Belief::Doubtful)
            }
        }
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
            .field("streams", &self.flows.streams())
            .finish_non_exhaustive()
    }
}
