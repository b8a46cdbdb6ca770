//! Chromium against our session, live: how fast it sends, what is repaired, and who finds whom. Skipped where Chromium is
//! missing, unless `INTERCEPTOR_REQUIRE_TOOLS` is 1.

use anyhow::Result;
use browser::{Call, Ended, Setup, table};
use tokio::sync::Mutex;

mod moving;
mod redundancy;
mod repair;
mod sending;
mod simulcast;
mod viewers;

/// Seconds after which somebody is stuck: what is waited for comes sooner on the slowest machine.
pub(crate) const SOON: usize = 60;

/// One browser at a time: two would measure each other.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Is there a browser? A word on why the test does nothing if there is none.
fn chromium_is_here() -> bool {
    let found = browser::is_installed();
    if !found {
        let required = std::env::var_os("INTERCEPTOR_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        assert!(!required, "chromium is not installed");
        eprintln!("skipped: chromium is not installed");
    }
    found
}

/// A call of this kind; what it was like is seen however it went.
async fn call_with(setup: Setup, run: impl AsyncFnOnce(&mut Call) -> Result<()>) -> Result<()> {
    let _alone = ALONE.lock().await;
    if !chromium_is_here() {
        return Ok(());
    }
    let mut call = Call::start(setup).await?;
    let went = run(&mut call).await;
    // The runner shows it with a failure.
    println!("{}{:#?}", table(call.seconds()), call.view());
    for Ended { session, read, .. } in call.end().await? {
        assert_eq!((session.unaccounted_rtp(read), session.unaccounted_sends()), (0, 0), "{session:?}");
        let chain = session.chain;
        assert_eq!((chain.malformed_datagrams, chain.malformed_extensions, chain.hook_errors), (0, 0, 0));
    }
    went
}
