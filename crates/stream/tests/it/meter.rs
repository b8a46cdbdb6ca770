//! What a meter decides and counts, a case at a time.

use std::time::Duration;

use interceptor_stream::{Cause, Direction, Excess, Lane, Metered, Pace, StreamLimits, Verdict};

use crate::kit::{SECOND, metered, rate};

/// How late one may ask again for a shared bucket without losing its turn.
const LATE: u64 = 5_000_000;

const SENT: Direction = Direction::Sent;
const RECEIVED: Direction = Direction::Received;

/// Asks once, and counts what is granted.
fn offer(lane: &mut Lane, bytes: u64, at: u64) -> Verdict {
    let verdict = lane.admit(bytes, at);
    if verdict == Verdict::Pass {
        let held = lane.held_nanos(at);
        lane.passed(bytes, held);
    }
    verdict
}

#[test]
fn what_has_no_limit_passes_and_is_counted_each_way_for_itself() {
    let Metered { meter, mut received, mut sent, .. } = metered(StreamLimits::default());
    for bytes in [0, 1, 1000] {
        assert_eq!(offer(&mut received, bytes, 0), Verdict::Pass);
    }
    assert_eq!(offer(&mut sent, u64::MAX, 0), Verdict::Pass);
    let stats = meter.stats(7);
    assert_eq!((stats.received.messages, stats.received.bytes), (3, 1001));
    assert_eq!((stats.sent.messages, stats.sent.bytes), (1, u64::MAX));
    assert_eq!((stats.messages(), stats.bytes()), (4, u64::MAX));
    assert_eq!((stats.duration, stats.ended), (Duration::from_nanos(7), None));
}

#[test]
fn a_limit_lets_pass_what_it_says_and_ends_the_stream_with_the_next() {
    let limits = StreamLimits::default();
    let (direction, max) = (SENT, 10);
    let rows = [
        (limits.with_max_messages(2), vec![9, 9], 9, Cause::Messages { direction, max: 2 }),
        (limits.with_max_bytes(10), vec![4, 6], 1, Cause::Bytes { direction, max }),
        (limits.with_max_bytes(10), vec![4, 6, 0], u64::MAX, Cause::Bytes { direction, max }),
        (
            limits.with_max_message_bytes(10),
            vec![10, 10],
            11,
            Cause::MessageBytes { direction, bytes: 11, max },
        ),
        (
            limits.with_sent(Pace::default().with_bytes(rate(10, 10))),
            vec![10],
            11,
            Cause::Burst { direction, bytes: 11, burst: 10 },
        ),
        (
            limits.with_sent(Pace::default().with_messages(rate(1, 2)).with_excess(Excess::Fail)),
            vec![9, 9],
            9,
            Cause::Rate { direction },
        ),
        (
            limits.with_both(Pace::default().with_bytes(rate(1, 9)).with_excess(Excess::Fail)),
            vec![9],
            1,
            Cause::Rate { direction },
        ),
    ];
    for (limits, pass, refused, cause) in rows {
        let Metered { meter, mut received, mut sent, .. } = metered(limits);
        for &bytes in &pass {
            assert_eq!(offer(&mut sent, bytes, 0), Verdict::Pass, "{cause}");
        }
        assert_eq!(meter.ended(), None, "{cause}");
        assert_eq!(offer(&mut sent, refused, 0), Verdict::End(cause));
        // From now on for everybody, with the same cause; and each refusal counts.
        assert_eq!(offer(&mut received, 1, SECOND * 100), Verdict::End(cause));
        let stats = meter.stats(0);
        assert_eq!(stats.ended, Some(cause));
        assert_eq!(
            (stats.sent.messages, stats.sent.bytes),
            (pass.len() as u64, pass.iter().sum()),
            "{cause}"
        );
        assert_eq!((stats.sent.refused_messages, stats.sent.refused_bytes), (1, refused), "{cause}");
        assert_eq!((stats.received.messages, stats.received.refused_messages), (0, 1), "{cause}");
        assert_eq!(cause.direction(), Some(SENT));
    }
}

