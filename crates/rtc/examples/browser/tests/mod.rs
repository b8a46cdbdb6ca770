//! A Chromium opens the page and somebody moves its sliders. Skipped where Chromium is missing, unless `INTERCEPTOR_REQUIRE_TOOLS`
//! is 1.

mod devtools;
mod seen;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use clap::Parser;
use tokio::time::timeout;

use self::devtools::{Browser, Tab};
use self::seen::Seen;
use crate::args::Args;
use crate::calls::Calls;
use crate::site::Site;

/// Longer than that nobody waits: something hangs. The machine may be slow and have other things to do.
const PATIENCE: Duration = Duration::from_secs(30);
const WIDE: (u32, u32) = (1400, 1000);
const NARROW: (u32, u32) = (500, 1000);

/// What the page sees when it looks next.
const NEXT: &str = "new Promise((done) => addEventListener('seen', () => done(window.seen), { once: true }))";
/// What it tells its user, once it has something to tell; there may be no such element yet.
const NOTICE: &str = "new Promise((done) => {
    const look = () => {
        const notice = document.querySelector('#notice:not([hidden]) p');
        if (notice) done(notice.textContent);
    };
    new MutationObserver(look).observe(document, { subtree: true, attributes: true, childList: true });
    look();
})";

/// A page that is served, and a browser to open it with.
struct Desk {
    browser: Browser,
    url: String,
    calls: Arc<Calls>,
}

impl Desk {
    /// `None`, with a word, where there is no browser.
    async fn open(args: &[&str]) -> Result<Option<Self>> {
        let Some(browser) = Browser::start().await? else {
            let required = std::env::var_os("INTERCEPTOR_REQUIRE_TOOLS").is_some_and(|value| value == "1");
            ensure!(!required, "chromium is not installed");
            eprintln!("skipped: chromium is not installed");
            return Ok(None);
        };
        let args = ["browser", "--port", "0", "--delay", "20"].iter().chain(args);
        let site = Site::open(&Args::try_parse_from(args)?).await?;
        let (url, calls) = (format!("http://{}", site.address()), site.calls());
        tokio::spawn(site.run());
        Ok(Some(Self { browser, url, calls }))
    }

    /// A tab whose call runs: pictures come back. They are drawn, since those of a camera that is none take no rate.
    async fn call(&mut self) -> Result<Tab> {
        let tab = self.browser.open(&self.url, WIDE).await?;
        self.until(&tab, "the call runs", |seen| seen.ours("seconds") > 0.0).await?;
        self.browser.click(&tab, "[name=picture][value=drawn]").await?;
        self.until(&tab, "pictures come back", |seen| seen.returned("framesDecoded") > 10.0).await?;
        Ok(tab)
    }

    /// What the page sees next.
    async fn seen(&mut self, tab: &Tab) -> Result<Seen> {
        self.browser.evaluate(tab, NEXT).await.map(Seen)
    }

    /// Looks until it is as wanted.
    async fn until(&mut self, tab: &Tab, what: &str, wanted: impl Fn(&Seen) -> bool) -> Result<Seen> {
        let mut last = None;
        let waited = timeout(PATIENCE, async {
            loop {
                // A page that is just being loaded cannot say anything.
                let Ok(seen) = self.seen(tab).await else { continue };
                if wanted(&seen) {
                    return seen;
                }
                last = Some(seen);
            }
        });
        if let Ok(seen) = waited.await {
            return Ok(seen);
        }
        last.iter().for_each(Seen::print);
        bail!("not within {PATIENCE:?}: {what}. {:?}", self.browser.problems())
    }

    /// Lets a call go on until it is so many seconds older.
    async fn pass(&mut self, tab: &Tab, seconds: f64) -> Result<Seen> {
        let end = self.seen(tab).await?.ours("seconds") + seconds;
        self.until(tab, "time passes", |seen| seen.ours("seconds") >= end).await
    }

