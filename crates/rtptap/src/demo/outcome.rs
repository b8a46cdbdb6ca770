//! What the demo's runs measured, packet by packet.

use std::collections::HashMap;
use std::time::Duration;

use crate::sample::Kind;

use interceptor_packet::Unwrapper;

use super::link::{Direction, LinkConditions, TruthLog, What};
use super::{RateRecord, Repair};

/// All runs of a demo. All times count from the start of their run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The link that all runs crossed.
    pub link: LinkConditions,
    /// How long media was sent.
    pub duration: Duration,
    /// How long a receiver waits for what is missing: what comes later than the link's delay and this, comes too late.
    pub wait: Duration,
    /// The run without repair first.
    pub runs: Vec<RunRecord>,
}

impl Outcome {
    /// What a packet may take from the link to the application before it is late.
    #[must_use]
    pub fn in_time(&self) -> Duration {
        self.link.delay + self.wait
    }
}

/// One run.
#[derive(Clone, Debug, Default)]
pub struct RunRecord {
    /// What mended its losses.
    pub repair: Repair,
    /// Its media streams, audio first.
    pub streams: Vec<StreamRecord>,
    /// RTCP messages of both endpoints.
    pub rtcp: RtcpCounts,
    /// What it did with the link's rate, where that is limited.
    pub rate: Option<RateRecord>,
}

/// RTCP messages that both endpoints sent, whether or not the link lost them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RtcpCounts {
    /// Sender reports (RFC 3550 §6.4.1).
    pub sender_reports: u64,
    /// Receiver reports (RFC 3550 §6.4.2).
    pub receiver_reports: u64,
    /// Generic NACK messages (RFC 4585 §6.2.1), each of which may name many packets.
    pub nacks: u64,
    /// Picture loss indications (RFC 4585 §6.3.1).
    pub plis: u64,
}

/// One media stream of a run.
#[derive(Clone, Debug)]
pub struct StreamRecord {
    /// Audio or video.
    pub kind: Kind,
    /// SSRC of the media.
    pub ssrc: u32,
    /// Every media packet that was sent, by rising sequence number.
    pub packets: Vec<PacketRecord>,
    /// Every retransmission that reached the link, in order of time.
    pub sent_again: Vec<RepairPacket>,
    /// Every FEC packet that reached the link, in order of time.
    pub fec: Vec<RepairPacket>,
    /// NACK messages that the receiver sent for this stream.
    pub nacks: u64,
    /// Round-trip time from RTCP (RFC 3550 §6.4.1), the mean of the run's measurements.
    pub rtt: Option<Duration>,
    /// Interarrival jitter (RFC 3550 §6.4.1) at the end of the run.
    pub jitter: Option<Duration>,
}

/// One media packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketRecord {
    /// When its first copy reached the link.
    pub sent_at: Duration,
    /// Size of the RTP packet in bytes, header included.
    pub packet_bytes: usize,
    /// Which frame it belongs to; neighbours with the same number are one frame.
    pub frame: u32,
    /// Whether the link lost its first copy.
    pub lost_on_link: bool,
    /// When the receiving application got it and how many bytes of payload it had then.
    pub delivered: Option<(Duration, usize)>,
    /// Whether it was then made of others, by FEC.
    pub by_fec: bool,
}

/// A packet that only repairs others: a retransmission, or forward error correction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepairPacket {
    /// When it reached the link.
    pub at: Duration,
    /// Size of the RTP packet in bytes, header included.
    pub packet_bytes: usize,
}

/// A packet that the receiving application got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The media packet's sequence number.
    pub sequence: u16,
    /// When.
    pub at: Duration,
    /// Bytes of payload, without header and padding.
    pub payload_bytes: usize,
    /// Whether FEC made it of others.
    pub by_fec: bool,
}

/// A frame of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// When its first packet reached the link.
    pub sent_at: Duration,
    /// Whether it was not complete in time, or never.
    pub late: bool,
}

