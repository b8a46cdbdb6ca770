//! A chain with nothing but the interceptor, around a controller that decides what it is told to and keeps what it hears.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use interceptor_congestion::{
    Begin, Congestion, CongestionCounters, CongestionFactory, CongestionHandle, CongestionOptions,
    Controller, Decision, Feedback, FeedbackFormat, LossReport, Outcome, PacketOutcome, RateLimits, Reason,
    Sent, Time,
};
use interceptor_core::packet::{Ecn, NtpTime, RtcpPacket, RtpPacket};
use interceptor_core::{
    Chain, ChainConfig, Event, Fact, LinkCondition, LinkState, Outgoing, Probe, Registry, StreamInfo,
};
use interceptor_test::{Clock, hex, rtp, stream_info};

pub(crate) const PEER: u32 = 0x0102_0304;
pub(crate) const MEDIA: u32 = 0x0a0b_0c0d;
/// The transport-wide number's identifier in the streams of the kit.
pub(crate) const ID: u8 = 5;

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn video() -> StreamInfo {
    stream_info::video(MEDIA)
}

/// A stream whose peer speaks RFC 8888 only.
pub(crate) fn ccfb_video(ssrc: u32) -> StreamInfo {
    stream_info::bare(ssrc).with_mime_type("video/VP8").with_feedback("ack", "ccfb")
}

/// A packet of [`video`] with this transport-wide number.
pub(crate) fn numbered(number: u16) -> RtpPacket {
    rtp(MEDIA).seq(number).payload_len(1000).ext(ID, &number.to_be_bytes()).build()
}

/// A message that the controller heard.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) packets: Vec<PacketOutcome>,
    pub(crate) in_flight: u32,
    pub(crate) format: FeedbackFormat,
    pub(crate) rtt: Option<Duration>,
}

impl Told {
    /// Each packet's index, and when it came in microseconds: -1 lost, -2 unknown, -3 received at no time.
    pub(crate) fn short(&self) -> Vec<(u64, i64)> {
        self.packets.iter().map(|packet| (packet.index, short(packet.outcome))).collect()
    }
}

fn short(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Received { at: Some(at), .. } => at.micros(),
        Outcome::Received { at: None, .. } => -3,
        Outcome::Lost => -1,
        Outcome::Unknown => -2,
    }
}

/// What a controller was told, and what it is to decide.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) decision: Decision,
    pub(crate) probes: Vec<Probe>,
    pub(crate) told: Vec<Told>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) reports: Vec<LossReport>,
    pub(crate) limits: Vec<RateLimits>,
    pub(crate) route_changes: u32,
    /// Keep what it hears?
    pub(crate) keeps: bool,
}

/// Decides what its script says.
#[derive(Clone, Debug)]
pub(crate) struct Scripted(pub(crate) Arc<Mutex<Script>>);

impl Scripted {
    pub(crate) fn new(rate: u64) -> Self {
        let link = LinkState { rtt: ms(50), queue: Duration::ZERO, loss_ppm: 0, state: LinkCondition::Clear };
        let decision = Decision {
            target: rate,
            pacing: rate,
            padding: 0,
            window: None,
            burst: ms(5),
            ect: Ecn::NotEct,
            link,
            reason: Reason::Start,
        };
        Self(Arc::new(Mutex::new(Script {
            decision,
            probes: Vec::new(),
            told: Vec::new(),
            sent: Vec::new(),
            reports: Vec::new(),
            limits: Vec::new(),
            route_changes: 0,
            keeps: true,
        })))
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }
}

impl Controller for Scripted {
    fn on_sent(&mut self, _: Time, sent: &Sent, _: u32) {
        let mut script = self.script();
        if script.keeps {
            script.sent.push(*sent);
        }
    }

    fn on_feedback(&mut self, _: Time, feedback: &Feedback<'_>) {
        let mut script = self.script();
        if script.keeps {
            script.told.push(Told {
                packets: feedback.packets.to_vec(),
                in_flight: feedback.in_flight,
                format: feedback.format,
                rtt: feedback.rtt,
            });
        }
    }

    fn on_report(&mut self, _: Time, report: &LossReport) {
        let mut script = self.script();
        if script.keeps {
            script.reports.push(*report);
        }
    }

    fn on_limits(&mut self, _: Time, limits: RateLimits) {
        let mut script = self.script();
        if script.keeps {
            script.limits.push(limits);
        }
    }

    fn on_route_change(&mut self, _: Time) {
        self.script().route_changes += 1;
    }

    fn decision(&self) -> Decision {
        self.script().decision
    }

    fn poll_probe(&mut self) -> Option<Probe> {
        self.script().probes.pop()
    }
}

pub(crate) fn factory(options: CongestionOptions) -> (CongestionFactory<Scripted>, Scripted) {
    let controller = Scripted::new(options.start_bitrate);
    let made = controller.clone();
    let make = move |_: Begin| made.clone();
    (CongestionFactory::with_controller(options, make).unwrap(), controller)
}

/// A chain under test at its own present.
pub(crate) struct Bench {
    pub(crate) chain: Chain,
    pub(crate) controller: Scripted,
    pub(crate) handle: CongestionHandle,
    pub(crate) start: Instant,
    pub(crate) now: Instant,
}

