//! What a message costs in allocations: nothing.

use std::time::Duration;

use interceptor_stream::{Metered, Pace, StreamLimits, Verdict};

use crate::kit::{SECOND, metered, rate};

#[test]
fn a_meter_with_all_limits_allocates_nothing_for_a_message() {
    let pace = Pace::default().with_messages(rate(2, 2)).with_bytes(rate(2_000, 2_000));
    let limits = StreamLimits::bulk()
        .with_max_messages(1_000_000)
        .with_max_bytes(1 << 40)
        .with_max_duration(Duration::from_secs(1 << 20))
        .with_received(pace)
        .with_sent(pace)
        .with_both(pace);
    let Metered { meter, mut received, mut sent, .. } = metered(limits);
    let mut now = 0;
    let info = allocation_counter::measure(|| {
        for message in 0..10_000 {
            let lane = if message % 2 == 0 { &mut received } else { &mut sent };
            while let Verdict::Wait { until_nanos } = lane.admit(1000, now) {
                now = until_nanos;
            }
            let held = lane.held_nanos(now);
            lane.passed(1000, held);
            meter.moved(now);
            assert_eq!(meter.expired(now), None);
        }
    });
    assert_eq!((info.count_total, meter.stats(now).messages()), (0, 10_000));
    assert_eq!(now, 4_999 * SECOND, "two a second, two of them at once");
}
