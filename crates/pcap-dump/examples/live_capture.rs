//! Attaches a capture to a call that is running, and takes it off again: the call notices neither.
//!
//! `cargo run -p interceptor-pcap-dump --example live_capture`

use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Registry, Stage, StreamInfo};
use interceptor_pcap_dump::{Format, PcapDumpFactory, PcapDumpOptions};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const SSRC: u32 = 0x1122_3344;

/// A call that sends a packet every 20 ms.
struct Call {
    chain: Chain,
    now: Instant,
    next: u16,
}

impl Call {
    fn new() -> Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "the program's own clock")]
        let now = Instant::now();
        let wall = NtpTime::from_unix(Duration::from_secs(1_700_000_000));
        let mut chain = Registry::new().build(ChainConfig::new("call-1", now, wall, 7))?;
        chain.bind_local(StreamInfo::new(SSRC, 111, 48_000).with_mime_type("audio/opus"), now)?;
        Ok(Self { chain, now, next: 0 })
    }

    fn send(&mut self, packets: u16) -> Result<usize> {
        for _ in 0..packets {
            let packet = RtpPacket::builder().ssrc(SSRC).payload_type(111).sequence_number(self.next);
            self.chain.write_rtp(
                packet.timestamp(960 * u32::from(self.next)).payload(vec![0; 80]).build()?,
                self.now,
            );
            self.next += 1;
            self.now += Duration::from_millis(20);
        }
        Ok(std::iter::from_fn(|| self.chain.poll_wire()).count())
    }
}

/// Sends 30 packets and captures the middle ten; what the capture holds, and how many packets left.
fn run() -> Result<(String, usize)> {
    let directory = tempfile::tempdir()?;
    // Text shows here what there is to see; without `with_format` it is a file for Wireshark.
    let options = PcapDumpOptions::new(directory.path().join("{id}.{ext}")).with_format(Format::Text);
    let captures = PcapDumpFactory::new(options)?;
    let mut call = Call::new()?;
    let mut left = call.send(10)?;

    let capture = captures.attach("call-1")?;
    let handle = capture.handle();
    call.chain.insert("capture", Stage::CAPTURE, capture, call.now)?;
    left += call.send(10)?;
    // The file is complete when this returns.
    call.chain.remove("capture", call.now)?;

    left += call.send(10)?;
    let file = handle.files().into_iter().next().ok_or("the capture made no file")?;
    Ok((std::fs::read_to_string(file)?, left))
}

fn main() -> Result {
    let (captured, left) = run()?;
    print!("{captured}");
    println!("{left} packets left, {} of them captured", captured.lines().count() - 1);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn holds_what_was_sent_while_it_was_attached() {
        let (captured, left) = run().unwrap();
        let numbers: Vec<_> =
            captured.lines().filter_map(|line| line.split_once(" seq=")?.1.split(' ').next()).collect();
        assert_eq!(numbers, ["10", "11", "12", "13", "14", "15", "16", "17", "18", "19"]);
        assert_eq!(left, 30);
    }
}
