//! `Watch`: how everything stands, once an interval, made when the client can take it and not before.

use std::time::Duration;

use futures_util::stream::{Stream, unfold};
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tonic::Status;

use super::answers;
use super::generated::WatchResponse;
use super::stopping::{Stopping, unavailable};
use crate::relay::RelayHandle;

/// Without an interval in the request.
const DEFAULT: u32 = 1000;

/// What it may be, in milliseconds.
const INTERVALS: std::ops::RangeInclusive<u32> = 100..=3_600_000;

/// The interval that is asked for.
pub(super) fn interval(asked_ms: u32) -> Result<Duration, Status> {
    let ms = if asked_ms == 0 { DEFAULT } else { asked_ms };
    if INTERVALS.contains(&ms) {
        return Ok(Duration::from_millis(ms.into()));
    }
    let (least, most) = (INTERVALS.start(), INTERVALS.end());
    Err(Status::invalid_argument(format!(
        "interval_ms is {ms}: must be in {least}..={most}, or 0 for {DEFAULT}"
    )))
}

struct Watch {
    relay: RelayHandle,
    stopping: Stopping,
    clock: Interval,
    last: Option<Instant>,
}

/// At once, then once an interval, until the relay stops. Whoever polls it late gets the newest, and how many it has not got.
pub(super) fn watch(
    relay: RelayHandle,
    every: Duration,
    stopping: Stopping,
) -> impl Stream<Item = Result<WatchResponse, Status>> + Send + 'static {
    let mut clock = tokio::time::interval(every);
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    unfold(Some(Watch { relay, stopping, clock, last: None }), |watch| async {
        let mut watch = watch?;
        match watch.next().await {
            Some(next) => Some((Ok(next), Some(watch))),
            None => Some((Err(unavailable()), None)),
        }
    })
}

impl Watch {
    async fn next(&mut self) -> Option<WatchResponse> {
        let tick = tokio::select! {
            biased;
            () = self.stopping.told() => return None,
            tick = self.clock.tick() => tick,
        };
        let since = self.last.replace(tick).map(|last| tick.saturating_duration_since(last));
        let steps = since.map_or(1, |since| since.as_millis() / self.clock.period().as_millis().max(1));
        let skipped = u64::try_from(steps).unwrap_or(u64::MAX).saturating_sub(1);
        Some(answers::watch(&self.relay, skipped))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::super::stopping::stopping;
    use super::*;
    use crate::relay::{Relay, RelayOptions, SourceOptions, TargetOptions};

    #[tokio::test(start_paused = true)]
    async fn who_reads_late_gets_the_newest_and_is_told_how_many_are_left_out() {
        let [listen, to] = ["127.0.0.1:0", "127.0.0.1:9"].map(|address| address.parse().unwrap());
        let options = RelayOptions::new(SourceOptions::new(listen), vec![TargetOptions::new(to)]);
        let relay = Relay::start(options).await.unwrap();
        let (stop, stopping) = stopping();
        let mut watch = Box::pin(watch(relay.handle(), Duration::from_millis(100), stopping));
        let mut left_out = Vec::new();
        for pause in [0, 100, 450, 0, 0] {
            tokio::time::advance(Duration::from_millis(pause)).await;
            left_out.push(watch.next().await.unwrap().unwrap().skipped);
        }
        // Of 200, 300, 400, 500 and 600 ms the first was taken at 550, late, and the last in time.
        assert_eq!(left_out, [0, 0, 0, 3, 0]);
        stop.say();
        let status = watch.next().await.unwrap().unwrap_err();
        assert_eq!((status.code(), status.message()), (tonic::Code::Unavailable, "the relay stops"));
        assert!(watch.next().await.is_none(), "once");
    }

    #[test]
    fn intervals_are_bounded() {
        for (asked, ms) in
            [(0, Some(1000)), (100, Some(100)), (3_600_000, Some(3_600_000)), (99, None), (3_600_001, None)]
        {
            let found = interval(asked).map_err(|status| status.code());
            assert_eq!(found, ms.map(Duration::from_millis).ok_or(tonic::Code::InvalidArgument), "{asked}");
        }
    }
}
