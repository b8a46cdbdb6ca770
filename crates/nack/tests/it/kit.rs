//! A chain with nothing but NACK, and words for what tests do with it.

use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, Recovery, Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{
    BuildContext, BuildError, Chain, ChainConfig, Context, Event, Fact, Factory, FecInfo, FecScheme,
    Interceptor, KeyframeNeeded, Outgoing, Registry, Result, Rtt, Stage, StreamInfo,
};
use interceptor_nack::{AnswerCounters, AskCounters, Nack, NackCounters, NackFactory, NackOptions};
use interceptor_test::Clock;

pub(crate) const SSRC: u32 = 0x0a0b_0c0d;
pub(crate) const SENDER: u32 = 0x0102_0304;

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn video() -> StreamInfo {
    StreamInfo::new(SSRC, 96, 90_000).with_mime_type("video/VP8").with_feedback("nack", "")
}

pub(crate) fn video_of(ssrc: u32) -> StreamInfo {
    let mut info = video();
    info.ssrc = ssrc;
    info
}

pub(crate) fn config(now: Instant) -> ChainConfig {
    ChainConfig::new("test", now, NtpTime::default(), 7).with_sender_ssrc(SENDER).with_isolate_panics(false)
}

/// A chain under test at its own present.
pub(crate) struct Bench {
    pub(crate) chain: Chain,
    pub(crate) now: Instant,
}

impl Bench {
    pub(crate) fn new(options: NackOptions, configure: impl FnOnce(ChainConfig) -> ChainConfig) -> Self {
        let now = Clock::new().now();
        let registry = Registry::new().with(NackFactory::new(options).unwrap());
        Self { chain: registry.build(configure(config(now))).unwrap(), now }
    }

    /// With [`video`] to receive.
    pub(crate) fn receiver(options: NackOptions) -> Self {
        Self::new(options, |config| config).with_remote(video())
    }

    /// With [`video`] to send.
    pub(crate) fn sender(options: NackOptions) -> Self {
        Self::new(options, |config| config).with_local(video())
    }

    pub(crate) fn with_remote(mut self, info: StreamInfo) -> Self {
        self.chain.bind_remote(info, self.now).unwrap();
        self
    }

    pub(crate) fn with_local(mut self, info: StreamInfo) -> Self {
        self.chain.bind_local(info, self.now).unwrap();
        self
    }

    /// Lets the connection know its round-trip time.
    pub(crate) fn set_rtt(&mut self, millis: u64) {
        self.chain.remove("rtt", self.now).unwrap();
        self.chain.insert("rtt", Stage::CAPTURE, Publish(Rtt::first(ms(millis))), self.now).unwrap();
    }

