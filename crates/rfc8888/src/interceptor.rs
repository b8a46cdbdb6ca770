//! The interceptor: notes down what arrives, and reports it.

use std::time::Duration;

use interceptor_core::packet::{Ecn, RtpPacket};
use interceptor_core::{Amend, Context, Flow, Interceptor, Result, StreamInfo, StreamKey, Streams};

use crate::arrivals::Noted;
use crate::pace::Pace;
use crate::round::Round;
use crate::stream::ReportedStream;
use crate::{Rfc8888Counters, Rfc8888Options};

/// Congestion control feedback of one connection. The crate's documentation says what it does.
#[derive(Debug)]
pub struct Rfc8888 {
    options: Rfc8888Options,
    pace: Pace,
    /// When the next report is due; `None`: there is nothing to tell.
    due: Option<u64>,
    /// Streams that have something to tell, in the order in which they had it first.
    waiting: Vec<StreamKey>,
    round: Round,
    counters: Rfc8888Counters,
}

impl Rfc8888 {
    pub(crate) fn new(options: Rfc8888Options) -> Self {
        Self {
            pace: Pace::new(&options),
            options,
            due: None,
            waiting: Vec::new(),
            round: Round::default(),
            counters: Rfc8888Counters::default(),
        }
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> &Rfc8888Counters {
        &self.counters
    }

    /// Packets of all streams that wait for the next report.
    #[must_use]
    pub fn pending(&self, streams: &Streams<'_, Self>) -> u64 {
        streams.iter_remotes().map(|(_, stream)| stream.pending()).sum()
    }

    /// Notes a packet down; `false`: there is nothing new to tell.
    #[inline]
    fn note(&mut self, stream: &mut ReportedStream, packet: &RtpPacket, cx: &Context<'_>) -> bool {
        let Some(source) = stream.source(packet.ssrc()) else { return false };
        let info = packet.info();
        let nanos = info.arrival.map_or_else(|| cx.elapsed_nanos(), |arrival| cx.nanos_at(arrival));
        let ecn = info.ecn.unwrap_or(Ecn::NotEct);
        let noted = source.arrivals.note(packet.sequence_number(), nanos, ecn);
        let counters = &mut self.counters;
        counters.arrivals_forgotten += std::mem::take(&mut source.arrivals.forgotten);
        match noted {
            Noted::TooLate => counters.too_late += 1,
            Noted::Duplicate | Noted::DuplicateMarked => counters.duplicates += 1,
            Noted::Waits | Noted::Late | Noted::Restart => {
                counters.arrivals += 1;
                counters.arrivals_marked += u64::from(ecn == Ecn::Ce);
                counters.arrivals_late += u64::from(noted == Noted::Late);
                counters.restarts += u64::from(noted == Noted::Restart);
            }
        }
        !matches!(noted, Noted::TooLate | Noted::Duplicate)
    }

    fn report(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let now = cx.elapsed_nanos();
        let mut packets = 0;
        for key in &self.waiting {
            packets += streams.remote_by_key(*key).map_or(0, |stream| stream.pending());
        }
        self.round.begin(packets);
        for key in self.waiting.drain(..) {
            let Some(stream) = streams.remote_by_key(key) else { continue };
            stream.queued = false;
            for source in stream.sources.iter_mut().filter(|source| source.arrivals.has_news()) {
                self.counters.missing_untold += self.round.add(source.ssrc, source.arrivals.news(), now);
                source.arrivals.reported();
            }
        }
        self.counters.arrivals_reported += packets;
        let (bytes, datagrams) = self.round.send(&self.options, &mut self.counters, cx)?;
        self.pace.sent(bytes, datagrams, now);
        Ok(())
    }
}

/// `due` is in nanoseconds since the chain began.
fn wake(due: u64, cx: &mut Context<'_>) {
    if let Some(at) = cx.config().now.checked_add(Duration::from_nanos(due)) {
        cx.wake_for("report", at);
    }
}

fn negotiated(info: &StreamInfo) -> bool {
    info.has_feedback("ack", "ccfb")
}

impl Interceptor for Rfc8888 {
    type Local = ();
    type Remote = ReportedStream;

    fn bind_remote(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<ReportedStream>> {
        Ok(negotiated(info).then(|| ReportedStream::new(info, cx.stream_key(), &self.options)))
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut ReportedStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        if !negotiated(new) {
            return Ok(Amend::Leave);
        }
        self.counters.arrivals_forgotten += stream.describe(new, &self.options);
        Ok(Amend::Keep)
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: ReportedStream, _: &mut Context<'_>) {
        self.counters.arrivals_forgotten += stream.pending();
        // Its key may be another stream's soon.
        self.waiting.retain(|key| *key != stream.key);
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut ReportedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        // What was restored has not arrived.
        if packet.info().recovered_by.is_some() {
            return Ok(Flow::Forward);
        }
        self.pace.receive(packet.total_len());
        if !self.note(stream, packet, cx) {
            return Ok(Flow::Forward);
        }
        if !stream.queued {
            stream.queued = true;
            self.waiting.push(stream.key);
        }
        let due = self.pace.due(packet.marker(), cx.elapsed_nanos());
        if self.due.is_none_or(|before| due < before) {
            self.due = Some(due);
            wake(due, cx);
        }
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let now = cx.elapsed_nanos();
        if self.due.take_if(|due| *due <= now).is_some() {
            self.report(&mut streams, cx)?;
        } else if let Some(due) = self.due {
            wake(due, cx);
        }
        Ok(())
    }
}
