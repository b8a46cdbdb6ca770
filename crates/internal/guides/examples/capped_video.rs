//! Video of 3.5 Mb/s leaves through a cap of 1.5 Mb/s: what is over waits for its turn, and what finds no room to wait is dropped. A
//! capture shows what crossed the wire.
//!
//! `cargo run -p guides --example capped_video -- capped.pcap`, then `tshark -q -z io,stat,1 -r capped.pcap`

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Registry, StreamInfo};
use interceptor_limit::{Bounds, LimitCounters, LimitFactory, LimitOptions, Policy, Rate, Way};
use interceptor_pcap_dump::{Format, PcapDumpFactory, PcapDumpOptions};
use rtp::codecs::vp8::Vp8Payloader;
use rtp::packetizer::Payloader;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const SSRC: u32 = 0x1122_3344;
/// 1.5 Mb/s in bytes, 80 ms of it at once.
const CAP: u64 = 187_500;
const BURST: u64 = 15_000;
const SECONDS: u32 = 10;
const FRAMES_A_SECOND: u32 = 30;
/// A key frame every two seconds; with the others 3.5 Mb/s.
const KEY_FRAME_BYTES: usize = 80_000;
const FRAME_BYTES: usize = 13_300;

/// A frame as an encoder gives it: the first bit of VP8 tells key frames, which begin with a start code (RFC 6386 §9.1).
fn frame(number: u32) -> Bytes {
    let key = number.is_multiple_of(2 * FRAMES_A_SECOND);
    let mut frame = vec![number as u8; if key { KEY_FRAME_BYTES } else { FRAME_BYTES }];
    let head: &[u8] = if key { &[0x10, 0, 0, 0x9d, 0x01, 0x2a] } else { &[0x11, 0, 0] };
    frame.splice(..head.len(), head.iter().copied());
    frame.into()
}

/// Writes the video into the chain and fires its timers, on a clock that this moves.
struct Sender {
    chain: Chain,
    packetiser: Vp8Payloader,
    seq: u16,
    sent_bytes: u64,
}

impl Sender {
    fn send(&mut self, number: u32, now: Instant) -> Result {
        let payloads = self.packetiser.payload(1188, &frame(number))?;
        let last = payloads.len() - 1;
        for (at, payload) in payloads.into_iter().enumerate() {
            let packet = RtpPacket::builder().ssrc(SSRC).payload_type(96).sequence_number(self.seq);
            let packet = packet.timestamp(number * 3000).marker(at == last).payload(payload).build()?;
            self.seq = self.seq.wrapping_add(1);
            self.sent_bytes += packet.total_len() as u64;
            self.chain.write_rtp(packet, now);
        }
        Ok(())
    }

    /// Time passes until `end`: what waits leaves when it is due. A program would give what it polls to its socket.
    fn pass(&mut self, end: Instant) {
        while self.chain.poll_wire().is_some() {}
        while let Some(due) = self.chain.next_timeout().filter(|due| *due <= end) {
            self.chain.handle_timeout(due);
            while self.chain.poll_wire().is_some() {}
        }
    }
}

/// What was sent, in bytes, and what became of it.
fn run(capture: &Path, start: Instant) -> Result<(u64, LimitCounters)> {
    let rate = Rate::new(CAP, Duration::from_secs(1), BURST)?;
    let bounds =
        Bounds::default().with_bytes(rate).with_policy(Policy::Wait { packets: 512, bytes: 256 << 10 });
    let limit = LimitFactory::new(LimitOptions::default().with_local(bounds))?;
    let handle = limit.handle();
    let dump = PcapDumpOptions::new(capture)
        .with_format(Format::Pcap)
        .with_announcements(false)
        .with_overwrite(true);
    // The capture stands at the wire, the limit above it.
    let registry = Registry::new().with(PcapDumpFactory::new(dump)?).with(limit);
    let mut chain = registry.build(ChainConfig::new("camera", start, NtpTime::default(), 7))?;
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000).with_mime_type("video/VP8"), start)?;

    let mut sender = Sender { chain, packetiser: Vp8Payloader::default(), seq: 0, sent_bytes: 0 };
    for number in 0..SECONDS * FRAMES_A_SECOND {
        let at = |number: u32| start + number * Duration::from_secs(1) / FRAMES_A_SECOND;
        sender.send(number, at(number))?;
        sender.pass(at(number + 1));
    }
    sender.chain.close(start + Duration::from_secs(SECONDS.into()))?;
    Ok((sender.sent_bytes, handle.totals(Way::Outgoing).streams))
}

fn main() -> Result {
    let capture = std::env::args().nth(1).map_or_else(|| PathBuf::from("capped.pcap"), PathBuf::from);
    #[expect(clippy::disallowed_methods, reason = "the program's own clock")]
    let (sent, limited) = run(&capture, Instant::now())?;
    let megabits = |bytes: u64| bytes as f64 * 8.0 / 1e6 / f64::from(SECONDS);
    println!("sent {:.2} Mb/s, passed {:.2} Mb/s", megabits(sent), megabits(limited.passed_bytes));
    println!("{} packets passed, {} of them after waiting", limited.passed, limited.delayed);
    println!(
        "{} found no room to wait, {} waited still at the end",
        limited.dropped_queue, limited.dropped_ended
    );
    println!("what crossed the wire is in {}", capture.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Instant;

    use super::{BURST, CAP, SECONDS, run};

    /// IPv4 and UDP, which the capture puts in front of each packet.
    const OVERHEAD: u64 = 20 + 8;

    /// Packets and bytes of RTP in each second, by tshark. `None`: it is not installed.
    fn by_tshark(capture: &std::path::Path) -> Option<Vec<(u64, u64)>> {
        let out = Command::new("tshark").args(["-q", "-z", "io,stat,1", "-r"]).arg(capture).output();
        let Some(out) = out.ok().filter(|out| out.status.success()) else {
            let required = std::env::var("INTERCEPTOR_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
            assert!(!required, "tshark is required and cannot be run");
            eprintln!("skipped: tshark cannot be run");
            return None;
        };
        // `|  0 <>  1 |    172 | 208336 |`
        let text = String::from_utf8(out.stdout).unwrap();
        let rows = text.lines().filter(|line| line.contains("<>"));
        let numbers = rows.map(|row| {
            let cells: Vec<u64> = row.split('|').filter_map(|cell| cell.trim().parse().ok()).collect();
            (cells[0], cells[1] - OVERHEAD * cells[0])
        });
        Some(numbers.collect())
    }

    #[test]
    fn no_second_carries_more_than_the_cap_and_its_burst() {
        let folder = tempfile::tempdir().unwrap();
        let capture = folder.path().join("capped.pcap");
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let (sent, limited) = run(&capture, Instant::now()).unwrap();
        let seconds = u64::from(SECONDS);
        let megabits = sent * 8 / seconds / 100_000;
        assert!((30..=40).contains(&megabits), "{megabits} tenths of a Mb/s come");
        assert!(limited.passed_bytes <= BURST + CAP * seconds, "{limited:?}");
        assert!(limited.delayed > 1000 && limited.dropped_queue > 1000, "{limited:?}");

        let Some(rows) = by_tshark(&capture) else { return };
        assert_eq!(rows.len() as u64, seconds, "{rows:?}");
        assert_eq!(rows.iter().map(|row| row.0).sum::<u64>(), limited.passed, "the capture has what passed");
        for (_, bytes) in &rows {
            assert!(*bytes <= CAP + BURST && *bytes >= CAP - 1200, "{rows:?}");
        }
    }
}
