//! A call over a link whose capacity falls and rises again, and the target that follows it.

use std::error::Error;
use std::time::Duration;

use interceptor_congestion::{CongestionFactory, CongestionOptions};
use interceptor_core::Registry;
use interceptor_test::{Capacity, LinkOptions, Pair, PairOptions, QueueDepth, Side, rtp, stream_info};
use interceptor_twcc::TwccFactory;

/// Bytes of a packet on the wire: payload, RTP header with its extension, UDP and IP.
const WIRE: usize = 1000 + 20 + 28;

/// The capacity of the link and the mean target of each second, in kbit/s.
fn estimates() -> Result<Vec<(u64, u64)>, Box<dyn Error>> {
    let congestion = CongestionFactory::new(CongestionOptions::default())?;
    let handle = congestion.handle().connection("a");
    let registry = Registry::new().with(TwccFactory::default()).with(congestion);
    let seconds = Duration::from_secs;
    let capacity = Capacity::constant(2_000_000).then(seconds(20), 700_000).then(seconds(35), 2_000_000);
    let path = LinkOptions::default()
        .with_delay(Duration::from_millis(25))
        .with_capacity(capacity.clone())
        .with_queue_limit(QueueDepth::Time(Duration::from_millis(300)));
    let mut pair = Pair::new(&registry, &registry, PairOptions::default().with_link(Side::A, path))?;
    pair.bind(Side::A, stream_info::video(1))?;

    let (mut lines, mut seq) = (Vec::new(), 0_u16);
    for second in 0..50 {
        let mut sum = 0;
        // A camera that sends what it may, every 10 ms, in whole packets.
        let mut owed = 0.0;
        for _ in 0..100 {
            let target = handle.target().unwrap_or(300_000);
            sum += target / 100;
            owed += target as f64 / 8.0 / 100.0;
            while owed >= WIRE as f64 {
                pair.write_rtp(Side::A, rtp(1).seq(seq).payload_len(1000).build());
                seq = seq.wrapping_add(1);
                owed -= WIRE as f64;
            }
            pair.run_for(Duration::from_millis(10));
        }
        lines.push((capacity.at(seconds(second)) / 1000, sum / 1000));
    }
    Ok(lines)
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("second  capacity  target (kbit/s)");
    for (second, (capacity, target)) in estimates()?.into_iter().enumerate() {
        println!("{second:6}  {capacity:8}  {target:6}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::estimates;

    #[test]
    fn the_target_follows_the_capacity_of_the_link() {
        let lines = estimates().unwrap();
        let mean = |from: usize, to: usize| {
            lines[from..to].iter().map(|(_, target)| target).sum::<u64>() / (to - from) as u64
        };
        assert!((1400..=2100).contains(&mean(10, 20)), "{lines:?}");
        assert!((400..=750).contains(&mean(25, 35)), "{lines:?}");
        assert!((1300..=2100).contains(&mean(42, 50)), "{lines:?}");
    }
}
