//! Connections come and go, and leave nothing.

use std::sync::Arc;
use std::time::Duration;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Context, Event, Flow, Interceptor, Registry, Result, Stage, StreamInfo};
use interceptor_nack::NackFactory;
use interceptor_webrtc::{AdapterOptions, ChainBuilder, ChainHandle};

use crate::host::{Host, repair, write};

fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

/// A connection with streams both ways, all of which are used.
async fn used(builder: &ChainBuilder) -> (Host, Arc<crate::host::Wire>) {
    let host = Host::of(builder);
    let (writer, wire) = host.local().await;
    host.local_rtx().await;
    let (reader, feed) = host.remote().await;
    let (_again, _rtcp) = (host.remote_rtx().await, host.rtcp_writer().await);
    let (_reports, _compounds) = host.rtcp_reader().await;
    write(&writer, 1).await;
    feed.send(Ok(crate::host::packet(1))).unwrap();
    crate::host::read(&reader).await;
    (host, wire)
}

#[tokio::test(start_paused = true)]
async fn a_thousand_connections_leave_no_task_and_no_chain() {
    let (before, builder) = (tasks(), ChainBuilder::new(repair()));
    let connections = builder.connections();
    let mut handles = Vec::new();
    for number in 1..=1000 {
        let (host, wire) = used(&builder).await;
        assert_eq!(&**host.chain.id(), format!("webrtc-{number}"));
        host.interceptor.close().await.unwrap();
        assert_eq!(Arc::strong_count(&wire), 1, "the host's writers are let go of at once");
        handles.push(host.chain);
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(tasks(), before);
    assert!(handles.iter().all(ChainHandle::is_gone));
    assert!(connections.all().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_only_dropped_leaves_nothing_either() {
    let (before, builder) = (tasks(), ChainBuilder::new(repair()));
    let (host, wire) = used(&builder).await;
    let handle = host.chain.clone();
    drop(host);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(tasks(), before);
    assert!(handle.is_gone() && handle.counters().is_none() && handle.next_event().await.is_none());
    assert_eq!(Arc::strong_count(&wire), 1);
}

#[tokio::test(start_paused = true)]
async fn connections_are_found_by_their_names() {
    let builder = ChainBuilder::new(repair()).with_id(|number| format!("call {number}"));
    let connections = builder.connections();
    let hosts = [Host::of(&builder), Host::of(&builder)];
    let names: Vec<_> = connections.all().iter().map(|handle| handle.id().to_string()).collect();
    assert_eq!(names, ["call 1", "call 2"]);
    assert!(connections.find("call 1").is_some() && connections.find("call 3").is_none());
    drop(hosts);
    assert!(connections.last().is_none());
}

#[tokio::test(start_paused = true)]
async fn events_come_to_who_waits_for_them_and_end_with_the_connection() {
    let host = Host::new(repair());
    let handle = host.chain.clone();
    let waiting = tokio::spawn(async move {
        let first = handle.next_event().await;
        (first, handle.next_event().await)
    });
    let (writer, _wire) = host.local().await;
    write(&writer, 1).await;
    make_loud(&host);
    write(&writer, 2).await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    host.interceptor.close().await.unwrap();
    let (first, second) = waiting.await.unwrap();
    assert_eq!(first.unwrap().raised::<u8>(), Some(&7));
    assert!(second.is_none());
}

fn make_loud(host: &Host) {
    let now = tokio::time::Instant::now().into_std();
    host.chain.with_chain(|chain| chain.insert("loud", Stage::APPLICATION, Loud, now)).unwrap().unwrap();
}

/// Raises an event for each packet.
struct Loud;

impl Interceptor for Loud {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, _: &mut (), _: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        cx.raise(7_u8);
        Ok(Flow::Forward)
    }
}

#[tokio::test(start_paused = true)]
async fn events_that_nobody_reads_are_bounded_and_counted() {
    let builder = ChainBuilder::new(Registry::new());
    let host = Host::of(&builder.with_options(AdapterOptions::default().with_event_queue(3)));
    make_loud(&host);
    let (writer, _wire) = host.local().await;
    for number in 0..10 {
        write(&writer, number).await;
    }
    assert_eq!(host.adapter().dropped_events, 7);
    let rest: Vec<Event> = std::iter::from_fn(|| host.chain.try_event()).collect();
    assert_eq!(rest.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn interceptors_come_and_go_while_it_runs() {
    let host = Host::new(Registry::new());
    let (writer, _wire) = host.local().await;
    write(&writer, 1).await;
    host.chain.insert(&NackFactory::default()).unwrap();
    let layout = host.chain.layout().unwrap();
    assert_eq!((layout.rows()[0].name, layout.rows()[0].local_streams), ("nack", 1));
    assert!(host.chain.remove("nack").unwrap());
    assert!(!host.chain.remove("nack").unwrap());
}

#[test]
fn without_a_runtime_nothing_is_built() {
    use interceptor::InterceptorBuilder;
    let error = ChainBuilder::new(repair()).build("").err().expect("no runtime");
    assert!(error.to_string().contains("runtime"), "{error}");
}

#[tokio::test]
async fn options_outside_their_range_are_refused() {
    use interceptor::InterceptorBuilder;
    let refused = |options: AdapterOptions| {
        ChainBuilder::new(repair()).with_options(options).build("").err().expect("refused").to_string()
    };
    let default = AdapterOptions::default;
    for (options, field) in [
        (default().with_rtcp_queue(1 << 17, 1 << 16), "rtcp_queue is"),
        (default().with_rtcp_queue(1, 0), "rtcp_queue_bytes is"),
        (default().with_repaired_queue(0, 1 << 16), "repaired_queue is"),
        (default().with_repaired_queue(1, 0), "repaired_queue_bytes is"),
        (default().with_send_queue(0, 1 << 16), "send_queue is"),
        (default().with_send_queue(1, 0), "send_queue_bytes is"),
        (default().with_event_queue(0), "event_queue is"),
    ] {
        let error = refused(options);
        assert!(error.contains(field), "{error}");
    }
}
