//! A call in virtual time: the real sample over the real link, with the simplest repair that works.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rtptap::demo::link::{Direction, Forwarder, LinkConditions, LinkModel, RateSchedule};
use rtptap::demo::{
    Delivery, Outcome, RateRecord, Repair, RepairPacket, RtcpCounts, RunRecord, StreamRecord,
};
use rtptap::sample::{Kind, MediaPacket, MediaSource, MediaSourceOptions};

/// Media SSRC, retransmission SSRC.
const STREAMS: [(Kind, u32, u32); 2] =
    [(Kind::Audio, 0xa0d1_0001, 0xa0d1_0002), (Kind::Video, 0xf1de_0001, 0xf1de_0002)];
/// How long the receiver waits between two requests for the same packet.
const REPEAT: Duration = Duration::from_millis(90);
/// How long the receiver waits for what is missing.
const WAIT: Duration = Duration::from_millis(120);
/// Media that goes on after the end, so that the last losses are noticed too.
const TAIL: Duration = Duration::from_millis(500);

pub(crate) fn outcome(link: LinkConditions, seconds: u64) -> Outcome {
    let duration = Duration::from_secs(seconds);
    let runs = [Repair::Off, Repair::Nack].map(|repair| run(&link, duration, repair)).to_vec();
    Outcome { link, duration, wait: WAIT, runs }
}

/// The same with what FEC would have made of it, recovered as soon as the next packet is there.
pub(crate) fn compared(link: LinkConditions, seconds: u64) -> Outcome {
    let mut outcome = outcome(link, seconds);
    let protected = |repair| {
        let mut run = RunRecord { repair, ..outcome.runs[1].clone() };
        for stream in &mut run.streams {
            for packet in stream.packets.iter_mut().filter(|packet| packet.is_recovered()) {
                packet.by_fec = true;
                packet.delivered =
                    packet.delivered.map(|(_, bytes)| (packet.sent_at + outcome.link.delay + REPEAT, bytes));
            }
            let repairs = stream.packets.iter().step_by(5);
            stream.fec = repairs
                .map(|packet| RepairPacket { at: packet.sent_at, packet_bytes: packet.packet_bytes })
                .collect();
            if repair == Repair::Fec {
                (stream.nacks, stream.sent_again) = (0, Vec::new());
            }
        }
        run
    };
    let runs = [Repair::Fec, Repair::Both].map(protected);
    outcome.runs.extend(runs);
    outcome
}

fn run(conditions: &LinkConditions, duration: Duration, repair: Repair) -> RunRecord {
    let link = LinkModel::new(conditions.clone(), STREAMS.map(|(_, media, rtx)| (rtx, media))).unwrap();
    let mut call = Call::new(duration, Forwarder::new(link));
    call.targets = conditions.rate.iter().flat_map(targets).collect();
    let media = MediaSource::new(MediaSourceOptions::default()).unwrap();
    for packet in media.take_while(|p| p.send_at < duration + TAIL) {
        call.run_until(packet.send_at, conditions, repair.asks());
        call.send(&packet);
    }
    call.run_until(duration + Duration::from_secs(2), conditions, repair.asks());
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
    /// The frame of each packet that counts.
    frames: Vec<u32>,
    missing: BTreeSet<u16>,
    deliveries: Vec<Delivery>,
    requests: u64,
}

impl Stream {
    fn new((kind, ssrc, rtx_ssrc): (Kind, u32, u32)) -> Self {
        let (sent, missing, deliveries, frames) = (Vec::new(), BTreeSet::new(), Vec::new(), Vec::new());
        Self {
            kind,
            ssrc,
            rtx_ssrc,
            sent,
            sent_again: 0,
            expected: 0,
            frames,
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
        if packet.send_at < self.duration {
            stream.frames.push(packet.timestamp);
        }
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
            stream.deliveries.push(Delivery {
                sequence,
                at: now,
                payload_bytes: datagram.len() - header,
                by_fec: false,
            });
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

    fn into_record(self, link: &LinkConditions, repair: Repair) -> RunRecord {
        let nacks = self.streams.iter().map(|s| s.requests).sum();
        let truth = self.forwarder.into_truth();
        let rate = link.rate.as_ref().map(|_| RateRecord::new(&truth, self.targets, 0));
        let streams = self.streams.into_iter().map(|s| {
            let record =
                StreamRecord::from_truth(s.kind, s.ssrc, Direction::AToB, &truth, &s.frames, s.deliveries);
            let jitter = Some(link.jitter / 2);
            StreamRecord { nacks: s.requests, rtt: Some(link.round_trip()), jitter, ..record }
        });
        let plis = u64::from(repair == Repair::Off);
        RunRecord {
            repair,
            streams: streams.collect(),
            rtcp: RtcpCounts { sender_reports: 9, receiver_reports: 11, nacks, plis },
            rate,
        }
    }
}
