//! What became of the packets of a stream, or of all streams of a run, in the form that `--json` prints.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::summary::{millis, percentile, thousandths};
use super::{Frame, PacketRecord, RepairPacket, StreamRecord};

/// Counts, shares and times of one stream, or of several together. Figures are rounded to a thousandth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Media packets sent.
    pub sent: u64,
    /// How many of these the link lost.
    pub lost_on_link: u64,
    /// How many of the lost were delivered after all.
    pub recovered: u64,
    /// How many of these FEC made of others.
    pub recovered_by_fec: u64,
    /// How many of the lost were never delivered.
    pub never_recovered: u64,
    /// Share of the packets sent that the receiving application got, in percent; 100 when nothing was sent.
    pub delivered_pct: f64,
    /// Share of the packets sent that it never got, in percent; 0 when nothing was sent.
    pub residual_loss_pct: f64,
    /// Frames sent: pictures, or packets of audio.
    pub frames: u64,
    /// How many of these were not complete in time, or never.
    pub frames_late: u64,
    /// The same in percent; 0 when nothing was sent.
    pub frames_late_pct: f64,
    /// How long recovery took.
    pub recovery_ms: RecoveryMs,
    /// Payload bytes that the receiving application got.
    pub bytes: u64,
    /// NACK messages that the receiver sent.
    pub nacks: u64,
    /// Retransmissions that the sender sent.
    pub retransmissions: u64,
    /// FEC packets that the sender sent.
    pub fec_packets: u64,
    /// Bytes of both in percent of the media's; 0 when nothing was sent.
    pub overhead_pct: f64,
}

/// Time from the packet that shows the gap to the delivery of the one that fills it, in ms; null when none was recovered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecoveryMs {
    /// Median.
    pub p50: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
}

impl Figures {
    /// Of these streams together; what takes longer than `in_time` is late.
    pub(super) fn of(streams: &[StreamRecord], in_time: Duration) -> Self {
        let packets = || streams.iter().flat_map(|stream| &stream.packets);
        let count = |of: fn(&PacketRecord) -> bool| packets().filter(|packet| of(packet)).count() as u64;
        let frames: Vec<Frame> = streams.iter().flat_map(|stream| stream.frames(in_time)).collect();
        let late = frames.iter().filter(|frame| frame.late).count() as u64;
        let mut times: Vec<Duration> =
            streams.iter().flat_map(StreamRecord::recoveries).map(|(_, took)| took).collect();
        times.sort_unstable();
        let (sent, delivered) = (count(|_| true), count(|packet| packet.delivered.is_some()));
        let repair = || streams.iter().flat_map(|stream| stream.sent_again.iter().chain(&stream.fec));
        let sum = |repair: &mut dyn Iterator<Item = usize>| repair.sum::<usize>() as u64;
        let repair_bytes = sum(&mut repair().map(|packet: &RepairPacket| packet.packet_bytes));
        Self {
            sent,
            lost_on_link: count(|packet| packet.lost_on_link),
            recovered: count(PacketRecord::is_recovered),
            recovered_by_fec: count(|packet| packet.is_recovered() && packet.by_fec),
            never_recovered: count(PacketRecord::is_lost_for_good),
            delivered_pct: if sent == 0 { 100.0 } else { percent(delivered, sent) },
            residual_loss_pct: percent(sent - delivered, sent),
            frames: frames.len() as u64,
            frames_late: late,
            frames_late_pct: percent(late, frames.len() as u64),
            recovery_ms: RecoveryMs {
                p50: percentile(&times, 0.50).map(millis),
                p95: percentile(&times, 0.95).map(millis),
            },
            bytes: packets().filter_map(|packet| packet.delivered).map(|(_, bytes)| bytes as u64).sum(),
            nacks: streams.iter().map(|stream| stream.nacks).sum(),
            retransmissions: streams.iter().map(|stream| stream.sent_again.len() as u64).sum(),
            fec_packets: streams.iter().map(|stream| stream.fec.len() as u64).sum(),
            overhead_pct: percent(repair_bytes, sum(&mut packets().map(|packet| packet.packet_bytes))),
        }
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { thousandths(100.0 * part as f64 / whole as f64) }
}
