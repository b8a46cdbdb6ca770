//! GStreamer reads what we write, and we read what it writes. Skipped where it is missing, unless `INTERCEPTOR_REQUIRE_TOOLS` is 1.

use std::io::Write;
use std::process::{Command, Stdio};

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use interceptor_red::{Copies, Mode, RedSenderOptions, Redundancy};

use crate::kit::{Rig, SSRC, copies_in, opus, spoken};

const PACKETS: u16 = 200;

/// What comes of packets in a pipeline, both ways framed as RFC 4571 has it. `None`, with a message: it cannot be run.
fn through(pipeline: &str, payload_type: u8, packets: &[RtpPacket]) -> Option<Vec<RtpPacket>> {
    let caps = format!(
        "application/x-rtp-stream,media=audio,clock-rate=48000,encoding-name=OPUS,payload={payload_type}"
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
    // What it writes meanwhile fits a pipe.
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
    assert!(!required, "gst-launch-1.0 with rtpredenc and rtpreddec is required and cannot be run");
    eprintln!("skipped: gst-launch-1.0 with rtpredenc and rtpreddec cannot be run");
    None
}

/// The first packet with a copy is the one at the farthest distance.
fn rig(copies: &[u8]) -> Rig {
    let copies = Copies::at(copies.iter().copied()).unwrap();
    let options = RedSenderOptions::default().with_redundancy(Redundancy::Fixed(copies));
    let mut rig = Rig::new(Mode::Decode, options);
    rig.bind(opus(SSRC));
    rig
}

#[test]
fn gstreamer_reads_our_primary_payloads() {
    for copies in [&[1][..], &[1, 3, 5]] {
        let mut rig = rig(copies);
        let sent: Vec<_> = (0..PACKETS).map(|seq| rig.write(spoken(seq))).collect();
        let Some(read) = through("rtpreddec pt=63", 63, &sent) else { return };
        assert!(read == (0..PACKETS).map(spoken).collect::<Vec<_>>(), "{copies:?}");
    }
}

#[test]
fn what_gstreamer_writes_brings_lost_packets_back() {
    for distance in 1..=4_u16 {
        let sent: Vec<_> = (0..PACKETS).map(spoken).collect();
        let pipeline = format!("rtpredenc pt=63 distance={distance}");
        let Some(written) = through(&pipeline, 111, &sent) else { return };
        assert_eq!(copies_in(&written[9]), Some(vec![u32::from(distance)]));
        let mut rig = rig(&[1]);
        // As many as the distance are lost at a time, and packets follow the last of them.
        let last = PACKETS / (2 * distance) * 2 * distance - distance;
        let kept = |packet: &&RtpPacket| {
            let seq = packet.sequence_number();
            seq < last && (seq / distance).is_multiple_of(2)
        };
        let mut read: Vec<_> =
            written.iter().filter(kept).flat_map(|packet| rig.read(packet.clone())).collect();
        read.sort_by_key(RtpPacket::sequence_number);
        let expected: Vec<_> = (0..last).map(spoken).collect();
        assert!(read == expected, "distance {distance}: {} of {last}", read.len());
    }
}

#[test]
fn what_we_write_is_what_gstreamer_writes() {
    for distance in 1..=4_u8 {
        let mut rig = rig(&[distance]);
        let sent: Vec<_> = (0..PACKETS).map(spoken).collect();
        let pipeline = format!("rtpredenc pt=63 distance={distance}");
        let Some(theirs) = through(&pipeline, 111, &sent) else { return };
        let ours: Vec<_> = sent.into_iter().map(|packet| rig.write(packet)).collect();
        // Until there is something to repeat we leave the packet plain, and it makes one of a single block.
        let from = usize::from(distance);
        assert!(ours[from..] == theirs[from..], "distance {distance}");
    }
}
