//! What an owner does with a chain that the stack has, and the end of it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use interceptor_core::packet::{NtpTime, Rtcp, RtcpPacket};
use interceptor_core::{ChainConfig, Context, Flow, Interceptor, Registry, Result, Stage, Streams};
use interceptor_nack::{NackFactory, NackOptions};
use interceptor_report::ReportFactory;
use interceptor_rtc::{ChainHandle, ChainInterceptor, Connections};
use interceptor_stats::{StatsFactory, StreamEnded};
use rtc_interceptor::{Interceptor as _, StreamInfo};
use sansio::Protocol as _;
use webrtc::runtime::Runtime as _;
use webrtc::runtime::mock::MockRuntime;

use crate::kit::{SSRC, adapter, as_rtcp, at, media, quiet, reads, rtp, video, writes};

/// Counts goodbyes that pass on their way out, as a capture records them.
struct Recorder(Arc<AtomicU64>);

impl Interceptor for Recorder {
    type Local = ();
    type Remote = ();

    fn write_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        let goodbyes = packet.packets().filter(|packet| matches!(packet, Rtcp::Bye(_))).count();
        self.0.fetch_add(goodbyes as u64, Ordering::Relaxed);
        Ok(Flow::Forward)
    }
}

/// A sender that has sent, and what a capture has recorded of its goodbyes.
fn sending() -> (ChainInterceptor, ChainHandle, Arc<AtomicU64>) {
    let (mut adapter, handle) = adapter(&Registry::new().with(ReportFactory::default()));
    let recorded = Arc::new(AtomicU64::new(0));
    let recorder = Recorder(Arc::clone(&recorded));
    handle.with_chain(|chain| chain.insert("recorder", Stage::CAPTURE, recorder, at(0)).expect("open"));
    adapter.bind_local_stream(&video());
    adapter.handle_write(rtp(media(1), at(1))).expect("never an error");
    quiet(&mut adapter);
    (adapter, handle, recorded)
}

fn goodbyes(adapter: &mut ChainInterceptor) -> usize {
    let left = writes(adapter);
    let packets = left.iter().map(|message| interceptor_rtc::rtcp_from(as_rtcp(message)).expect("RTCP"));
    packets.map(|packet| packet.packets().filter(|packet| matches!(packet, Rtcp::Bye(_))).count()).sum()
}

#[test]
fn a_goodbye_that_is_said_in_time_leaves_and_is_recorded() {
    let (mut adapter, handle, recorded) = sending();
    handle.say_goodbye(at(2));
    assert_eq!((goodbyes(&mut adapter), recorded.load(Ordering::Relaxed)), (1, 1));
    adapter.close().expect("never an error");
    assert_eq!((goodbyes(&mut adapter), recorded.load(Ordering::Relaxed)), (0, 1), "it is said once");
}

#[test]
fn a_goodbye_that_can_no_longer_leave_is_not_recorded() {
    let (mut adapter, _, recorded) = sending();
    adapter.close().expect("never an error");
    assert_eq!(recorded.load(Ordering::Relaxed), 0);
}

#[test]
fn closing_twice_is_harmless_and_packets_after_it_end_here() {
    let (mut adapter, handle, _) = sending();
    adapter.close().expect("never an error");
    adapter.close().expect("never an error");
    adapter.handle_write(rtp(media(2), at(3))).expect("never an error");
    assert_eq!(handle.counters().expect("the stack still has it").after_close, 1);
    assert_eq!(adapter.poll_timeout(), None);
}

#[test]
fn an_interceptor_joins_a_running_chain_and_leaves_it() {
    let (mut adapter, handle) = adapter(&Registry::new());
    adapter.bind_remote_stream(&video());
    let stats = StatsFactory::default();
    handle.with_chain(|chain| chain.insert_with(&stats, at(1)).expect("open"));
    adapter.handle_read(rtp(media(1), at(2))).expect("never an error");
    assert_eq!(reads(&mut adapter).len(), 1);
    let inbound = stats.handle().stream("call", SSRC).and_then(|stream| stream.inbound_rtp).expect("bound");
    assert_eq!(inbound.packets_received, 1);
    assert_eq!(handle.layout().expect("open").rows().len(), 1);
    assert!(handle.with_chain(|chain| chain.remove("stats", at(3)).expect("it closes")).expect("open"));
    assert_eq!(stats.handle().stream("call", SSRC), None);
}

