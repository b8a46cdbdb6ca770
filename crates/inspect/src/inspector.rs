//! From the records of a capture to its figures.

use std::collections::HashMap;
use std::io::Read;
use std::time::{Duration, Instant};

use interceptor_core::Registry;
use interceptor_packet::{Kind, classify};
use interceptor_stats::{Stats, StatsOptions};

use super::capture::{CaptureReader, Content, Record};
use super::figures::FiguresFactory;
use super::flow::{Flow, since_start};
use super::frame::{Datagram, Frame, dissect};
use super::header::Header;
use super::payload_types::PayloadTypes;
use super::rtcp::RtcpTable;
use super::summary::summarise;
use super::{Endpoints, InspectOptions, Inspection, sdp};

/// Flows between two ports that are told apart; each costs a few hundred bytes. When there are more, those without a
/// stream are forgotten.
const MAX_FLOWS: usize = 65_536;
/// Streams in all flows; each costs about ten kilobytes.
const MAX_STREAMS: usize = 16_384;
/// The port of session announcements (RFC 2974 §3).
const ANNOUNCEMENTS: u16 = 9875;
/// Bytes between two calls of `progress`.
const PROGRESS_STEP: u64 = 4 << 20;

/// Reads a capture (pcap, pcapng or rtpdump) to its end and says what RTP is in it.
///
/// Never fails and never panics, whatever the bytes: what is wrong is among the [`Inspection::problems`]. `progress` is
/// told the bytes read, every few megabytes. Memory depends on the number of streams, not on the capture's length.
pub fn inspect(
    name: &str,
    reader: impl Read,
    options: &InspectOptions,
    mut progress: impl FnMut(u64),
) -> Inspection {
    let mut reader = CaptureReader::new(reader);
    let mut inspector = Inspector::new(options);
    let mut told = 0;
    while let Some(record) = reader.next() {
        inspector.record(&record);
        if reader.offset() - told >= PROGRESS_STEP {
            told = reader.offset();
            progress(told);
        }
    }
    summarise(name, &reader, inspector, options)
}

/// Everything that was seen so far.
pub(super) struct Inspector<'a> {
    options: &'a InspectOptions,
    types: PayloadTypes,
    registry: Registry,
    start: Instant,
    first: Option<Duration>,
    by_endpoints: HashMap<Endpoints, usize, foldhash::fast::FixedState>,
    pub(super) flows: Vec<Flow>,
    streams: usize,
    /// The flow of the last packet: the next one is often of the same.
    recent: Option<(Endpoints, usize)>,
    pub(super) rtcp: RtcpTable,
    pub(super) seen: Seen,
}

/// What was not looked into.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) fragments: u64,
    pub(super) unknown_link: u64,
    pub(super) malformed: u64,
    pub(super) flows_refused: u64,
}

impl<'a> Inspector<'a> {
    fn new(options: &'a InspectOptions) -> Self {
        let (stats, _) = Stats::new(StatsOptions::default().with_rate_window(Duration::ZERO));
        #[expect(clippy::disallowed_methods, reason = "any instant will do: a capture's time counts from it")]
        let start = Instant::now();
        Self {
            options,
            types: options.payload_types.clone(),
            registry: Registry::new().with(stats).with(FiguresFactory),
            start,
            first: None,
            by_endpoints: HashMap::default(),
            flows: Vec::new(),
            streams: 0,
            recent: None,
            rtcp: RtcpTable::default(),
            seen: Seen::default(),
        }
    }

    fn record(&mut self, record: &Record<'_>) {
        let first = *self.first.get_or_insert(record.at);
        let since = since_start(record.at, first);
        match &record.content {
            Content::Frame(link, data) => match dissect(*link, data, record.wire_len) {
                Frame::Udp(datagram) => self.datagram(&datagram, since),
                Frame::Fragment => self.seen.fragments += 1,
                Frame::UnknownLink => self.seen.unknown_link += 1,
                Frame::Other => {}
            },
            Content::Datagram(endpoints, payload) => {
                let (endpoints, wire_len) = (*endpoints, record.wire_len);
                self.datagram(&Datagram { endpoints, payload, wire_len, declared: true }, since);
            }
        }
    }

    fn datagram(&mut self, datagram: &Datagram<'_>, since: Duration) {
        let Endpoints { src, dst } = datagram.endpoints;
        if dst.port() == ANNOUNCEMENTS
            && let Some(session) = sdp::announced(datagram.payload)
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
            _ => {}
        }
    }

    fn rtp(&mut self, datagram: &Datagram<'_>, sure: bool, since: Duration) {
        let Some(header) = Header::parse(datagram.payload, datagram.wire_len) else {
            let known = self.by_endpoints.get(&datagram.endpoints);
            let known = known.and_then(|place| self.flows.get(*place));
            self.seen.malformed += u64::from(sure || known.is_some_and(Flow::is_recognised));
            return;
        };
        let Some(place) = self.place(datagram.endpoints) else {
            self.seen.flows_refused += 1;
            return;
        };
        let Some(flow) = self.flows.get_mut(place) else { return };
        if flow.has(header.ssrc()) {
            flow.receive(since, &header, datagram.payload);
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
        let room = self.streams < MAX_STREAMS;
        let first = waiting.first().map_or(header, |(_, first)| *first);
        self.streams += usize::from(room && flow.begin(&first, &self.types, &self.registry));
        waiting.iter().for_each(|(since, header)| flow.receive(*since, header, &[]));
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
                if self.flows.len() >= MAX_FLOWS {
                    self.forget();
                }
                if self.flows.len() >= MAX_FLOWS {
                    return None;
                }
                self.flows.push(Flow::new(endpoints, self.start));
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
