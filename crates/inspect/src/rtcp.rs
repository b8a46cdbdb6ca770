//! What RTCP says about streams: how many messages of each kind, and the round trips that follow from them.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use interceptor_packet::rtcp::{Nack, ReportBlock};
use interceptor_packet::{Rtcp, RtcpPacket, short_to_duration};

use super::Endpoints;
use super::srtcp::Encryption;

/// Clock readings of each sender that may still be answered.
const MAX_READINGS: usize = 32;
/// Packet types (RFC 3550 §12.1, RFC 3611 §2).
const SENDER_REPORT: u8 = 200;
const EXTENDED_REPORT: u8 = 207;
/// A longer round trip is a clock that was set.
const MAX_ROUND_TRIP: Duration = Duration::from_secs(60);

/// RTCP messages about one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RtcpCounts {
    /// Sender reports of the stream's sender.
    pub sr: u64,
    /// Report blocks about the stream, in receiver or sender reports.
    pub rr: u64,
    /// Generic NACK messages (RFC 4585), not sequence numbers.
    pub nack: u64,
    /// Picture loss indications (RFC 4585).
    pub pli: u64,
    /// Entries in full intra requests (RFC 5104).
    pub fir: u64,
    /// Transport-wide feedback that names the stream; it covers all streams of its transport.
    pub twcc: u64,
    /// Receiver estimated maximum bitrate messages that name the stream.
    pub remb: u64,
    /// Extended reports (RFC 3611) of the stream's sender or of who reports on it.
    pub xr: u64,
    /// Congestion control feedback (RFC 8888) with a block for the stream.
    pub ccfb: u64,
}

impl RtcpCounts {
    fn add(&mut self, other: &Self) {
        self.sr += other.sr;
        self.rr += other.rr;
        self.nack += other.nack;
        self.pli += other.pli;
        self.fir += other.fir;
        self.twcc += other.twcc;
        self.remb += other.remb;
        self.xr += other.xr;
        self.ccfb += other.ccfb;
    }
}

/// What RTCP says about one stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) counts: RtcpCounts,
    round_trip: Duration,
    round_trips: u32,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.counts.add(&other.counts);
        self.round_trip += other.round_trip;
        self.round_trips += other.round_trips;
    }

    /// The mean of all round trips between the place of the capture and the stream's receiver, in ms.
    pub(super) fn rtt_ms(&self) -> Option<f64> {
        let mean = self.round_trip.checked_div(self.round_trips)?;
        Some(mean.as_secs_f64() * 1000.0)
    }
}

/// All RTCP of a capture.
#[derive(Debug)]
pub(super) struct RtcpTable {
    /// (flow, SSRC) pairs, and senders, that are kept.
    limit: usize,
    /// By SSRC, then by the flow that the message came in.
    tallies: BTreeMap<(u32, Endpoints), Tally>,
    /// When each sender's clock readings passed: the middle of the NTP time, and the time of the capture.
    readings: BTreeMap<u32, VecDeque<(u32, Duration)>>,
    encryption: Encryption,
    malformed: u64,
}

impl RtcpTable {
    pub(super) const fn new(limit: usize) -> Self {
        let encryption = Encryption::new(limit);
        Self { limit, tallies: BTreeMap::new(), readings: BTreeMap::new(), encryption, malformed: 0 }
    }

    /// Whether this flow has well-formed RTCP.
    pub(super) fn is_in(&self, flow: Endpoints) -> bool {
        self.encryption.is_clear(flow)
    }

    /// Datagrams that are encrypted.
    pub(super) fn encrypted(&self) -> u64 {
        self.encryption.counts().0
    }

    /// Datagrams with parts that are malformed.
    pub(super) fn malformed(&self) -> u64 {
        self.malformed + self.encryption.counts().1
    }