#[test]
fn what_an_owner_makes_the_chain_send_leaves_at_the_next_poll() {
    let (mut adapter, handle) = adapter(&Registry::new().with(NackFactory::default()));
    adapter.bind_remote_stream(&StreamInfo { ssrc_rtx: None, ..video() });
    handle.with_chain(|chain| {
        let request = RtcpPacket::builder().pli(1, SSRC).build().expect("in range");
        chain.write_rtcp(request, at(1));
    });
    assert_eq!(writes(&mut adapter).len(), 1);
}

#[test]
fn events_wait_for_the_owner() {
    let (mut adapter, handle) = adapter(&Registry::new().with(StatsFactory::default()));
    adapter.bind_remote_stream(&video());
    adapter.unbind_remote_stream(&video());
    assert!(handle.poll_event().expect("one").raised::<StreamEnded>().is_some());
    assert!(handle.poll_event().is_none());
}

#[test]
fn a_thousand_connections_leave_nothing() {
    let stats = StatsFactory::default();
    let statistics = stats.handle();
    let registry = Registry::new().with(NackFactory::default()).with(ReportFactory::default()).with(stats);
    let connections = Connections::new("call");
    let mut handles = Vec::new();
    for number in 0..1000 {
        let config = connections.next(at(0), NtpTime::default(), number);
        let mut adapter = ChainInterceptor::new(registry.build(config).expect("a chain"));
        let handle = adapter.handle();
        adapter.bind_local_stream(&video());
        adapter.bind_remote_stream(&video());
        adapter.handle_write(rtp(media(1), at(1))).expect("never an error");
        adapter.handle_read(rtp(media(1), at(1))).expect("never an error");
        assert!(handle.is_open());
        // Every other one is closed before it is dropped.
        if number % 2 == 0 {
            adapter.close().expect("never an error");
        }
        handles.push(handle);
    }
    assert!(handles.iter().all(|handle| !handle.is_open() && handle.counters().is_none()));
    let names: HashSet<_> = handles.iter().map(ChainHandle::id).collect();
    assert!(names.len() == 1000 && names.contains("call-1000"), "numbered");
    assert_eq!(statistics.connections().len(), 0);
}

#[test]
fn all_time_is_what_the_stack_gives() {
    // As the stack's driver does it: instants are the runtime's, an hour ahead of any real clock.
    let runtime = MockRuntime::new();
    let clock = runtime.clock();
    clock.advance(Duration::from_secs(3600));
    let start = runtime.now();
    let registry = Registry::new().with(NackFactory::new(NackOptions::default()).expect("in range"));
    let config = ChainConfig::new("call", start, NtpTime::default(), 7);
    let mut adapter = ChainInterceptor::new(registry.build(config).expect("a chain"));
    let handle = adapter.handle();
    adapter.bind_remote_stream(&StreamInfo { ssrc_rtx: None, ..video() });
    assert_eq!(adapter.poll_timeout(), None, "nothing to do, and no clock runs by itself");

    for number in [1, 3] {
        clock.advance(Duration::from_millis(10));
        adapter.handle_read(rtp(media(number), runtime.now())).expect("never an error");
    }
    assert_eq!(writes(&mut adapter).len(), 1, "asked for at once");
    let again = adapter.poll_timeout().expect("to ask once more");
    assert_eq!(
        again - runtime.now(),
        Duration::from_millis(110),
        "1.1 of a round trip that nobody has measured"
    );
    clock.advance(Duration::from_millis(109));
    adapter.handle_timeout(runtime.now()).expect("never an error");
    assert!(writes(&mut adapter).is_empty());
    clock.advance(Duration::from_millis(1));
    adapter.handle_timeout(runtime.now()).expect("never an error");
    assert_eq!(writes(&mut adapter).len(), 1);
    assert_eq!(handle.counters().expect("open").clock_went_back, 0);
}
