//! What arrives over one path, and the feedback about it.

use interceptor_core::packet::{Place, Placing, RtcpBuilder};
use interceptor_core::{Context, Result};

use crate::arrivals::{Arrivals, Noted, TICK_NANOS};
use crate::feedback::{Header, Message};
use crate::pace::Pace;
use crate::{TwccCounters, TwccOptions};

/// More missing numbers than a status chunk says.
const JUMP: i64 = 8191;
/// Room in the memory that feedback is written into, for a few messages that have not left yet.
const BUFFER: usize = 4096;
/// Receiver report without blocks, and SDES without the name's bytes, its end and its padding.
const COMPOUND_LEN: usize = 8 + 10;

/// A packet that came with a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbered {
    pub(crate) number: u16,
    /// Does it ask for feedback?
    pub(crate) request: bool,
    /// The media SSRC of its stream.
    pub(crate) ssrc: u32,
    pub(crate) bytes: usize,
    /// When it came, in nanoseconds since the chain began.
    pub(crate) arrival: u64,
}

/// Several networks may carry one connection (SMPTE ST 2022-7): each has times of its own.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) path: u8,
    arrivals: Arrivals,
    placing: Placing,
    pace: Pace,
    /// The SSRC of the last packet: feedback is about a transport, and has to name a stream.
    media_ssrc: u32,
    feedback_count: u8,
    /// When feedback is due; `None`: there is nothing to tell.
    due: Option<u64>,
    message: Message,
    builder: RtcpBuilder,
}

impl Receiver {
    pub(crate) fn new(path: u8, options: &TwccOptions) -> Self {
        Self {
            path,
            arrivals: Arrivals::new(options),
            placing: Placing::default(),
            pace: Pace::new(options),
            media_ssrc: 0,
            feedback_count: 0,
            due: None,
            message: Message::default(),
            builder: RtcpBuilder::with_capacity(BUFFER),
        }
    }

    pub(crate) const fn due(&self) -> Option<u64> {
        self.due
    }

    /// Arrivals that no feedback has been about.
    pub(crate) fn pending(&self) -> u64 {
        self.arrivals.waiting()
    }

    /// Notes a packet down; gives when feedback is due, if that is news.
    #[inline]
    pub(crate) fn receive(&mut self, packet: Numbered, now: u64, counters: &mut TwccCounters) -> Option<u64> {
        self.pace.receive(packet.bytes, now);
        let number = match self.placing.place(packet.number, self.arrivals.floor()) {
            Place::Here(number) => {
                let jumps = self.arrivals.newest().is_some_and(|newest| number - newest > JUMP);
                counters.jumps += u64::from(jumps);
                number
            }
            Place::Restart(number) => {
                counters.restarts += 1;
                number
            }
            Place::Behind => {
                counters.too_late += 1;
                return None;
            }
        };
        match self.arrivals.note(number, (packet.arrival + TICK_NANOS / 2) / TICK_NANOS) {
            Noted::Waits => counters.arrivals += 1,
            Noted::Late => {
                counters.arrivals += 1;
                counters.arrivals_late += 1;
            }
            Noted::TooLate => {
                counters.too_late += 1;
                return None;
            }
            Noted::Duplicate => {
                counters.duplicates += 1;
                return None;
            }
        }
        counters.arrivals_forgotten += std::mem::take(&mut self.arrivals.forgotten);
        self.media_ssrc = packet.ssrc;
        counters.feedback_requests += u64::from(packet.request);
        self.schedule(packet.request, now)
    }

    fn schedule(&mut self, request: bool, now: u64) -> Option<u64> {
        let due = if request { self.pace.earliest(now) } else { self.pace.due(now) };
        if self.due.is_some_and(|before| before <= due) {
            return None;
        }
        self.due = Some(due);
        self.due
    }

    /// Tells what has come since the last time, if it is time.
    pub(crate) fn tell(
        &mut self,
        counters: &mut TwccCounters,
        options: &TwccOptions,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let now = cx.elapsed_nanos();
        if self.due.take_if(|due| *due <= now).is_none() {
            return Ok(());
        }
        self.pace.sent(now);
        counters.arrivals_reported += self.pending();
        let header = Header { sender_ssrc: cx.sender_ssrc(), media_ssrc: self.media_ssrc };
        let room = room(options, cx);
        let (builder, path, count) = (&mut self.builder, self.path, &mut self.feedback_count);
        let mut send = |message: &[u8]| -> Result<()> {
            if !cx.config().reduced_size_rtcp {
                builder
                    .receiver_report(header.sender_ssrc, &[])
                    .sdes_cname(header.sender_ssrc, &cx.config().cname);
            }
            let mut packet = builder.raw(message).build()?;
            packet.info_mut().path = path;
            counters.feedback_sent += 1;
            counters.feedback_bytes += packet.len() as u64;
            cx.send_rtcp(packet);
            Ok(())
        };
        self.message.write_all(self.arrivals.late(), header, count, room, &mut send)?;
        self.message.write_all(self.arrivals.fresh(), header, count, room, &mut send)?;
        self.arrivals.reported();
        Ok(())
    }
}

/// Bytes that a message may have: of a datagram, and behind the report that precedes feedback where reduced size was not
/// negotiated (RFC 3550 §6.1, RFC 5506). That report is empty: ours stands farther from the wire.
fn room(options: &TwccOptions, cx: &Context<'_>) -> usize {
    let config = cx.config();
    let compound = if config.reduced_size_rtcp { 0 } else { (COMPOUND_LEN + config.cname.len() + 4) & !3 };
    let datagram = config.mtu.saturating_sub(config.transport_overhead + compound);
    datagram.min(options.max_feedback_bytes) & !3
}