impl Bench {
    pub(crate) fn new(
        options: CongestionOptions,
        configure: impl FnOnce(ChainConfig) -> ChainConfig,
    ) -> Self {
        let now = Clock::new().now();
        let config = ChainConfig::new("test", now, NtpTime::default(), 7).with_isolate_panics(false);
        let (factory, controller) = factory(options);
        let handle = factory.handle();
        let chain = Registry::new().with(factory).build(configure(config)).unwrap();
        Self { chain, controller, handle, start: now, now }
    }

    /// That sends [`video`], numbered by whoever writes it.
    pub(crate) fn sender() -> Self {
        Self::sending([video()])
    }

    pub(crate) fn sending(streams: impl IntoIterator<Item = StreamInfo>) -> Self {
        let mut bench = Self::new(CongestionOptions::default(), |config| config);
        for stream in streams {
            bench.chain.bind_local(stream, bench.now).unwrap();
        }
        bench.run(ms(0));
        bench
    }

    /// Packets with these numbers leave, a millisecond apart from now on.
    pub(crate) fn send(&mut self, numbers: impl IntoIterator<Item = u16>) -> &mut Self {
        for number in numbers {
            self.write(numbered(number)).run(ms(1));
        }
        self
    }

    pub(crate) fn write(&mut self, packet: RtpPacket) -> &mut Self {
        self.chain.write_rtp(packet, self.now);
        self
    }

    /// A packet of this stream leaves, without a number.
    pub(crate) fn send_any(&mut self, ssrc: u32) -> &mut Self {
        self.write(rtp(ssrc).payload_len(100).build())
    }

    /// RTCP comes, as a hexadecimal string.
    pub(crate) fn read(&mut self, bytes: &str) -> &mut Self {
        self.read_rtcp(&RtcpPacket::parse(hex(bytes)).unwrap())
    }

    pub(crate) fn read_rtcp(&mut self, packet: &RtcpPacket) -> &mut Self {
        self.chain.read_rtcp(packet.clone(), self.now);
        while self.chain.poll_app().is_some() {}
        self
    }

    /// Time passes with every timer at its instant.
    pub(crate) fn run(&mut self, time: Duration) -> &mut Self {
        let end = self.now + time;
        while let Some(at) = self.chain.next_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.chain.handle_timeout(self.now);
        }
        self.now = end;
        self
    }

    /// Messages that the controller has heard since the last call.
    pub(crate) fn told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.controller.script().told)
    }

    /// Packets of the one message that the controller has heard.
    pub(crate) fn told_once(&mut self) -> Vec<(u64, i64)> {
        let told = self.told();
        assert_eq!(told.len(), 1, "{told:?}");
        told[0].short()
    }

    pub(crate) fn wire(&mut self) -> Vec<Outgoing> {
        std::iter::from_fn(|| self.chain.poll_wire()).collect()
    }

    /// RTCP that has left.
    pub(crate) fn rtcp(&mut self) -> Vec<RtcpPacket> {
        let wire = self.wire().into_iter();
        wire.filter_map(|packet| if let Outgoing::Rtcp(packet) = packet { Some(packet) } else { None })
            .collect()
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.chain.poll_event()).collect()
    }

    pub(crate) fn facts(&mut self) -> Vec<Fact> {
        let events = self.events().into_iter();
        events.filter_map(|event| if let Event::Fact(fact) = event { Some(fact) } else { None }).collect()
    }

    pub(crate) fn interceptor(&self) -> &Congestion<Scripted> {
        self.chain.get().unwrap()
    }

    pub(crate) fn counters(&self) -> CongestionCounters {
        self.interceptor().counters()
    }

    pub(crate) fn in_flight(&self) -> u32 {
        self.interceptor().in_flight()
    }

    /// Target that was published last.
    pub(crate) fn target(&self) -> u64 {
        self.chain.facts().target_bitrate().unwrap().bits_per_second
    }
}

/// A TWCC message about these packets: number and microseconds of arrival since the reference time, `None` for lost.
pub(crate) fn twcc(base: u16, reference: i32, count: u8, packets: &[Option<i64>]) -> RtcpPacket {
    let mut words: Vec<u16> = Vec::new();
    let mut deltas = Vec::new();
    let mut last = 0;
    for packet in packets.chunks(7) {
        let mut chunk = 0xc000_u16;
        for (place, arrival) in packet.iter().enumerate() {
            if let Some(at) = arrival {
                let delta = (at - last) / 250;
                last += delta * 250;
                deltas.extend(i16::try_from(delta).unwrap().to_be_bytes());
                chunk |= 2 << (12 - 2 * place);
            }
        }
        words.push(chunk);
    }
    let mut fci = Vec::new();
    fci.extend(base.to_be_bytes());
    fci.extend((packets.len() as u16).to_be_bytes());
    fci.extend(&reference.to_be_bytes()[1..]);
    fci.push(count);
    fci.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    fci.extend(deltas);
    let padding = (4 - fci.len() % 4) % 4;
    if padding > 0 {
        fci.extend(std::iter::repeat_n(0, padding - 1));
        fci.push(padding as u8);
    }
    let mut bytes = vec![if padding > 0 { 0xaf } else { 0x8f }, 205];
    bytes.extend(((8 + fci.len()) as u16 / 4).to_be_bytes());
    bytes.extend(PEER.to_be_bytes());
    bytes.extend(MEDIA.to_be_bytes());
    bytes.extend(fci);
    RtcpPacket::parse(bytes.into()).unwrap()
}
