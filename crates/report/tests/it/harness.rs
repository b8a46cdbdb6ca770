//! A chain with only the report interceptor, on virtual time.

use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::{Chain, ChainConfig, Event, Fact, Outgoing, Registry, Rtt, StreamInfo};
use interceptor_packet::{NtpTime, ReportBlockData, Rtcp, RtcpBuilder, RtcpPacket, RtpPacket};
use interceptor_report::{Report, ReportFactory, ReportOptions, RtcpInterval};

/// The SSRC of feedback, not that of a stream.
pub(crate) const FEEDBACK: u32 = 0x0102_0304;
/// 2023-11-14 22:13:20 UTC.
pub(crate) const WALL: Duration = Duration::from_secs(1_700_000_000);

pub(crate) struct Bench {
    pub(crate) chain: Chain,
    start: Instant,
    now: Instant,
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Reports a second apart on average.
pub(crate) fn options() -> ReportOptions {
    ReportOptions::default().with_interval(RtcpInterval::Fixed(Duration::from_secs(1)))
}

impl Bench {
    pub(crate) fn new(options: ReportOptions) -> Self {
        Self::with_config(options, |config| config)
    }

    pub(crate) fn with_config(
        options: ReportOptions,
        config: impl FnOnce(ChainConfig) -> ChainConfig,
    ) -> Self {
        #[expect(clippy::disallowed_methods, reason = "an origin for virtual time; nothing waits for it")]
        let start = Instant::now();
        let base = ChainConfig::new("test", start, NtpTime::from_unix(WALL), 7)
            .with_sender_ssrc(FEEDBACK)
            .with_cname("user");
        let registry = Registry::new().with(ReportFactory::new(options).unwrap());
        Self { chain: registry.build(config(base)).unwrap(), start, now: start }
    }

    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    pub(crate) fn report(&self) -> &Report {
        self.chain.get::<Report>().unwrap()
    }

    pub(crate) fn bind_local(&mut self, ssrc: u32) {
        self.chain.bind_local(StreamInfo::new(ssrc, 96, 90_000), self.now).unwrap();
    }

    pub(crate) fn bind_remote(&mut self, ssrc: u32) {
        self.chain.bind_remote(StreamInfo::new(ssrc, 96, 90_000), self.now).unwrap();
    }

    /// Lets time pass without looking at timers.
    pub(crate) fn skip(&mut self, time: Duration) {
        self.now += time;
    }

    /// Lets time pass and runs every timer in it.
    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.chain.next_timeout().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.chain.handle_timeout(self.now);
        }
        self.now = end;
    }

    /// Runs the next timer and gives back what left.
    pub(crate) fn next_report(&mut self) -> Vec<RtcpPacket> {
        let next = self.chain.next_timeout().expect("a report is due");
        self.now = self.now.max(next);
        self.chain.handle_timeout(self.now);
        self.wire_rtcp()
    }

    pub(crate) fn send(&mut self, ssrc: u32, seq: u16, timestamp: u32, payload: usize) {
        let packet = rtp(ssrc, seq, timestamp, payload);
        self.chain.write_rtp(packet, self.now);
    }

    pub(crate) fn receive(&mut self, ssrc: u32, seq: u16, timestamp: u32) {
        self.chain.read_rtp(rtp(ssrc, seq, timestamp, 10), self.now);
        while self.chain.poll_app().is_some() {}
    }

    pub(crate) fn receive_rtcp(&mut self, write: impl FnOnce(&mut RtcpBuilder)) {
        let mut builder = RtcpPacket::builder();
        write(&mut builder);
        self.chain.read_rtcp(builder.build().unwrap(), self.now);
        while self.chain.poll_app().is_some() {}
    }

    /// All RTCP on the wire; RTP is dropped.
    pub(crate) fn wire_rtcp(&mut self) -> Vec<RtcpPacket> {
        let chain = &mut self.chain;
        std::iter::from_fn(|| chain.poll_wire())
            .filter_map(|packet| if let Outgoing::Rtcp(packet) = packet { Some(packet) } else { None })
            .collect()
    }

    /// Round-trip times published since the last call.
    pub(crate) fn rtts(&mut self) -> Vec<Rtt> {
        let chain = &mut self.chain;
        std::iter::from_fn(|| chain.poll_event())
            .filter_map(|event| if let Event::Fact(Fact::Rtt(rtt)) = event { Some(rtt) } else { None })
            .collect()
    }
}

pub(crate) fn rtp(ssrc: u32, seq: u16, timestamp: u32, payload: usize) -> RtpPacket {
    RtpPacket::builder()
        .ssrc(ssrc)
        .payload_type(96)
        .sequence_number(seq)
        .timestamp(timestamp)
        .payload(Bytes::from(vec![0; payload]))
        .build()
        .unwrap()
}

/// One line a packet: types and SSRCs.
pub(crate) fn outline(packet: &RtcpPacket) -> Vec<String> {
    packet
        .packets()
        .map(|sub| match sub {
            Rtcp::SenderReport(sr) => {
                format!("SR {:x}{}", sr.ssrc(), about(sr.report_blocks().map(|b| b.ssrc())))
            }
            Rtcp::ReceiverReport(rr) => {
                format!("RR {:x}{}", rr.ssrc(), about(rr.report_blocks().map(|b| b.ssrc())))
            }
            Rtcp::Sdes(sdes) => format!("SDES{}", about(sdes.cnames().map(|(ssrc, _)| ssrc))),
            Rtcp::Bye(bye) => format!("BYE{}", about(bye.ssrcs())),
            Rtcp::Pli(pli) => format!("PLI {:x}", pli.media_ssrc()),
            Rtcp::Xr(xr) => format!(
                "XR {:x}{}{}",
                xr.ssrc(),
                if xr.receiver_reference_time().is_some() { " RRTR" } else { "" },
                about(xr.dlrr_entries().map(|entry| entry.ssrc)),
            ),
            other => format!("type {}", other.packet_type()),
        })
        .collect()
}

fn about(ssrcs: impl Iterator<Item = u32>) -> String {
    ssrcs.map(|ssrc| format!(" {ssrc:x}")).collect()
}

/// All report blocks of all reports.
pub(crate) fn blocks(packets: &[RtcpPacket]) -> Vec<ReportBlockData> {
    let mut blocks = Vec::new();
    for sub in packets.iter().flat_map(RtcpPacket::packets) {
        match sub {
            Rtcp::SenderReport(sr) => blocks.extend(sr.report_blocks().map(|block| block.to_data())),
            Rtcp::ReceiverReport(rr) => blocks.extend(rr.report_blocks().map(|block| block.to_data())),
            _ => {}
        }
    }
    blocks
}
