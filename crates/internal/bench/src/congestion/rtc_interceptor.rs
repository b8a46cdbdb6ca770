//! `rtc-interceptor` 0.21: its `Gcc`, with the pace and the burst of its own pacer.

use std::time::{Duration, Instant};

use interceptor_congestion::{
    Controller, Decision, Feedback, Outcome, PacketOutcome, RateLimits, Reason, Time,
};
use interceptor_core::packet::Ecn;
use interceptor_core::{LinkCondition, LinkState};
use rmcat::{Contender, Setup};
use rtc_interceptor::{BandwidthEstimator as _, Gcc, PacketReport};
use rtc_rtcp::transport_feedbacks::cc_feedback_report::Ecn as RtcEcn;

/// Its pacer lets go a tenth of a second's worth at once.
const BURST: Duration = Duration::from_millis(100);

/// As its congestion control interceptor runs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct RtcInterceptor;

impl Contender for RtcInterceptor {
    fn name(&self) -> &str {
        "rtc-interceptor"
    }

    fn controller(&self, setup: &Setup) -> anyhow::Result<Box<dyn Controller>> {
        let RateLimits { min, max } = setup.limits;
        Ok(Box::new(Adapter {
            gcc: Gcc::new(setup.start as f64, min as f64, max as f64),
            reports: Vec::new(),
            origin: interceptor_test::Clock::new().now(),
        }))
    }
}

struct Adapter {
    gcc: Gcc,
    reports: Vec<PacketReport>,
    origin: Instant,
}

impl Adapter {
    fn instant(&self, time: Time) -> Instant {
        self.origin + Duration::from_micros(time.micros().unsigned_abs())
    }

    /// `None`: its history says nothing of such a packet.
    fn report(&self, packet: &PacketOutcome) -> Option<PacketReport> {
        let (arrived, at) = match packet.outcome {
            Outcome::Received { at, .. } => (true, at),
            Outcome::Lost => (false, None),
            Outcome::Unknown => return None,
        };
        Some(PacketReport {
            ssrc: 1,
            id: packet.index,
            rtp_sequence_number: packet.index as u16,
            is_twcc: true,
            twcc_sequence_number: packet.index as u16,
            size: packet.bytes as usize,
            arrived,
            departure: self.instant(packet.sent),
            arrival: at.map(|at| Duration::from_micros(at.micros().unsigned_abs())),
            ecn: RtcEcn::default(),
        })
    }
}

impl Controller for Adapter {
    fn on_feedback(&mut self, now: Time, feedback: &Feedback<'_>) {
        let mut reports = std::mem::take(&mut self.reports);
        reports.clear();
        reports.extend(feedback.packets.iter().filter_map(|packet| self.report(packet)));
        self.gcc.on_reports(self.instant(now), &reports);
        self.reports = reports;
    }

    /// It takes limits only at the start.
    fn on_limits(&mut self, _now: Time, _limits: RateLimits) {}

    fn decision(&self) -> Decision {
        let target = self.gcc.target_bitrate() as u64;
        Decision {
            target,
            pacing: target,
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
        }
    }
}
