//! What tshark reads in the capture of a tapped peer. Skipped where tshark is missing, unless `INTERCEPTOR_REQUIRE_TOOLS` is 1.

use std::path::Path;
use std::process::Command;

use interceptor_core::Registry;
use interceptor_pcap_dump::{PcapDumpFactory, PcapDumpOptions};
use str0m_tap::call::ssrcs;
use str0m_tap::peers::Side;
use str0m_tap::tap::TapCounters;

use crate::kit::{Settled, WRITTEN};

#[test]
fn tshark_finds_nothing_malformed() {
    let directory = tempfile::tempdir().unwrap();
    let (file, _) = capture(directory.path());
    let filter = "_ws.malformed || _ws.expert.severity == \"Error\"";
    let Some(malformed) = tshark(&file, filter, &["frame.number"]) else { return };
    assert_eq!(malformed, [[""; 0]; 0]);
}

#[test]
fn tshark_reads_every_packet_and_every_kind_of_rtcp() {
    let directory = tempfile::tempdir().unwrap();
    let (file, seen) = capture(directory.path());
    let fields = ["ip.src", "rtp.ssrc", "rtp.seq", "rtcp.pt", "rtcp.rtpfb.fmt", "rtcp.psfb.fmt"];
    let Some(rows) = tshark(&file, "rtp || rtcp", &fields) else { return };

    let count = |source, is_rtcp| {
        rows.iter().filter(|row| row[0] == source && row[3].is_empty() != is_rtcp).count() as u64
    };
    assert_eq!((count(LEFT, false), count(RIGHT, false)), (seen.rtp_sent, seen.rtp_received));
    assert_eq!((count(LEFT, true), count(RIGHT, true)), (seen.rtcp_sent, seen.rtcp_received));

    let media = format!("0x{:08x}", *ssrcs(Side::Left).0);
    let numbers = rows.iter().filter(|row| row[1] == media).map(|row| row[2].parse::<u64>().unwrap());
    assert!(numbers.eq(0..WRITTEN), "what was written, in its order");

    let mut kinds: Vec<_> = rows.iter().map(|row| row[3..].join("/")).filter(|kind| kind != "//").collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, KINDS);
}

const LEFT: &str = "192.0.2.1";
const RIGHT: &str = "192.0.2.2";
/// Packet type, format of transport and of payload feedback: SR, RR, SDES, BYE, NACK, TWCC, PLI, REMB, FIR, XR.
const KINDS: [&str; 10] =
    ["200//", "201//", "202//", "203//", "205/1/", "205/15/", "206//1", "206//15", "206//4", "207//"];

fn capture(directory: &Path) -> (std::path::PathBuf, TapCounters) {
    let file = directory.join("str0m.pcapng");
    let options = PcapDumpOptions::new(&file).with_announcements(true);
    let mut settled = Settled::with(Registry::new().with(PcapDumpFactory::new(options).unwrap()));
    let seen = settled.call.close().unwrap();
    (file, seen)
}

/// A line for each packet that passes the filter; `None`, with a message, when there is no tshark.
fn tshark(file: &Path, filter: &str, fields: &[&str]) -> Option<Vec<Vec<String>>> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-T", "fields", "-E", "separator=|", "-Y", filter, "-r"]).arg(file);
    fields.iter().for_each(|field| {
        command.args(["-e", field]);
    });
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            let required = std::env::var("INTERCEPTOR_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
            assert!(!required, "tshark is required and missing: {error}");
            eprintln!("SKIPPED: tshark cannot be run: {error}");
            return None;
        }
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    Some(lines.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect())
}
