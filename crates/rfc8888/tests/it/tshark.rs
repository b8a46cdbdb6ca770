//! What tshark reads in our reports. Skipped where tshark is missing, unless `INTERCEPTOR_REQUIRE_TOOLS` is 1.

use std::path::Path;
use std::process::Command;

use interceptor_core::packet::{Ecn, RtcpPacket};
use interceptor_rfc8888::Rfc8888Options;

use crate::kit::{Bench, ms};

#[test]
fn tshark_finds_nothing_wrong_with_our_reports() {
    let tshark = Command::new("tshark").arg("--version").output().is_ok_and(|out| out.status.success());
    if !tshark {
        let required = std::env::var("INTERCEPTOR_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(!required, "tshark is required and cannot be run");
        eprintln!("skipped: tshark cannot be run");
        return;
    }
    let mut bench = Bench::receiver(Rfc8888Options::default().with_max_report_bytes(256));
    for seq in (0..2000).filter(|seq| seq % 9 != 4) {
        bench.read_marked(seq, if seq % 5 == 0 { Ecn::Ce } else { Ecn::Ect0 }).run(ms(1));
    }
    let reports = bench.run(ms(600)).wire();
    assert!(reports.len() > 20);
    let lines = ask_tshark(&reports);
    assert_eq!(lines.len(), reports.len());
    for (line, packet) in lines.iter().zip(&reports) {
        let [kind, format, words, malformed] = line.split('|').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        assert_eq!((kind, format, malformed), ("205", "11", ""), "{line}");
        assert_eq!(words.parse(), Ok(packet.len() / 4 - 1));
    }
}

fn ask_tshark(packets: &[RtcpPacket]) -> Vec<String> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("rfc8888-{}.pcap", std::process::id()));
    std::fs::write(&path, pcap(packets)).unwrap();
    let mut command = Command::new("tshark");
    command.arg("-r").arg(&path).args(["-d", "udp.port==5005,rtcp", "-T", "fields", "-E", "separator=|"]);
    for field in ["rtcp.pt", "rtcp.rtpfb.fmt", "rtcp.length", "_ws.malformed"] {
        command.args(["-e", field]);
    }
    let output = command.output().unwrap();
    std::fs::remove_file(&path).unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Raw IPv4 frames, one a second.
fn pcap(packets: &[RtcpPacket]) -> Vec<u8> {
    let half = |value: usize| u16::try_from(value).unwrap().to_be_bytes();
    let mut file =
        [&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0][..], &[0; 8], &[0xff, 0xff, 0, 0, 101, 0, 0, 0]].concat();
    for (second, packet) in (0_u32..).zip(packets) {
        let udp =
            [&half(5005), &half(5005), &half(8 + packet.len()), &half(0), &packet.as_bytes()[..]].concat();
        let address = [127, 0, 0, 1];
        let head =
            [&[0x45, 0][..], &half(20 + udp.len()), &[0, 0, 0, 0, 64, 17, 0, 0], &address, &address].concat();
        let len = u32::try_from(head.len() + udp.len()).unwrap().to_le_bytes();
        file.extend([&second.to_le_bytes()[..], &[0; 4], &len, &len, &head, &udp].concat());
    }
    file
}
