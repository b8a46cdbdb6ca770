//! An interceptor that writes down what it sees and does what the test tells it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, RtcpPacket, RtpPacket};
use interceptor_core::{
    BuildContext, BuildError, Chain, ChainConfig, Context, Error, Factory, Flow, Incoming, Interceptor,
    Outgoing, Result, Stage, StreamInfo, Streams,
};

pub(crate) type Log = Arc<Mutex<Vec<String>>>;

/// What a probe does with each packet besides writing it down.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Act {
    #[default]
    Nothing,
    Consume,
    Fail,
    Panic,
    /// Emits this many copies of each outgoing media packet, marked by a sequence number 1000 higher.
    Send(u16),
    /// Passes one copy of each incoming packet on, marked likewise.
    Deliver,
    /// Takes part in no stream.
    Abstain,
    Refuse,
    /// Asks for a timeout this much after each packet, and again after each timeout.
    Wake(Duration),
}

pub(crate) struct Probe {
    pub(crate) name: &'static str,
    pub(crate) act: Act,
    pub(crate) log: Log,
}

impl Probe {
    fn note(&self, what: impl AsRef<str>) {
        self.log.lock().unwrap().push(format!("{} {}", self.name, what.as_ref()));
    }

    fn packet(&self, what: &str, number: u16, cx: &mut Context<'_>) -> Result<Flow> {
        self.note(format!("{what} {number}"));
        match self.act {
            Act::Consume => return Ok(Flow::Consumed),
            Act::Fail => return Err(Error::msg("told to fail")),
            Act::Panic => panic!("told to panic"),
            Act::Wake(after) => cx.wake_at(cx.now() + after),
            _ => {}
        }
        Ok(Flow::Forward)
    }

    fn bind(&self, direction: &str, stream: &StreamInfo) -> Result<Option<u32>> {
        self.note(format!("bind-{direction} {}", stream.ssrc));
        match self.act {
            Act::Abstain => Ok(None),
            Act::Refuse => Err(Error::msg("told to refuse")),
            _ => Ok(Some(stream.ssrc)),
        }
    }
}

pub(crate) fn copy_of(packet: &RtpPacket) -> RtpPacket {
    let mut copy = packet.clone();
    copy.set_sequence_number(packet.sequence_number().wrapping_add(1000));
    copy
}

impl Interceptor for Probe {
    type Local = u32;
    type Remote = u32;

    fn bind_local(&mut self, stream: &StreamInfo, _: &mut Context<'_>) -> Result<Option<u32>> {
        self.bind("local", stream)
    }

    fn bind_remote(&mut self, stream: &StreamInfo, _: &mut Context<'_>) -> Result<Option<u32>> {
        self.bind("remote", stream)
    }

    fn unbind_local(&mut self, stream: &StreamInfo, state: u32, _: &mut Context<'_>) {
        assert_eq!(state, stream.ssrc, "a state comes home to its own stream");
        self.note(format!("unbind-local {state}"));
    }

    fn unbind_remote(&mut self, stream: &StreamInfo, state: u32, _: &mut Context<'_>) {
        assert_eq!(state, stream.ssrc, "a state comes home to its own stream");
        self.note(format!("unbind-remote {state}"));
    }

    fn write_rtp(&mut self, _: &mut u32, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        if let Act::Send(copies) = self.act
            && packet.sequence_number() < 1000
        {
            (0..copies).for_each(|_| cx.send_rtp(copy_of(packet)));
        }
        self.packet("write", packet.sequence_number(), cx)
    }

    fn read_rtp(&mut self, _: &mut u32, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        if self.act == Act::Deliver && packet.sequence_number() < 1000 {
            cx.deliver_rtp(copy_of(packet));
        }
        self.packet("read", packet.sequence_number(), cx)
    }

    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.packet("write-unbound", packet.sequence_number(), cx)
    }

    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.packet("unbound", packet.sequence_number(), cx)
    }

    fn write_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.packet("write-rtcp", packet.len() as u16, cx)
    }

    fn read_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.packet("read-rtcp", packet.len() as u16, cx)
    }

    fn handle_timeout(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.note("timeout");
        if let Act::Wake(after) = self.act {
            cx.wake_at(cx.now() + after);
        }
        Ok(())
    }

    fn handle_error(&mut self, error: &Error, _: &mut Context<'_>) {
        self.note(format!("error {error}"));
    }

    fn close(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.note("close");
        let ssrc = streams.locals().next().map(|(info, _)| info.ssrc);
        if let (Act::Send(_), Some(ssrc)) = (self.act, ssrc) {
            cx.send_rtcp(RtcpPacket::builder().bye(&[ssrc], "").build()?);
        }
        if self.act == Act::Fail { Err(Error::msg("told to fail")) } else { Ok(()) }
    }
}

