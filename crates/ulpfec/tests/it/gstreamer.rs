//! GStreamer's repair packets recover what is lost here, and ours there. Skipped where it is missing, unless `INTERCEPTOR_REQUIRE_TOOLS`
//! is 1.

use std::io::Write;
use std::process::{Command, Stdio};

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use interceptor_ulpfec::{MutableExtensions, UlpfecOptions};

use crate::kit::{FEC, RED, Rig, VP8, media, sending};

const PACKETS: u16 = 400;

/// What comes of packets in a pipeline, both ways framed as RFC 4571 has it. `None`, with a message: it cannot be run.
fn through(pipeline: &str, payload_type: u8, packets: &[RtpPacket]) -> Option<Vec<RtpPacket>> {
    let caps = format!(
        "application/x-rtp-stream,media=video,clock-rate=90000,encoding-name=VP8,payload={payload_type},ssrc=(uint)287454020"
    );
    let text = format!("fdsrc fd=0 ! {caps} ! rtpstreamdepay ! {pipeline} ! rtpstreampay ! fdsink fd=1");
    let child = Command::new("gst-launch-1.0")
        .arg("-q")
        .args(text.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return skipped() };
    let mut framed = vec![];
    for packet in packets {
        framed.extend_from_slice(&(packet.total_len() as u16).to_be_bytes());
        framed.extend_from_slice(&packet.to_bytes());
    }
    let mut stdin = child.stdin.take().unwrap();
    let written = std::thread::spawn(move || stdin.write_all(&framed));
    let out = child.wait_with_output().unwrap();
    if written.join().unwrap().is_err() || !out.status.success() {
        return skipped();
    }
    let (mut bytes, mut came) = (Bytes::from(out.stdout), vec![]);
    while let Some(len) = bytes.first_chunk::<2>() {
        let end = 2 + usize::from(u16::from_be_bytes(*len));
        came.push(RtpPacket::parse(bytes.split_to(end).slice(2..)).unwrap());
    }
    Some(came)
}

fn skipped() -> Option<Vec<RtpPacket>> {
    let required = std::env::var("INTERCEPTOR_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
    assert!(!required, "gst-launch-1.0 with rtpulpfecenc is required and cannot be run");
    eprintln!("skipped: gst-launch-1.0 with rtpulpfecenc cannot be run");
    None
}

#[test]
fn what_gstreamer_protects_comes_back_here() {
    let sent: Vec<_> = (0..PACKETS).map(media).collect();
    let pipeline =
        format!("rtpulpfecenc pt={FEC} percentage=50 percentage-important=100 ! rtpredenc pt={RED}");
    let Some(wire) = through(&pipeline, VP8, &sent) else { return };
    let repairs = wire.iter().filter(|packet| packet.payload()[0] == FEC).count();
    assert!(repairs > 50, "{repairs} repair packets among {}", wire.len());
    let options = UlpfecOptions::default().with_mutable(MutableExtensions::None);
    let mut rig = Rig::new(options);
    // Every seventh packet of media.
    let (mut media_seen, mut lost, mut got) = (0, 0, 0);
    for packet in &wire {
        let is_media = packet.payload()[0] == VP8;
        media_seen += usize::from(is_media);
        if is_media && media_seen % 7 == 3 {
            lost += 1;
            continue;
        }
        for out in rig.read(packet.clone()) {
            let sent = wire.iter().find(|it| it.sequence_number() == out.sequence_number()).unwrap();
            assert_eq!(out.payload(), &sent.payload()[1..]);
            assert_eq!((out.timestamp(), out.marker()), (sent.timestamp(), sent.marker()));
            got += 1;
        }
    }
    let tally = rig.tally();
    assert_eq!((tally.inconsistent, tally.partial, rig.received().malformed_repairs), (0, 0, 0));
    assert_eq!((lost, got), (57, usize::from(PACKETS)), "{tally:?}");
}

#[test]
fn gstreamer_reads_our_red() {
    let mut rig = Rig::new(sending(5, 1));
    let wire: Vec<_> = (0..PACKETS).flat_map(|seq| rig.write(media(seq))).collect();
    let Some(read) = through(&format!("rtpreddec pt={RED}"), RED, &wire) else { return };
    assert_eq!(read.len(), wire.len());
    for (theirs, ours) in read.iter().zip(&wire) {
        assert_eq!(theirs.payload_type(), ours.payload()[0]);
        assert_eq!(theirs.payload(), &ours.payload()[1..]);
    }
}
