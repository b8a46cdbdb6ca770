//! How streams went over time, in equal steps whose number is bounded: when there are too many, two become one.
//!
//! Bytes, delay and jitter come from the packets; losses and their repair from what the inspector says at the end of each step,
//! so that they are those of the table.

mod point;
mod transit;

use std::collections::HashMap;

use interceptor_inspect::frame::Datagram;
use interceptor_inspect::{Endpoints, StreamSummary, Summary};

pub(super) use self::point::{Losses, Point};
use self::transit::{Clock, Transit};

/// Steps at most; after two became one, half of that.
const STEPS: usize = 120;
/// Length of the first steps, in seconds: shorter ones would show the frames of a video as bursts.
const FIRST_STEP: f64 = 0.25;
/// SSRCs that are followed at most. What else begins with RTP's version has to leave when there is no room.
const MAX_LINES: usize = 256;
/// What has fewer packets is no stream yet.
const FEW: u64 = 4;

/// All that is kept of a capture's course: 256 streams of 120 steps of 88 bytes at most.
#[derive(Debug)]
pub(super) struct Timeline {
    step: f64,
    lines: HashMap<(Endpoints, u32), Line>,
    /// Until when the inspector was asked.
    asked: f64,
}

/// A stream's course.
#[derive(Debug, Default)]
struct Line {
    points: Vec<Point>,
    packets: u64,
    transit: Transit,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { step: FIRST_STEP, lines: HashMap::new(), asked: 0.0 }
    }
}

impl Timeline {
    /// A datagram came, so many seconds after the first record of the capture.
    pub(super) fn receive(&mut self, at: f64, datagram: &Datagram<'_>) {
        let Some(header) = Header::parse(datagram.payload) else { return };
        let key = (datagram.endpoints, header.ssrc);
        if self.lines.len() >= MAX_LINES && !self.lines.contains_key(&key) {
            self.lines.retain(|_, line| line.packets >= FEW);
            if self.lines.len() >= MAX_LINES {
                return;
            }
        }
        let place = self.place(at);
        let line = self.lines.entry(key).or_default();
        line.packets += 1;
        if let Some(point) = line.point(place) {
            point.packets += 1;
            point.bytes += datagram.wire_len as u64;
            if let Some((transit, jitter)) = line.transit.receive(at, header.payload_type, header.timestamp)
                && let Some(point) = line.points.get_mut(place)
            {
                point.arrived(transit, jitter);
            }
        }
    }

    /// Whether a step ends before a record of this time, so that the inspector is to be [asked](Self::ask).
    pub(super) fn is_step(&self, at: f64) -> bool {
        at - self.asked >= self.step
    }

    /// What the inspector says of the time up to the record of this time.
    pub(super) fn ask(&mut self, at: f64, summary: &Summary) {
        self.tell(self.asked, summary);
        self.asked = (at / self.step).floor() * self.step;
    }

    /// The capture has ended.
    pub(super) fn finish(&mut self, summary: &Summary) {
        self.tell(self.asked, summary);
    }

    fn tell(&mut self, at: f64, summary: &Summary) {
        let place = self.place(at);
        for stream in &summary.streams {
            let Some(line) = self.lines.get_mut(&key(stream)) else { continue };
            line.transit
                .tell(stream.clock_rate.map(|rate| Clock { rate, payload_type: stream.payload_type }));
            if let Some(point) = line.point(place) {
                point.losses = Some(Losses::of(stream));
            }
        }
    }

    /// The step of a time; what came before the first record is in the first.
    fn place(&mut self, at: f64) -> usize {
        while at / self.step >= STEPS as f64 {
            self.step *= 2.0;
            for line in self.lines.values_mut() {
                line.points = line.points.chunks(2).map(Point::joined).collect();
            }
        }
        (at.max(0.0) / self.step) as usize
    }

    /// Length of a step in seconds.
    pub(super) const fn step(&self) -> f64 {
        self.step
    }

    /// A stream's steps, from the capture's first on; empty for one that was not followed.
    pub(super) fn points(&self, stream: &StreamSummary) -> &[Point] {
        self.lines.get(&key(stream)).map_or(&[], |line| &line.points)
    }
}

const fn key(stream: &StreamSummary) -> (Endpoints, u32) {
    (Endpoints::new(stream.src, stream.dst), stream.ssrc)
}

impl Line {
    fn point(&mut self, place: usize) -> Option<&mut Point> {
        if self.points.len() <= place {
            self.points.resize(place + 1, Point::default());
        }
        self.points.get_mut(place)
    }
}