/// Makes probes; `Refuse` here means that the factory fails.
pub(crate) struct ProbeFactory {
    pub(crate) name: &'static str,
    pub(crate) stage: Stage,
    pub(crate) act: Act,
    pub(crate) log: Log,
}

impl Factory for ProbeFactory {
    type Interceptor = Probe;

    fn name(&self) -> &'static str {
        self.name
    }

    fn stage(&self) -> Stage {
        self.stage
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Probe, BuildError> {
        if self.act == Act::Refuse {
            return Err(BuildError::new("told to refuse"));
        }
        Ok(Probe { name: self.name, act: self.act, log: self.log.clone() })
    }
}

/// A chain under test with its log and its clock.
pub(crate) struct Bench {
    pub(crate) chain: Chain,
    pub(crate) log: Log,
    pub(crate) start: Instant,
}

pub(crate) const SSRC: u32 = 0x1122_3344;

#[expect(clippy::disallowed_methods, reason = "the base of a virtual clock")]
pub(crate) fn config() -> ChainConfig {
    ChainConfig::new("test", Instant::now(), NtpTime::default(), 7)
}

impl Bench {
    /// Probes from the wire up, at stages 10, 20, 30, …
    pub(crate) fn new(probes: &[(&'static str, Act)]) -> Self {
        Self::with_config(config(), probes)
    }

    pub(crate) fn with_config(config: ChainConfig, probes: &[(&'static str, Act)]) -> Self {
        let mut bench = Self { start: config.now, chain: Chain::new(config), log: Log::default() };
        for (place, (name, act)) in probes.iter().enumerate() {
            bench.insert(name, Stage(10 * (place as u16 + 1)), *act);
        }
        bench.log();
        bench
    }

    pub(crate) fn insert(&mut self, name: &'static str, stage: Stage, act: Act) {
        let probe = Probe { name, act, log: self.log.clone() };
        self.chain.insert(name, stage, probe, self.start).unwrap();
    }

    /// With one stream each way.
    pub(crate) fn bound(mut self) -> Self {
        self.chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), self.start).unwrap();
        self.chain.bind_remote(StreamInfo::new(SSRC, 96, 90_000), self.start).unwrap();
        self.log();
        self
    }

    pub(crate) fn write(&mut self, number: u16) {
        self.chain.write_rtp(rtp(SSRC, number), self.start);
    }

    pub(crate) fn read(&mut self, number: u16) {
        self.chain.read_datagram(rtp(SSRC, number).to_bytes(), self.start);
    }

    /// What was written down since the last look.
    pub(crate) fn log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap())
    }

    /// Sequence numbers that left for the wire.
    pub(crate) fn wire(&mut self) -> Vec<u16> {
        std::iter::from_fn(|| self.chain.poll_wire())
            .filter_map(|packet| match packet {
                Outgoing::Rtp(packet) => Some(packet.sequence_number()),
                Outgoing::Rtcp(_) => None,
            })
            .collect()
    }

    /// Sequence numbers that reached the application.
    pub(crate) fn app(&mut self) -> Vec<u16> {
        std::iter::from_fn(|| self.chain.poll_app())
            .filter_map(|packet| match packet {
                Incoming::Rtp(packet) | Incoming::UnboundRtp(packet) => Some(packet.sequence_number()),
                _ => None,
            })
            .collect()
    }
}

pub(crate) fn rtp(ssrc: u32, number: u16) -> RtpPacket {
    RtpPacket::builder()
        .ssrc(ssrc)
        .payload_type(96)
        .sequence_number(number)
        .payload(&b"media"[..])
        .build()
        .unwrap()
}
