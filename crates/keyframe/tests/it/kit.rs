//! A chain with nothing but this interceptor, and words for what tests do with it.

use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{
    Chain, ChainConfig, Event, Fact, Incoming, KeyframeNeeded, KeyframeRequested, Outgoing, Registry, Rtt,
    StreamInfo,
};
use interceptor_keyframe::{
    AnswerCounters, AskCounters, KeyframeCounters, KeyframeFactory, KeyframeHandle, KeyframeOptions,
};
use interceptor_test::Clock;

pub(crate) const SSRC: u32 = 0x0a0b_0c0d;
pub(crate) const SENDER: u32 = 0x0102_0304;
pub(crate) const PEER: u32 = 0x0505_0505;

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// VP8 with both kinds of requests.
pub(crate) fn video() -> StreamInfo {
    video_of(SSRC)
}

pub(crate) fn video_of(ssrc: u32) -> StreamInfo {
    with_feedback(ssrc, true, true)
}

pub(crate) fn with_feedback(ssrc: u32, pli: bool, fir: bool) -> StreamInfo {
    let info = StreamInfo::new(ssrc, 96, 90_000).with_mime_type("video/VP8");
    let info = if pli { info.with_feedback("nack", "pli") } else { info };
    if fir { info.with_feedback("ccm", "fir") } else { info }
}

/// The same in a codec that nothing is known of.
pub(crate) fn unseen() -> StreamInfo {
    video().with_mime_type("video/theora")
}

pub(crate) fn options() -> KeyframeOptions {
    KeyframeOptions::default()
}

/// Nothing but what somebody tells is a cause.
pub(crate) fn only_told() -> KeyframeOptions {
    options().with_on_bind(false).with_on_silence(None)
}

/// What leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Pli(u32),
    Fir(u32, u8),
}

/// A chain under test at its own present.
pub(crate) struct Bench {
    pub(crate) chain: Chain,
    pub(crate) now: Instant,
    pub(crate) start: Instant,
    pub(crate) handle: KeyframeHandle,
    seq: u16,
    timestamp: u32,
}

impl Bench {
    pub(crate) fn new(options: KeyframeOptions) -> Self {
        let now = Clock::new().now();
        let factory = KeyframeFactory::new(options).unwrap();
        let handle = factory.handle();
        let config = ChainConfig::new("test", now, NtpTime::default(), 7).with_sender_ssrc(SENDER);
        let chain = Registry::new().with(factory).build(config.with_isolate_panics(false)).unwrap();
        Self { chain, now, start: now, handle, seq: 0, timestamp: 0 }
    }

    /// With [`video`] to receive, of which frames have come already.
    pub(crate) fn receiver(options: KeyframeOptions) -> Self {
        let mut bench = Self::new(options).with_remote(video());
        bench.key_frame();
        bench
    }

    /// With [`video`] to send.
    pub(crate) fn sender(options: KeyframeOptions) -> Self {
        Self::new(options).with_local(video())
    }

    pub(crate) fn with_remote(mut self, info: StreamInfo) -> Self {
        self.chain.bind_remote(info, self.now).unwrap();
        self
    }

    pub(crate) fn with_local(mut self, info: StreamInfo) -> Self {
        self.chain.bind_local(info, self.now).unwrap();
        self
    }

    pub(crate) fn set_rtt(&mut self, millis: u64) -> &mut Self {
        self.chain.publish(Rtt::first(ms(millis)), self.now);
        self
    }

