//! A process that is killed leaves a file that opens, with everything that was flushed.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use interceptor_pcap_dump::{Overflow, PcapDumpOptions};

use crate::support::{Call, LOCAL, media, read_pcapng, tshark};

/// Set in the process that is to be killed: its capture directory.
const ROLE: &str = "INTERCEPTOR_PCAP_DUMP_KILL_ME";
const FLUSHED: u16 = 500;

/// Captures, flushes, says so, captures more that stays in memory, and waits to be killed.
fn victim(directory: &Path, busy: bool) {
    let options = PcapDumpOptions::new(directory.join("{id}.pcapng"))
        .with_flush_interval(Duration::from_secs(3600))
        .with_overflow(Overflow::Block);
    let mut call = Call::new(options);
    for n in 0..FLUSHED {
        call.send(media(LOCAL, n, 200), u64::from(n));
    }
    call.flush();
    for n in 0..20 {
        call.send(media(LOCAL, FLUSHED + n, 200), 1000 + u64::from(n));
    }
    println!("\nflushed");
    for n in 0..u64::MAX {
        if !busy {
            // The parent never writes: this waits for the end.
            let _ = std::io::stdin().read(&mut [0]);
        }
        call.send(media(LOCAL, n as u16, 200), 2000 + n);
    }
}

/// Runs this test again as the process to be killed, kills it when it has flushed, and hands out the capture.
fn kill(test: &str, check: impl FnOnce(&Path)) {
    let directory = tempfile::tempdir().unwrap();
    let mut child: Child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(ROLE, directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let flushed = lines.map_while(Result::ok).any(|line| line == "flushed");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(flushed, "the process ended before it had flushed");
    check(&directory.path().join("call-1.pcapng.part"));
}

#[test]
fn a_killed_capture_holds_everything_flushed() {
    if let Some(directory) = std::env::var_os(ROLE) {
        return victim(Path::new(&directory), false);
    }
    kill("kill::a_killed_capture_holds_everything_flushed", |file| {
        assert_eq!(read_pcapng(file).packets.len(), usize::from(FLUSHED));
        let Some(rows) = tshark(file, &["-d", "udp.port==5004,rtp"], &["rtp.seq"]) else { return };
        let expected: Vec<_> = (0..FLUSHED).map(|n| vec![n.to_string()]).collect();
        assert_eq!(rows, expected);
    });
}

#[test]
fn a_capture_killed_while_writing_opens_up_to_the_last_block() {
    if let Some(directory) = std::env::var_os(ROLE) {
        return victim(Path::new(&directory), true);
    }
    kill("kill::a_capture_killed_while_writing_opens_up_to_the_last_block", |file| {
        let mut reader = pcap_file::pcapng::PcapNgReader::new(std::fs::File::open(file).unwrap()).unwrap();
        let mut whole = 0;
        while let Some(Ok((block, _))) = reader.next_block() {
            whole += usize::from(matches!(block, pcap_file::pcapng::Block::EnhancedPacket(_)));
        }
        assert!(whole >= usize::from(FLUSHED), "only {whole} packets");
    });
}
