//! A call in virtual time: the real sample over the real link, with the simplest repair that works.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rtptap::demo::link::{Direction, Forwarder, LinkConditions, LinkModel, RateSchedule};
use rtptap::demo::{Delivery, Outcome, RateRecord, RtcpCounts, RunRecord, StreamRecord};
use rtptap::sample::{Kind, MediaPacket, MediaSource, MediaSourceOptions};

/// Media SSRC, retransmission SSRC.
const STREAMS: [(Kind, u32, u32); 2] =
    [(Kind::Audio, 0xa0d1_0001, 0xa0d1_0002), (Kind::Video, 0xf1de_0001, 0xf1de_0002)];
/// How long the receiver waits between two requests for the same packet.
const REPEAT: Duration = Duration::from_millis(90);
/// Media that goes on after the end, so that the last losses are noticed too.
const TAIL: Duration = Duration::from_millis(500);

pub(crate) fn outcome(link: LinkConditions, seconds: u64) -> Outcome {
    let duration = Duration::from_secs(seconds);
    let (off, on) = (run(&link, duration, false), run(&link, duration, true));
    Outcome { link, duration, off, on }
}

fn run(conditions: &LinkConditions, duration: Duration, repair: bool) -> RunRecord {
    let link = LinkModel::new(conditions.clone(), STREAMS.map(|(_, media, rtx)| (rtx, media))).unwrap();
    let mut call = Call::new(duration, Forwarder::new(link));
    call.targets = conditions.rate.iter().flat_map(targets).collect();
    let media = MediaSource::new(MediaSourceOptions::default()).unwrap();
    for packet in media.take_while(|p| p.send_at < duration + TAIL) {
        call.run_until(packet.send_at, conditions, repair);
        call.send(&packet);
    }
    call.run_until(duration + Duration::from_secs(2), conditions, repair);
    call.into_record(conditions, repair)
}

/// What a perfect controller would allow: a tenth less than there is, a little later.
fn targets(rate: &RateSchedule) -> impl Iterator<Item = (Duration, u64)> {
    rate.steps().iter().map(|step| (step.from + REPEAT, step.bits_per_second * 9 / 10))
}

struct Call {
    duration: Duration,
    targets: Vec<(Duration, u64)>,
    forwarder: Forwarder,
    streams: [Stream; 2],
    /// Requests under way to the sender: when they arrive, for which stream, which packet.
    asked: BTreeMap<(Duration, usize, u16), ()>,
}

struct Stream {
    kind: Kind,
    ssrc: u32,
    rtx_ssrc: u32,
    sent: Vec<Vec<u8>>,
    sent_again: u16,
    expected: u16,
    measured: usize,
    missing: BTreeSet<u16>,
    deliveries: Vec<Delivery>,
    requests: u64,
}

impl Stream {
    fn new((kind, ssrc, rtx_ssrc): (Kind, u32, u32)) -> Self {
        let (sent, missing, deliveries) = (Vec::new(), BTreeSet::new(), Vec::new());
        Self {
            kind,
            ssrc,
            rtx_ssrc,
            sent,
            sent_again: 0,
            expected: 0,
            measured: 0,
            missing,
            deliveries,
            requests: 0,
        }
    }

    fn datagram(&self, ssrc: u32, sequence: u16, payload: &[u8]) -> Vec<u8> {
        let header = [&[0x80, 96][..], &sequence.to_be_bytes(), &[0; 4], &ssrc.to_be_bytes()].concat();
        [header, payload.to_vec()].concat()
    }
}

impl Call {
    fn new(duration: Duration, forwarder: Forwarder) -> Self {
        let (streams, targets) = (STREAMS.map(Stream::new), Vec::new());
        Self { duration, targets, forwarder, streams, asked: BTreeMap::new() }
    }

    fn send(&mut self, packet: &MediaPacket) {
        let stream = &mut self.streams[usize::from(packet.kind == Kind::Video)];
        let datagram = stream.datagram(stream.ssrc, stream.sent.len() as u16, &packet.payload);
        stream.sent.push(packet.payload.to_vec());
        stream.measured += usize::from(packet.send_at < self.duration);
        self.forwarder.accept(Direction::AToB, datagram.into(), packet.send_at);
    }

    fn run_until(&mut self, end: Duration, link: &LinkConditions, repair: bool) {
        loop {
            let request = self.asked.keys().next().map(|(at, ..)| *at);
            let due = self.forwarder.next_due();
            let Some(now) = [request, due].into_iter().flatten().min().filter(|at| *at <= end) else {
                return;
            };
            if due == Some(now) {
                let (_, datagram) = self.forwarder.pop_due(now).unwrap();
                self.receive(&datagram, now, link, repair);
            } else if let Some(((at, stream, sequence), ())) = self.asked.pop_first() {
                self.answer(at, stream, sequence);
            }
        }
    }

    fn receive(&mut self, datagram: &[u8], now: Duration, link: &LinkConditions, repair: bool) {
        let word = |at: usize| u16::from_be_bytes([datagram[at], datagram[at + 1]]);
        let ssrc = u32::from(word(8)) << 16 | u32::from(word(10));
        let index = self.streams.iter().position(|s| s.ssrc == ssrc || s.rtx_ssrc == ssrc).unwrap();
        let stream = &mut self.streams[index];
        let is_rtx = stream.rtx_ssrc == ssrc;
        let (sequence, header) = if is_rtx { (word(12), 14) } else { (word(2), 12) };
        let new = !is_rtx || stream.missing.remove(&sequence);
        if new {
            stream.deliveries.push(Delivery { sequence, at: now, payload_bytes: datagram.len() - header });
        }
        if !is_rtx {
            let gap: Vec<u16> = (stream.expected..sequence).collect();
            stream.expected = sequence + 1;
            for missing in gap.into_iter().filter(|_| repair) {
                stream.requests += 1;
                stream.missing.insert(missing);
                self.asked.insert((now + link.delay, index, missing), ());
            }
        }
    }

    fn answer(&mut self, now: Duration, index: usize, sequence: u16) {
        let stream = &mut self.streams[index];
        if !stream.missing.contains(&sequence) {
            return;
        }
        stream.sent_again += 1;
        let payload = [&sequence.to_be_bytes()[..], &stream.sent[usize::from(sequence)]].concat();
        let datagram = stream.datagram(stream.rtx_ssrc, stream.sent_again, &payload);
        self.forwarder.accept(Direction::AToB, datagram.into(), now);
        self.asked.insert((now + REPEAT, index, sequence), ());
    }

    fn into_record(self, link: &LinkConditions, repair: bool) -> RunRecord {
        let nacks = self.streams.iter().map(|s| s.requests).sum();
        let truth = self.forwarder.into_truth();
        let rate = link.rate.as_ref().map(|_| RateRecord::new(&truth, self.targets, 0));
        let streams = self.streams.into_iter().map(|s| {
            let record =
                StreamRecord::from_truth(s.kind, s.ssrc, Direction::AToB, &truth, s.measured, s.deliveries);
            let jitter = Some(link.jitter / 2);
            StreamRecord { nacks: s.requests, rtt: Some(link.round_trip()), jitter, ..record }
        });
        let plis = u64::from(!repair);
        RunRecord {
            streams: streams.collect(),
            rtcp: RtcpCounts { sender_reports: 9, receiver_reports: 11, nacks, plis },
            rate,
        }
    }
}
