//! `goog_cc` 0.1.4: libwebrtc's controller, ported as it was in December 2024.

mod seat;

use std::time::Duration;

use goog_cc::transport::{
    NetworkControlUpdate, PacedPacketInfo, PacketResult, ProbeClusterConfig, SentPacket, TransportLossReport,
    TransportPacketsFeedback,
};
use goog_cc::units::{DataRate, DataSize, Timestamp};
use interceptor_congestion::{
    Controller, Decision, Feedback, LossReport, Outcome, PacketOutcome, RateLimits, Reason, Sent, Time,
};
use interceptor_core::packet::Ecn;
use interceptor_core::{LinkCondition, LinkState, Probe};
use rmcat::{Contender, Setup};

use self::seat::Seat;

/// How much libwebrtc's pacer lets go at once.
const BURST: Duration = Duration::from_millis(40);

/// How often libwebrtc calls the controller, whatever else happens.
const PROCESS_INTERVAL: Duration = Duration::from_millis(25);

/// Clusters that feedback may still come of.
const CLUSTERS: usize = 16;

/// As libwebrtc runs it: pacing 1.1 times the target, in bursts of 40 ms.
#[derive(Clone, Copy, Debug)]
pub(super) struct GoogCc;

impl Contender for GoogCc {
    fn name(&self) -> &str {
        "goog_cc"
    }

    fn controller(&self, setup: &Setup) -> anyhow::Result<Box<dyn Controller>> {
        Ok(Box::new(Adapter::new(setup)))
    }
}

struct Adapter {
    seat: Seat,
    decision: Decision,
    next_process: Time,
    probes: Vec<Probe>,
    clusters: Vec<ProbeClusterConfig>,
}

impl Adapter {
    fn new(setup: &Setup) -> Self {
        let decision = Decision {
            target: setup.start,
            pacing: setup.start * 11 / 10,
            padding: 0,
            window: None,
            burst: BURST,
            ect: Ecn::NotEct,
            link: LinkState {
                rtt: Duration::ZERO,
                queue: Duration::ZERO,
                loss_ppm: 0,
                state: LinkCondition::Clear,
            },
            reason: Reason::Start,
        };
        Self {
            seat: Seat::new(setup),
            decision,
            next_process: Time::MIN,
            probes: Vec::new(),
            clusters: Vec::new(),
        }
    }

    fn apply(&mut self, update: NetworkControlUpdate) {
        if let Some(target) = update.target_rate {
            self.decision.target = rate(target.target_rate);
        }
        if let Some(pacer) = update.pacer_config {
            self.decision.pacing = rate(pacer.data_rate());
            self.decision.padding = rate(pacer.pad_rate());
        }
        if let Some(window) = update.congestion_window {
            self.decision.window = window.is_finite().then(|| window.bytes() as u32);
        }
        for cluster in update.probe_cluster_configs {
            self.probes.push(probe_of(&cluster));
            self.clusters.push(cluster);
        }
        let old = self.clusters.len().saturating_sub(CLUSTERS);
        self.clusters.drain(..old);
    }

    fn packet(&self, index: u64, sent: Time, bytes: u32, probe: Option<u8>) -> SentPacket {
        let cluster = probe.and_then(|id| self.clusters.iter().rev().find(|cluster| cluster.id as u8 == id));
        SentPacket {
            send_time: timestamp(sent),
            size: DataSize::from_bytes(i64::from(bytes)),
            pacing_info: cluster.map(pacing_info).unwrap_or_default(),
            sequence_number: index as i64,
            ..SentPacket::default()
        }
    }

    /// `None`: libwebrtc hears nothing of such a packet.
    fn result(&self, packet: &PacketOutcome) -> Option<PacketResult> {
        let receive_time = match packet.outcome {
            Outcome::Received { at, .. } => timestamp(at?),
            Outcome::Lost => Timestamp::plus_infinity(),
            Outcome::Unknown => return None,
        };
        let sent_packet = self.packet(packet.index, packet.sent, packet.bytes, packet.probe);
        Some(PacketResult { sent_packet, receive_time, ..PacketResult::default() })
    }
}

impl Controller for Adapter {
    fn on_sent(&mut self, now: Time, sent: &Sent, in_flight: u32) {
        let packet = self.packet(sent.index, now, sent.bytes, sent.probe);
        let data_in_flight = DataSize::from_bytes(i64::from(in_flight));
        let update = self.seat.sent(SentPacket { data_in_flight, ..packet });
        self.apply(update);
    }

    fn on_feedback(&mut self, now: Time, feedback: &Feedback<'_>) {
        let packets: Vec<PacketResult> =
            feedback.packets.iter().filter_map(|packet| self.result(packet)).collect();
        if !packets.iter().any(PacketResult::is_received) {
            // It would panic.
            return;
        }
        let update = self.seat.feedback(TransportPacketsFeedback {
            feedback_time: timestamp(now),
            data_in_flight: DataSize::from_bytes(i64::from(feedback.in_flight)),
            packet_feedbacks: packets,
            sendless_arrival_times: Vec::new(),
        });
        self.apply(update);
    }

    fn on_report(&mut self, now: Time, report: &LossReport) {
        if let Some(rtt) = report.rtt {
            let update = self.seat.round_trip(timestamp(now), rtt);
            self.apply(update);
        }
        let update = self.seat.losses(TransportLossReport {
            receive_time: timestamp(now),
            packets_lost_delta: u64::from(report.lost),
            packets_received_delta: u64::from(report.packets - report.lost.min(report.packets)),
            ..TransportLossReport::default()
        });
        self.apply(update);
    }

    fn on_limits(&mut self, now: Time, limits: RateLimits) {
        let update = self.seat.limits(timestamp(now), limits);
        self.apply(update);
    }

    fn on_timeout(&mut self, now: Time) {
        self.next_process = now + PROCESS_INTERVAL;
        let update = self.seat.process(timestamp(now));
        self.apply(update);
    }

    fn next_timeout(&self) -> Option<Time> {
        Some(self.next_process)
    }

    fn decision(&self) -> Decision {
        self.decision
    }

    fn poll_probe(&mut self) -> Option<Probe> {
        (!self.probes.is_empty()).then(|| self.probes.remove(0))
    }
}

fn probe_of(cluster: &ProbeClusterConfig) -> Probe {
    let rate = rate(cluster.target_data_rate);
    Probe {
        id: cluster.id as u8,
        rate,
        min_bytes: min_bytes(cluster) as u32,
        min_packets: cluster.target_probe_count as u16,
        min_gap: Duration::from_micros(cluster.min_probe_delta.us().unsigned_abs()),
    }
}

fn pacing_info(cluster: &ProbeClusterConfig) -> PacedPacketInfo {
    let probes = i64::from(cluster.target_probe_count);
    let mut info = PacedPacketInfo::new(cluster.id, probes, min_bytes(cluster));
    info.send_bitrate = cluster.target_data_rate;
    info
}

fn min_bytes(cluster: &ProbeClusterConfig) -> i64 {
    (cluster.target_data_rate * cluster.target_duration).bytes()
}

/// What is not finite is as much as one likes.
fn rate(rate: DataRate) -> u64 {
    if rate.is_finite() { rate.bps().unsigned_abs() } else { u64::from(u32::MAX) }
}

/// Its times may not be negative, and zero is an unset one.
fn timestamp(time: Time) -> Timestamp {
    Timestamp::from_micros(time.micros() + 100_000_000)
}
