//! Metrics as a scrape sees them.

use bytes::Bytes;
use interceptor_core::{Chain, Registry, StreamInfo};
use interceptor_packet::{ReportBlockData, RtcpPacket};
use interceptor_stats::{StatsCollector, StatsFactory, StatsHandle};
use interceptor_test::{Clock, rtp};
use prometheus_client::encoding::text::encode;

use crate::support::{Bench, LOCAL, REMOTE, config, ms};

struct Metrics(prometheus_client::registry::Registry);

impl Metrics {
    fn new(handle: StatsHandle, max_series: usize) -> Self {
        let mut registry = prometheus_client::registry::Registry::default();
        registry.register_collector(Box::new(StatsCollector::new(handle).with_max_series(max_series)));
        Self(registry)
    }

    fn scrape(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.0).expect("encodes");
        text
    }

    /// The value of a sample.
    fn sample(&self, name: &str) -> Option<f64> {
        let text = self.scrape();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        Some(value.parse().expect("a number"))
    }
}

#[test]
fn each_stream_is_a_series() {
    let mut bench = Bench::with_video();
    for seq in 0..50 {
        bench.receive(rtp(REMOTE).seq(seq * 2).ts(u32::from(seq) * 1800).payload_len(100).build());
        bench.send(rtp(LOCAL).seq(seq).payload_len(200).build());
        bench.run_for(ms(20));
    }
    let sent = bench.ntp();
    bench.clock.advance(ms(500));
    let block =
        ReportBlockData { ssrc: LOCAL, cumulative_lost: 3, last_sr: sent.middle_32(), ..Default::default() };
    bench.receive_rtcp(RtcpPacket::builder().receiver_report(REMOTE, &[block]));
    let metrics = Metrics::new(bench.handle.clone(), 100);
    let inbound = "{connection=\"call\",kind=\"video\",direction=\"inbound\",stream=\"camera\"}";
    let outbound = inbound.replace("inbound", "outbound");
    let value = |name: &str, labels: &str| metrics.sample(&format!("{name}{labels}"));
    assert_eq!(value("rtp_packets_total", inbound), Some(50.0));
    assert_eq!(value("rtp_payload_bytes_total", inbound), Some(5000.0));
    assert_eq!(value("rtp_header_bytes_total", &outbound), Some(600.0));
    assert_eq!(value("rtp_lost_packets", inbound), Some(49.0));
    assert_eq!(value("rtp_lost_packets", &outbound), Some(3.0));
    assert_eq!(value("rtp_bits_per_second", &outbound), Some(80_000.0));
    assert_eq!(value("rtp_round_trip_time_seconds", &outbound), Some(0.5));
    assert_eq!(value("rtp_round_trip_time_seconds", inbound), None);
    assert_eq!(value("rtp_duplicated_packets_total", &outbound), None);
    assert_eq!(value("rtcp_received_packets_total", ""), Some(1.0));
    assert_eq!(value("rtp_connections", ""), Some(1.0));
}

#[test]
fn what_a_connection_counts_is_a_metric_each() {
    let mut bench = Bench::with_video();
    let now = bench.clock.now();
    for datagram in [&[0x80, 200, 0, 9][..], &[0x80, 96, 0, 1], b"GET /", &[22, 254, 253, 0]] {
        bench.chain.read_datagram(Bytes::copy_from_slice(datagram), now);
    }
    bench.receive(rtp(0xdead).build());
    bench.send(rtp(0xbeef).build());
    bench.receive_rtcp(RtcpPacket::builder().pli(9, 0xdead));
    let (stats, metrics) = (bench.connection(), Metrics::new(bench.handle.clone(), 100));
    for (name, count, expected) in [
        ("rtcp_unbound_messages", stats.unknown_ssrcs, 1),
        ("rtp_malformed_datagrams", stats.malformed_datagrams, 2),
        ("rtp_foreign_datagrams", stats.foreign_datagrams, 2),
        ("rtp_unbound_packets", stats.unbound_packets_received, 1),
        ("rtp_unbound_sent_packets", stats.unbound_packets_sent, 1),
        ("rtcp_malformed_packets", stats.malformed_rtcp_packets, 0),
        ("rtp_hook_errors", stats.hook_errors, 0),
        ("rtp_panics", stats.panics, 0),
    ] {
        assert_eq!(
            (count, metrics.sample(&format!("{name}_total"))),
            (expected, Some(count as f64)),
            "{name}"
        );
    }
}

