//! Sound over a path that loses one packet in ten, with and without RED: what stays lost, and what it costs.

use std::error::Error;
use std::time::Duration;

use interceptor_core::{Loss as LossFact, RedInfo, Registry, StreamInfo};
use interceptor_red::{RedReceiverFactory, RedSenderFactory};
use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Side, rtp};

const SSRC: u32 = 0x1122_3344;
const PACKETS: u16 = 3000;

struct Outcome {
    received: usize,
    bytes: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    for (name, with_red) in [("plain", false), ("RED", true)] {
        let Outcome { received, bytes } = call(with_red)?;
        let missing = usize::from(PACKETS) - received;
        println!("{name:>5}: {missing} of {PACKETS} packets missing, {bytes} bytes on the wire");
    }
    Ok(())
}

fn call(with_red: bool) -> Result<Outcome, Box<dyn Error>> {
    let registry = if with_red {
        Registry::new().with(RedReceiverFactory::default()).with(RedSenderFactory::default())
    } else {
        Registry::new()
    };
    let link = LinkOptions::default().with_delay(Duration::from_millis(40)).with_loss(Loss::random(0.1));
    let mut pair = Pair::new(&registry, &registry, PairOptions::default().with_links(link))?;
    let opus =
        StreamInfo::new(SSRC, 111, 48_000).with_mime_type("audio/opus").with_red(RedInfo::new(63, 111));
    pair.bind(Side::A, opus)?;
    // In a program the interceptors for reports or congestion control tell it.
    let burst_duration = Duration::from_millis(20);
    let loss = LossFact { ssrc: SSRC, ppm: 100_000, burst_packets_q8: 1 << 8, burst_duration };
    pair.with_chain(Side::A, |chain, now| chain.publish(loss, now));
    let sound = rtp(SSRC).pt(111).payload_len(80).stream().ts_step(960).every(Duration::from_millis(20));
    pair.feed(Side::A, sound.take(PACKETS.into()));
    pair.run_for(Duration::from_secs(62));
    let bytes = pair.sent(Side::A).iter().map(|sent| sent.datagram.bytes.len()).sum();
    Ok(Outcome { received: pair.received_rtp(Side::B).count(), bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_copies_bring_nearly_everything_back() {
        let (plain, red) = (call(false).unwrap(), call(true).unwrap());
        assert!((2600..2800).contains(&plain.received), "{}", plain.received);
        assert!(red.received >= 2990, "{}", red.received);
        // Header 12, sound 80; beside it two of 84 and a byte.
        assert!(red.bytes < plain.bytes * 29 / 10, "{} {}", plain.bytes, red.bytes);
    }
}
