//! A receiver with the default interceptors, and a sender that is a line of numbers.

use std::time::{Duration, Instant};

use e2e::{default_registry, rtx_ssrc};
use interceptor_core::{Chain, ChainConfig, Outgoing, Streams};
use interceptor_nack::{AskCounters, Nack};
use interceptor_packet::{NtpTime, ReportBlockData, Rtcp, RtcpPacket};
use interceptor_report::Report;
use interceptor_stats::StatsHandle;
use interceptor_test::{Clock, rtp, stream_info};

const SSRC: u32 = 0x5151;

/// How a sender sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream {
    /// Packets a second, at even intervals.
    pub(crate) rate: u32,
    pub(crate) clock_rate: u32,
    /// Whether the receiver has been told of the clock.
    pub(crate) clock_is_known: bool,
    pub(crate) rtx: bool,
    /// Sequence number and timestamp of number 0.
    pub(crate) first: (u16, u32),
}

impl Stream {
    pub(crate) const fn new(rate: u32) -> Self {
        Self { rate, clock_rate: 90_000, clock_is_known: true, rtx: false, first: (0, 0xffff_8000) }
    }

    pub(crate) const fn from(mut self, seq: u16) -> Self {
        self.first.0 = seq;
        self
    }

    /// When a number is sent, from the start.
    pub(crate) fn time(&self, number: i64) -> Duration {
        Duration::from_micros((number * 1_000_000 / i64::from(self.rate)).unsigned_abs())
    }

    pub(crate) fn timestamp(&self, number: i64) -> u32 {
        let units = number * i64::from(self.clock_rate) / i64::from(self.rate);
        self.first.1.wrapping_add(units as u32)
    }

    pub(crate) const fn seq(&self, number: i64) -> u16 {
        self.first.0.wrapping_add(number as u16)
    }
}

/// Who receives it.
pub(crate) struct Receiver {
    pub(crate) stream: Stream,
    chain: Chain,
    statistics: StatsHandle,
    start: Instant,
    pub(crate) now: Instant,
    /// What has been reported of the stream.
    pub(crate) blocks: Vec<ReportBlockData>,
    /// Numbers that have been asked for.
    pub(crate) asked: Vec<u16>,
}

impl Receiver {
    pub(crate) fn new(stream: Stream) -> Self {
        let (registry, statistics) = default_registry();
        let start = Clock::new().now();
        let config = ChainConfig::new("receiver", start, NtpTime::default(), 5).with_isolate_panics(false);
        let mut chain = registry.build(config).unwrap();
        let mut info = stream_info::video(SSRC);
        info.codecs[0].clock_rate = if stream.clock_is_known { stream.clock_rate } else { 0 };
        let info = if stream.rtx { info.with_rtx(rtx_ssrc(SSRC), 97) } else { info };
        chain.bind_remote(info, start).unwrap();
        Self { stream, chain, statistics, start, now: start, blocks: Vec::new(), asked: Vec::new() }
    }

    /// A number comes when it is sent.
    pub(crate) fn receive(&mut self, number: i64) {
        self.receive_with(number, number);
    }

    /// Numbers come when they are sent.
    pub(crate) fn run(&mut self, numbers: impl IntoIterator<Item = i64>) {
        numbers.into_iter().for_each(|number| self.receive(number));
    }

    /// A number comes when another one is sent.
    pub(crate) fn receive_with(&mut self, number: i64, other: i64) {
        let at = self.start + self.stream.time(other);
        self.receive_at(number, self.stream.timestamp(number), at);
    }

    /// A number comes, with any timestamp.
    pub(crate) fn receive_at(&mut self, number: i64, timestamp: u32, at: Instant) {
        self.pass_to(at);
        let packet = rtp(SSRC).seq(self.stream.seq(number)).ts(timestamp).payload_len(20).build();
        self.chain.read_datagram(packet.to_bytes(), self.now);
        while self.chain.poll_app().is_some() {}
        self.listen();
    }

    /// Runs what is due until then.
    pub(crate) fn pass_to(&mut self, end: Instant) {
        while let Some(due) = self.chain.next_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.chain.handle_timeout(self.now);
            self.listen();
        }
        self.now = self.now.max(end);
    }

    fn listen(&mut self) {
        while self.chain.poll_event().is_some() {}
        while let Some(packet) = self.chain.poll_wire() {
            if let Outgoing::Rtcp(packet) = packet {
                self.take_in(&packet);
            }
        }
    }

    fn take_in(&mut self, packet: &RtcpPacket) {
        for part in packet.packets() {
            match part {
                Rtcp::ReceiverReport(report) => {
                    let blocks = report.report_blocks().filter(|block| block.ssrc() == SSRC);
                    self.blocks.extend(blocks.map(|block| block.to_data()));
                }
                Rtcp::Nack(nack) => self.asked.extend(nack.sequence_numbers()),
                _ => {}
            }
        }
    }

    /// The next block that is reported, without more packets than have come.
    pub(crate) fn next_block(&mut self) -> ReportBlockData {
        let known = self.blocks.len();
        for _ in 0..30 {
            if self.blocks.len() > known {
                break;
            }
            self.pass_to(self.now + super::ms(100));
        }
        self.blocks[known]
    }

    /// Lost, and late, by the statistics.
    pub(crate) fn lost(&self) -> i64 {
        let stream = self.statistics.stream("receiver", SSRC).unwrap();
        stream.inbound_rtp.unwrap().packets_lost
    }

    pub(crate) fn restarts(&self) -> u64 {
        self.chain.get::<Report>().unwrap().counters().restarts
    }

    pub(crate) fn asking(&mut self) -> AskCounters {
        let read = |nack: &mut Nack, streams: Streams<'_, Nack>| nack.counters(&streams).asking;
        self.chain.with_streams(read).unwrap()
    }
}
