//! What hostile peers can make the relay's process hold.

use std::net::SocketAddr;

use serde_json::Value;

use super::media::Port;
use super::process::RelayProcess;

/// The largest datagram that UDP carries over IPv4.
const GIANT: usize = 65_507;

/// What a relay may take beside what it takes idle, which is 6 MB of a release build: kilobytes, 32 MB in all.
const MOST: u64 = 26 * 1024;

/// Giants under way at most: they fit into the smallest socket buffer.
const WINDOW: u64 = 2;

fn giant(ssrc: u32, seq: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 96];
    packet.extend(seq.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(ssrc.to_be_bytes());
    packet.resize(GIANT, 0x55);
    packet
}

/// Sends giants of 16 SSRCs in turn, in sequence or not, no faster than they are received.
async fn flood(relay: &RelayProcess, from: &Port, to: SocketAddr, leg: usize, rounds: u16, step: u16) {
    let taken = |stats: &Value| {
        let transport = &stats["legs"][leg]["transport"];
        ["datagramsReceived", "datagramsHeld", "datagramsRejected"]
            .iter()
            .map(|field| transport[field].as_u64().unwrap())
            .sum::<u64>()
    };
    let before = taken(&relay.stats().await);
    let mut sent = 0;
    for round in 0..rounds {
        for ssrc in 0..16 {
            from.socket.send_to(&giant(0x7000 + ssrc, round.wrapping_mul(step)), to).await.unwrap();
            sent += 1;
            if sent % WINDOW == 0 {
                relay.until("they are received", |stats| (taken(stats) >= before + sent).then_some(())).await;
            }
        }
    }
}

async fn start(sink: &Port) -> RelayProcess {
    let to = sink.address().to_string();
    let args = ["--listen", "127.0.0.1:0", "--to", &to, "--rtcp-mux", "--http", "127.0.0.1:0"];
    RelayProcess::start(&args).await
}

fn stays_small(relay: &RelayProcess, idle: u64) {
    let (_, most) = relay.memory();
    assert!(most <= idle + MOST, "{most} kB, idle {idle} kB");
}

#[tokio::test]
async fn giants_from_a_target_are_not_kept() {
    let sink = Port::bind().await;
    let relay = start(&sink).await;
    let (idle, _) = relay.memory();
    flood(&relay, &sink, relay.from(), 1, 32, 1).await;
    stays_small(&relay, idle);
    let summary = relay.interrupt().await;
    assert_eq!(summary["legs"][1]["transport"]["datagramsReceived"], 16 * 32);
}

#[tokio::test]
async fn giants_that_are_no_streams_are_kept_up_to_the_caps() {
    let (source, sink) = (Port::bind().await, Port::bind().await);
    let relay = start(&sink).await;
    let (idle, _) = relay.memory();
    // First while nobody is the source, then from the source.
    flood(&relay, &source, relay.listen(), 0, 4, 2).await;
    let mut seqs = 0..;
    relay
        .until("it is the source", |stats| {
            let _ = source.socket.try_send_to(&giant(1, seqs.next().unwrap()), relay.listen());
            stats["legs"][0]["peer"].as_str().map(drop)
        })
        .await;
    flood(&relay, &source, relay.listen(), 0, 32, 2).await;
    stays_small(&relay, idle);
    let summary = relay.interrupt().await;
    assert!(summary["legs"][0]["book"]["packetsUnproven"].as_u64().unwrap() > 400, "{summary}");
}

#[tokio::test]
async fn giants_that_are_streams_are_kept_up_to_the_history_of_all() {
    let (source, sink) = (Port::bind().await, Port::bind().await);
    let relay = start(&sink).await;
    let (idle, _) = relay.memory();
    // A megabyte a round, and all of it within a second's history unless the machine is slow.
    flood(&relay, &source, relay.listen(), 0, 48, 1).await;
    stays_small(&relay, idle);
    let summary = relay.interrupt().await;
    assert_eq!(summary["legs"][0]["streams"]["streamsFound"], 16, "{summary}");
}