    pub(crate) fn pass(&mut self, millis: u64) -> &mut Self {
        self.now += ms(millis);
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

    pub(crate) fn read(&mut self, packet: RtpPacket) -> &mut Self {
        self.chain.read_rtp(packet, self.now);
        while self.chain.poll_app().is_some() {}
        self
    }

    pub(crate) fn read_numbers(&mut self, numbers: impl IntoIterator<Item = u16>) -> &mut Self {
        for seq in numbers {
            self.read(rtp(seq));
        }
        self
    }

    /// As the RTX or FEC interceptor restores it.
    pub(crate) fn read_recovered(&mut self, seq: u16, recovery: Recovery) -> &mut Self {
        let mut packet = rtp(seq);
        packet.info_mut().recovered_by = Some(recovery);
        self.read(packet)
    }

    pub(crate) fn write(&mut self, packet: RtpPacket) -> &mut Self {
        self.chain.write_rtp(packet, self.now);
        assert!(self.chain.poll_wire().is_some());
        self
    }

    pub(crate) fn write_numbers(&mut self, numbers: impl IntoIterator<Item = u16>) -> &mut Self {
        for seq in numbers {
            self.write(rtp(seq));
        }
        self
    }

    pub(crate) fn read_nack(&mut self, numbers: &[u16]) -> &mut Self {
        let packet = RtcpPacket::builder().nack(SENDER, SSRC, numbers).build().unwrap();
        self.chain.read_rtcp(packet, self.now);
        self
    }

    /// RTCP datagrams on the wire.
    pub(crate) fn feedback(&mut self) -> Vec<RtcpPacket> {
        let wire = std::iter::from_fn(|| self.chain.poll_wire());
        wire.filter_map(|packet| if let Outgoing::Rtcp(packet) = packet { Some(packet) } else { None })
            .collect()
    }

    /// Numbers asked for on the wire, message by message.
    pub(crate) fn asked(&mut self) -> Vec<Vec<u16>> {
        self.feedback().iter().flat_map(nacks).map(|(_, numbers)| numbers).collect()
    }

    /// RTP on the wire.
    pub(crate) fn sent(&mut self) -> Vec<RtpPacket> {
        let wire = std::iter::from_fn(|| self.chain.poll_wire());
        wire.filter_map(|packet| if let Outgoing::Rtp(packet) = packet { Some(packet) } else { None })
            .collect()
    }

    /// Sequence numbers of RTP on the wire.
    pub(crate) fn resent(&mut self) -> Vec<u16> {
        self.sent().iter().map(RtpPacket::sequence_number).collect()
    }

    /// SSRCs for which a key frame was said to be needed.
    pub(crate) fn keyframes(&mut self) -> Vec<u32> {
        let events = std::iter::from_fn(|| self.chain.poll_event());
        let needed = |event| match event {
            Event::Fact(Fact::KeyframeNeeded(KeyframeNeeded { ssrc })) => Some(ssrc),
            _ => None,
        };
        events.filter_map(needed).collect()
    }

    pub(crate) fn nack(&self) -> &Nack {
        self.chain.get::<Nack>().unwrap()
    }

    pub(crate) fn counters(&mut self) -> NackCounters {
        self.chain.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams)).unwrap()
    }

    pub(crate) fn asking(&mut self) -> AskCounters {
        self.counters().asking
    }

    pub(crate) fn answering(&mut self) -> AnswerCounters {
        self.counters().answering
    }

    /// Of the bound remote stream alone.
    pub(crate) fn asking_of(&mut self, ssrc: u32) -> Option<AskCounters> {
        self.chain
            .with_streams::<Nack, _>(|_, streams| Some(*streams.peek_remote(ssrc)?.counters()))
            .flatten()
    }

    /// Of the bound local stream alone.
    pub(crate) fn answering_of(&mut self, ssrc: u32) -> Option<AnswerCounters> {
        self.chain.with_streams::<Nack, _>(|_, streams| Some(*streams.peek_local(ssrc)?.counters())).flatten()
    }
}

/// Media SSRC and numbers of each NACK in a datagram.
pub(crate) fn nacks(packet: &RtcpPacket) -> Vec<(u32, Vec<u16>)> {
    let nack = |packet| match packet {
        Rtcp::Nack(nack) => Some((nack.media_ssrc(), nack.sequence_numbers().collect())),
        _ => None,
    };
    packet.packets().filter_map(nack).collect()
}

pub(crate) fn rtp(seq: u16) -> RtpPacket {
    let timestamp = u32::from(seq) * 3000;
    let packet = RtpPacket::builder().ssrc(SSRC).payload_type(96).sequence_number(seq).timestamp(timestamp);
    packet.payload(seq.to_be_bytes().to_vec()).build().unwrap()
}

/// Publishes a round-trip time when a stream is bound, or it is put into a chain with streams.
#[derive(Clone, Copy)]
pub(crate) struct Publish(pub(crate) Rtt);

impl Factory for Publish {
    type Interceptor = Self;

    fn name(&self) -> &'static str {
        "rtt"
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Self, BuildError> {
        Ok(*self)
    }
}

impl Interceptor for Publish {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        cx.publish(self.0);
        Ok(None)
    }

    fn bind_remote(&mut self, _: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        cx.publish(self.0);
        Ok(None)
    }
}

/// Repair packets of this payload type on an SSRC of their own.
pub(crate) fn flexfec(ssrc: u32, payload_type: u8) -> FecInfo {
    FecInfo::new(FecScheme::FlexFec03, payload_type).with_ssrc(ssrc)
}
