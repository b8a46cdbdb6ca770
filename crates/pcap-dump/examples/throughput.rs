//! Sends packets of 1200 bytes through a captured chain at a steady rate and tells whether the writer kept up.
//!
//! `cargo run --release -p interceptor-pcap-dump --example throughput -- /dev/shm 100000 10`

use std::error::Error;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use interceptor_core::{Chain, ChainConfig, StreamInfo};
use interceptor_core::{Registry, Stage};
use interceptor_packet::{NtpTime, RtpPacket};
use interceptor_pcap_dump::{PcapDumpFactory, PcapDumpOptions};

const SSRC: u32 = 0x1122_3344;

#[expect(clippy::disallowed_methods, reason = "this is the shell: it drives the chain in real time")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().unwrap_or_else(|| "/dev/shm".into());
    let rate: u64 = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let seconds: u64 = arguments.next().map_or(Ok(10), |text| text.parse())?;

    let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let start = Instant::now();
    let mut chain =
        Registry::new().build(ChainConfig::new("throughput", start, NtpTime::from_unix(wall), 1))?;
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), start)?;
    let payload = Bytes::from(vec![0x5a; 1188]);

    let without = send(&mut chain, &payload, 200_000, None)?;
    let factory = PcapDumpFactory::new(PcapDumpOptions::new(format!("{directory}/{{id}}.{{ext}}")))?;
    let capture = factory.attach("throughput")?;
    let handle = capture.handle();
    chain.insert("pcap-dump", Stage::CAPTURE, capture, Instant::now())?;
    let total = rate * seconds;
    let began = Instant::now();
    let with = send(&mut chain, &payload, total, Some(rate))?;
    let sent_in = began.elapsed();
    chain.close(Instant::now())?;

    let counters = handle.counters();
    println!(
        "sent {total} packets in {sent_in:.2?}, closed {:.2?} later",
        began.elapsed().saturating_sub(sent_in)
    );
    println!(
        "written {} dropped {} bytes in files {}",
        counters.written, counters.dropped, counters.file_bytes
    );
    println!("a packet through the chain: {without:.0} ns without capture, {with:.0} ns with");
    println!("files {:?}", handle.files());
    Ok(())
}

/// Sends `total` packets, `rate` a second if given; how many nanoseconds the chain took for each.
#[expect(clippy::disallowed_methods, reason = "this is the shell: it drives the chain in real time")]
fn send(chain: &mut Chain, payload: &Bytes, total: u64, rate: Option<u64>) -> Result<f64, Box<dyn Error>> {
    let began = Instant::now();
    let ticks = crossbeam_channel::tick(Duration::from_millis(1));
    let mut busy = Duration::ZERO;
    let mut sent = 0;
    while sent < total {
        let due = rate.map_or(sent + 1000, |rate| {
            (began.elapsed().as_nanos() * u128::from(rate) / 1_000_000_000) as u64
        });
        let tick = Instant::now();
        while sent < due.min(total) {
            let packet = RtpPacket::builder()
                .ssrc(SSRC)
                .payload_type(96)
                .sequence_number(sent as u16)
                .timestamp(sent as u32)
                .payload(payload.clone())
                .build()?;
            chain.write_rtp(packet, tick);
            chain.poll_wire();
            sent += 1;
        }
        busy += tick.elapsed();
        if rate.is_some() {
            ticks.recv()?;
        }
    }
    Ok(busy.as_nanos() as f64 / total as f64)
}