#[test]
fn what_waits_passes_at_the_nanosecond_that_was_said_and_not_one_earlier() {
    let limits = StreamLimits::default().with_received(Pace::default().with_messages(rate(3, 1)));
    let Metered { meter, received: mut lane, .. } = metered(limits);
    assert_eq!(offer(&mut lane, 5, 0), Verdict::Pass);
    let until_nanos = 333_333_334;
    for early in [0, 1, until_nanos - 1] {
        assert_eq!(offer(&mut lane, 5, early), Verdict::Wait { until_nanos });
    }
    assert_eq!(offer(&mut lane, 5, until_nanos), Verdict::Pass);
    let stats = meter.stats(until_nanos);
    assert_eq!((stats.received.messages, stats.received.bytes), (2, 10));
    assert_eq!(stats.received.waited, Duration::from_nanos(until_nanos));
    assert_eq!(lane.held_nanos(until_nanos), 0, "nobody waits");
}

#[test]
fn a_bucket_that_starts_empty_makes_the_first_wait_too() {
    let pace = |rate| Pace::default().with_messages(rate);
    for (rate, at) in [
        (rate(2, 1), [0, SECOND / 2, SECOND]),
        (rate(2, 1).starting_empty(), [SECOND / 2, SECOND, SECOND * 3 / 2]),
    ] {
        let Metered { sent: mut lane, .. } = metered(StreamLimits::default().with_sent(pace(rate)));
        let mut now = 0;
        let mut passed = Vec::new();
        while passed.len() < 3 {
            match offer(&mut lane, 1, now) {
                Verdict::Wait { until_nanos } => now = until_nanos,
                verdict => {
                    assert_eq!(verdict, Verdict::Pass);
                    passed.push(now);
                }
            }
        }
        assert_eq!(passed, at);
    }
}

#[test]
fn messages_and_bytes_and_both_are_taken_together_or_not_at_all() {
    // The shared bucket denies: what the lane's own buckets gave is given back, so that at `until` all is there.
    let limits = StreamLimits::default()
        .with_received(Pace::default().with_messages(rate(1, 2)).with_bytes(rate(1, 20)))
        .with_both(Pace::default().with_bytes(rate(10, 15)));
    let Metered { mut received, .. } = metered(limits);
    assert_eq!(offer(&mut received, 10, 0), Verdict::Pass);
    let until_nanos = SECOND / 2;
    for _ in 0..5 {
        assert_eq!(offer(&mut received, 10, 0), Verdict::Wait { until_nanos });
    }
    assert_eq!(offer(&mut received, 10, until_nanos), Verdict::Pass);
}

#[test]
fn one_bucket_for_both_directions_is_one() {
    let limits = StreamLimits::default().with_both(Pace::default().with_messages(rate(1, 2)));
    let Metered { meter, mut received, mut sent, .. } = metered(limits);
    assert_eq!(offer(&mut received, 1, 0), Verdict::Pass);
    assert_eq!(offer(&mut sent, 2, 0), Verdict::Pass);
    let wait = Verdict::Wait { until_nanos: SECOND };
    assert_eq!((offer(&mut received, 1, 0), offer(&mut sent, 1, 0)), (wait, wait));
    let yields = Verdict::Wait { until_nanos: SECOND + LATE };
    assert_eq!(offer(&mut sent, 1, SECOND), yields, "who has waited for longer comes first");
    assert_eq!(offer(&mut received, 1, SECOND), Verdict::Pass);
    assert_eq!(offer(&mut sent, 1, SECOND + LATE), Verdict::Wait { until_nanos: 2 * SECOND });
    assert_eq!(offer(&mut received, 1, SECOND + LATE), Verdict::Wait { until_nanos: 2 * SECOND });
    assert_eq!(offer(&mut received, 1, 2 * SECOND + LATE), Verdict::Pass, "the other one is too late");
    let stats = meter.stats(SECOND);
    assert_eq!((stats.received.messages, stats.sent.messages, stats.messages(), stats.bytes()), (3, 1, 4, 5));
}

#[test]
fn what_would_wait_for_longer_than_it_may_ends_the_stream_at_once() {
    let pace = Pace::default().with_messages(rate(1, 1)).with_max_wait(Duration::from_secs(1));
    let Metered { mut sent, .. } = metered(StreamLimits::default().with_sent(pace));
    assert_eq!(offer(&mut sent, 1, 0), Verdict::Pass);
    assert_eq!(offer(&mut sent, 1, 0), Verdict::Wait { until_nanos: SECOND }, "exactly as long as it may");

    let pace = pace.with_max_wait(Duration::from_nanos(SECOND - 1));
    let Metered { mut sent, .. } = metered(StreamLimits::default().with_sent(pace));
    assert_eq!(offer(&mut sent, 1, 0), Verdict::Pass);
    let cause = Cause::Wait { direction: SENT, max: Duration::from_nanos(SECOND - 1) };
    assert_eq!(offer(&mut sent, 1, 0), Verdict::End(cause));
}

