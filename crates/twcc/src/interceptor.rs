//! The interceptor: numbers what leaves, reports what arrives.

use std::time::Duration;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Amend, Context, Flow, Interceptor, Result, StreamInfo, Streams};

use crate::extension::{Numbering, Numberings, Read};
use crate::receiver::{Numbered, Receiver};
use crate::stamp::{STAMP_LEN, StampedStream};
use crate::{TwccCounters, TwccOptions};

/// Transport-wide numbers and feedback of one connection. The crate's documentation says what it does.
#[derive(Debug)]
pub struct Twcc {
    options: TwccOptions,
    /// The number of the next packet that leaves.
    next: u16,
    numberings: Numberings,
    /// Since when there has been one, in nanoseconds since the chain began: packets of no stream count from then on.
    known_since: u64,
    /// One a path; there is one as a rule.
    receivers: Vec<Receiver>,
    counters: TwccCounters,
}

/// A remote stream whose arrivals are reported.
#[derive(Debug)]
pub struct ReportedStream {
    ssrc: u32,
    numbering: Numbering,
}

impl ReportedStream {
    /// The extension's identifier on the wire.
    #[must_use]
    pub const fn extension_id(&self) -> u8 {
        self.numbering.id
    }
}

impl Twcc {
    pub(crate) fn new(options: TwccOptions) -> Self {
        Self {
            next: options.first_number,
            options,
            numberings: Numberings::default(),
            known_since: 0,
            receivers: Vec::new(),
            counters: TwccCounters::default(),
        }
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> &TwccCounters {
        &self.counters
    }

    /// Arrivals that wait for the next feedback.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.receivers.iter().map(Receiver::pending).sum()
    }

    /// The number that the next packet will leave with.
    #[must_use]
    pub const fn next_number(&self) -> u16 {
        self.next
    }

    /// `None`: the stream did not negotiate to be reported.
    fn reported(&self, info: &StreamInfo) -> Option<Numbering> {
        if !self.options.reporting || !info.has_feedback("transport-cc", "") {
            return None;
        }
        Numbering::of(info)
    }

    #[inline]
    fn receive(&mut self, read: Read, ssrc: u32, packet: &RtpPacket, cx: &mut Context<'_>) {
        // What was restored did not come over this transport now.
        if packet.info().recovered_by.is_some() {
            return;
        }
        let now = cx.elapsed_nanos();
        let arrival = packet.info().arrival.map_or(now, |arrival| cx.nanos_at(arrival));
        // What passes again was noted down the first time, if it could be.
        if packet.info().seen_unbound && arrival > self.known_since {
            return;
        }
        let (number, request) = match read {
            Read::Number(number, request) => (number, request),
            Read::Missing => {
                self.counters.unnumbered += 1;
                return;
            }
            Read::Malformed => {
                self.counters.malformed_numbers += 1;
                return;
            }
        };
        let bytes = packet.total_len();
        let numbered = Numbered { number, request, ssrc, bytes, arrival };
        let path = packet.info().path;
        if self.receivers.iter().all(|receiver| receiver.path != path) {
            self.receivers.push(Receiver::new(path, &self.options));
        }
        let Some(receiver) = self.receivers.iter_mut().find(|receiver| receiver.path == path) else { return };
        if let Some(due) = receiver.receive(numbered, now, &mut self.counters) {
            wake(due, cx);
        }
    }
}

/// `due` is in nanoseconds since the chain began.
fn wake(due: u64, cx: &mut Context<'_>) {
    if let Some(at) = cx.config().now.checked_add(Duration::from_nanos(due)) {
        cx.wake_for("feedback", at);
    }
}

impl Interceptor for Twcc {
    type Local = StampedStream;
    type Remote = ReportedStream;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<StampedStream>> {
        let stream = StampedStream::of(info).filter(|_| self.options.stamping);
        if let Some(stream) = &stream {
            cx.declare_stamp(stream.extension_id(), STAMP_LEN);
        }
        Ok(stream)
    }

    fn bind_remote(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<ReportedStream>> {
        let Some(numbering) = self.reported(info) else { return Ok(None) };
        self.numberings.check(numbering)?;
        if self.numberings.is_empty() {
            self.known_since = cx.elapsed_nanos();
        }
        self.numberings.add(numbering);
        Ok(Some(ReportedStream { ssrc: info.ssrc, numbering }))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut StampedStream,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(new) = StampedStream::of(new) else { return Ok(Amend::Leave) };
        cx.declare_stamp(new.extension_id(), STAMP_LEN);
        *stream = new;
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut ReportedStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(new) = self.reported(new) else { return Ok(Amend::Leave) };
        if new != stream.numbering {
            self.numberings.remove(stream.numbering);
            self.numberings.add(new);
            stream.numbering = new;
        }
        Ok(Amend::Keep)
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: ReportedStream, _: &mut Context<'_>) {
        self.numberings.remove(stream.numbering);
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut StampedStream,
        packet: &mut RtpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        if stream.stamp(self.next, packet).is_ok() {
            self.next = self.next.wrapping_add(1);
            self.counters.stamped += 1;
        } else {
            self.counters.not_stamped += 1;
        }
        Ok(Flow::Forward)
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut ReportedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.receive(stream.numbering.read(packet), stream.ssrc, packet, cx);
        Ok(Flow::Forward)
    }

    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        if let Some(read) = self.numberings.read(packet) {
            self.receive(read, packet.ssrc(), packet, cx);
        }
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        for receiver in &mut self.receivers {
            receiver.tell(&mut self.counters, &self.options, cx)?;
        }
        if let Some(next) = self.receivers.iter().filter_map(Receiver::due).min() {
            wake(next, cx);
        }
        Ok(())
    }
}
