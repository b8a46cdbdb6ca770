//! Metrics for Prometheus, with the names and labels of go-grpc-prometheus.

mod code;
mod method;

use std::collections::HashMap;
use std::sync::Arc;

use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tonic::Code;

use self::method::{Families, Method};
use crate::call::Side;
use crate::{CallHandle, CallInfo, Direction, Message, MethodKind, Observer, StreamStats};

/// Bounds in seconds of what [`Metrics::with_handling_seconds`] is mostly given: those of Prometheus' own libraries.
const SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Counts calls and messages for Prometheus, under the names that dashboards for go-grpc-prometheus look for: `grpc_server_started_total`,
/// `grpc_server_handled_total`, `grpc_server_msg_received_total`, `grpc_server_msg_sent_total` and, if asked for, `grpc_server_handling_seconds`; for
/// a client `grpc_client_…`.
///
/// The labels are `grpc_type`, `grpc_service` and `grpc_method`, and `grpc_code` for the calls that were handled. Every method that it is told of is
/// there from the beginning, with every code. **A method that it is not told of counts as `unknown`, in all three**: a path is whatever a peer writes,
/// and each would be another time series.
///
/// ```
/// use interceptor_grpc::{Metrics, MethodKind, StreamLayer};
/// use prometheus_client::registry::Registry;
///
/// let metrics = Metrics::server([("/chat.v1.Chat/Talk", MethodKind::BidiStream)]).with_handling_seconds(None);
/// let mut registry = Registry::default();
/// metrics.register(&mut registry);
/// let layer = StreamLayer::unlimited().with_observer(metrics);
///
/// let mut text = String::new();
/// prometheus_client::encoding::text::encode(&mut text, &registry)?;
/// let started = r#"grpc_server_started_total{grpc_type="bidi_stream",grpc_service="chat.v1.Chat",grpc_method="Talk"} 0"#;
/// assert!(text.contains(started), "{text}");
/// # drop(layer);
/// # Ok::<(), std::fmt::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Metrics {
    side: Side,
    families: Families,
    methods: HashMap<Box<str>, Arc<Method>>,
    unknown: Arc<Method>,
}

impl Metrics {
    /// Of a server with these methods: paths such as `/chat.v1.Chat/Talk`.
    #[must_use]
    pub fn server<'a>(methods: impl IntoIterator<Item = (&'a str, MethodKind)>) -> Self {
        Self::new(Side::Server, methods)
    }

    /// Of a client that calls these methods.
    #[must_use]
    pub fn client<'a>(methods: impl IntoIterator<Item = (&'a str, MethodKind)>) -> Self {
        Self::new(Side::Client, methods)
    }

    /// Adds how long calls take, as a histogram with these upper bounds in seconds; `None`: 5 ms to 10 s, as Prometheus' libraries have it.
    /// Default: none, since each bound is a time series for each method.
    #[must_use]
    pub fn with_handling_seconds(mut self, bounds: Option<Vec<f64>>) -> Self {
        let bounds: Arc<[f64]> = bounds.map_or_else(|| Arc::from(SECONDS), Arc::from);
        self.families = self.families.with_seconds(bounds);
        let paths: Vec<_> = self.methods.iter().map(|(path, method)| (path.clone(), method.kind())).collect();
        for (path, kind) in paths {
            let method = Arc::new(self.families.method(&path, kind));
            self.methods.insert(path, method);
        }
        self.unknown = Arc::new(self.families.unknown());
        self
    }

    /// Puts them into a registry; at most once, or they stand there twice.
    pub fn register(&self, registry: &mut Registry) {
        self.families.register(self.side, registry);
    }

    fn new<'a>(side: Side, methods: impl IntoIterator<Item = (&'a str, MethodKind)>) -> Self {
        let families = Families::default();
        let methods = methods.into_iter();
        let methods = methods.map(|(path, kind)| (path.into(), Arc::new(families.method(path, Some(kind)))));
        Self { side, methods: methods.collect(), unknown: Arc::new(families.unknown()), families }
    }
}

impl Observer for Metrics {
    /// The method's counters, looked up once.
    type PerCall = Counting;

    fn started(&self, info: &CallInfo, _: &CallHandle) -> Counting {
        let method = self.methods.get(info.path()).unwrap_or(&self.unknown);
        method.started.inc();
        Counting(Arc::clone(method))
    }

    fn message(&self, Counting(method): &Counting, _: &CallInfo, message: &Message) {
        match message.direction {
            Direction::Received => method.received.inc(),
            Direction::Sent => method.sent.inc(),
        };
    }

    fn handled(&self, Counting(method): &Counting, _: &CallInfo, stats: &StreamStats, code: Code) {
        if let Some(handled) = method.handled.get(code as usize) {
            handled.inc();
        }
        if let Some(seconds) = &method.seconds {
            Histogram::observe(seconds, stats.duration.as_secs_f64());
        }
    }
}

/// What [`Metrics`] keeps for a call.
#[derive(Debug)]
pub struct Counting(Arc<Method>);
