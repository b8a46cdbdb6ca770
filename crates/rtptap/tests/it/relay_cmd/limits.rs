//! Limits of legs: what is over is dropped or waits, the books name it, and nobody repairs it.

use std::time::Duration;

use interceptor_packet::{Rtcp, RtcpPacket};
use rtptap::relay::{
    Change, ChangeError, LegLimit, Over, Relay, RelayHandle, RelayOptions, RtcpMode, SourceOptions,
    TargetOptions,
};
use tokio::time::Instant;

use super::media::{FIRST, Port, SSRC, packet};
use super::{books_close, stop, until};

struct Call {
    source: Port,
    sink: Port,
    relay: Relay,
}

impl Call {
    async fn start(from_source: LegLimit, to_target: LegLimit) -> Self {
        let (source, sink) = (Port::bind().await, Port::bind().await);
        let (mut from, mut to) =
            (SourceOptions::new("127.0.0.1:0".parse().unwrap()), TargetOptions::new(sink.address()));
        (from.rtcp, from.limit) = (RtcpMode::Mux, from_source);
        (to.rtcp, to.limit) = (RtcpMode::Mux, to_target);
        let relay = Relay::start(RelayOptions::new(from, vec![to])).await.unwrap();
        Self { source, sink, relay }
    }

    async fn send(&self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            let to = self.relay.listen_addr();
            self.source.socket.send_to(&packet(SSRC, number), to).await.unwrap();
        }
    }

    /// Waits until the leg has had so many packets and knows what became of each.
    async fn has_had(&self, leg: usize, packets: u64) {
        until("all come", || (self.relay.stats().legs[leg].book.packets_in == packets).then_some(())).await;
        books_close(&self.relay).await;
    }

    fn bytes_received(&self) -> u64 {
        self.sink.received.media(SSRC).values().map(|packet| packet.len() as u64).sum()
    }
}

const ANY: fn() -> LegLimit = LegLimit::default;

async fn set(relay: &RelayHandle, leg: &str, limit: LegLimit) -> Result<LegLimit, ChangeError> {
    Ok(relay.change(Change::new(leg).with_limit(limit.into()), "a test").await?.limit)
}

#[tokio::test]
async fn a_target_gets_no_more_than_its_limit_and_nothing_of_the_rest_when_it_asks_for_it() {
    // 1000 bytes a second, 3000 at once.
    let call = Call::start(ANY(), ANY().with_bits_per_second(8000)).await;
    let start = Instant::now();
    call.send(0..100).await;
    call.has_had(1, 100).await;
    let book = call.relay.stats().legs[1].book;
    assert!(book.packets_limited > 50 && book.packets_consumed == 0, "{book:?}");
    let most = 3000.0 + 1000.0 * start.elapsed().as_secs_f64();
    assert!(call.bytes_received() as f64 <= most, "{} of {most}", call.bytes_received());

    // One more has to pass before anybody can miss what was dropped.
    assert_eq!(set(&call.relay.handle(), "target-1", ANY()).await.unwrap(), ANY());
    call.send(100..120).await;
    until("the rest arrives", || call.sink.received.media(SSRC).contains_key(&119).then_some(())).await;
    let got = call.sink.received.media(SSRC);
    let missing: Vec<u16> = (0..100).filter(|number| !got.contains_key(number)).collect();
    let numbers: Vec<u16> = missing.iter().map(|number| FIRST.wrapping_add(*number)).collect();
    let nack = RtcpPacket::builder().nack(7, SSRC, &numbers).build().unwrap();
    call.sink.socket.send_to(nack.as_bytes(), call.relay.from_addrs().next().unwrap()).await.unwrap();
    let asked = || (call.relay.stats().legs[1].repair.packets_requested > 0).then_some(());
    until("it has asked", asked).await;

    let received = got.len() as u64;
    let stats = stop(call.relay).await;
    let (book, limit, repair) = (&stats.legs[1].book, &stats.legs[1].limit, &stats.legs[1].repair);
    assert_eq!(repair.packets_resent, 0, "what was dropped is not sent again");
    assert_eq!((book.packets_in, book.packets_limited), (120, 120 - received));
    assert_eq!((limit.dropped_leg, limit.bytes_dropped > 0), (book.packets_limited, true));
    assert_eq!(call.sink.received.media(SSRC).len() as u64, received);
}

#[tokio::test]
async fn what_waits_for_its_turn_arrives_later_and_in_order() {
    // 50 packets a second of each stream, 5 at once.
    let mut limit = ANY().with_over(Over::Wait);
    limit.stream_packets_per_second = Some(50);
    let call = Call::start(ANY(), limit).await;
    let start = Instant::now();
    call.send(0..40).await;
    until("all arrive", || (call.sink.received.media(SSRC).len() == 40).then_some(())).await;
    assert!(start.elapsed() >= Duration::from_millis(700), "{:?}", start.elapsed());
    let media =
        |packet: &Vec<u8>| (packet[1] & 0x7f == 96).then(|| u16::from_be_bytes([packet[2], packet[3]]));
    let order: Vec<u16> = call.sink.received.all().iter().filter_map(media).collect();
    assert!(order.is_sorted_by_key(|seq| seq.wrapping_sub(FIRST)), "{order:?}");
    let stats = stop(call.relay).await;
    let (book, limit) = (&stats.legs[1].book, &stats.legs[1].limit);
    assert_eq!((book.packets_in, book.packets_limited, book.packets_consumed), (40, 0, 0));
    assert!((30..=35).contains(&limit.packets_delayed), "{limit:?}");
}

