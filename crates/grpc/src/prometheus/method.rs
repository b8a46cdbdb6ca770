//! The time series of all methods, and those of one.

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tonic::Code;

use super::code::{CODES, name};
use crate::MethodKind;
use crate::call::{Side, split};

const UNKNOWN: &str = "unknown";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfMethod {
    grpc_type: &'static str,
    grpc_service: String,
    grpc_method: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfCode {
    grpc_type: &'static str,
    grpc_service: String,
    grpc_method: String,
    grpc_code: &'static str,
}

/// Makes histograms with these upper bounds.
#[derive(Clone, Debug)]
struct Bounds(Arc<[f64]>);

impl MetricConstructor<Histogram> for Bounds {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

/// The time series of all methods.
#[derive(Clone, Debug, Default)]
pub(super) struct Families {
    started: Family<OfMethod, Counter>,
    handled: Family<OfCode, Counter>,
    received: Family<OfMethod, Counter>,
    sent: Family<OfMethod, Counter>,
    seconds: Option<Family<OfMethod, Histogram, Bounds>>,
}

/// Those of one method.
pub(super) struct Method {
    kind: Option<MethodKind>,
    pub(super) started: Counter,
    pub(super) received: Counter,
    pub(super) sent: Counter,
    /// By the code's number.
    pub(super) handled: Vec<Counter>,
    pub(super) seconds: Option<Histogram>,
}

impl Families {
    pub(super) fn with_seconds(self, bounds: Arc<[f64]>) -> Self {
        Self { seconds: Some(Family::new_with_constructor(Bounds(bounds))), ..self }
    }

    pub(super) fn method(&self, path: &str, kind: Option<MethodKind>) -> Method {
        let (service, method) = split(path);
        self.series(kind, service, method)
    }

    /// Of all methods that nobody has told of.
    pub(super) fn unknown(&self) -> Method {
        self.series(None, UNKNOWN, UNKNOWN)
    }

    fn series(&self, kind: Option<MethodKind>, service: &str, method: &str) -> Method {
        let labels = OfMethod {
            grpc_type: kind.map_or(UNKNOWN, MethodKind::as_str),
            grpc_service: service.to_owned(),
            grpc_method: method.to_owned(),
        };
        let with_code = |code: usize| OfCode {
            grpc_type: labels.grpc_type,
            grpc_service: labels.grpc_service.clone(),
            grpc_method: labels.grpc_method.clone(),
            grpc_code: name(Code::from_i32(code as i32)),
        };
        Method {
            kind,
            started: self.started.get_or_create_owned(&labels),
            received: self.received.get_or_create_owned(&labels),
            sent: self.sent.get_or_create_owned(&labels),
            handled: (0..CODES).map(|code| self.handled.get_or_create_owned(&with_code(code))).collect(),
            seconds: self.seconds.as_ref().map(|seconds| seconds.get_or_create_owned(&labels)),
        }
    }

    pub(super) fn register(&self, side: Side, registry: &mut Registry) {
        let (prefix, on, by) = match side {
            Side::Server => ("grpc_server", "on the server", "by the server"),
            Side::Client => ("grpc_client", "on the client", "by the client"),
        };
        let of = |what: &str| format!("{prefix}_{what}");
        registry.register(of("started"), format!("Total number of RPCs started {on}"), self.started.clone());
        let handled = format!("Total number of RPCs completed {on}, regardless of success or failure");
        registry.register(of("handled"), handled, self.handled.clone());
        let received = format!("Total number of RPC messages received {on}");
        registry.register(of("msg_received"), received, self.received.clone());
        registry.register(
            of("msg_sent"),
            format!("Total number of RPC messages sent {by}"),
            self.sent.clone(),
        );
        if let Some(seconds) = &self.seconds {
            let help = format!("Histogram of the time in seconds until an RPC was completed {on}");
            registry.register(of("handling_seconds"), help, seconds.clone());
        }
    }
}

impl Method {
    pub(super) const fn kind(&self) -> Option<MethodKind> {
        self.kind
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Method")
            .field("kind", &self.kind)
            .field("started", &self.started.get())
            .finish_non_exhaustive()
    }
}
