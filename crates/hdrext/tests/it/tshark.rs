//! What tshark reads in stamps of Chromium's and in ours. Skipped where tshark is missing, unless `INTERCEPTOR_REQUIRE_TOOLS` is 1.

use std::path::Path;
use std::process::Command;

use interceptor_core::packet::RtpPacket;
use interceptor_core::packet::ext::{AbsSendTime, AudioLevel, Mid};
use interceptor_core::packet::{HeaderExtension, NtpTime};
use interceptor_hdrext::AbsSendTimeFactory;
use interceptor_test::rtp;

use crate::captures::{LEVEL, MID, NAMES, SEND_TIME, headers};
use crate::kit::{Bench, ID, MEDIA, ms, video};

fn is_missing() -> bool {
    if Command::new("tshark").arg("--version").output().is_ok_and(|out| out.status.success()) {
        return false;
    }
    let required = std::env::var("INTERCEPTOR_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
    assert!(!required, "tshark is required and cannot be run");
    eprintln!("skipped: tshark cannot be run");
    true
}

#[test]
fn what_we_read_of_chromium_is_what_tshark_reads() {
    if is_missing() {
        return;
    }
    let packets: Vec<RtpPacket> = NAMES.into_iter().flat_map(headers).map(|(_, packet)| packet).collect();
    let lines = ask_tshark("chromium", &packets);
    assert_eq!(lines.len(), packets.len());
    for (packet, elements) in packets.iter().zip(lines) {
        let theirs =
            |id: u8| elements.iter().find(|(theirs, _)| *theirs == id).map(|(_, value)| value.clone());
        assert_eq!(elements.len(), packet.extensions().count());
        assert_eq!(packet.read::<AbsSendTime>(SEND_TIME).map(|time| bytes(&time)), theirs(SEND_TIME));
        assert_eq!(packet.read::<AudioLevel>(LEVEL).map(|level| bytes(&level)), theirs(LEVEL));
        assert_eq!(packet.read::<Mid>(MID).map(|mid| bytes(&mid)), theirs(MID));
    }
}

#[test]
fn tshark_reads_our_send_times() {
    if is_missing() {
        return;
    }
    let wall = NtpTime::from_bits(0xe8fe_6f80_1f9a_dd37);
    let mut bench = Bench::with_clock(AbsSendTimeFactory::default(), wall).sending(video(AbsSendTime::URI));
    let packets: Vec<RtpPacket> = rtp(MEDIA)
        .payload_len(5)
        .stream()
        .take(200)
        .map(|packet| bench.pass(ms(777)).write(packet))
        .collect();
    let lines = ask_tshark("ours", &packets);
    assert_eq!(lines.len(), packets.len());
    for (step, elements) in (1..).zip(lines) {
        let time = AbsSendTime::from_ntp(wall + ms(777) * step);
        assert_eq!(elements, [(ID, bytes(&time))]);
    }
}

fn bytes<E: HeaderExtension>(value: &E) -> Vec<u8> {
    value.to_bytes().as_ref().to_vec()
}

/// Identifier and value of the elements of each packet.
fn ask_tshark(name: &str, packets: &[RtpPacket]) -> Vec<Vec<(u8, Vec<u8>)>> {
    let path =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hdrext-{name}-{}.pcap", std::process::id()));
    std::fs::write(&path, pcap(packets)).unwrap();
    let mut command = Command::new("tshark");
    command.arg("-r").arg(&path).args(["-d", "udp.port==5004,rtp", "-T", "fields", "-E", "separator=|"]);
    command.args(["-e", "rtp.ext.rfc5285.id", "-e", "rtp.ext.rfc5285.data"]);
    let output = command.output().unwrap();
    std::fs::remove_file(&path).unwrap();
    let line = |line: &str| {
        let (ids, values) = line.split_once('|').unwrap();
        let pairs = ids.split(',').zip(values.split(',')).filter(|(id, _)| !id.is_empty());
        pairs.map(|(id, value)| (id.parse().unwrap(), from_hex(value))).collect()
    };
    String::from_utf8(output.stdout).unwrap().lines().map(line).collect()
}

fn from_hex(digits: &str) -> Vec<u8> {
    interceptor_test::hex(&digits.replace(':', "")).to_vec()
}

/// Raw IPv4 frames, one a second.
fn pcap(packets: &[RtpPacket]) -> Vec<u8> {
    let half = |value: usize| u16::try_from(value).unwrap().to_be_bytes();
    let mut file =
        [&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0][..], &[0; 8], &[0xff, 0xff, 0, 0, 101, 0, 0, 0]].concat();
    for (second, packet) in (0_u32..).zip(packets) {
        let bytes = packet.to_bytes();
        let udp = [&half(5004), &half(5004), &half(8 + bytes.len()), &half(0), &bytes[..]].concat();
        let address = [127, 0, 0, 1];
        let head =
            [&[0x45, 0][..], &half(20 + udp.len()), &[0, 0, 0, 0, 64, 17, 0, 0], &address, &address].concat();
        let len = u32::try_from(head.len() + udp.len()).unwrap().to_le_bytes();
        file.extend([&second.to_le_bytes()[..], &[0; 4], &len, &len, &head, &udp].concat());
    }
    file
}