#[test]
fn a_wait_is_as_long_as_the_other_direction_makes_it() {
    let both = Pace::default().with_messages(rate(1, 1)).with_max_wait(Duration::from_secs(1));
    let Metered { mut received, mut sent, .. } = metered(StreamLimits::default().with_both(both));
    assert_eq!(offer(&mut received, 1, 0), Verdict::Pass);
    assert_eq!(offer(&mut received, 1, 0), Verdict::Wait { until_nanos: SECOND });
    // It comes too late, the other one has taken the token, and it would wait for two seconds in all.
    assert_eq!(offer(&mut sent, 1, SECOND + LATE), Verdict::Pass);
    let cause = Cause::Wait { direction: RECEIVED, max: Duration::from_secs(1) };
    assert_eq!(offer(&mut received, 1, SECOND + LATE), Verdict::End(cause));
}

#[test]
fn what_is_dropped_is_counted_and_the_stream_goes_on() {
    let pace = Pace::default().with_messages(rate(1, 1)).with_bytes(rate(100, 100)).with_excess(Excess::Drop);
    let Metered { meter, mut received, .. } = metered(StreamLimits::default().with_received(pace));
    assert_eq!(offer(&mut received, 60, 0), Verdict::Pass);
    assert_eq!(offer(&mut received, 30, 0), Verdict::Drop, "no token for a message");
    assert_eq!(offer(&mut received, 101, SECOND), Verdict::Drop, "never fits: dropped as well");
    assert_eq!(offer(&mut received, 100, SECOND), Verdict::Pass);
    let stats = meter.stats(SECOND);
    assert_eq!((stats.received.messages, stats.received.bytes), (2, 160));
    assert_eq!((stats.received.dropped_messages, stats.received.dropped_bytes), (2, 131));
    assert_eq!(stats.ended, None);
}

#[test]
fn large_messages_are_counted_from_one_byte_above_the_warning_on() {
    let Metered { meter, mut sent, .. } = metered(StreamLimits::default().with_warn_message_bytes(100));
    for bytes in [99, 100, 101, 1000] {
        assert_eq!(offer(&mut sent, bytes, 0), Verdict::Pass);
        assert_eq!(sent.is_large(bytes), bytes > 100);
    }
    assert_eq!(meter.stats(0).sent.large_messages, 2);
}

#[test]
fn a_message_counts_only_when_it_has_passed() {
    let Metered { meter, mut sent, .. } = metered(StreamLimits::default());
    assert_eq!(sent.admit(10, 0), Verdict::Pass);
    assert_eq!(meter.stats(0).sent.messages, 0);
    sent.refused(10);
    let stats = meter.stats(0).sent;
    assert_eq!((stats.messages, stats.bytes), (0, 0));
    assert_eq!((stats.refused_messages, stats.refused_bytes), (1, 10));
}

#[test]
fn the_time_of_a_stream_and_its_silence_are_limited_to_the_nanosecond() {
    let (long, idle) = (Duration::from_secs(10), Duration::from_secs(1));
    let Metered { meter, .. } = metered(StreamLimits::default().with_max_duration(long).with_max_idle(idle));
    assert_eq!((meter.deadline(), meter.expired(SECOND - 1)), (Some(SECOND), None));
    assert_eq!(meter.expired(SECOND), Some(Cause::Idle { max: idle }));
    meter.moved(9 * SECOND + 1);
    meter.moved(3); // a thread that comes late takes nothing back
    assert_eq!((meter.deadline(), meter.expired(10 * SECOND - 1)), (Some(10 * SECOND), None));
    assert_eq!(meter.expired(10 * SECOND), Some(Cause::Duration { max: long }));
    let Metered { meter, .. } = metered(StreamLimits::default());
    assert_eq!((meter.deadline(), meter.expired(u64::MAX)), (None, None));
}