#[tokio::test]
async fn what_waits_when_the_relay_ends_is_in_the_books() {
    let mut limit = ANY().with_over(Over::Wait);
    limit.packets_per_second = Some(1);
    let call = Call::start(ANY(), limit).await;
    call.send(0..40).await;
    call.has_had(1, 40).await;
    let stats = stop(call.relay).await;
    let (book, limit) = (&stats.legs[1].book, &stats.legs[1].limit);
    assert!(limit.dropped_ended > 30 && book.packets_limited == limit.dropped_ended, "{limit:?} {book:?}");
}

#[tokio::test]
async fn what_the_sources_leg_drops_is_not_asked_for() {
    let mut limit = ANY();
    limit.stream_packets_per_second = Some(20);
    let call = Call::start(limit, ANY()).await;
    call.send(0..100).await;
    until("all come", || (call.relay.stats().legs[0].book.packets_in == 100).then_some(())).await;
    books_close(&call.relay).await;
    // A report says how it sees the source.
    let reports = |packet: &RtcpPacket| {
        packet.packets().any(
            |part| matches!(part, Rtcp::ReceiverReport(report) if report.report_blocks().next().is_some()),
        )
    };
    until("a report", || call.source.received.rtcp().iter().any(reports).then_some(())).await;
    for packet in call.source.received.rtcp() {
        for part in packet.packets() {
            assert!(!matches!(part, Rtcp::Nack(_)), "{part:?}");
            if let Rtcp::ReceiverReport(report) = part {
                assert!(report.report_blocks().all(|block| block.cumulative_lost() == 0), "{report:?}");
            }
        }
    }
    let stats = stop(call.relay).await;
    let book = &stats.legs[0].book;
    assert_eq!((book.packets_in, book.packets_consumed, stats.legs[0].repair.packets_missing), (100, 0, 0));
    assert!(
        book.packets_limited > 50 && book.packets_limited == stats.legs[0].limit.dropped_stream,
        "{book:?}"
    );
}

#[tokio::test]
async fn a_limit_is_set_on_a_leg_that_is_there_and_within_its_range() {
    let call = Call::start(ANY(), ANY()).await;
    let handle = call.relay.handle();
    assert!(set(&handle, "target-2", ANY()).await.unwrap_err().to_string().contains("target-1"));
    let small = ANY().with_bits_per_second(1);
    assert!(set(&handle, "source", small).await.unwrap_err().to_string().contains("bits_per_second"));
    let waits = ANY().with_bits_per_second(1_500_000).with_over(Over::Wait);
    let set = set(&handle, "source", waits).await.unwrap();
    assert_eq!(
        (set.bits_per_second, set.over),
        (Some(1_500_000), Over::Drop),
        "what becomes of the rest stays"
    );
    assert_eq!(call.relay.stats().legs[0].limit.limit, set);
    assert!(handle.limit("target-1").is_some() && handle.limit("target-2").is_none());
    stop(call.relay).await;
}

#[cfg(unix)]
#[tokio::test]
async fn limits_are_read_from_the_file_and_told_in_stats_and_metrics() {
    use super::http::get;
    use super::process::RelayProcess;

    let (source, sink) = (Port::bind().await, Port::bind().await);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("relay.toml");
    let text = format!(
        "[source]\nlisten = \"127.0.0.1:0\"\nrtcp = \"mux\"\n[source.limit]\npackets_per_second = 100000\n\
         [[target]]\nto = \"{}\"\nrtcp = \"mux\"\n[limit]\nbits_per_second = 16000\nburst = \"200ms\"\nover = \"stop\"\n",
        sink.address()
    );
    std::fs::write(&file, text).unwrap();
    let args = ["--config", file.to_str().unwrap(), "--http", "127.0.0.1:0", "--limit", "8k"];
    let relay = RelayProcess::start(&args).await;
    for number in 0..60 {
        source.socket.send_to(&packet(SSRC, number), relay.listen()).await.unwrap();
    }
    let all = |stats: &serde_json::Value| {
        (stats["legs"][1]["book"]["packetsIn"] == 60).then(|| stats["legs"].clone())
    };
    let legs = relay.until("all come", all).await;
    assert_eq!(legs[0]["limit"]["packetsPerSecond"], 100_000);
    let limit = &legs[1]["limit"];
    assert_eq!(
        (&limit["bitsPerSecond"], &limit["burst"], &limit["over"]),
        (&8000.into(), &0.2.into(), &"stop".into())
    );
    let (_, _, metrics) = get(relay.http(), "/metrics").await;
    for line in [
        "rtptap_limit_bits_per_second{leg=\"target-1\"} 8000",
        "rtptap_limit_dropped_total{leg=\"target-1\",reason=\"stopped\"} ",
        "rtptap_packets{leg=\"target-1\",fate=\"limited\"} ",
        "rtptap_packets_delayed_total{leg=\"source\"} 0",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    let summary = relay.interrupt().await;
    assert!(summary["legs"][1]["limit"]["droppedStopped"].as_u64().unwrap() > 30, "{summary}");
}
