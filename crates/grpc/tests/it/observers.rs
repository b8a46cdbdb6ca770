//! Who watches: what is kept for a call goes with it on every path; spans; and a watcher that ends calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use interceptor_grpc::{CallHandle, CallInfo, Code, Message, Observer, Status, StreamLayer, StreamLimits};
use tokio_stream::StreamExt;

use crate::support::{Record, Server, answer, drain, echo, messages, never};

/// A pool from which each call has something as long as it runs.
#[derive(Clone, Default)]
struct Pool(Arc<AtomicUsize>);

struct Taken(Arc<AtomicUsize>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Observer for Pool {
    type PerCall = Taken;

    fn started(&self, _: &CallInfo, _: &CallHandle) -> Taken {
        self.0.fetch_add(1, Ordering::Relaxed);
        Taken(Arc::clone(&self.0))
    }
}

#[tokio::test]
async fn what_a_call_has_is_given_back_on_every_path() {
    let pool = Pool::default();
    let (record, mut heard) = Record::new();
    // The pool is told first, and gives back before nothing else is told.
    let limits = StreamLimits::default().with_max_messages(3);
    let layer = StreamLayer::new(limits)
        .unwrap()
        .with_max_streams(1)
        .with_observer(pool.clone())
        .with_observer(record);
    let server = Server::start(layer, |request: tonic::Request<tonic::Streaming<bytes::Bytes>>| async {
        match request.metadata().get("x-do").map(|what| what.as_bytes()) {
            Some(b"fail") => Err(Status::internal("")),
            Some(b"hang") => answer(never(1, 1).map(Ok)),
            Some(b"many") => answer(messages(10, 1).map(Ok)),
            _ => echo(request).await,
        }
    })
    .await;
    for (what, code) in [
        ("echo", Code::Ok),
        ("fail", Code::Internal),
        ("many", Code::ResourceExhausted),
        ("hang", Code::Cancelled),
    ] {
        let mut request = tonic::Request::new(messages(1, 1));
        request.metadata_mut().insert("x-do", what.parse().unwrap());
        let response = crate::support::begin(server.channel.clone(), request).await;
        if what == "hang" {
            let mut response = response.unwrap();
            assert!(response.message().await.unwrap().is_some());
            assert_eq!(pool.0.load(Ordering::Relaxed), 1);
            // A second one is refused; it has had its part, too.
            assert_eq!(server.call(messages(1, 1)).await.code(), Code::ResourceExhausted);
            assert_eq!(heard.next().await.code, Code::ResourceExhausted);
            assert_eq!(pool.0.load(Ordering::Relaxed), 1);
        } else if let Ok(response) = response {
            drain(response).await;
        }
        assert_eq!(heard.next().await.code, code, "{what}");
        // What is kept is dropped right after all have been told.
        while pool.0.load(Ordering::Relaxed) > 0 {
            tokio::task::yield_now().await;
        }
    }
}

/// Something outside of the call that has an eye on it: here the bytes of all calls together.
struct Budget {
    bytes: AtomicUsize,
    max: usize,
}

impl Observer for Budget {
    type PerCall = CallHandle;

    fn started(&self, _: &CallInfo, call: &CallHandle) -> CallHandle {
        call.clone()
    }

    fn message(&self, call: &CallHandle, _: &CallInfo, message: &Message) {
        let bytes = self.bytes.fetch_add(message.bytes as usize, Ordering::Relaxed);
        if bytes + message.bytes as usize > self.max {
            call.cancel(Status::unavailable("out of resources"));
        }
    }
}

#[tokio::test]
async fn respects_resource_limits() {
    let budget = Budget { bytes: AtomicUsize::new(0), max: 50 };
    let layer = StreamLayer::unlimited().with_observer(budget);
    let server = Server::start(layer, |_| async { answer(never(10, 10).map(Ok)) }).await;
    let got = server.call(messages(0, 0)).await;
    assert_eq!((got.code(), got.end.unwrap_err().message()), (Code::Unavailable, "out of resources"));
}

#[tokio::test]
async fn messages_are_told_with_the_time_that_they_waited() {
    let rate = interceptor_grpc::Rate::new(50, Duration::from_secs(1), 1).unwrap();
    let pace = interceptor_grpc::Pace::default().with_messages(rate);
    let (record, mut heard) = Record::new();
    let layer = StreamLayer::new(StreamLimits::default().with_sent(pace)).unwrap().with_observer(record);
    let server = Server::start(layer, |_| async { answer(messages(3, 10).map(Ok)) }).await;
    assert_eq!(server.call(messages(0, 0)).await.messages.len(), 3);
    let waited = heard.next().await.stats.sent.waited;
    let mut sum = Duration::ZERO;
    for n in 0..3 {
        let message = heard.messages.recv().await.unwrap();
        assert_eq!((message.bytes, message.waited.is_zero()), (10, n == 0));
        sum += message.waited;
    }
    assert_eq!(sum, waited);
}

#[cfg(feature = "prometheus")]
mod prometheus {
    //! The text of a scrape.

    use interceptor_grpc::{Code, MethodKind, Metrics, StreamLayer};
    use prometheus_client::registry::Registry;
    use tokio_stream::StreamExt;

    use crate::support::{Raw, Record, Server, echo, messages};

    fn scrape(registry: &Registry) -> Vec<String> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, registry).unwrap();
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    async fn unary(server: &Server, path: &'static str) -> Result<(), tonic::Status> {
        let mut grpc = tonic::client::Grpc::new(server.channel.clone());
        grpc.ready().await.unwrap();
        let path = http::uri::PathAndQuery::from_static(path);
        grpc.unary(tonic::Request::new(bytes::Bytes::new()), path, Raw).await.map(drop)
    }

    /// Compared with the lines that go-grpc-prometheus writes, but for the order of the labels and the wording of the help.
    #[tokio::test]
    async fn a_scrape_has_the_names_and_labels_that_dashboards_know() {
        let metrics = Metrics::server([("/test.Echo/Talk", MethodKind::BidiStream)]);
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        let (record, mut heard) = Record::new();
        let layer = StreamLayer::unlimited().with_observer(metrics).with_observer(record);
        let server = Server::start(layer, echo).await;
        assert_eq!(server.call(messages(3, 10).chain(messages(1, 5))).await.code(), Code::Ok);
        assert!(unary(&server, "/made.Up/Path").await.is_err());
        assert!(unary(&server, "/made.Up/Other").await.is_err());
        for _ in 0..3 {
            heard.next().await;
        }
        let all = scrape(&registry);
        let talk = r#"{grpc_type="bidi_stream",grpc_service="test.Echo",grpc_method="Talk"} "#;
        let unknown = r#"{grpc_type="unknown",grpc_service="unknown",grpc_method="unknown"} "#;
        let counted: Vec<_> =
            all.iter().filter(|line| !line.contains("_code") && !line.starts_with('#')).collect();
        let expected = [
            format!("grpc_server_msg_received_total{talk}4"),
            format!("grpc_server_msg_received_total{unknown}0"),
            format!("grpc_server_msg_sent_total{talk}4"),
            format!("grpc_server_msg_sent_total{unknown}0"),
            format!("grpc_server_started_total{talk}1"),
            format!("grpc_server_started_total{unknown}2"),
        ];
        assert_eq!(counted, expected.iter().collect::<Vec<_>>());
        let handled: Vec<_> =
            all.iter().filter(|line| line.contains("_code") && !line.ends_with(" 0")).collect();
        assert_eq!(
            handled,
            [
                r#"grpc_server_handled_total{grpc_type="bidi_stream",grpc_service="test.Echo",grpc_method="Talk",grpc_code="OK"} 1"#,
                r#"grpc_server_handled_total{grpc_type="unknown",grpc_service="unknown",grpc_method="unknown",grpc_code="Unimplemented"} 2"#,
            ]
        );
        // All codes of all methods are there from the beginning.
        assert_eq!(all.iter().filter(|line| line.contains("grpc_code=")).count(), 2 * 17);
        let types: Vec<_> = all.iter().filter(|line| line.starts_with("# TYPE")).collect();
        assert_eq!(types.len(), 4, "{types:?}");
    }

    #[tokio::test]
    async fn how_long_calls_take_is_a_histogram_where_that_is_wanted() {
        let metrics = Metrics::client([("/test.Echo/Talk", MethodKind::BidiStream)]);
        let metrics = metrics.with_handling_seconds(Some(vec![60.0]));
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        let server = Server::start(StreamLayer::unlimited(), echo).await;
        let (record, mut heard) = Record::new();
        let layer = StreamLayer::unlimited().with_observer(metrics).with_observer(record).client();
        let channel = tower::ServiceBuilder::new().layer(layer).service(server.channel.clone());
        let got = crate::support::call(channel, tonic::Request::new(messages(2, 10))).await;
        assert_eq!(got.code(), Code::Ok);
        heard.next().await;
        let lines = scrape(&registry).join("\n");
        let labels = r#"grpc_type="bidi_stream",grpc_service="test.Echo",grpc_method="Talk""#;
        assert!(lines.contains(&format!("grpc_client_handling_seconds_count{{{labels}}} 1")), "{lines}");
        assert!(
            lines.contains(&format!(r#"grpc_client_handling_seconds_bucket{{le="60.0",{labels}}} 1"#)),
            "{lines}"
        );
        assert!(lines.contains(&format!("grpc_client_msg_sent_total{{{labels}}} 2")), "{lines}");
    }
}

#[cfg(feature = "tracing")]
mod tracing {
    //! What the log says.

    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use interceptor_grpc::{CallHandle, Code, StreamLayer, StreamLimits};

    use crate::support::{Record, Server, echo, messages};

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_call_has_a_span_and_its_end_an_event() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .without_time()
            .with_env_filter("interceptor_grpc=debug,it=debug")
            .finish();
        let _default = tracing::subscriber::set_default(subscriber);
        let (record, mut heard) = Record::new();
        let limits = StreamLimits::default().with_warn_message_bytes(100).with_max_messages(3);
        let layer = StreamLayer::new(limits).unwrap().with_observer(record).with_tracing();
        let server = Server::start(layer, |request: tonic::Request<tonic::Streaming<bytes::Bytes>>| {
            // A handler runs in the span, and may add to it.
            ::tracing::debug!("in the handler");
            request
                .extensions()
                .get::<CallHandle>()
                .unwrap()
                .span()
                .in_scope(|| ::tracing::debug!("by its handle"));
            echo(request)
        })
        .await;
        let got = server.call(messages(4, 101)).await;
        assert_eq!(got.code(), Code::ResourceExhausted);
        heard.next().await;
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let span =
            r#"grpc.call{otel.kind="server" rpc.service="test.Echo" rpc.method="Talk" peer=127.0.0.1:"#;
        assert!(log.lines().all(|line| line.contains(span)), "{log}");
        for said in ["DEBUG", "in the handler", "by its handle"] {
            assert!(log.contains(said), "{said}: {log}");
        }
        // Only the first each way is worth a warning.
        let large = |level: &str| {
            log.lines().filter(|line| line.contains(level) && line.contains("large message")).count()
        };
        assert!(large("WARN") <= 2 && large("WARN") >= 1 && large("DEBUG") >= 2, "{log}");
        let end = log.lines().find(|line| line.contains("call handled")).unwrap();
        for said in ["WARN", "code=ResourceExhausted", "received_messages=3", "cause=more than 3 messages"] {
            assert!(end.contains(said), "{said}: {end}");
        }
    }
}