impl StreamRecord {
    /// Joins the link's log with what the application got; reports and counters are still empty.
    ///
    /// `frames` says to which frame each packet belongs, by rising sequence number. Only those packets count, with their
    /// retransmissions: what is sent after them is there to show the receiver the end of the stream. Of a packet that is delivered
    /// more than once the first delivery counts.
    pub fn from_truth(
        kind: Kind,
        ssrc: u32,
        direction: Direction,
        truth: &TruthLog,
        frames: &[u32],
        deliveries: impl IntoIterator<Item = Delivery>,
    ) -> Self {
        let mut media = Vec::new();
        let mut sent_again = Vec::new();
        for entry in truth.entries().iter().filter(|entry| entry.direction == direction) {
            let (sent_at, packet_bytes) = (entry.at, entry.bytes);
            match entry.what {
                What::Media { ssrc: of, sequence } if of == ssrc => {
                    let lost_on_link = entry.fate.is_loss();
                    let (frame, delivered, by_fec) = (0, None, false);
                    let packet =
                        PacketRecord { sent_at, packet_bytes, frame, lost_on_link, delivered, by_fec };
                    media.push((sequence, packet));
                }
                What::Retransmission { ssrc: of, sequence, .. } if of == ssrc => {
                    sent_again.push((sequence, RepairPacket { at: sent_at, packet_bytes }));
                }
                _ => {}
            }
        }
        media.sort_by_key(|(sequence, _)| *sequence);
        let mut numbers = Unwrapper::new();
        if let Some(&(first, _)) = media.first() {
            let end = first.saturating_add_unsigned(frames.len() as u64);
            media.retain(|(sequence, _)| *sequence < end);
            for (sequence, packet) in &mut media {
                let place = usize::try_from(*sequence - first).unwrap_or(usize::MAX);
                packet.frame = frames.get(place).copied().unwrap_or_default();
            }
            sent_again.retain(|(sequence, _)| *sequence < end);
            // Deliveries are placed next to it.
            numbers.unwrap(first as u16);
        }
        let places: HashMap<i64, usize> = media.iter().enumerate().map(|(i, (n, _))| (*n, i)).collect();
        let mut packets: Vec<PacketRecord> = media.into_iter().map(|(_, packet)| packet).collect();
        for delivery in deliveries {
            let number = numbers.unwrap(delivery.sequence);
            if let Some(packet) = places.get(&number).and_then(|&i| packets.get_mut(i)) {
                packet.deliver(&delivery);
            }
        }
        let sent_again = sent_again.into_iter().map(|(_, again)| again).collect();
        let (fec, nacks) = (Vec::new(), 0);
        Self { kind, ssrc, packets, sent_again, fec, nacks, rtt: None, jitter: None }
    }

    /// The same with the FEC packets that the link's log has of it: those that were sent before the first packet that does not count.
    #[must_use]
    pub fn with_fec(mut self, fec_ssrc: u32, direction: Direction, truth: &TruthLog) -> Self {
        let end =
            truth.media(direction, self.ssrc).nth(self.packets.len()).map_or(Duration::MAX, |(_, at, _)| at);
        let of = |what| matches!(what, What::Media { ssrc, .. } if ssrc == fec_ssrc);
        let entries = truth.entries().iter().filter(|entry| entry.direction == direction && of(entry.what));
        let packets = entries.map(|entry| RepairPacket { at: entry.at, packet_bytes: entry.bytes });
        self.fec = packets.take_while(|packet| packet.at < end).collect();
        self
    }

    /// Every frame. It is late unless each of its packets was delivered within `in_time` of reaching the link.
    pub fn frames(&self, in_time: Duration) -> impl Iterator<Item = Frame> + '_ {
        let is_late =
            move |packet: &PacketRecord| packet.delivered.is_none_or(|(at, _)| at > packet.sent_at + in_time);
        self.packets.chunk_by(|a, b| a.frame == b.frame).filter_map(move |packets| {
            let sent_at = packets.iter().map(|packet| packet.sent_at).min()?;
            Some(Frame { sent_at, late: packets.iter().any(is_late) })
        })
    }

    /// Every recovered packet: when it was sent, and how long its recovery took.
    ///
    /// The time to recover runs from the arrival of the next packet of the stream that got through by itself, which is
    /// what shows the gap, to the delivery of the recovered packet.
    #[must_use]
    pub fn recoveries(&self) -> Vec<(Duration, Duration)> {
        let mut next_arrival: Option<Duration> = None;
        let mut found = Vec::new();
        for packet in self.packets.iter().rev() {
            match (packet.lost_on_link, packet.delivered) {
                (false, Some((at, _))) => next_arrival = Some(next_arrival.map_or(at, |next| next.min(at))),
                (true, Some((at, _))) => {
                    found.extend(next_arrival.map(|noticed| (packet.sent_at, at.saturating_sub(noticed))));
                }
                (_, None) => {}
            }
        }
        found.reverse();
        found
    }
}

impl PacketRecord {
    fn deliver(&mut self, delivery: &Delivery) {
        if self.delivered.is_none() {
            self.delivered = Some((delivery.at, delivery.payload_bytes));
            self.by_fec = delivery.by_fec;
        }
    }

    /// Lost on the link and delivered all the same.
    #[must_use]
    pub fn is_recovered(&self) -> bool {
        self.lost_on_link && self.delivered.is_some()
    }

    /// Lost on the link for good.
    #[must_use]
    pub fn is_lost_for_good(&self) -> bool {
        self.lost_on_link && self.delivered.is_none()
    }
}
