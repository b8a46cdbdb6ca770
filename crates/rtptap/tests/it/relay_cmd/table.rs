//! The table that a user sees.

use interceptor_packet::RtcpPacket;
use rtptap::relay::{Relay, RelayOptions, RtcpMode, SourceOptions, TargetOptions, relay_table};

use super::media::{Port, packet};
use super::until;

#[tokio::test]
async fn ten_of_the_streams_that_have_ended_are_shown_and_the_rest_is_counted() {
    let (source, sink) = (Port::bind().await, Port::bind().await);
    let mut from = SourceOptions::new("127.0.0.1:0".parse().unwrap());
    let mut to = TargetOptions::new(sink.address());
    (from.rtcp, to.rtcp) = (RtcpMode::Mux, RtcpMode::Mux);
    let relay = Relay::start(RelayOptions::new(from, vec![to])).await.unwrap();
    let ssrcs: Vec<u32> = (1..=13).map(|at| 0x0100_0000 * at).collect();
    for number in 0..3 {
        for ssrc in &ssrcs {
            source.socket.send_to(&packet(*ssrc, number), relay.listen_addr()).await.unwrap();
        }
    }
    for ssrc in &ssrcs {
        until("they arrive", || sink.received.media(*ssrc).remove(&2)).await;
    }
    let over = RtcpPacket::builder().receiver_report(ssrcs[0], &[]).bye(&ssrcs[..12], "").build().unwrap();
    source.socket.send_to(over.as_bytes(), relay.listen_addr()).await.unwrap();
    let stats = until("twelve end", || {
        let stats = relay.stats();
        (stats.legs[1].ended.len() == 12).then_some(stats)
    })
    .await;
    let table = relay_table(&stats);
    let rows = table.lines().filter(|line| line.starts_with("target-1") && line.contains("unknown-96†"));
    assert_eq!(rows.count(), 10, "{table}");
    assert!(table.contains("\n† has ended\n"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    assert!(table.contains("\n2 more streams have ended\n"), "{table}");
    // The newest: the first two have gone out of sight.
    let shown =
        |ssrc: &u32| table.lines().any(|line| line.contains(&format!("{ssrc:08x}")) && line.contains('†'));
    let ended = stats.legs[1].ended.iter().map(|stream| stream.outbound_rtp.as_ref().unwrap().ssrc);
    let ended: Vec<u32> = ended.collect();
    assert!(!ended[..2].iter().any(shown) && ended[2..].iter().all(shown), "{table}");
    relay.stop().await.unwrap();
}
