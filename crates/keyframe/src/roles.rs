//! Both roles of the interceptor across streams: from what is due, or asked by the peer, to what leaves and is told.

use interceptor_core::packet::{Rtcp, RtcpPacket};
use interceptor_core::{Context, Flow, KeyframeRequested, Result, Streams};

use crate::answering::{LocalStream, Told, malformed_requests, without};
use crate::asking::{Ask, RemoteStream, round_trip};
use crate::interceptor::Keyframe;

/// Owners that are told in one go at most, half of what a chain tells for one input by default; the rest follows at once.
const MAX_TOLD: usize = 128;

impl Keyframe {
    /// What was found out about a stream leaves at once, and it is looked after in time.
    pub(crate) fn settle(
        &mut self,
        stream: &mut RemoteStream,
        ask: Option<Ask>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        if let Some(ask) = ask {
            stream.ask(ask, self.options.method, &mut self.message);
            tracing::debug!(ssrc = stream.ssrc, ?ask, "asks for a key frame");
        }
        self.deadlines.set(stream.key, stream.deadline(&self.options));
        self.arm(cx);
        self.message.send(cx)
    }

    /// Streams whose time has come share datagrams.
    pub(crate) fn look_after(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        let now = cx.elapsed_nanos();
        if self.dormant && self.env(cx).alive {
            self.dormant = false;
            for (_, stream) in streams.remotes().filter(|(_, stream)| stream.dormant) {
                stream.wake(now);
                self.deadlines.set(stream.key, stream.deadline(&self.options));
            }
        }
        let mut room = self.message.room(cx);
        while room > 0
            && let Some((_, key)) = self.deadlines.take_due(now)
        {
            let Some(stream) = streams.remote_by_key(key) else { continue };
            if let Some(ask) = stream.look_after(&self.env(cx)) {
                stream.ask(ask, self.options.method, &mut self.message);
                tracing::debug!(ssrc = stream.ssrc, ?ask, "asks for a key frame");
                room -= 1;
            }
            self.dormant |= stream.dormant;
            self.deadlines.set(key, stream.deadline(&self.options));
        }
        self.message.send(cx)
    }

    /// Owners are told of what has come within a window, at its end.
    pub(crate) fn end_windows(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos();
        let mut room = MAX_TOLD;
        while room > 0
            && let Some((_, key)) = self.windows.take_due(now)
        {
            if let Some(stream) = streams.local_by_key(key)
                && stream.window_ends(now)
            {
                cx.publish(KeyframeRequested { ssrc: stream.ssrc });
                room -= 1;
            }
        }
    }

    /// The peer's requests for local streams.
    pub(crate) fn listen(
        &mut self,
        streams: &mut Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if packet.malformed() > 0 {
            self.side.other.malformed.add(malformed_requests(packet));
        }
        let (now, round_trip) = (cx.elapsed_nanos(), round_trip(cx.facts().rtt()));
        let (mut ours, mut later) = (false, false);
        for view in packet.packets() {
            match view {
                Rtcp::Pli(pli) => {
                    let Some(stream) = self.local(streams, pli.media_ssrc()) else { continue };
                    ours = true;
                    let told = stream.pli(now, round_trip, &self.options);
                    later |= self.tell(stream, told, cx);
                }
                Rtcp::Fir(fir) => {
                    for entry in fir.entries() {
                        let Some(stream) = self.local(streams, entry.ssrc) else { continue };
                        ours = true;
                        let request = (fir.sender_ssrc(), entry.sequence_number);
                        let told = stream.fir(request, now, round_trip, &self.options);
                        later |= self.tell(stream, told, cx);
                    }
                }
                _ => {}
            }
        }
        if later {
            self.arm(cx);
        }
        Ok(if ours && self.options.consume { Self::consume(streams, packet) } else { Flow::Forward })
    }

    /// The local stream of a request; without one that is counted.
    fn local<'a>(&self, streams: &'a mut Streams<'_, Self>, ssrc: u32) -> Option<&'a mut LocalStream> {
        let found = streams.local(ssrc).filter(|stream| stream.ssrc == ssrc);
        if found.is_none() && self.options.answering {
            self.side.other.unknown_ssrc.increment();
        }
        found
    }

    /// `true`: at the end of a window.
    fn tell(&mut self, stream: &LocalStream, told: Told, cx: &mut Context<'_>) -> bool {
        match told {
            Told::Now => {
                self.windows.set(stream.key, None);
                cx.publish(KeyframeRequested { ssrc: stream.ssrc });
            }
            Told::Later(at) => self.windows.set(stream.key, Some(at)),
            Told::Served => {}
        }
        matches!(told, Told::Later(_))
    }

    /// Takes out what has been listened to: a sub-packet all of whose streams are known here.
    fn consume(streams: &Streams<'_, Self>, packet: &mut RtcpPacket) -> Flow {
        let known = |ssrc| streams.peek_local(ssrc).filter(|stream| stream.ssrc == ssrc);
        let take = |ssrc| known(ssrc).map(LocalStream::consumed).is_some();
        let rest = without(packet, |view| match view {
            Rtcp::Pli(pli) => take(pli.media_ssrc()),
            Rtcp::Fir(fir) => {
                fir.entries().all(|entry| known(entry.ssrc).is_some())
                    && fir.entries().all(|entry| take(entry.ssrc))
            }
            _ => false,
        });
        let info = std::mem::take(packet.info_mut());
        // Nothing is left, or nothing that is a packet.
        let Ok(rest) = RtcpPacket::parse(rest.into()) else { return Flow::Consumed };
        *packet = rest;
        *packet.info_mut() = info;
        Flow::Forward
    }
}
