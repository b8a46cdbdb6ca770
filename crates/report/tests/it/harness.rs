//! A chain with only the report interceptor, on virtual time.

use std::time::{Duration, Instant};

use interceptor_core::{Chain, ChainConfig, Event, Fact, Loss, Outgoing, Registry, Rtt, StreamInfo};
use interceptor_packet::{NtpTime, Origin, ReportBlockData, Rtcp, RtcpBuilder, RtcpPacket, RtpPacket};
use interceptor_report::{Report, ReportFactory, ReportOptions, RtcpInterval};
use interceptor_test::{Clock, rtp, stream_info};

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
        let start = Clock::new().now();
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
        self.bind_local_stream(stream_info::bare(ssrc));
    }

    pub(crate) fn bind_local_stream(&mut self, stream: StreamInfo) {
        self.chain.bind_local(stream, self.now).unwrap();
    }

    pub(crate) fn bind_remote(&mut self, ssrc: u32) {
        self.bind_remote_stream(stream_info::bare(ssrc));
    }

    pub(crate) fn bind_remote_stream(&mut self, stream: StreamInfo) {
        self.chain.bind_remote(stream, self.now).unwrap();
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
        let packet = rtp(ssrc).seq(seq).ts(timestamp).payload_len(payload).build();
        self.chain.write_rtp(packet, self.now);
    }

    /// A packet that this end sends `origin` of.
    pub(crate) fn send_as(&mut self, origin: Origin, ssrc: u32, seq: u16, timestamp: u32) {
        let packet = rtp(ssrc).seq(seq).ts(timestamp).payload_len(10).origin(origin).build();
        self.chain.write_rtp(packet, self.now);
    }

    pub(crate) fn receive(&mut self, ssrc: u32, seq: u16, timestamp: u32) {
        self.receive_packet(rtp(ssrc).seq(seq).ts(timestamp).payload_len(10).build());
    }

    pub(crate) fn receive_packet(&mut self, packet: RtpPacket) {
        self.chain.read_rtp(packet, self.now);
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

    /// Round-trip times published since the last call for facts.
    pub(crate) fn rtts(&mut self) -> Vec<Rtt> {
        self.facts().filter_map(|fact| if let Fact::Rtt(rtt) = fact { Some(rtt) } else { None }).collect()
    }

    /// Losses published since the last call for facts.
    pub(crate) fn losses(&mut self) -> Vec<Loss> {
        self.facts().filter_map(|fact| if let Fact::Loss(loss) = fact { Some(loss) } else { None }).collect()
    }

    fn facts(&mut self) -> impl Iterator<Item = Fact> {
        let chain = &mut self.chain;
        std::iter::from_fn(|| chain.poll_event())
            .filter_map(|event| if let Event::Fact(fact) = event { Some(fact) } else { None })
    }
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

/// What each datagram consists of.
pub(crate) fn outlines(packets: &[RtcpPacket]) -> Vec<Vec<String>> {
    packets.iter().map(outline).collect()
}

/// The sender report about `ssrc`, as (time of the report, RTP timestamp, packets, octets).
pub(crate) fn sender_report(packets: &[RtcpPacket], ssrc: u32) -> Option<(NtpTime, u32, u32, u32)> {
    packets.iter().flat_map(RtcpPacket::packets).find_map(|sub| match sub {
        Rtcp::SenderReport(sr) if sr.ssrc() == ssrc => {
            Some((sr.ntp(), sr.rtp_timestamp(), sr.packet_count(), sr.octet_count()))
        }
        _ => None,
    })
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
