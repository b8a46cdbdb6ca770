//! What tshark reads in our feedback. Skipped where tshark is missing, unless `INTERCEPTOR_REQUIRE_TOOLS` is 1.

use std::path::Path;
use std::process::Command;

use interceptor_core::packet::{Rtcp, RtcpPacket};
use interceptor_twcc::TwccOptions;

use crate::kit::{Bench, ms};

const FIELDS: [&str; 6] = ["baseseq", "statuscount", "reftime", "pktcount", "pktchunk", "recv_delta"];

#[test]
fn tshark_reads_our_feedback() {
    let tshark = Command::new("tshark").arg("--version").output().is_ok_and(|out| out.status.success());
    if !tshark {
        let required = std::env::var("INTERCEPTOR_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(!required, "tshark is required and cannot be run");
        eprintln!("skipped: tshark cannot be run");
        return;
    }
    let feedback = feedback();
    assert!(feedback.len() > 50, "{}", feedback.len());
    let lines = ask_tshark(&feedback);
    assert_eq!(lines.len(), feedback.len());
    for (line, packet) in lines.iter().zip(&feedback) {
        let fields: Vec<&str> = line.split('|').collect();
        let [base, count, reference, number, chunks, deltas, bad, malformed] = fields[..] else {
            panic!("{line}")
        };
        let Some(Rtcp::Twcc(twcc)) = packet.packets().next() else { panic!("{packet:?}") };
        assert_eq!((bad, malformed), ("", ""), "{line}");
        assert_eq!(base.parse(), Ok(twcc.base_sequence_number()));
        assert_eq!(count.parse(), Ok(twcc.packet_status_count()));
        assert_eq!(reference.parse(), Ok(twcc.reference_time()));
        assert_eq!(number.parse(), Ok(twcc.feedback_count()));
        let received = twcc.packets().unwrap().filter(|(_, status)| status.is_received()).count();
        assert_eq!(deltas.split(',').count(), received, "{line}");
        let chunks = chunks.split(',').count();
        assert!(chunks >= 1 && 2 * chunks <= twcc.payload().len() - received, "{line}");
    }
}

/// Losses, late packets, large and negative deltas.
fn feedback() -> Vec<RtcpPacket> {
    let mut bench = Bench::receiver(TwccOptions::default().with_max_feedback_bytes(256));
    for number in 0..4000_u16 {
        match number % 50 {
            7 | 8 | 30 => {}
            33 => {
                bench.read(number - 2).read(number);
            }
            31 => {}
            _ => {
                bench.read(number);
            }
        }
        bench.run(ms(if number % 97 == 0 { 70 } else { 1 }));
    }
    for number in 4000..6000 {
        bench.read(number).pass(ms(100));
    }
    bench.run(ms(300)).wire()
}

fn ask_tshark(feedback: &[RtcpPacket]) -> Vec<String> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("twcc-{}.pcap", std::process::id()));
    std::fs::write(&path, pcap(feedback)).unwrap();
    let mut command = Command::new("tshark");
    command.arg("-r").arg(&path).args(["-d", "udp.port==5005,rtcp", "-T", "fields", "-E", "separator=|"]);
    for field in FIELDS {
        command.args(["-e", &format!("rtcp.rtpfb.transportcc.{field}")]);
    }
    command.args(["-e", "rtcp.rtpfb.transportcc_bad", "-e", "_ws.malformed"]);
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