#[test]
fn no_ssrc_is_ever_a_label() {
    let bench = Bench::with_video();
    let text = Metrics::new(bench.handle.clone(), 100).scrape();
    assert!(!text.contains("ssrc") && !text.contains(&REMOTE.to_string()), "{text}");
    assert!(text.ends_with("# EOF\n"));
}

/// Some connections, each with a named audio stream that has sent some packets.
struct Calls {
    registry: Registry,
    handle: StatsHandle,
    clock: Clock,
}

impl Calls {
    fn new() -> Self {
        let factory = StatsFactory::default();
        let handle = factory.handle();
        Self { registry: Registry::new().with(factory), handle, clock: Clock::new() }
    }

    fn call(&self, id: &str, packets: u16) -> Chain {
        let mut chain = self.registry.build(config(id, &self.clock)).expect("builds");
        let microphone =
            StreamInfo::new(LOCAL, 111, 48_000).with_mime_type("audio/opus").with_name("microphone");
        chain.bind_local(microphone, self.clock.now()).expect("new");
        (0..packets).for_each(|seq| chain.write_rtp(rtp(LOCAL).seq(seq).build(), self.clock.now()));
        chain
    }
}

fn packets(connection: &str, stream: &str) -> String {
    format!(
        "rtp_packets_total{{connection=\"{connection}\",kind=\"audio\",direction=\"outbound\",stream=\"{stream}\"}}"
    )
}

#[test]
fn beyond_the_limit_streams_are_added_up_and_the_sum_never_falls() {
    let calls = Calls::new();
    let mut chains: Vec<Chain> = ["z", "a", "b", "c"].iter().map(|id| calls.call(id, 10)).collect();
    let metrics = Metrics::new(calls.handle.clone(), 2);
    // The oldest are told apart.
    assert_eq!(metrics.sample(&packets("z", "microphone")), Some(10.0));
    assert_eq!(metrics.sample(&packets("a", "microphone")), Some(10.0));
    assert_eq!(metrics.sample(&packets("b", "microphone")), None);
    assert_eq!(metrics.sample(&packets("", "")), Some(20.0));
    // A stream of the sum ends: what it has counted stays. Another goes on.
    chains[2].close(calls.clock.now()).expect("closes");
    chains[3].write_rtp(rtp(LOCAL).seq(10).build(), calls.clock.now());
    assert_eq!(metrics.sample(&packets("", "")), Some(21.0));
    // A stream that was told apart ends: its series goes, and there is room for another.
    chains[0].close(calls.clock.now()).expect("closes");
    assert_eq!(metrics.sample(&packets("z", "microphone")), None);
    assert!(metrics.sample(&packets("c", "microphone")).is_some());
    assert_eq!(metrics.sample(&packets("", "")), Some(21.0));
}

#[test]
fn totals_of_connections_outlive_them() {
    let calls = Calls::new();
    let mut chain = calls.call("a", 0);
    let metrics = Metrics::new(calls.handle.clone(), 0);
    let pli = RtcpPacket::builder().pli(1, 2).build().expect("valid");
    chain.write_rtcp(pli, calls.clock.now());
    assert_eq!(metrics.sample("rtcp_sent_packets_total"), Some(1.0));
    chain.close(calls.clock.now()).expect("closes");
    assert_eq!(metrics.sample("rtcp_sent_packets_total"), Some(1.0));
    assert_eq!(metrics.sample("rtp_connections"), Some(0.0));
}

#[test]
fn a_stream_that_is_bound_again_goes_on_from_zero() {
    let calls = Calls::new();
    let mut chain = calls.call("a", 10);
    let metrics = Metrics::new(calls.handle.clone(), 10);
    assert_eq!(metrics.sample(&packets("a", "microphone")), Some(10.0));
    chain.unbind_local(LOCAL, calls.clock.now()).expect("bound");
    let microphone = StreamInfo::new(LOCAL, 111, 48_000).with_mime_type("audio/opus").with_name("microphone");
    chain.bind_local(microphone, calls.clock.now()).expect("new");
    chain.write_rtp(rtp(LOCAL).build(), calls.clock.now());
    // Between two scrapes the series lived on: it counts on.
    assert_eq!(metrics.sample(&packets("a", "microphone")), Some(11.0));
}
