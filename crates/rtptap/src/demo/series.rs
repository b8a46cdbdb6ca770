//! A run's packets summed up over equal steps of time.

use std::time::Duration;

use super::summary::millis;
use super::{Frame, PacketRecord, RateRecord, RunRecord};

/// Steps that a plot of shares has at most, so that each is wide enough to be seen.
const MOST_BINS: f64 = 24.0;
/// Steps that a plot of rates has at most, so that a change can be followed.
const MOST_FINE_BINS: f64 = 150.0;

/// Equal steps of time from 0 to the end; the last may be shorter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bins {
    /// Length of a step in seconds.
    pub(super) width: f64,
    end: f64,
}

impl Bins {
    /// Steps of a length that reads well on an axis.
    pub(super) fn over(duration: Duration) -> Self {
        let widths = [0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0];
        Self::at_most(MOST_BINS, &widths, duration)
    }

    /// Short steps, none shorter than three frames of video.
    pub(super) fn fine(duration: Duration) -> Self {
        Self::at_most(MOST_FINE_BINS, &[0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0], duration)
    }

    fn at_most(count: f64, widths: &[f64], duration: Duration) -> Self {
        let end = duration.as_secs_f64();
        let width = widths.iter().copied().find(|width| end / width <= count + 1e-9);
        Self { width: width.unwrap_or(end / count), end }
    }

    pub(super) fn count(&self) -> usize {
        (self.end / self.width).ceil() as usize
    }

    /// When each step begins, and the end.
    pub(super) fn edges(&self) -> Vec<f64> {
        (0..=self.count()).map(|i| (i as f64 * self.width).min(self.end)).collect()
    }

    /// Share of the packets sent in each step that the application never got, in percent. A step in which nothing was
    /// sent misses nothing.
    pub(super) fn missing_pct(&self, run: &RunRecord) -> Vec<f64> {
        let sent = self.sum(packets(run).map(|p| (p.sent_at, 1.0)));
        let missing = self.sum(packets(run).filter(|p| p.delivered.is_none()).map(|p| (p.sent_at, 1.0)));
        shares(&missing, &sent)
    }

    /// Bit rate of the media packets sent, in kbit/s, RTP headers included.
    pub(super) fn sent_kbps(&self, run: &RunRecord) -> Vec<f64> {
        self.rate(packets(run).map(|p| (p.sent_at, p.packet_bytes)))
    }

    /// Bit rate of the media packets as they were delivered, in kbit/s, RTP headers included.
    pub(super) fn delivered_kbps(&self, run: &RunRecord) -> Vec<f64> {
        self.rate(packets(run).filter_map(|p| p.delivered.map(|(at, _)| (at, p.packet_bytes))))
    }

    /// Bit rate of the retransmissions and FEC packets sent, in kbit/s, RTP headers included.
    pub(super) fn repair_kbps(&self, run: &RunRecord) -> Vec<f64> {
        let packets = run.streams.iter().flat_map(|stream| stream.sent_again.iter().chain(&stream.fec));
        self.rate(packets.map(|packet| (packet.at, packet.packet_bytes)))
    }

    /// Share of the frames sent in each step that were not complete within `in_time`, in percent. A step in which nothing was
    /// sent has none.
    pub(super) fn late_pct(&self, run: &RunRecord, in_time: Duration) -> Vec<f64> {
        let frames: Vec<Frame> = run.streams.iter().flat_map(|stream| stream.frames(in_time)).collect();
        let sent = self.sum(frames.iter().map(|frame| (frame.sent_at, 1.0)));
        let late = self.sum(frames.iter().filter(|frame| frame.late).map(|frame| (frame.sent_at, 1.0)));
        shares(&late, &sent)
    }

    /// Bit rate of all that came to the link with the media, in Mbit/s, IP and UDP headers included.
    pub(super) fn crossing_mbps(&self, record: &RateRecord) -> Vec<f64> {
        let kilobits = self.rate(record.crossings.iter().map(|crossing| (crossing.at, crossing.bytes)));
        kilobits.into_iter().map(|kilobits| kilobits / 1000.0).collect()
    }

    /// The longest that a datagram of each step waited at the bottleneck, in ms.
    pub(super) fn queue_ms(&self, record: &RateRecord) -> Vec<f64> {
        let waits = record.crossings.iter().filter_map(|c| c.queued.map(|queued| (c.at, millis(queued))));
        self.fold(waits, f64::max)
    }

    fn rate(&self, packets: impl Iterator<Item = (Duration, usize)>) -> Vec<f64> {
        let kilobits = self.sum(packets.map(|(at, bytes)| (at, bytes as f64 * 8.0 / 1000.0)));
        let edges = self.edges();
        let lengths =
            edges.windows(2).map(|edge| edge.iter().rev().copied().reduce(|b, a| b - a).unwrap_or_default());
        kilobits.iter().zip(lengths).map(|(sum, seconds)| sum / seconds).collect()
    }

    /// Adds values up by step; what lies after the end is left out.
    fn sum(&self, values: impl Iterator<Item = (Duration, f64)>) -> Vec<f64> {
        self.fold(values, |sum, value| sum + value)
    }

