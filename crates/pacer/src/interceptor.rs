//! The interceptor: its hooks, and what it keeps of a connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{
    Amend, BuildContext, Context, Excursion, Fact, Flow, Interceptor, Pacing, Result, StreamInfo, Streams,
};

use crate::PacerOptions;
use crate::class::Class;
use crate::counters::Cells;
use crate::goodbyes::Goodbyes;
use crate::handle::Hub;
use crate::lane::Lane;
use crate::pace::Pace;
use crate::padding::Filler;
use crate::probes::Probes;
use crate::share::Share;
use crate::stream::{PacedStream, unbound_lane};
use crate::turns::Turns;

/// The pacer of one connection; the [crate] says what it does.
#[derive(Debug)]
pub struct Pacer {
    pub(crate) options: PacerOptions,
    hub: Arc<Hub>,
    id: Arc<str>,
    pub(crate) cells: Arc<Cells>,
    pub(crate) start: Instant,
    /// Bytes that a packet takes on the wire besides itself.
    pub(crate) overhead: u64,
    pub(crate) pace: Pace,
    pub(crate) probes: Probes,
    pub(crate) filler: Filler,
    pub(crate) repeats: Share,
    pub(crate) turns: Turns,
    pub(crate) unbound: Lane,
    pub(crate) goodbyes: Goodbyes,
    /// Packets that wait, and their bytes on the wire.
    pub(crate) waiting: usize,
    pub(crate) waiting_bytes: u64,
    /// No packet has waited since before this.
    pub(crate) oldest: u64,
    pub(crate) overflow: Excursion,
    /// There is nothing but a pace, and no packet that waits for it.
    plain: bool,
}

impl Pacer {
    pub(crate) fn new(options: PacerOptions, hub: &Arc<Hub>, cx: &BuildContext<'_>) -> Self {
        let (id, config) = (Arc::clone(cx.connection_id()), cx.config());
        let cells = hub.open(&id);
        let start = config.now;
        let now = cx.now().saturating_duration_since(start).as_nanos() as u64;
        let pacer = Self {
            pace: Pace::new(options.rate, options.burst, config.limits.min_rearm, start, now),
            overhead: u64::from(options.datagram_overhead) + config.transport_overhead as u64,
            options,
            hub: Arc::clone(hub),
            id,
            cells,
            start,
            probes: Probes::default(),
            filler: Filler::default(),
            repeats: Share::default(),
            turns: Turns::default(),
            unbound: unbound_lane(),
            goodbyes: Goodbyes::default(),
            waiting: 0,
            waiting_bytes: 0,
            oldest: now,
            overflow: Excursion::default(),
            plain: true,
        };
        pacer.cells.pace.set(pacer.pace.told());
        pacer
    }

    /// Bytes that a packet takes on the wire.
    #[inline(always)]
    pub(crate) fn wire_bytes(&self, packet: &RtpPacket) -> u64 {
        packet.total_len() as u64 + self.overhead
    }

    /// Something has changed that a packet asks for before anything else.
    pub(crate) fn reconsider(&mut self) {
        self.plain = self.waiting == 0 && self.probes.is_empty() && self.pace.is_plain();
    }

    fn hear_pacing(&mut self, pacing: &Pacing, cx: &Context<'_>) {
        let now = cx.elapsed_nanos();
        if self.pace.hear(pacing, now) {
            self.probes.clear();
        }
        self.filler.set(self.pace.padding, self.start, now);
        self.cells.pace.set(self.pace.told());
    }

    /// The clock that all here counts by, as an instant.
    pub(crate) fn instant(&self, nanos: u64) -> Option<Instant> {
        self.start.checked_add(Duration::from_nanos(nanos))
    }
}

impl Interceptor for Pacer {
    type Local = PacedStream;
    type Remote = ();

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<PacedStream>> {
        // Who is added to a running chain has not heard it.
        if self.pace.told() == 0
            && let Some(pacing) = cx.facts().pacing()
        {
            self.hear_pacing(&pacing, cx);
            self.reconsider();
        }
        Ok(Some(PacedStream::new(info, cx.stream_key())))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut PacedStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        // What waits keeps its place.
        if !stream.waits() {
            stream.describe(new);
        }
        Ok(Amend::Keep)
    }

    fn unbind_local(&mut self, _: &StreamInfo, mut stream: PacedStream, cx: &mut Context<'_>) {
        self.flush(&mut stream, cx);
        self.reconsider();
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut PacedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let (bytes, now) = (self.wire_bytes(packet), cx.elapsed_nanos());
        let class = Class::of(packet.info().origin, stream.audio);
        let simple = self.plain && class == Class::Video && stream.is_plain();
        if !simple || self.pace.take(bytes, now).is_err() {
            return Ok(self.pass_or_hold(stream, packet, class, bytes, cx));
        }
        if let Some(ect) = self.pace.ect {
            packet.info_mut().ecn = Some(ect);
        }
        stream.numbers.pass(packet);
        self.cells.pass(class, bytes);
        Ok(Flow::Forward)
    }

    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        Ok(self.pass_or_hold_unbound(packet, cx))
    }

    fn write_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if self.waiting == 0 {
            return Ok(Flow::Forward);
        }
        Ok(self.pass_or_hold_goodbye(&mut streams, packet, cx))
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.release(&mut streams, cx);
        Ok(())
    }

    fn handle_fact(
        &mut self,
        fact: &Fact,
        mut streams: Streams<'_, Self>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        match fact {
            Fact::Pacing(pacing) => self.hear_pacing(pacing, cx),
            Fact::Probe(probe) => self.probes.add(*probe, cx.elapsed_nanos()),
            _ => return Ok(()),
        }
        self.release(&mut streams, cx);
        Ok(())
    }

    fn close(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.flush_all(&mut streams, cx);
        self.hub.close(&self.id, &self.cells);
        Ok(())
    }
}

impl Drop for Pacer {
    /// A chain that is dropped without being closed, or bypasses this interceptor, ends its counters too.
    fn drop(&mut self) {
        self.hub.close(&self.id, &self.cells);
    }
}
