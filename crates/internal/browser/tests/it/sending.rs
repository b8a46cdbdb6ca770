//! How fast Chromium sends.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use browser::{Call, Feedback, Second, Setup};

use crate::{SOON, call_with};

/// What is fast, and what a narrow link carries, in bits per second.
const FAST: f64 = 1_500_000.0;
const NARROW: u64 = 500_000;

/// What the browser sent a second, on average.
fn rate(seconds: &[Second]) -> f64 {
    seconds.iter().map(|second| second.sent).sum::<f64>() / seconds.len() as f64
}

/// The rate grows on a free link, then follows one that has become narrow; nobody waits long for a picture.
async fn grows_and_follows(call: &mut Call) -> Result<()> {
    let fast = |call: &Call| call.seconds().last_chunk::<3>().is_some_and(|last| rate(last) > FAST);
    ensure!(call.until(30, fast).await?, "within 30 s it sends {FAST} bit/s for 3 s");
    call.path().set_capacity(Some(NARROW))?;
    call.go_on(10).await?;
    let settled = call.go_on(5).await?;
    let rate = rate(settled);
    ensure!((350_000.0..=550_000.0).contains(&rate), "{rate} bit/s over a link of {NARROW}");
    for second in settled {
        let drained = second.queue_dropped == 0 && second.longest_queue < Duration::from_millis(250);
        ensure!(drained, "the queue is full: {second:?}");
    }
    let freeze = call.peer()?.longest_freeze();
    ensure!(freeze <= Duration::from_secs(2), "{freeze:?} without a picture");
    Ok(())
}

#[tokio::test]
async fn without_feedback_it_dares_no_more_than_it_began_with() -> Result<()> {
    call_with(Setup::new(Feedback::Silent), async |call| {
        let rate = rate(call.go_on(10).await?);
        ensure!((40_000.0..350_000.0).contains(&rate), "{rate} bit/s");
        let last = call.seconds().last().context("it went on for 10 s")?;
        ensure!(last.feedback == 0 && last.view.available_outgoing_bitrate <= 300_000.0, "{last:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn with_twcc_its_rate_grows_on_a_free_link_and_follows_a_narrow_one() -> Result<()> {
    call_with(Setup::new(Feedback::Twcc), grows_and_follows).await
}

#[tokio::test]
async fn with_rfc_8888_its_rate_grows_on_a_free_link_and_follows_a_narrow_one() -> Result<()> {
    call_with(Setup::new(Feedback::Ccfb), async |call| {
        grows_and_follows(call).await?;
        let sent: u64 = call.seconds().iter().map(|second| second.feedback).sum();
        // It says so when it comes to it.
        let all = call.until(SOON, |call| call.view().ccfb_messages_received + 60 > sent).await?;
        let read = call.view().ccfb_messages_received;
        let sent: u64 = call.seconds().iter().map(|second| second.feedback).sum();
        ensure!(all && read <= sent, "it has read {read} of {sent} reports");
        Ok(())
    })
    .await
}
