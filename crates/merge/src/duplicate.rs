//! The sending twin: each packet over several paths.

use std::collections::VecDeque;
use std::time::Duration;

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{Context, Flow, Interceptor, Result, StreamInfo, Streams};

use crate::{CopyTo, DuplicateCounters, DuplicateOptions};

/// Sends copies over other paths, or later; the [crate] says what it does.
#[derive(Debug)]
pub struct Duplicate {
    options: DuplicateOptions,
    /// Of each copy that is late, those that wait, the oldest first.
    waiting: Vec<VecDeque<Waiting>>,
    waiting_packets: usize,
    waiting_bytes: usize,
    counters: DuplicateCounters,
}

/// A copy that leaves later.
#[derive(Debug)]
struct Waiting {
    /// In nanoseconds since the chain began.
    due: u64,
    packet: RtpPacket,
}

impl Duplicate {
    pub(crate) fn new(options: DuplicateOptions) -> Self {
        let waiting = options.copies.iter().map(|_| VecDeque::new()).collect();
        let counters = DuplicateCounters::default();
        Self { options, waiting, waiting_packets: 0, waiting_bytes: 0, counters }
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> &DuplicateCounters {
        &self.counters
    }

    /// Copies that wait for their time, and their bytes, headers and payloads.
    #[must_use]
    pub const fn waiting(&self) -> (usize, usize) {
        (self.waiting_packets, self.waiting_bytes)
    }

    /// A packet whose path somebody has decided is theirs.
    #[inline]
    fn copy(&mut self, packet: &RtpPacket, cx: &mut Context<'_>) {
        if packet.info().path != 0 {
            return;
        }
        let bytes = packet.total_len();
        for (copy, waiting) in self.options.copies.iter().zip(&mut self.waiting) {
            let make = || {
                let mut packet = packet.clone();
                packet.info_mut().path = copy.path;
                packet
            };
            if copy.delay.is_zero() {
                self.counters.copies += 1;
                self.counters.copy_bytes += bytes as u64;
                cx.send_rtp(make());
                continue;
            }
            let over = self.waiting_packets >= self.options.max_waiting_packets
                || self.waiting_bytes + bytes > self.options.max_waiting_bytes;
            if over {
                self.counters.dropped_queue += 1;
                continue;
            }
            let due = cx.elapsed_nanos().saturating_add(copy.delay.as_nanos() as u64);
            if waiting.is_empty() {
                wake(due, cx);
            }
            self.waiting_packets += 1;
            self.waiting_bytes += bytes;
            waiting.push_back(Waiting { due, packet: make() });
        }
    }

    /// Sends what is due.
    fn send_due(&mut self, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos();
        for waiting in &mut self.waiting {
            while cx.emit_budget() > 0
                && waiting.front().is_some_and(|first| first.due <= now)
                && let Some(Waiting { packet, .. }) = waiting.pop_front()
            {
                let bytes = packet.total_len();
                self.waiting_packets -= 1;
                self.waiting_bytes -= bytes;
                self.counters.copies += 1;
                self.counters.copy_bytes += bytes as u64;
                cx.send_rtp(packet);
            }
        }
        if let Some(due) = self.waiting.iter().filter_map(|waiting| Some(waiting.front()?.due)).min() {
            wake(due, cx);
        }
    }
}

/// `due` is in nanoseconds since the chain began.
fn wake(due: u64, cx: &mut Context<'_>) {
    if let Some(at) = cx.config().now.checked_add(Duration::from_nanos(due)) {
        cx.wake_for("copies", at);
    }
}

impl Interceptor for Duplicate {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    /// No copy leaves behind its stream's goodbye (RFC 3550 §6.6).
    fn unbind_local(&mut self, stream: &StreamInfo, _: (), _: &mut Context<'_>) {
        for waiting in &mut self.waiting {
            waiting.retain(|copy| {
                let stays = stream.ssrcs().all(|ssrc| ssrc != copy.packet.ssrc());
                if !stays {
                    self.waiting_packets -= 1;
                    self.waiting_bytes -= copy.packet.total_len();
                    self.counters.dropped_ended += 1;
                }
                stays
            });
        }
    }

    #[inline]
    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.copy(packet, cx);
        Ok(Flow::Forward)
    }

    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.copy(packet, cx);
        Ok(Flow::Forward)
    }

    fn write_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if !self.options.rtcp || packet.info().path != 0 {
            return Ok(Flow::Forward);
        }
        // Over another path only, and once: a second time over the same one it would say nothing new.
        let copies = &self.options.copies;
        for (at, CopyTo { path, .. }) in copies.iter().enumerate() {
            if *path == 0 || copies.iter().take(at).any(|before| before.path == *path) {
                continue;
            }
            let mut copy = packet.clone();
            copy.info_mut().path = *path;
            self.counters.copies += 1;
            self.counters.copy_bytes += copy.len() as u64;
            cx.send_rtcp(copy);
        }
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.send_due(cx);
        Ok(())
    }

    fn close(&mut self, _: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        self.waiting.iter_mut().for_each(VecDeque::clear);
        self.counters.dropped_ended += self.waiting_packets as u64;
        (self.waiting_packets, self.waiting_bytes) = (0, 0);
        Ok(())
    }
}
