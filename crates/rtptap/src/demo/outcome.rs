//! What the demo's two runs measured, packet by packet.

use std::collections::HashMap;
use std::time::Duration;

use crate::sample::Kind;

use interceptor_packet::Unwrapper;

use super::RateRecord;
use super::link::{Direction, LinkConditions, TruthLog, What};

/// Both runs of a demo. All times count from the start of their run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The link that both runs crossed.
    pub link: LinkConditions,
    /// How long media was sent.
    pub duration: Duration,
    /// The run without repair.
    pub off: RunRecord,
    /// The run with repair.
    pub on: RunRecord,
}

/// One run.
#[derive(Clone, Debug, Default)]
pub struct RunRecord {
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
    pub sent_again: Vec<SentAgain>,
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
    /// Whether the link lost its first copy.
    pub lost_on_link: bool,
    /// When the receiving application got it and how many bytes of payload it had then.
    pub delivered: Option<(Duration, usize)>,
}

/// A retransmission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentAgain {
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
}

impl StreamRecord {
    /// Joins the link's log with what the application got; reports and counters are still empty.
    ///
    /// Only the first `measured` packets by sequence number count, with their retransmissions: what is sent after them is
    /// there to show the receiver the end of the stream. Of a packet that is delivered more than once the first delivery counts.
    pub fn from_truth(
        kind: Kind,
        ssrc: u32,
        direction: Direction,
        truth: &TruthLog,
        measured: usize,
        deliveries: impl IntoIterator<Item = Delivery>,
    ) -> Self {
        let mut media = Vec::new();
        let mut sent_again = Vec::new();
        for entry in truth.entries().iter().filter(|entry| entry.direction == direction) {
            let (sent_at, packet_bytes) = (entry.at, entry.bytes);
            match entry.what {
                What::Media { ssrc: of, sequence } if of == ssrc => {
                    let lost_on_link = entry.fate.is_loss();
                    media.push((
                        sequence,
                        PacketRecord { sent_at, packet_bytes, lost_on_link, delivered: None },
                    ));
                }
                What::Retransmission { ssrc: of, sequence, .. } if of == ssrc => {
                    sent_again.push((sequence, SentAgain { at: sent_at, packet_bytes }));
                }
                _ => {}
            }
        }
        media.sort_by_key(|(sequence, _)| *sequence);
        let mut numbers = Unwrapper::new();
        if let Some(&(first, _)) = media.first() {
            let end = first.saturating_add_unsigned(measured as u64);
            media.retain(|(sequence, _)| *sequence < end);
            sent_again.retain(|(sequence, _)| *sequence < end);
            // Deliveries are placed next to it.
            numbers.unwrap(first as u16);
        }
        let places: HashMap<i64, usize> = media.iter().enumerate().map(|(i, (n, _))| (*n, i)).collect();
        let mut packets: Vec<PacketRecord> = media.into_iter().map(|(_, packet)| packet).collect();
        for delivery in deliveries {
            let number = numbers.unwrap(delivery.sequence);
            if let Some(packet) = places.get(&number).and_then(|&i| packets.get_mut(i)) {
                packet.delivered.get_or_insert((delivery.at, delivery.payload_bytes));
            }
        }
        let sent_again = sent_again.into_iter().map(|(_, again)| again).collect();
        Self { kind, ssrc, packets, sent_again, nacks: 0, rtt: None, jitter: None }
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
