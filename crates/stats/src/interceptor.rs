//! The interceptor: packets add up, feedback is read, rate windows end.

use std::sync::Arc;
use std::time::Duration;

use interceptor_core::{Amend, ChainConfig, Context, Fact, Flow, Interceptor, Result, StreamInfo, Streams};
use interceptor_packet::rfc3550::JitterRule;
use interceptor_packet::{RtcpPacket, RtpPacket};

use crate::connection::Connection;
use crate::reporters::Reporters;
use crate::snapshot::{ConnectionEnded, StreamEnded, StreamStats};
use crate::stream::{InboundCells, LocalStream, OutboundCells, RemoteStream};
use crate::{StatsHandle, StatsOptions, rtcp};

/// Counts one connection's packets; see the [crate] for what it counts.
#[derive(Debug)]
pub struct Stats {
    connection: Arc<Connection>,
    handle: StatsHandle,
    jitter: JitterRule,
    rate_window: Option<Duration>,
    /// The end of a rate window is asked for, or rates are off. Each stream knows that by itself, so that packets need not look here.
    armed: bool,
    /// When the present row of rate windows began, with a packet after silence.
    windows_began: u64,
    reporters: Reporters,
}

impl Stats {
    pub(crate) fn open(options: &StatsOptions, handle: StatsHandle, config: &ChainConfig) -> Self {
        let connection = Arc::new(Connection::new(config));
        handle.open(&connection);
        let rate_window = options.window();
        Self {
            connection,
            handle,
            jitter: options.jitter,
            rate_window,
            armed: rate_window.is_none(),
            windows_began: 0,
            reporters: Reporters::default(),
        }
    }

    /// A stream's first packet, or its first after silence: rate windows begin if they have not.
    #[cold]
    fn begin_windows(&mut self, now: u64, cx: &mut Context<'_>) {
        if !self.armed {
            self.windows_began = now;
            self.arm(cx);
        }
    }

    /// Asks for the end of the present rate window.
    fn arm(&mut self, cx: &mut Context<'_>) {
        if let Some(window) = self.rate_window {
            cx.wake_at(cx.now() + window);
        }
        self.armed = true;
    }

    /// Takes over what the chain knows.
    fn sync(&self, cx: &Context<'_>) {
        self.connection.touch(cx.elapsed_nanos());
        self.connection.sync(cx.counters(), cx.facts(), || cx.hook_errors());
    }

    /// A stream is unbound: its last statistics go to the chain's owner.
    fn raise_ended(&self, stats: StreamStats, cx: &mut Context<'_>) {
        cx.raise(StreamEnded { connection: Arc::clone(&self.connection.id), stats });
    }
}

impl Interceptor for Stats {
    type Local = LocalStream;
    type Remote = RemoteStream;

    fn bind_local(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<LocalStream>> {
        let cells = Arc::new(OutboundCells::new(stream));
        cells.rate.open(cx.elapsed_nanos());
        // Known already when these statistics join a chain that runs.
        if let Some(target) = cx.facts().stream_target(stream.ssrc) {
            cells.set_target(target.bits_per_second);
        }
        self.connection.add_outbound(Arc::clone(&cells));
        Ok(Some(LocalStream::new(cells)))
    }

    fn bind_remote(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<RemoteStream>> {
        let cells = Arc::new(InboundCells::new(stream));
        cells.rate.open(cx.elapsed_nanos());
        self.connection.add_inbound(Arc::clone(&cells));
        Ok(Some(RemoteStream::new(cells, stream, self.jitter)))
    }

    fn amend_local(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut LocalStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        stream.cells.identity.amend(new);
        Ok(Amend::Keep)
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut RemoteStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        stream.amend(new);
        Ok(Amend::Keep)
    }

    fn unbind_local(&mut self, _: &StreamInfo, stream: LocalStream, cx: &mut Context<'_>) {
        self.sync(cx);
        self.raise_ended(self.connection.end_outbound(&stream.cells), cx);
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: RemoteStream, cx: &mut Context<'_>) {
        self.sync(cx);
        self.raise_ended(self.connection.end_inbound(&stream.cells), cx);
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut LocalStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let now = cx.elapsed_nanos();
        if !stream.armed {
            stream.armed = true;
            self.begin_windows(now, cx);
        }
        stream.send(packet, now);
        Ok(Flow::Forward)
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut RemoteStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if !stream.armed {
            stream.armed = true;
            self.begin_windows(cx.elapsed_nanos(), cx);
        }
        let arrival = packet.info().arrival.unwrap_or_else(|| cx.now());
        stream.receive(packet, cx.nanos_at(arrival));
        Ok(Flow::Forward)
    }

    fn write_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.connection.rtcp.sent(packet.len());
        rtcp::sent(packet, &mut streams, &self.connection, &mut self.reporters);
        self.sync(cx);
        Ok(Flow::Forward)
    }

    fn read_rtcp(
        &mut self,
        mut streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.connection.rtcp.received(packet.len());
        rtcp::received(packet, &mut streams, &self.connection, &self.reporters, cx);
        self.sync(cx);
        Ok(Flow::Forward)
    }

    fn handle_fact(
        &mut self,
        fact: &Fact,
        mut streams: Streams<'_, Self>,
        _: &mut Context<'_>,
    ) -> Result<()> {
        match fact {
            Fact::StreamTarget(target) => {
                if let Some(stream) = streams.local(target.ssrc) {
                    stream.cells.set_target(target.bits_per_second);
                }
            }
            Fact::Playout(playout) => {
                if let Some(stream) = streams.remote(playout.ssrc) {
                    stream.cells.playout.set(playout);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let (begun_at, now) = (self.windows_began, cx.elapsed_nanos());
        let sent = streams.locals().fold(false, |any, (_, stream)| any | stream.cells.roll(begun_at, now));
        let came = streams.remotes().fold(false, |any, (_, stream)| any | stream.cells.roll(begun_at, now));
        self.sync(cx);
        self.armed = false;
        // In silence no timer runs: the rates have gone to zero and stay there.
        if sent || came {
            self.arm(cx);
        } else {
            streams.locals().for_each(|(_, stream)| stream.armed = false);
            streams.remotes().for_each(|(_, stream)| stream.armed = false);
        }
        Ok(())
    }

    fn close(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.sync(cx);
        self.handle.end(&self.connection);
        cx.raise(ConnectionEnded { stats: self.connection.snapshot() });
        Ok(())
    }
}

impl Drop for Stats {
    /// A chain that is dropped without being closed, or bypasses this interceptor, ends its statistics too.
    fn drop(&mut self) {
        self.handle.end(&self.connection);
    }
}
