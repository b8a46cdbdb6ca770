//! With ffmpeg, GStreamer and tshark, each left out with a message where it is not installed.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use interceptor_packet::Rtcp;
use serde_json::Value;

use super::link::LossyLink;
use super::media::{Port, SSRC, packet, ports_for_a_program};
use super::process::{Program, RelayProcess, installed, sum};
use super::until;

/// 5 % of 256.
const LOSS: u8 = 13;

/// What both relays know of the stream; between them RTCP shares RTP's port.
const STREAM: &str = "[[stream]]\npt = 96\ncodec = \"VP8/90000\"\nrtx = 97\n[relay]\nhistory = \"10s\"\nhttp = \"127.0.0.1:0\"\n";

fn config(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, format!("{text}\n{STREAM}")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Some 100 packets a second: small ones, as the machine may be busy.
fn ffmpeg(to: SocketAddr) -> Command {
    let mut command = Command::new("ffmpeg");
    let encode = "-hide_banner -loglevel error -re -f lavfi -i testsrc2=s=160x120:r=30 -t 8 \
                  -c:v libvpx -deadline realtime -cpu-used 8 -b:v 400k -g 30 -f rtp -payload_type 96";
    command.args(encode.split_whitespace()).arg(format!("rtp://{to}?pkt_size=500"));
    command
}

/// `rtpbin` behind a link that loses 2 %, asking for what is missing. Prints a line for each packet that it would play.
fn gstreamer(listen: SocketAddr, rtcp_to: SocketAddr) -> Command {
    let (port, above) = (listen.port(), listen.port() + 1);
    let pipeline = format!(
        "rtpbin name=b rtp-profile=avpf do-retransmission=true latency=3000 \
         udpsrc address=127.0.0.1 port={port} caps=application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,\
         payload=96,rtcp-fb-nack=(boolean)true,rtcp-fb-nack-pli=(boolean)true ! netsim drop-probability=0.02 ! b.recv_rtp_sink_0 \
         udpsrc address=127.0.0.1 port={above} caps=application/x-rtcp ! b.recv_rtcp_sink_0 \
         b.send_rtcp_src_0 ! udpsink host=127.0.0.1 port={} sync=false async=false \
         b. ! application/x-rtp ! fakesink silent=false sync=false",
        rtcp_to.port()
    );
    let mut command = Command::new("gst-launch-1.0");
    command.arg("-v").args(pipeline.split_whitespace());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_carries_ffmpeg_over_a_lossy_link_to_gstreamer() {
    let netsim = installed("gst-inspect-1.0", "netsim");
    if !installed("ffmpeg", "-version") || !installed("gst-launch-1.0", "--version") || !netsim {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (player, any) = (ports_for_a_program(), "127.0.0.1:0");
    let far = config(
        folder.path(),
        "far.toml",
        &format!("[source]\nlisten = \"{any}\"\nrtcp = \"mux\"\n[[target]]\nto = \"{player}\"\nrtx = false"),
    );
    let b = RelayProcess::start(&["--config", &far]).await;
    let mut link = LossyLink::bind().await;
    link.start(b.listen(), LOSS, Duration::from_millis(20));
    let near = config(
        folder.path(),
        "near.toml",
        &format!("[source]\nlisten = \"{any}\"\n[[target]]\nto = \"{}\"\nrtcp = \"mux\"", link.near()),
    );
    let a = RelayProcess::start(&["--config", &near]).await;

    let mut rtcp_to = b.from();
    rtcp_to.set_port(rtcp_to.port() + 1);
    let mut gst = Program::start(&mut gstreamer(player, rtcp_to));
    gst.says("PLAYING").await;
    assert!(Program::start(&mut ffmpeg(a.listen())).ends().await.success());
    let sent = sum(&a.stats().await["legs"][0], "inboundRtp", "packetsReceived");
    let stats = b.until("all that was lost comes after all", |stats| {
        let repair = &stats["legs"][0]["repair"];
        let complete = repair["packetsMissing"] == repair["packetsRecovered"];
        (complete && delivered(&stats["legs"][1]) as f64 >= 0.995 * sent as f64).then(|| stats.clone())
    });
    let stats = stats.await;
    // What is in the jitter buffer still is played.
    until("all is played", || (gst.played() as f64 >= 0.98 * sent as f64).then_some(())).await;
    gst.interrupt().await;
    a.interrupt().await;
    b.interrupt().await;

    let (lost, repair) = (link.lost.load(Relaxed), &stats["legs"][0]["repair"]);
    assert!(sent > 400 && lost > sent / 40, "{sent} sent, {lost} lost");
    assert_eq!(repair["packetsGivenUp"], 0, "{repair}");
    let answered = &stats["legs"][1]["repair"];
    assert!(answered["packetsResent"].as_u64() > Some(0), "GStreamer asks, too: {answered}");
    println!("{sent} sent, {lost} lost on the link, {} played", gst.played());
}

/// Packets that a target was sent, those sent again aside.
fn delivered(target: &Value) -> u64 {
    sum(target, "outboundRtp", "packetsSent") - sum(target, "outboundRtp", "retransmittedPacketsSent")
}

/// Opus in 10 ms packets, 5 % of which the way to `to` loses; keeps them for requests that come to `rtcp`, and answers on a
/// retransmission stream of an SSRC of its own.
fn sender(to: SocketAddr, rtcp: SocketAddr) -> Command {
    let pipeline = format!(
        "rtpsession name=s rtp-profile=avpf \
         audiotestsrc is-live=true samplesperbuffer=960 ! audio/x-raw,rate=48000 ! opusenc frame-size=10 ! \
         rtpopuspay pt=96 ! rtprtxsend payload-type-map=application/x-rtp-pt-map,96=(uint)97 max-size-time=10000 ! \
         s.send_rtp_sink s.send_rtp_src ! identity drop-probability=0.05 ! \
         udpsink host=127.0.0.1 port={} sync=false async=false \
         udpsrc address=127.0.0.1 port={} caps=application/x-rtcp ! s.recv_rtcp_sink \
         s.send_rtcp_src ! udpsink host=127.0.0.1 port={} sync=false async=false",
        to.port(),
        rtcp.port(),
        to.port() + 1
    );
    let mut command = Command::new("gst-launch-1.0");
    command.args(pipeline.split_whitespace());
    command
}

/// Loses 3 % of what comes, asks for it, takes retransmission streams. Prints a line for each packet that it would play.
fn receiver(listen: SocketAddr, rtcp_to: SocketAddr) -> Command {
    let pipeline = format!(
        "rtpsession name=s rtp-profile=avpf udpsrc address=127.0.0.1 port={} caps=application/x-rtp,media=audio,\
         clock-rate=48000,encoding-name=OPUS,payload=96,rtcp-fb-nack=(boolean)true ! identity drop-probability=0.03 ! \
         s.recv_rtp_sink s.recv_rtp_src ! rtprtxreceive payload-type-map=application/x-rtp-pt-map,96=(uint)97 ! \
         rtpssrcdemux ! rtpjitterbuffer latency=3000 do-retransmission=true ! fakesink silent=false sync=false \
         s.send_rtcp_src ! udpsink host=127.0.0.1 port={} sync=false async=false \
         udpsrc address=127.0.0.1 port={} caps=application/x-rtcp ! s.recv_rtcp_sink",
        listen.port(),
        rtcp_to.port(),
        listen.port() + 1
    );
    let mut command = Command::new("gst-launch-1.0");
    command.arg("-v").args(pipeline.split_whitespace());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn gstreamers_retransmission_streams_repair_both_sides_of_a_relay() {
    if !installed("gst-launch-1.0", "--version") || !installed("gst-inspect-1.0", "rtprtxreceive") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("relay.toml");
    std::fs::write(&config, "[relay]\nhistory = \"10s\"\nhttp = \"127.0.0.1:0\"\n").unwrap();
    let (player, heard) = (ports_for_a_program(), ports_for_a_program());
    let (to, source_rtcp) = (player.to_string(), heard.to_string());
    let args = ["--listen", "127.0.0.1:0", "--to", &to, "--source-rtcp", &source_rtcp];
    let more = ["--pt", "96=opus/48000/2", "--rtx", "97=96", "--config", config.to_str().unwrap()];
    let relay = RelayProcess::start(&[&args[..], &more[..]].concat()).await;
    let mut rtcp_to = relay.from();
    rtcp_to.set_port(rtcp_to.port() + 1);
    let mut receiver = Program::start(&mut receiver(player, rtcp_to));
    receiver.says("PLAYING").await;
    let mut sender = Program::start(&mut sender(relay.listen(), heard));
    let stats = relay.until("both sides lose and repair", |stats| {
        let (source, target) = (&stats["legs"][0], &stats["legs"][1]);
        let repair = &source["repair"];
        let repaired = repair["packetsMissing"] == repair["packetsRecovered"]
            && sum(source, "inboundRtp", "packetsRecoveredByRtx") > 10
            && sum(target, "outboundRtp", "retransmittedPacketsSent") > 5;
        (repaired && delivered(target) > 500).then(|| stats.clone())
    });
    let stats = stats.await;
    let sent = delivered(&stats["legs"][1]);
    until("all is played", || (receiver.played() as f64 >= 0.98 * sent as f64).then_some(())).await;
    sender.interrupt().await;
    receiver.interrupt().await;
    relay.interrupt().await;
    assert_eq!(stats["legs"][0]["repair"]["packetsGivenUp"], 0, "{stats}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_relay_leaves_complete_captures_and_says_goodbye() {
    let folder = tempfile::tempdir().unwrap();
    let (source, source_rtcp) = Port::pair().await;
    let (sink, sink_rtcp) = Port::pair().await;
    let (to, dump) = (sink.address().to_string(), folder.path().join("call.pcapng"));
    let pt = ["--pt", "96=VP8/90000", "--dump", dump.to_str().unwrap(), "--http", "127.0.0.1:0"];
    let relay = RelayProcess::start(&[&["--listen", "127.0.0.1:0", "--to", &to][..], &pt].concat()).await;
    // RTCP comes first, and is used once its host has sent media.
    let report = interceptor_packet::RtcpPacket::builder()
        .receiver_report(SSRC, &[])
        .sdes_cname(SSRC, "a")
        .build()
        .unwrap();
    let above = SocketAddr::new(relay.listen().ip(), relay.listen().port() + 1);
    source_rtcp.socket.send_to(report.as_bytes(), above).await.unwrap();
    let held = |stats: &Value| stats["legs"][0]["transport"]["datagramsHeld"].as_u64();
    relay.until("RTCP arrives", |stats| (held(stats) == Some(1)).then_some(())).await;
    for number in 0..100 {
        source.socket.send_to(&packet(SSRC, number), relay.listen()).await.unwrap();
    }
    until("all arrive", || (sink.received.media(SSRC).len() == 100).then_some(())).await;
    let summary = relay.interrupt().await;

    for rtcp in [&source_rtcp, &sink_rtcp] {
        until("the goodbye is the last", || {
            let last = rtcp.received.rtcp().pop()?;
            last.packets().any(|message| matches!(message, Rtcp::Bye(_))).then_some(())
        })
        .await;
    }
    let files: Vec<_> =
        summary["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    let names = ["call-source.pcapng", "call-target-1.pcapng"];
    assert_eq!(files, names.map(|name| folder.path().join(name).to_str().unwrap().to_owned()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left over");
    if !installed("tshark", "--version") {
        return;
    }
    for file in files {
        let fields =
            ["-r", file, "-T", "fields", "-e", "rtp.seq", "-e", "rtcp.pt", "-e", "exported_pdu.ipv4_src"];
        let read = Command::new("tshark").args(fields).output().unwrap();
        let (text, complaints) =
            (String::from_utf8_lossy(&read.stdout), String::from_utf8_lossy(&read.stderr));
        assert!(read.status.success() && !complaints.contains("cut short"), "{complaints}");
        assert_eq!(text.lines().filter(|line| !line.starts_with('\t')).count(), 100, "{text}");
        assert!(text.lines().last().unwrap().contains("203"), "the goodbye is the last: {text}");
        assert!(!text.contains("0.0.0.0"), "addresses are known from the first packet on: {text}");
    }
}

#[test]
fn what_cannot_be_relayed_is_explained() {
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_rtptap")).arg("relay").args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let served = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let served = served.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let too_long = folder.path().join("x".repeat(250) + ".pcap").display().to_string();
    for (args, complaint) in [
        (&[][..], "--listen"),
        (&["--listen", "127.0.0.1:0"], "--to 192.0.2.7:5004"),
        (&["--listen", &taken, "--to", "127.0.0.1:9"], "choose another"),
        (&["--listen", "127.0.0.1:65535", "--to", "127.0.0.1:9"], "--rtcp-mux"),
        (&["--listen", "5004", "--to", "127.0.0.1:9"], "192.0.2.7:5004"),
        (&["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--config", "/nowhere.toml"], "--config"),
        (
            &["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--http", &served],
            "choose another address with --http",
        ),
        (&["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--dump", "x.mp4"], ".pcapng"),
        (
            &["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--dump", "/no/where/x.pcapng"],
            "a folder that is there",
        ),
        (
            &["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--dump", "/dev/null/x.pcapng"],
            "a folder that is there",
        ),
        (&["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--dump", &too_long], "File name too long"),
        (
            &["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--dump", "{start}/x.pcapng"],
            "into the file's name",
        ),
        (&["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--rtx", "96=96"], "of their own"),
        (&["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--pt", "96=VP8"], "96=VP8/90000"),
        (&["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--from", "[::1]:0"], "same family"),
        (&["--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--stats-every", "1ms"], "100ms..=1h"),
    ] {
        let error = run(args);
        assert!(error.contains(complaint), "{args:?}: {error}");
    }
}