    /// Takes in a datagram that may be RTCP, and may be `cut` by the capture. Its requests for packets go to `asked` as well.
    pub(super) fn receive(
        &mut self,
        flow: Endpoints,
        data: &[u8],
        cut: bool,
        at: Duration,
        mut asked: impl FnMut(&Nack<'_>),
    ) {
        let Ok(packet) = RtcpPacket::parse(bytes::Bytes::copy_from_slice(data)) else {
            self.malformed += u64::from(!cut);
            return;
        };
        if packet.malformed() == 0 {
            self.encryption.saw_clear(flow);
        } else if self.encryption.takes(flow, data, cut) {
            return self.clear_header(flow, data);
        } else {
            self.malformed += u64::from(!cut);
        }
        for part in packet.packets() {
            if let Rtcp::Nack(nack) = &part {
                asked(nack);
            }
            self.part(flow, &part, &packet, at);
        }
    }

    /// What the first eight bytes of an encrypted datagram say: who sent what.
    fn clear_header(&mut self, flow: Endpoints, data: &[u8]) {
        let &[_, number, _, _, a, b, c, d, ..] = data else { return };
        let Some(Tally { counts, .. }) = self.tally(u32::from_be_bytes([a, b, c, d]), flow) else { return };
        match number {
            SENDER_REPORT => counts.sr += 1,
            EXTENDED_REPORT => counts.xr += 1,
            _ => {}
        }
    }

    fn part(&mut self, flow: Endpoints, part: &Rtcp<'_>, whole: &RtcpPacket, at: Duration) {
        let mut count = |ssrc: u32, field: fn(&mut RtcpCounts) -> &mut u64| {
            if let Some(tally) = self.tally(ssrc, flow) {
                *field(&mut tally.counts) += 1;
            }
        };
        match part {
            Rtcp::SenderReport(report) => {
                count(report.ssrc(), |counts| &mut counts.sr);
                self.reading(report.ssrc(), report.ntp().middle_32(), at);
                report.report_blocks().for_each(|block| self.block(flow, &block, at));
            }
            Rtcp::ReceiverReport(report) => {
                report.report_blocks().for_each(|block| self.block(flow, &block, at));
            }
            Rtcp::Nack(nack) => count(nack.media_ssrc(), |counts| &mut counts.nack),
            Rtcp::Pli(pli) => count(pli.media_ssrc(), |counts| &mut counts.pli),
            Rtcp::Fir(fir) => fir.entries().for_each(|entry| count(entry.ssrc, |counts| &mut counts.fir)),
            Rtcp::Twcc(twcc) => count(twcc.media_ssrc(), |counts| &mut counts.twcc),
            Rtcp::Remb(remb) => remb.ssrcs().for_each(|ssrc| count(ssrc, |counts| &mut counts.remb)),
            Rtcp::Ccfb(ccfb) => {
                ccfb.blocks().for_each(|block| count(block.ssrc(), |counts| &mut counts.ccfb));
            }
            Rtcp::Xr(xr) => {
                count(xr.ssrc(), |counts| &mut counts.xr);
                reported(whole).filter(|ssrc| *ssrc != xr.ssrc()).for_each(|ssrc| {
                    count(ssrc, |counts| &mut counts.xr);
                });
            }
            _ => {}
        }
    }

    /// RFC 3550 §6.4.1, seen from the capture: the report passed there, its answer too, less the receiver's delay.
    fn block(&mut self, flow: Endpoints, block: &ReportBlock<'_>, at: Duration) {
        let passed = self.readings.get(&block.ssrc()).and_then(|readings| {
            readings.iter().rev().find(|(reading, _)| *reading == block.last_sr()).map(|(_, passed)| *passed)
        });
        let delay = short_to_duration(block.delay_since_last_sr());
        let Some(tally) = self.tally(block.ssrc(), flow) else { return };
        tally.counts.rr += 1;
        let round_trip = passed.and_then(|passed| at.checked_sub(passed)?.checked_sub(delay));
        if let Some(round_trip) = round_trip.filter(|round_trip| *round_trip <= MAX_ROUND_TRIP) {
            tally.round_trip += round_trip;
            tally.round_trips += 1;
        }
    }

    fn reading(&mut self, ssrc: u32, reading: u32, at: Duration) {
        // RFC 3550 §6.4.1: zero in a report block stands for no report.
        if reading == 0 || (self.readings.len() >= self.limit && !self.readings.contains_key(&ssrc)) {
            return;
        }
        let readings = self.readings.entry(ssrc).or_default();
        if readings.len() == MAX_READINGS {
            readings.pop_front();
        }
        readings.push_back((reading, at));
    }

    fn tally(&mut self, ssrc: u32, flow: Endpoints) -> Option<&mut Tally> {
        let key = (ssrc, flow);
        if self.tallies.len() >= self.limit && !self.tallies.contains_key(&key) {
            return None;
        }
        Some(self.tallies.entry(key).or_default())
    }

    /// What was said about each of the streams of one SSRC: what came in their own transport, else next to it, else,
    /// when nothing tells which of them is meant, the same for all.
    pub(super) fn about(&self, ssrc: u32, streams: &[Endpoints]) -> Vec<Tally> {
        let mut result = vec![Tally::default(); streams.len()];
        let lowest = std::net::SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 0);
        let from = (ssrc, Endpoints { src: lowest, dst: lowest });
        for ((_, flow), tally) in self.tallies.range(from..).take_while(|((other, _), _)| *other == ssrc) {
            let nearest = streams.iter().map(|stream| distance(*stream, *flow)).min();
            for (stream, result) in streams.iter().zip(&mut result) {
                if Some(distance(*stream, *flow)) == nearest {
                    result.add(tally);
                }
            }
        }
        result
    }
}

/// The SSRCs of all report blocks of a compound.
fn reported(packet: &RtcpPacket) -> impl Iterator<Item = u32> + '_ {
    packet.packets().flat_map(|part| {
        let of_receiver = match &part {
            Rtcp::ReceiverReport(report) => Some(report.report_blocks()),
            _ => None,
        };
        let of_sender = match &part {
            Rtcp::SenderReport(report) => Some(report.report_blocks()),
            _ => None,
        };
        of_receiver.into_iter().flatten().chain(of_sender.into_iter().flatten()).map(|block| block.ssrc())
    })
}

/// How far RTCP's flow is from a stream's: 0 the same ports (RFC 5761), 1 the ports above (RFC 3550 §11), 2 the port above
/// at one end, 3 anything else. Either direction.
pub(super) fn distance(stream: Endpoints, rtcp: Endpoints) -> u8 {
    one_way(stream, rtcp).min(one_way(stream, rtcp.reversed()))
}

fn one_way(stream: Endpoints, rtcp: Endpoints) -> u8 {
    let above = |media: std::net::SocketAddr, control: std::net::SocketAddr| {
        media.ip() == control.ip() && media.port().checked_add(1) == Some(control.port())
    };
    let (src, dst) = (above(stream.src, rtcp.src), above(stream.dst, rtcp.dst));
    match (src, dst) {
        _ if stream == rtcp => 0,
        (true, true) => 1,
        (false, false) => 3,
        _ => 2,
    }
}
