//! What GStreamer's RIST sender puts on two networks is one stream here. Skipped where it is missing, unless `INTERCEPTOR_REQUIRE_TOOLS` is 1.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, UdpSocket};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Incoming, StreamInfo};
use interceptor_merge::{Merge, MergeOptions};

use crate::kit::{chain, merging};

/// 200 buffers of audio, each of two packets.
const PACKETS: usize = 400;

#[test]
fn a_bonded_rist_stream_is_one() {
    let rist = Command::new("gst-inspect-1.0").arg("ristsink").output();
    let there = rist.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).contains("bonding-addresses"));
    if !there {
        let required = std::env::var("INTERCEPTOR_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(!required, "GStreamer with ristsink is required and cannot be run");
        eprintln!("skipped: gst-launch-1.0 with ristsink cannot be run");
        return;
    }
    let sockets = [even_port(), even_port()];
    let addresses = sockets.each_ref().map(|socket| socket.local_addr().unwrap().to_string());
    let bonding = format!("bonding-addresses={},{}", addresses[0], addresses[1]);
    let source = "audiotestsrc num-buffers=200 samplesperbuffer=480 ! audio/x-raw,rate=48000,channels=2 ! rtpL16pay ! ristsink";
    let mut sender = Command::new("gst-launch-1.0")
        .arg("-q")
        .args(source.split(' '))
        .arg(bonding)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let came = receive(&sockets);
    sender.kill().unwrap();
    sender.wait().unwrap();

    let [first, second] = [0, 1].map(|path: u8| came.iter().filter(|(at, _)| *at == path).count());
    assert_eq!((first, second), (PACKETS, PACKETS));
    // Each path loses some of it; of every 77 packets one is lost on both.
    let lost = |path: u8, seq: u16| seq.is_multiple_of(if path == 0 { 7 } else { 11 });
    let mut chain = chain(&merging(MergeOptions::default()));
    let now = chain.config().now;
    let ssrc = came[0].1.ssrc();
    chain.bind_remote(StreamInfo::new(ssrc, 96, 48_000), now).unwrap();
    let mut expected: Vec<RtpPacket> = came
        .iter()
        .filter(|(path, packet)| *path == 0 && packet.sequence_number() % 77 != 0)
        .map(|(_, packet)| packet.clone())
        .collect();
    for (path, mut packet) in came {
        if !lost(path, packet.sequence_number()) {
            packet.info_mut().path = path;
            chain.read_rtp(packet, now);
        }
    }
    let up = std::iter::from_fn(|| chain.poll_app());
    let mut up: Vec<RtpPacket> = up
        .map(|incoming| match incoming {
            Incoming::Rtp(packet) => packet,
            other => panic!("{other:?}"),
        })
        .collect();
    let from = expected[0].sequence_number();
    let order = |packet: &RtpPacket| packet.sequence_number().wrapping_sub(from);
    up.sort_by_key(order);
    expected.sort_by_key(order);
    assert_eq!(up, expected, "byte for byte");
    assert_eq!(chain.get::<Merge>().unwrap().counters().mismatched, 0);
}

/// RIST has RTP on even ports, RTCP on the next.
fn even_port() -> UdpSocket {
    let bound = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    loop {
        let socket = bound();
        if socket.local_addr().unwrap().port() % 2 == 0 {
            socket.set_nonblocking(true).unwrap();
            return socket;
        }
    }
}

/// All packets, with the path of each, until both paths have brought all or ten seconds are over.
#[expect(clippy::disallowed_methods, reason = "a process outside takes its time")]
fn receive(sockets: &[UdpSocket; 2]) -> Vec<(u8, RtpPacket)> {
    let (begin, mut came) = (Instant::now(), Vec::new());
    let mut buffer = [0; 2048];
    while came.len() < 2 * PACKETS && begin.elapsed() < Duration::from_secs(30) {
        for (path, socket) in (0..).zip(sockets) {
            match socket.recv(&mut buffer) {
                Ok(len) => came.push((path, RtpPacket::parse(buffer[..len].to_vec().into()).unwrap())),
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
                Err(error) => panic!("{error}"),
            }
        }
    }
    came
}
