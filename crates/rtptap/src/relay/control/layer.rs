//! What stands around every call: `interceptor-grpc`, with the limits of each method, and its counters.

use std::time::Duration;

use interceptor_grpc::{CallLimits, LimitsError, MethodKind, Metrics, Pace, Rate, StreamLayer, StreamLimits};

use super::generated::relay_server::RelayServer;
use super::service::Control;

/// The methods, for limits and metrics.
const WATCH: (&str, MethodKind) = ("/rtptap.v1.Relay/Watch", MethodKind::ServerStream);
const LEGS: (&str, MethodKind) = ("/rtptap.v1.Relay/Legs", MethodKind::Unary);
const SET_RULES: (&str, MethodKind) = ("/rtptap.v1.Relay/SetRules", MethodKind::Unary);
const CAPTURE: (&str, MethodKind) = ("/rtptap.v1.Relay/Capture", MethodKind::BidiStream);

/// Calls of one host at a time, and of all.
const CALLS_OF_A_HOST: usize = 16;
const CALLS: usize = 64;

/// How long a call without a stream may take.
const MAX_UNARY: Duration = Duration::from_secs(10);

/// How long a stream may be still: longer than the longest interval of `Watch`, and than a source is silent whose capture somebody waits for.
const MAX_IDLE: Duration = Duration::from_secs(2 * 3600);

/// Bytes of a message to the relay.
const MAX_MESSAGE_BYTES: usize = 64 << 10;

/// Bytes a second of one capture, 134 Mbit/s, and as many at once: more is sent later, so packets wait and in the end are dropped.
const CAPTURE_BYTES: u64 = 16 << 20;

/// The layer, and what it counts.
#[derive(Clone, Debug)]
pub(super) struct Around {
    pub(super) layer: StreamLayer,
    pub(super) metrics: Metrics,
}

impl Around {
    pub(super) fn new() -> Result<Self, LimitsError> {
        let metrics = Metrics::server([WATCH, LEGS, SET_RULES, CAPTURE]);
        let unary = StreamLimits::default().with_max_duration(MAX_UNARY);
        let stream = StreamLimits::default().with_max_idle(MAX_IDLE);
        let rate = Rate::per_second(CAPTURE_BYTES).ok();
        let paced = rate.map_or(stream, |rate| stream.with_sent(Pace::default().with_bytes(rate)));
        let of = |limits: StreamLimits, kind| CallLimits::new(limits).with_kind(kind);
        let layer = StreamLayer::new(unary)?
            .with_method(WATCH.0, of(stream, WATCH.1))?
            .with_method(CAPTURE.0, of(paced, CAPTURE.1))?
            .with_method(LEGS.0, of(unary, LEGS.1))?
            .with_method(SET_RULES.0, of(unary, SET_RULES.1))?
            .with_streams_per_peer(CALLS_OF_A_HOST)
            .with_max_streams(CALLS)
            .with_observer(metrics.clone());
        Ok(Self { layer, metrics })
    }
}

/// The service inside.
pub(super) fn service(control: Control) -> RelayServer<Control> {
    RelayServer::new(control).max_decoding_message_size(MAX_MESSAGE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_in_range() {
        Around::new().unwrap();
        assert!(Rate::per_second(CAPTURE_BYTES).is_ok());
    }
}
