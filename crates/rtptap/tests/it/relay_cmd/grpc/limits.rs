//! What holds whoever connects.

use rtptap::relay::control::generated::{LegsRequest, WatchRequest};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::super::http::get;
use super::super::process::RelayProcess;
use super::{Call, client};

#[tokio::test]
async fn one_connection_too_many_is_closed_and_the_others_go_on() {
    let call = Call::begins(&[]).await;
    let mut watcher = call.client().await;
    let mut watch = watcher.watch(WatchRequest { interval_ms: 100 }).await.unwrap().into_inner();
    watch.message().await.unwrap().unwrap();
    let mut others = Vec::new();
    for _ in 1..32 {
        others.push(call.client().await);
    }
    for other in &mut others {
        other.legs(LegsRequest {}).await.unwrap();
    }
    let mut late = TcpStream::connect(call.relay.control()).await.unwrap();
    // Ended, or reset.
    assert!(!late.read(&mut [0; 1]).await.is_ok_and(|read| read > 0));
    watch.message().await.unwrap().unwrap();
    drop(others);
    // There is room again as soon as the relay has seen them go.
    while call_legs(&call).await.is_err() {}
    call.relay.interrupt().await;
}

async fn call_legs(call: &Call) -> Result<(), ()> {
    let endpoint =
        tonic::transport::Endpoint::from_shared(format!("http://{}", call.relay.control())).unwrap();
    let channel = endpoint.connect().await.map_err(drop)?;
    let mut client = rtptap::relay::control::generated::relay_client::RelayClient::new(channel);
    client.legs(LegsRequest {}).await.map(drop).map_err(drop)
}

#[tokio::test]
async fn what_is_not_grpc_harms_nothing() {
    let call = Call::begins(&[]).await;
    use tokio::io::AsyncWriteExt;
    for noise in [
        &b"GET /stats HTTP/1.1\r\nHost: a\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is TLS",
        &[0; 1000],
    ] {
        let mut stream = TcpStream::connect(call.relay.control()).await.unwrap();
        stream.write_all(noise).await.unwrap();
        let mut answer = Vec::new();
        // It says why, or hangs up.
        let _ = stream.read_to_end(&mut answer).await;
    }
    client(call.relay.control()).await.legs(LegsRequest {}).await.unwrap();
    call.send(2..10).await;
    call.arrive(10).await;
    call.relay.interrupt().await;
}

#[tokio::test]
async fn the_scrape_has_the_control_plane_beside_the_relay() {
    let call = Call::begins(&[]).await;
    let metrics = get(call.relay.http(), "/metrics").await.2;
    for name in [
        "rtptap_control_captures 0",
        "rtptap_control_capture_dropped_total 0",
        "rtptap_packets{leg=\"target-1\",fate=\"impaired\"} 0",
    ] {
        assert!(metrics.contains(name), "{name}: {metrics}");
    }
    call.relay.interrupt().await;
}

#[tokio::test]
async fn a_port_that_is_taken_ends_the_start_and_names_the_option() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rtptap"));
    command.args(["relay", "--json", "--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--control", &taken]);
    let out = command.output().unwrap();
    let complaint = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(complaint.contains("--control") && complaint.contains(&taken), "{complaint}");
}

#[tokio::test]
async fn a_relay_without_it_serves_none() {
    let relay =
        RelayProcess::start(&["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--http", "127.0.0.1:0"])
            .await;
    assert!(!get(relay.http(), "/metrics").await.2.contains("rtptap_control"));
    relay.interrupt().await;
}

#[tokio::test]
async fn a_host_has_so_many_calls_at_a_time() {
    let call = Call::begins(&[]).await;
    let mut watches = Vec::new();
    for _ in 0..2 {
        let mut client = call.client().await;
        for _ in 0..8 {
            watches.push(client.watch(WatchRequest { interval_ms: 100 }).await.unwrap().into_inner());
        }
    }
    let mut client = call.client().await;
    let refused = client.watch(WatchRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::ResourceExhausted, "{refused}");
    for watch in &mut watches {
        watch.message().await.unwrap().unwrap();
    }
    drop(watches.pop());
    // There is room again as soon as the relay has seen it go.
    while client.legs(LegsRequest {}).await.is_err() {}
    call.relay.interrupt().await;
}
