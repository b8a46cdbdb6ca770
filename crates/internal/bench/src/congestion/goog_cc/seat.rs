//! Where the port sits: it cannot go from one thread to another, and a run stays on one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use goog_cc::network_control::{NetworkControllerConfig, NetworkControllerInterface as _};
use goog_cc::transport::{
    NetworkAvailability, NetworkControlUpdate, ProcessInterval, RoundTripTimeUpdate, SentPacket,
    StreamsConfig, TargetRateConstraints, TransportLossReport, TransportPacketsFeedback,
};
use goog_cc::units::{DataRate, TimeDelta, Timestamp};
use goog_cc::{GoogCcConfig, GoogCcNetworkController};
use interceptor_congestion::RateLimits;
use rmcat::Setup;

/// How much faster than the target libwebrtc's pacer sends (since December 2025; 2.5 before).
const PACING_FACTOR: f64 = 1.1;

thread_local! {
    static SEATED: RefCell<BTreeMap<u64, GoogCcNetworkController>> = const { RefCell::new(BTreeMap::new()) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// One controller of this thread.
pub(super) struct Seat(u64);

impl Seat {
    pub(super) fn new(setup: &Setup) -> Self {
        let config = NetworkControllerConfig {
            constraints: constraints(Timestamp::from_millis(100_000), setup.limits, Some(setup.start)),
            stream_based_config: StreamsConfig {
                requests_alr_probing: Some(true),
                ..StreamsConfig::default()
            },
            ..NetworkControllerConfig::default()
        };
        let mut controller = GoogCcNetworkController::new(config, GoogCcConfig::default());
        controller.on_network_availability(NetworkAvailability {
            at_time: Timestamp::from_millis(100_000),
            network_available: true,
        });
        controller.on_streams_config(StreamsConfig {
            at_time: Timestamp::from_millis(100_000),
            pacing_factor: Some(PACING_FACTOR),
            max_total_allocated_bitrate: Some(data_rate(setup.limits.max)),
            ..StreamsConfig::default()
        });
        let seat = NEXT.replace(NEXT.get() + 1);
        SEATED.with_borrow_mut(|seated| seated.insert(seat, controller));
        Self(seat)
    }

    pub(super) fn sent(&self, packet: SentPacket) -> NetworkControlUpdate {
        self.call(|controller| controller.on_sent_packet(packet))
    }

    pub(super) fn feedback(&self, feedback: TransportPacketsFeedback) -> NetworkControlUpdate {
        self.call(|controller| controller.on_transport_packets_feedback(feedback))
    }

    pub(super) fn round_trip(&self, at: Timestamp, rtt: Duration) -> NetworkControlUpdate {
        self.call(|controller| {
            controller.on_round_trip_time_update(RoundTripTimeUpdate {
                receive_time: at,
                round_trip_time: TimeDelta::from_micros(rtt.as_micros() as i64),
                smoothed: false,
            })
        })
    }

    pub(super) fn losses(&self, report: TransportLossReport) -> NetworkControlUpdate {
        self.call(|controller| controller.on_transport_loss_report(report))
    }

    pub(super) fn limits(&self, at: Timestamp, limits: RateLimits) -> NetworkControlUpdate {
        self.call(|controller| controller.on_target_rate_constraints(constraints(at, limits, None)))
    }

    pub(super) fn process(&self, at: Timestamp) -> NetworkControlUpdate {
        self.call(|controller| {
            controller.on_process_interval(ProcessInterval { at_time: at, ..ProcessInterval::default() })
        })
    }

    /// On another thread nobody sits there, and nothing happens.
    fn call(
        &self,
        call: impl FnOnce(&mut GoogCcNetworkController) -> NetworkControlUpdate,
    ) -> NetworkControlUpdate {
        SEATED.with_borrow_mut(|seated| seated.get_mut(&self.0).map(call)).unwrap_or_default()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        SEATED.with_borrow_mut(|seated| seated.remove(&self.0));
    }
}

fn constraints(at: Timestamp, limits: RateLimits, start: Option<u64>) -> TargetRateConstraints {
    TargetRateConstraints {
        at_time: at,
        min_data_rate: Some(data_rate(limits.min)),
        max_data_rate: Some(data_rate(limits.max)),
        starting_rate: start.map(data_rate),
    }
}

fn data_rate(bits_per_second: u64) -> DataRate {
    DataRate::from_bits_per_sec(bits_per_second as i64)
}
