//! `/stats` and `/metrics`.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::media::{Port, SSRC, packet};
use super::process::RelayProcess;
use super::until;

/// Status, headers and body of the answer to a request.
async fn ask(server: SocketAddr, request: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // One that is cut off before its request is read may be reset.
    let _ = stream.read_to_string(&mut answer).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, head.to_ascii_lowercase(), body.to_owned())
}

/// Status, headers and body of what is served at a path.
pub(crate) async fn get(server: SocketAddr, path: &str) -> (u16, String, String) {
    ask(server, &format!("GET {path} HTTP/1.1\r\nHost: relay\r\n\r\n")).await
}

#[tokio::test]
async fn statistics_are_served_as_json_and_as_metrics() {
    let (source, sink) = (Port::bind().await, Port::bind().await);
    let to = sink.address().to_string();
    let args = [
        "--listen",
        "127.0.0.1:0",
        "--to",
        &to,
        "--rtcp-mux",
        "--http",
        "127.0.0.1:0",
        "--pt",
        "96=VP8/90000",
    ];
    let relay = RelayProcess::start(&args).await;
    for number in 0..10 {
        source.socket.send_to(&packet(SSRC, number), relay.listen()).await.unwrap();
    }
    until("all arrive", || (sink.received.media(SSRC).len() == 10).then_some(())).await;

    let (status, head, _) = get(relay.http(), "/stats").await;
    assert!(status == 200 && head.contains("content-type: application/json"), "{status} {head}");
    let stats = relay.stats().await;
    assert_eq!(stats["legs"][0]["stats"]["inboundRtp"][0]["packetsReceived"], 10, "{stats}");
    assert_eq!(stats["legs"][1]["stats"]["outboundRtp"][0]["ssrc"], SSRC);
    let (status, head, metrics) = get(relay.http(), "/metrics").await;
    assert!(status == 200 && head.contains("openmetrics-text"), "{status} {head}");
    let line = "rtp_packets_total{connection=\"source\",kind=\"video\",direction=\"inbound\",stream=\"video-96\"} 10";
    assert!(metrics.contains(line) && metrics.ends_with("# EOF\n"), "{metrics}");
    assert_eq!(get(relay.http(), "/").await.0, 200);
    assert_eq!(
        get(relay.http(), "/healthz").await,
        (200, get(relay.http(), "/healthz").await.1, "ok\n".into())
    );
    assert!(stats["capture"].is_null() && !metrics.contains("rtptap_capture"), "there is none");
    for leg in stats["legs"].as_array().unwrap() {
        assert_eq!(leg["ended"], serde_json::json!([]), "a list, also of nothing");
    }
    relay.interrupt().await;
}

#[tokio::test]
async fn what_is_not_served_is_refused_and_harms_nothing() {
    let relay =
        RelayProcess::start(&["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--http", "127.0.0.1:0"])
            .await;
    let (status, _, body) = get(relay.http(), "/nothing").await;
    assert!(status == 404 && body.contains("/stats"), "{status} {body}");
    let (status, head, _) =
        ask(relay.http(), "POST /stats HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").await;
    assert!(status == 405 && head.contains("allow: get, head"), "{status} {head}");
    let long = format!("GET / HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\n\r\n", "a".repeat(100_000));
    let (status, ..) = ask(relay.http(), &long).await;
    assert!([0, 400, 431].contains(&status), "{status}");
    assert_eq!(ask(relay.http(), "\x16\x03\x01 this is not HTTP\r\n\r\n").await.0, 400);
    assert_eq!(get(relay.http(), "/stats").await.0, 200);
    relay.interrupt().await;
}

#[tokio::test]
async fn connections_that_say_nothing_do_not_keep_others_out() {
    let relay =
        RelayProcess::start(&["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--http", "127.0.0.1:0"])
            .await;
    let mut silent = Vec::new();
    for at in 0..100 {
        let mut stream = TcpStream::connect(relay.http()).await.unwrap();
        // Half of them have begun, and none has said all.
        if at % 2 == 0 {
            stream.write_all(b"GET /stats HTTP/1.1\r\nHost: a\r\n").await.unwrap();
        }
        silent.push(stream);
    }
    assert_eq!(get(relay.http(), "/stats").await.0, 200);
    // It has not waited until their time was up: late ones are here still, those that came first are gone.
    let nothing_yet = silent[80].try_read(&mut [0; 1]);
    assert_eq!(nothing_yet.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    let mut rest = Vec::new();
    // Reset, or ended.
    let _ = silent[0].read_to_end(&mut rest).await;
    assert!(rest.is_empty());
    relay.interrupt().await;
}
