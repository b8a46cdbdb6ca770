//! Video over a path whose round trip is too long for retransmissions: what ULPFEC brings back, and what it costs.

use std::error::Error;
use std::time::Duration;

use interceptor_core::{FecInfo, FecScheme, RedInfo, Registry, StreamInfo};
use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Side, rtp};
use interceptor_ulpfec::{Protection, UlpfecFactory, UlpfecOptions};

const SSRC: u32 = 0x1122_3344;
const PACKETS: u16 = 6000;

struct Outcome {
    received: usize,
    bytes: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    for (name, sending) in
        [("plain", None), ("10 + 1", Some(Protection::new(10, 1))), ("10 + 3", Some(Protection::new(10, 3)))]
    {
        let Outcome { received, bytes } = call(sending)?;
        println!(
            "{name:>6}: {} of {PACKETS} packets missing, {bytes} bytes on the wire",
            usize::from(PACKETS) - received
        );
    }
    Ok(())
}

fn call(sending: Option<Protection>) -> Result<Outcome, Box<dyn Error>> {
    let lower = UlpfecFactory::new(UlpfecOptions::default().with_sending(sending))?;
    let registry = Registry::new().with(lower.upper()).with(lower);
    let link = LinkOptions::default().with_delay(Duration::from_millis(300)).with_loss(Loss::random(0.02));
    let mut pair = Pair::new(&registry, &registry, PairOptions::default().with_links(link))?;
    let video = StreamInfo::new(SSRC, 96, 90_000)
        .with_mime_type("video/VP8")
        .with_red(RedInfo::new(118, 96))
        .with_fec(FecInfo::new(FecScheme::UlpFec, 120));
    pair.bind(Side::A, video)?;
    let pictures = rtp(SSRC)
        .pt(96)
        .payload_len(1000)
        .stream()
        .packets_per_frame(5)
        .frames_every(Duration::from_millis(33));
    pair.feed(Side::A, pictures.take(PACKETS.into()));
    pair.run_for(Duration::from_secs(45));
    let bytes = pair.sent(Side::A).iter().map(|sent| sent.datagram.bytes.len()).sum();
    Ok(Outcome { received: pair.received_rtp(Side::B).count(), bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_repair_packets_bring_more_back() {
        let missing = |sending| usize::from(PACKETS) - call(sending).unwrap().received;
        let [plain, one, three] =
            [None, Some(Protection::new(10, 1)), Some(Protection::new(10, 3))].map(missing);
        assert!((80..160).contains(&plain), "{plain}");
        assert!(one < plain / 3 && three <= one / 2, "{plain} {one} {three}");
    }
}
