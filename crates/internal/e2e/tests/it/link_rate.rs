//! The whole chain on a link whose rate falls, on virtual time: what it may send follows the link, and what is lost comes back under it.

use std::collections::BTreeSet;
use std::time::Duration;

use interceptor_congestion::CongestionFactory;
use interceptor_core::Registry;
use interceptor_nack::NackFactory;
use interceptor_pacer::PacerFactory;
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_test::{Capacity, LinkOptions, Loss, Pair, PairOptions, QueueDepth, Side, rtp, stream_info};
use interceptor_twcc::TwccFactory;

const MEDIA: u32 = 1;
const PAYLOAD: usize = 1000;
/// With the RTP header and its extension, UDP and IP.
const WIRE_BITS: f64 = ((PAYLOAD + 20 + 28) * 8) as f64;
const FRAME: Duration = Duration::from_millis(40);
const SECOND: Duration = Duration::from_secs(1);

/// What came of a call of 20 seconds: 1.5 Mbit/s, and from the eighth second on 0.5.
struct Outcome {
    /// The mean of what could be sent in each second, in bits per second.
    targets: Vec<f64>,
    /// Packets written, and those of them that came.
    written: usize,
    came: usize,
    lost: u64,
    longest_queue: Duration,
}

fn call(seed: u64, repair: bool) -> Outcome {
    let congestion = CongestionFactory::default();
    let target = congestion.handle().connection("a");
    let mut registry = Registry::new().with(ReportFactory::default()).with(TwccFactory::default());
    registry.add(congestion).add(PacerFactory::default());
    if repair {
        registry.add(RtxFactory::default()).add(NackFactory::default());
    }
    let path = LinkOptions::default().with_delay(Duration::from_millis(20)).with_overhead_bytes(28);
    let there = path
        .clone()
        .with_capacity(Capacity::constant(1_500_000).then(8 * SECOND, 500_000))
        .with_queue_limit(QueueDepth::Time(Duration::from_millis(300)))
        .with_loss(Loss::random(0.03));
    let options = PairOptions::default().with_seed(seed).with_link(Side::A, there).with_link(Side::B, path);
    let mut pair = Pair::new(&registry, &registry, options.with_record_sent(false)).unwrap();
    pair.bind(Side::A, stream_info::video_with_rtx(MEDIA, 2)).unwrap();

    let (mut targets, mut written, mut owed, mut longest_queue) = (Vec::new(), 0, 0.0, Duration::ZERO);
    for _ in 0..20 {
        let mut sum = 0.0;
        // A camera that makes of each picture what it may.
        for _ in 0..25 {
            let allowed = target.target().unwrap_or(300_000) as f64;
            sum += allowed / 25.0;
            owed += allowed * FRAME.as_secs_f64();
            while owed >= WIRE_BITS {
                pair.write_rtp(Side::A, rtp(MEDIA).seq(written as u16).payload_len(PAYLOAD).build());
                written += 1;
                owed -= WIRE_BITS;
            }
            pair.run_for(FRAME);
            let now = pair.now();
            let queue = pair.link_mut(Side::A).queue_delay(now);
            longest_queue = longest_queue.max(queue.unwrap_or_default());
        }
        targets.push(sum);
    }
    pair.run_for(2 * SECOND);
    let came: BTreeSet<_> = pair.received_rtp(Side::B).map(|packet| packet.sequence_number()).collect();
    let counters = pair.link(Side::A).counters();
    Outcome {
        targets,
        written,
        came: came.len(),
        lost: counters.lost + counters.queue_dropped,
        longest_queue,
    }
}

fn mean(targets: &[f64]) -> f64 {
    targets.iter().sum::<f64>() / targets.len() as f64
}

#[test]
fn what_may_be_sent_follows_the_links_rate_and_repair_goes_on_under_it() {
    for (seed, repair) in (1..=3).flat_map(|seed| [(seed, false), (seed, true)]) {
        let Outcome { targets, written, came, lost, longest_queue } = call(seed, repair);
        let told =
            format!("seed {seed}, repair {repair}: {came} of {written}, {longest_queue:?}, {targets:.0?}");
        // It has grown from the 0.3 that it begins with.
        assert!(mean(&targets[5..8]) > 800_000.0 && mean(&targets[5..8]) <= 1_500_000.0, "{told}");
        // As soon as the queue is gone it keeps to what is left after the fall, and feels for more by a twentieth at most.
        let after = &targets[11..20];
        assert!(mean(after) > 300_000.0 && mean(after) <= 500_000.0, "{told}");
        assert!(after.iter().all(|target| *target <= 525_000.0), "{told}");
        // What the link holds when its rate falls takes three times as long as before.
        assert!(lost > 0 && longest_queue <= Duration::from_millis(500), "{told}");
        let missing = (written - came) as f64 / written as f64;
        assert!(if repair { missing < 0.002 } else { missing > 0.01 }, "{told}");
    }
}