#[test]
fn who_is_held_back_is_not_idle() {
    let limits = StreamLimits::default()
        .with_max_idle(Duration::from_secs(1))
        .with_received(Pace::default().with_messages(rate(1, 1).starting_empty()).with_bytes(rate(1, 5)));
    let Metered { meter, mut received, .. } = metered(limits);
    assert_eq!(offer(&mut received, 5, 0), Verdict::Wait { until_nanos: SECOND });
    assert_eq!((meter.deadline(), meter.expired(SECOND)), (Some(2 * SECOND), None));
    assert_eq!(offer(&mut received, 5, SECOND), Verdict::Pass);
    assert!(meter.expired(2 * SECOND).is_some());
}

#[test]
fn held_bytes_have_a_limit() {
    let Metered { meter, received, .. } = metered(StreamLimits::default().with_max_held_bytes(10));
    assert_eq!(received.hold(10), Ok(()));
    let cause = Cause::HeldBytes { direction: RECEIVED, bytes: 11, max: 10 };
    assert_eq!((received.hold(11), meter.ended()), (Err(cause), None));
}

#[test]
fn the_first_cause_stays() {
    let Metered { meter, mut sent, .. } = metered(StreamLimits::default().with_max_messages(1));
    assert!(meter.end(Cause::Cancelled) && !meter.end(Cause::Rate { direction: SENT }));
    assert_eq!(offer(&mut sent, 1, 0), Verdict::End(Cause::Cancelled));
    assert_eq!(meter.ended(), Some(Cause::Cancelled));
}

#[test]
fn a_closed_stream_gets_no_older() {
    let Metered { meter, .. } = metered(StreamLimits::default());
    assert!(!meter.is_closed());
    meter.close(5);
    meter.close(9);
    assert!(meter.is_closed());
    assert_eq!(meter.stats(100).duration, Duration::from_nanos(5));
}

#[test]
fn causes_say_what_happened_in_plain_english() {
    let (direction, max) = (RECEIVED, 10);
    let second = Duration::from_secs(1);
    let rows = [
        (Cause::Messages { direction, max }, "more than 10 messages received"),
        (Cause::Bytes { direction, max }, "more than 10 bytes received"),
        (Cause::MessageBytes { direction, bytes: 11, max }, "a message of 11 bytes received, more than 10"),
        (Cause::Rate { direction }, "messages received too quickly"),
        (
            Cause::Burst { direction, bytes: 11, burst: 10 },
            "a message of 11 bytes received, more than the rate's burst of 10",
        ),
        (Cause::Wait { direction, max: second }, "a message received would have waited for longer than 1s"),
        (Cause::HeldBytes { direction, bytes: 11, max }, "11 bytes received held back, more than 10"),
        (Cause::Duration { max: second }, "the stream was open for 1s"),
        (Cause::Idle { max: second }, "nothing moved for 1s"),
        (Cause::Interceptor { direction }, "an interceptor refused a message received"),
        (Cause::Cancelled, "cancelled"),
    ];
    for (cause, expected) in rows {
        assert_eq!(cause.to_string(), expected);
    }
}

#[test]
fn no_message_passes_after_the_stream_was_open_for_long_enough() {
    let max = Duration::from_secs(1);
    let Metered { meter, mut received, mut sent, .. } =
        metered(StreamLimits::default().with_max_duration(max));
    assert_eq!(offer(&mut received, 1, SECOND - 1), Verdict::Pass);
    assert_eq!(offer(&mut received, 1, SECOND), Verdict::End(Cause::Duration { max }));
    assert_eq!(offer(&mut sent, 1, 0), Verdict::End(Cause::Duration { max }), "the stream is ended");
    assert_eq!((meter.stats(0).received.refused_messages, meter.stats(0).sent.refused_messages), (1, 1));

    // Limits that nobody has checked are taken at their word.
    let unchecked = StreamLimits::default().with_max_duration(Duration::ZERO);
    let Metered { mut sent, .. } = metered(unchecked);
    assert_eq!(offer(&mut sent, 1, 0), Verdict::End(Cause::Duration { max: Duration::ZERO }));
    let Metered { mut sent, .. } = metered(StreamLimits::default().with_max_duration(Duration::MAX));
    assert_eq!(offer(&mut sent, 1, u64::MAX - 1), Verdict::Pass);
}