    fn fold(
        &self,
        values: impl Iterator<Item = (Duration, f64)>,
        join: impl Fn(f64, f64) -> f64,
    ) -> Vec<f64> {
        let mut steps = vec![0.0; self.count()];
        for (at, value) in values {
            if let Some(step) = steps.get_mut((at.as_secs_f64() / self.width) as usize) {
                *step = join(*step, value);
            }
        }
        steps
    }
}

/// Of each step, in percent.
fn shares(parts: &[f64], wholes: &[f64]) -> Vec<f64> {
    let share = |(part, whole): (&f64, &f64)| if *whole == 0.0 { 0.0 } else { 100.0 * part / whole };
    parts.iter().zip(wholes).map(share).collect()
}

fn packets(run: &RunRecord) -> impl Iterator<Item = &PacketRecord> {
    run.streams.iter().flat_map(|stream| &stream.packets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::{Crossing, RepairPacket, StreamRecord};
    use crate::sample::Kind;

    fn run(packets: &[(f64, bool)]) -> RunRecord {
        let packets = packets
            .iter()
            .zip(0..)
            .map(|(&(at, delivered), number)| PacketRecord {
                sent_at: Duration::from_secs_f64(at),
                packet_bytes: 125,
                frame: number / 2,
                lost_on_link: !delivered,
                delivered: delivered.then(|| (Duration::from_secs_f64(at + 0.04), 113)),
                by_fec: false,
            })
            .collect();
        let repair = |ms| vec![RepairPacket { at: Duration::from_millis(ms), packet_bytes: 250 }];
        let (sent_again, fec) = (repair(300), repair(600));
        let stream = StreamRecord {
            kind: Kind::Audio,
            ssrc: 1,
            packets,
            sent_again,
            fec,
            nacks: 0,
            rtt: None,
            jitter: None,
        };
        RunRecord { streams: vec![stream], ..Default::default() }
    }

    #[test]
    fn steps_are_round_and_not_too_many() {
        for (seconds, width) in [(1, 0.25), (5, 0.25), (10, 0.5), (20, 1.0), (60, 2.5), (600, 30.0)] {
            let bins = Bins::over(Duration::from_secs(seconds));
            assert_eq!(bins.width, width);
            assert!(bins.count() <= 24);
            assert_eq!(bins.edges().last(), Some(&(seconds as f64)));
        }
    }

    #[test]
    fn loss_is_counted_where_the_packet_was_sent_and_rate_where_it_arrived() {
        let bins = Bins::over(Duration::from_secs(1));
        let run = run(&[(0.0, true), (0.1, false), (0.2, true), (0.24, true), (0.3, true), (0.99, true)]);
        assert_eq!(bins.missing_pct(&run), [25.0, 0.0, 0.0, 0.0]);
        assert_eq!(bins.sent_kbps(&run), [16.0, 4.0, 0.0, 4.0]);
        assert_eq!(
            bins.delivered_kbps(&run),
            [8.0, 8.0, 0.0, 0.0],
            "0.24 arrives in the second step, 0.99 after the end"
        );
        assert_eq!(bins.repair_kbps(&run), [0.0, 8.0, 8.0, 0.0]);
    }

    #[test]
    fn a_frame_is_late_when_one_of_its_packets_is() {
        let bins = Bins::over(Duration::from_secs(1));
        let run = run(&[(0.0, true), (0.1, false), (0.2, true), (0.24, true), (0.3, true), (0.31, true)]);
        assert_eq!(bins.late_pct(&run, Duration::from_millis(45)), [50.0, 0.0, 0.0, 0.0]);
        assert_eq!(bins.late_pct(&run, Duration::from_millis(35)), [100.0, 100.0, 0.0, 0.0]);
    }

    #[test]
    fn a_links_figures_are_those_of_each_step() {
        let bins = Bins::fine(Duration::from_secs(1));
        assert_eq!((bins.width, bins.count()), (0.1, 10));
        assert_eq!(
            [10, 15, 30, 60, 600].map(|s| Bins::fine(Duration::from_secs(s)).width),
            [0.1, 0.1, 0.2, 0.5, 5.0]
        );
        let ms = Duration::from_millis;
        let crossing = |at, queued: Option<u64>| Crossing { at: ms(at), bytes: 1250, queued: queued.map(ms) };
        let crossings = vec![
            crossing(0, Some(3)),
            crossing(99, Some(2)),
            crossing(100, None),
            crossing(310, Some(7)),
            crossing(1000, Some(9)),
        ];
        let record = RateRecord { crossings, ..RateRecord::default() };
        let kbps = bins.crossing_mbps(&record).into_iter().map(|mbps| (mbps * 1000.0).round());
        assert_eq!(kbps.take(4).collect::<Vec<_>>(), [200.0, 100.0, 0.0, 100.0]);
        assert_eq!(bins.queue_ms(&record)[..5], [3.0, 0.0, 0.0, 7.0, 0.0]);
    }

    #[test]
    fn a_short_last_step_is_not_a_slow_one() {
        let bins = Bins { width: 2.0, end: 5.0 };
        let run = run(&[(0.5, true), (1.5, true), (4.5, true)]);
        assert_eq!(bins.sent_kbps(&run), [1.0, 0.0, 1.0]);
    }
}