    /// Runs timers up to `millis` from now.
    pub(crate) fn run(&mut self, millis: u64) -> &mut Self {
        let end = self.now + ms(millis);
        while let Some(at) = self.chain.next_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.chain.handle_timeout(self.now);
        }
        self.now = end;
        self
    }

    /// Milliseconds since the start at which requests leave within `millis` from now.
    pub(crate) fn asked_within(&mut self, millis: u64) -> Vec<u128> {
        let end = self.now + ms(millis);
        let mut asked = Vec::new();
        loop {
            let at = (self.now - self.start).as_millis();
            asked.extend(self.asked().iter().map(|_| at));
            let Some(next) = self.chain.next_timeout().filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            self.chain.handle_timeout(self.now);
        }
        self.now = end;
        asked
    }

    pub(crate) fn read(&mut self, packet: RtpPacket) -> &mut Self {
        self.chain.read_rtp(packet, self.now);
        while self.chain.poll_app().is_some() {}
        self
    }

    /// A frame of one packet of [`video`] comes.
    pub(crate) fn key_frame(&mut self) -> &mut Self {
        let packet = self.next(&KEY);
        self.read(packet)
    }

    pub(crate) fn delta_frame(&mut self) -> &mut Self {
        let packet = self.next(&DELTA);
        self.read(packet)
    }

    /// A packet of the next frame.
    pub(crate) fn next(&mut self, payload: &'static [u8]) -> RtpPacket {
        self.seq = self.seq.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(3000);
        packet(SSRC, self.seq, self.timestamp, payload)
    }

    /// Somebody needs a key frame.
    pub(crate) fn need(&mut self, ssrc: u32) -> &mut Self {
        self.chain.publish(KeyframeNeeded { ssrc }, self.now);
        self
    }

    /// RTCP comes; what the application gets of it.
    pub(crate) fn hear(&mut self, packet: RtcpPacket) -> Option<RtcpPacket> {
        self.chain.read_rtcp(packet, self.now);
        match self.chain.poll_app() {
            Some(Incoming::Rtcp(packet)) => Some(packet),
            _ => None,
        }
    }

    pub(crate) fn hear_pli(&mut self) -> &mut Self {
        self.hear(pli(SSRC));
        self
    }

    /// Streams that the owner was told of.
    pub(crate) fn told(&mut self) -> Vec<u32> {
        let events = std::iter::from_fn(|| self.chain.poll_event());
        let requested = |event| match event {
            Event::Fact(Fact::KeyframeRequested(KeyframeRequested { ssrc })) => Some(ssrc),
            _ => None,
        };
        events.filter_map(requested).collect()
    }

    /// RTCP datagrams on the wire.
    pub(crate) fn feedback(&mut self) -> Vec<RtcpPacket> {
        let wire = std::iter::from_fn(|| self.chain.poll_wire());
        wire.filter_map(|packet| if let Outgoing::Rtcp(packet) = packet { Some(packet) } else { None })
            .collect()
    }

    /// Requests on the wire.
    pub(crate) fn asked(&mut self) -> Vec<Request> {
        self.feedback().iter().flat_map(requests).collect()
    }

    pub(crate) fn counters(&self) -> KeyframeCounters {
        self.handle.totals()
    }

    pub(crate) fn asking(&self) -> AskCounters {
        self.counters().asking
    }

    pub(crate) fn answering(&self) -> AnswerCounters {
        self.counters().answering
    }
}

pub(crate) const KEY: [u8; 4] = [0x10, 0x50, 0, 0];
pub(crate) const DELTA: [u8; 4] = [0x10, 0x51, 0, 0];

pub(crate) fn packet(ssrc: u32, seq: u16, timestamp: u32, payload: &'static [u8]) -> RtpPacket {
    let packet = RtpPacket::builder().ssrc(ssrc).payload_type(96).sequence_number(seq).timestamp(timestamp);
    packet.marker(true).payload(payload).build().unwrap()
}

pub(crate) fn pli(ssrc: u32) -> RtcpPacket {
    RtcpPacket::builder().pli(PEER, ssrc).build().unwrap()
}

pub(crate) fn fir(sender: u32, entries: &[(u32, u8)]) -> RtcpPacket {
    RtcpPacket::builder().fir(sender, entries).build().unwrap()
}

/// Requests of a datagram; all are ours.
pub(crate) fn requests(packet: &RtcpPacket) -> Vec<Request> {
    let mut found = Vec::new();
    for view in packet.packets() {
        match view {
            Rtcp::Pli(pli) => {
                assert_eq!(pli.sender_ssrc(), SENDER);
                found.push(Request::Pli(pli.media_ssrc()));
            }
            Rtcp::Fir(fir) => {
                assert_eq!((fir.sender_ssrc(), fir.media_ssrc()), (SENDER, 0));
                found.extend(fir.entries().map(|entry| Request::Fir(entry.ssrc, entry.sequence_number)));
            }
            _ => {}
        }
    }
    found
}