/// What a course needs of an RTP packet.
struct Header {
    payload_type: u8,
    timestamp: u32,
    ssrc: u32,
}

impl Header {
    /// The inspector knows which of these are streams, the others are never asked for.
    fn parse(data: &[u8]) -> Option<Self> {
        let [first, kind, _, _, t0, t1, t2, t3, s0, s1, s2, s3] = *data.first_chunk()?;
        (first >> 6 == 2).then_some(Self {
            payload_type: kind & 0x7f,
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([s0, s1, s2, s3]),
        })
    }
}

#[cfg(test)]
mod tests {
    use interceptor_inspect::Inspector;
    use std::time::Duration;

    use super::*;

    const WAY: &str = "10.0.0.1:5004";

    fn way() -> Endpoints {
        Endpoints::new(WAY.parse().unwrap(), WAY.parse().unwrap())
    }

    fn packet(ssrc: u32, number: u32) -> [u8; 172] {
        let mut packet = [0; 172];
        packet[0] = 0x80;
        packet[2..4].copy_from_slice(&(number as u16).to_be_bytes());
        packet[4..8].copy_from_slice(&(160 * number).to_be_bytes());
        packet[8..12].copy_from_slice(&ssrc.to_be_bytes());
        packet
    }

    /// PCMU for so many seconds, every `lost`-th packet missing, and what is said of it at the end.
    fn course(seconds: u32, lost: u32) -> (Timeline, Summary) {
        let (mut timeline, mut inspector) = (Timeline::default(), Inspector::default());
        for number in (0..50 * seconds).filter(|number| number % lost != lost - 1) {
            let at = f64::from(number) / 50.0;
            if timeline.is_step(at) {
                timeline.ask(at, &inspector.summary());
            }
            let packet = packet(7, number);
            let datagram = Datagram::new(way(), &packet);
            timeline.receive(at, &datagram);
            inspector.datagram(Duration::from_secs_f64(at), &datagram);
        }
        timeline.finish(&inspector.summary());
        (timeline, inspector.summary())
    }

    #[test]
    fn steps_add_up_to_what_came_and_are_no_more_than_allowed() {
        for seconds in [1, 29, 31, 400, 4000] {
            let (timeline, summary) = course(seconds, 10);
            let points = timeline.points(&summary.streams[0]);
            assert!(points.len() <= STEPS, "{seconds}: {}", points.len());
            let packets: u64 = points.iter().map(|point| point.packets).sum();
            assert_eq!(packets, summary.streams[0].packets, "{seconds}");
            let bytes: u64 = points.iter().map(|point| point.bytes).sum();
            assert_eq!(bytes, 172 * packets);
            let whole = (f64::from(seconds) / timeline.step()).ceil() as usize;
            assert!(points.len() == whole, "{seconds}: {} of {whole}", points.len());
        }
    }

    #[test]
    fn losses_are_those_of_the_summary_step_by_step() {
        let (timeline, summary) = course(60, 10);
        let points = timeline.points(&summary.streams[0]);
        let said: Vec<Losses> = points.iter().map(|point| point.losses.unwrap()).collect();
        assert_eq!(said.last().copied(), Some(Losses::of(&summary.streams[0])));
        for pair in said.windows(2) {
            let (lost, expected) = (pair[1].lost - pair[0].lost, pair[1].expected - pair[0].expected);
            assert!((lost as f64 / expected as f64 - 0.1).abs() < 0.08, "{pair:?}");
        }
    }

    #[test]
    fn noise_makes_room_for_streams() {
        let mut timeline = Timeline::default();
        for ssrc in 0..10_000 {
            timeline.receive(0.0, &Datagram::new(way(), &packet(ssrc, 1)));
        }
        assert!(timeline.lines.len() <= MAX_LINES);
        for number in 0..10 {
            timeline.receive(0.1, &Datagram::new(way(), &packet(77_777, number)));
            timeline.receive(0.1, &Datagram::new(way(), &packet(100_000 + number, 1)));
        }
        assert_eq!(timeline.lines[&(way(), 77_777)].packets, 10);
    }

    #[test]
    fn times_of_any_size_are_taken() {
        let mut timeline = Timeline::default();
        for at in [-1e9, 0.0, 3e10, f64::MAX / 1e10, 5.0] {
            timeline.receive(at, &Datagram::new(way(), &packet(7, 1)));
        }
        assert_eq!(timeline.lines[&(way(), 7)].points.iter().map(|point| point.packets).sum::<u64>(), 5);
    }
}