    fn end(self) -> Result<()> {
        ensure!(self.browser.problems().is_empty(), "{:?}", self.browser.problems());
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_link_loses_comes_back_and_both_ends_count_the_same() -> Result<()> {
    let Some(mut desk) = Desk::open(&["--loss", "0"]).await? else { return Ok(()) };
    let tab = desk.call().await?;
    desk.browser.slide(&tab, "#loss", 10.0).await?;
    let before = desk.until(&tab, "it loses", |seen| seen.tally("lost") > 0.0).await?;
    desk.until(&tab, "it has lost much", |seen| seen.tally("lost") >= 200.0).await?;
    desk.browser.slide(&tab, "#loss", 0.0).await?;
    // A round trip for the last answers, and the reports on it.
    let seen = desk.pass(&tab, 6.0).await?;
    seen.print();

    // Nothing is missing on the way to us, and nothing of what was sent was waited for in vain.
    ensure!(seen.ours("skipped") == 0.0, "holes");
    ensure!(seen.tally("back") >= 0.98 * seen.tally("lost"), "not all has come back");
    let recovered = seen.our("inboundRtp", "video", "packetsRecoveredByRtx");
    let lost = seen.browsers("video", "reported", "packetsLost");
    // A probe may repeat a packet before anybody can know that it is missing: it is lost then, and not recovered.
    ensure!(recovered + 2.0 >= lost, "{recovered} recovered of {lost}");

    // Both ends have the same books.
    for kind in ["video", "audio"] {
        let pairs = [
            (
                "lost up",
                seen.our("inboundRtp", kind, "packetsLost"),
                seen.browsers(kind, "reported", "packetsLost"),
            ),
            (
                "lost down",
                seen.our("remoteInboundRtp", kind, "packetsLost"),
                seen.browsers(kind, "received", "packetsLost"),
            ),
            ("NACKs up", seen.our("inboundRtp", kind, "nackCount"), seen.browsers(kind, "sent", "nackCount")),
            (
                "NACKs down",
                seen.our("outboundRtp", kind, "nackCount"),
                seen.browsers(kind, "received", "nackCount"),
            ),
        ];
        for (what, ours, browsers) in pairs {
            ensure!((ours - browsers).abs() <= 2.0, "{kind}: {what}: ours {ours}, the browser's {browsers}");
        }
    }
    // Nobody sends more again than there is reason to.
    let again = |of: &dyn Fn(&str) -> f64| of("video") + of("audio");
    let browsers = again(&|kind| seen.browsers(kind, "sent", "retransmittedPacketsSent"));
    ensure!(browsers <= 1.3 * seen.way("up", "lost"), "the browser sends {browsers} again");
    let ours = again(&|kind| seen.our("outboundRtp", kind, "retransmittedPacketsSent"));
    ensure!(ours <= 1.3 * seen.way("down", "lost"), "we send {ours} again");
    // What was encoded is decoded again.
    let encoded =
        seen.browsers("video", "sent", "framesEncoded") - before.browsers("video", "sent", "framesEncoded");
    // A machine that is too slow for its own browser drops some that are whole.
    let decoded = |seen: &Seen| seen.returned("framesDecoded") + seen.returned("framesDropped");
    let decoded = decoded(&seen) - decoded(&before);
    println!("encoded {encoded}, decoded {decoded}");
    ensure!(decoded >= 0.97 * encoded, "{decoded} of {encoded} pictures come back");
    desk.end()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_repair_it_stays_lost_until_the_switch_is_turned_back() -> Result<()> {
    let Some(mut desk) = Desk::open(&["--loss", "10"]).await? else { return Ok(()) };
    let tab = desk.call().await?;
    desk.browser.click(&tab, "#repair").await?;
    desk.until(&tab, "repair is off", |seen| !seen.repairs()).await?;
    let off = desk.pass(&tab, 1.0).await?;
    let seen = desk.pass(&tab, 4.0).await?;
    seen.print();
    let gained = |name: &str| seen.tally(name) - off.tally(name);
    ensure!(gained("lost") > 10.0 && gained("back") < 0.5 * gained("lost"), "it comes back all the same");
    let asked = |seen: &Seen| seen.our("inboundRtp", "video", "nackCount");
    ensure!(asked(&seen) == asked(&off), "somebody asks");

    // By keyboard, as it has the focus.
    desk.browser.key(&tab, " ").await?;
    let on = desk.until(&tab, "repair is on", Seen::repairs).await?;
    let asks = |seen: &Seen| seen.our("inboundRtp", "video", "nackCount") > asked(&on);
    desk.until(&tab, "somebody asks again", asks).await?;
    let pictures = on.returned("framesDecoded");
    desk.until(&tab, "pictures come back", |seen| seen.returned("framesDecoded") > pictures + 30.0).await?;
    desk.end()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_twcc_its_rate_grows_on_a_free_link_and_follows_a_narrow_one() -> Result<()> {
    let Some(mut desk) = Desk::open(&["--loss", "0"]).await? else { return Ok(()) };
    let tab = desk.call().await?;
    desk.until(&tab, "it dares 1.5 Mbit/s", |seen| seen.estimate() > 1_500_000.0).await?.print();
    // The fourth of the slider's places.
    desk.browser.slide(&tab, "#rate", 3.0).await?;
    let narrow = desk.until(&tab, "the link is narrow", |seen| seen.rate() == Some(500_000.0)).await?;
    let followed = desk.until(&tab, "it follows", |seen| (1.0..550_000.0).contains(&seen.estimate())).await?;
    ensure!(followed.ours("seconds") - narrow.ours("seconds") <= 10.0, "it is slow to follow");
    // What it sends then goes through.
    let before = desk.pass(&tab, 2.0).await?;
    let seen = desk.pass(&tab, 3.0).await?;
    seen.print();
    let sent = seen.way("up", "offeredBytes") - before.way("up", "offeredBytes");
    let rate = 8.0 * sent / (seen.ours("seconds") - before.ours("seconds"));
    ensure!(rate <= 600_000.0, "{rate} bit/s over a link of 500 kbit/s");
    let pictures = before.returned("framesDecoded");
    ensure!(seen.returned("framesDecoded") > pictures, "no picture passes");
    desk.end()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reloaded_page_calls_at_once_and_a_tab_too_many_is_told() -> Result<()> {
    let Some(mut desk) = Desk::open(&["--calls", "2"]).await? else { return Ok(()) };
    let first = desk.call().await?;
    desk.browser.reload(&first).await?;
    desk.until(&first, "a new call runs", |seen| seen.returned("framesDecoded") > 10.0).await?;
    ensure!(desk.calls.running() == 1, "the old call goes on");

    let second = desk.call().await?;
    ensure!(desk.calls.running() == 2);
    let third = desk.browser.open(&desk.url, NARROW).await?;
    let words: String = timeout(PATIENCE, desk.browser.evaluate(&third, NOTICE)).await??;
    ensure!(words.starts_with("2 calls are running already"), "{words}");
    desk.browser.close(second).await?;
    let calls = Arc::clone(&desk.calls);
    desk.until(&first, "the call of the closed tab ends", |_| calls.running() == 1).await?;
    desk.browser.click(&third, "#again").await?;
    desk.until(&third, "there is room for it", |seen| seen.returned("framesDecoded") > 10.0).await?;

    for (tab, size) in [(&first, WIDE), (&third, NARROW)] {
        desk.browser.resize(tab, size).await?;
        let sticks_out: f64 =
            desk.browser.evaluate(tab, "document.documentElement.scrollWidth - innerWidth").await?;
        ensure!(sticks_out <= 0.0, "{size:?}: {sticks_out} px too wide");
    }
    // The refusal is an answer that the browser logs, and the only one.
    let others: Vec<_> = desk.browser.problems().iter().filter(|problem| !problem.contains("503")).collect();
    ensure!(others.is_empty(), "{others:?}");
    Ok(())
}
