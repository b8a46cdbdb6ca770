//! What a message costs in allocations: nothing.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Sink, SinkExt, Stream, StreamExt};
use interceptor_stream::{Flow, Intercept, Keep, Metered, Pace, StreamLimits, Verdict};
use tokio::runtime::Builder;

use crate::kit::{Each, SECOND, itself, metered, rate};

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

#[test]
fn a_wrapped_stream_allocates_nothing_for_a_message() {
    let pace = Pace::default().with_messages(rate(1000, 1)).with_bytes(rate(1 << 20, 1 << 20));
    let waiting = StreamLimits::bulk().with_received(pace).with_sent(pace).with_both(pace);
    let open = StreamLimits::bulk().with_max_messages(10_000);
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    for (limits, waited) in [(waiting, true), (open, false)] {
        let interceptor = Each(|n: &mut u64| {
            *n += 1;
            Ok(Flow::Forward)
        });
        let mut stream = Intercept::new(limits)
            .unwrap()
            .with_size(itself)
            .with(interceptor)
            .with(Keep::new(()))
            .duplex(Echo(0));
        let mut exchange = |messages| {
            runtime.block_on(async {
                for _ in 0..messages {
                    let number = stream.next().await.unwrap().unwrap();
                    stream.feed(number).await.unwrap();
                }
            });
        };
        exchange(3); // the timers are made once
        let info = allocation_counter::measure(|| exchange(1000));
        let stats = stream.handle().stats();
        assert_eq!((info.count_total, stats.received.messages), (0, 1003));
        assert_eq!(stats.received.waited > Duration::from_millis(500), waited);
    }
}

/// Always has a number and takes any.
struct Echo(u64);

impl Stream for Echo {
    type Item = Result<u64, String>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0 += 1;
        Poll::Ready(Some(Ok(self.0)))
    }
}

impl Sink<u64> for Echo {
    type Error = String;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, _: u64) -> Result<(), String> {
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }
}
