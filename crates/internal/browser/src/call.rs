//! One call: a browser, a path, and a session of ours that receives, and tells how it went.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Error, Result, bail, ensure};
use tokio::time::{Instant, interval, sleep_until, timeout};

use crate::chromium::{Chromium, Running};
use crate::door::Door;
use crate::feedback::messages_sent;
use crate::path::{Path, PathReading};
use crate::peer::{Ended, Peer};
use crate::second::Second;
use crate::setup::Setup;
use crate::site::{Post, Site};
use crate::view::View;
use interceptor_tokio::MuxCounters;

const PAGE: &str = include_str!("page.html");
const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// A browser that is slow to start on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(120);
const SECOND: Duration = Duration::from_secs(1);
/// How often the queue is looked at, and whether media has come.
const GLANCE: Duration = Duration::from_millis(20);

/// A browser that sends, seen from the other end.
#[derive(Debug)]
pub struct Call {
    setup: Setup,
    browser: Running,
    site: Site,
    path: Path,
    door: Door,
    /// Of the page as it is loaded now.
    peer: Option<Peer>,
    /// Of the page as it was loaded before.
    ended: Vec<Ended>,
    view: View,
    order: &'static str,
    start: Instant,
    /// What had been when the last second ended.
    before: (PathReading, u64, u64),
    seconds: Vec<Second>,
}

impl Call {
    /// Opens the page, and waits until media comes.
    pub async fn start(setup: Setup) -> Result<Self> {
        let door = Door::open(LOOPBACK).await.map_err(Error::from_boxed)?;
        let path = Path::open(door.address()?)?;
        let site = Site::open(LOOPBACK, PAGE).await?;
        let chromium = Chromium::find().context("chromium is not installed")?.unattended();
        let browser = chromium.open(&setup.page(site.address()), &setup.flags())?;
        let mut call = Self {
            setup,
            browser,
            site,
            path,
            door,
            peer: None,
            ended: Vec::new(),
            view: View::default(),
            order: "",
            start: Instant::now(),
            before: (PathReading::default(), 0, 0),
            seconds: Vec::new(),
        };
        match timeout(PATIENCE, call.media()).await {
            Ok(came) => came?,
            Err(_) => bail!("no media came:\n{}", call.browser.last_words()),
        }
        call.start = Instant::now();
        Ok(call)
    }

    /// Waits until media has come.
    async fn media(&mut self) -> Result<()> {
        let mut glance = interval(GLANCE);
        while !self.peer.iter().flat_map(Peer::streams).any(|heard| heard.numbers.count() > 0) {
            tokio::select! {
                post = self.site.post() => self.take(post.context("the server is gone")?).await?,
                _ = glance.tick() => {}
            }
        }
        Ok(())
    }

    async fn take(&mut self, post: Post) -> Result<()> {
        match post.path.as_str() {
            "/offer" => {
                self.hang_up().await?;
                let (answer, peer) = Peer::answer(&post.body, &self.setup, &self.door, self.path.address())
                    .with_context(|| format!("the offer was\n{}", post.body))?;
                self.peer = Some(peer);
                post.reply(answer);
            }
            "/view" => {
                self.view = serde_json::from_str(&post.body).with_context(|| post.body.clone())?;
                ensure!(self.view.connection != "failed", "the browser has lost its peer");
                post.reply(std::mem::take(&mut self.order));
            }
            "/bye" => self.hang_up().await?,
            _ => bail!("the page has failed: {}", post.body),
        }
        Ok(())
    }

    async fn hang_up(&mut self) -> Result<()> {
        if let Some(peer) = self.peer.take() {
            self.ended.push(peer.end().await?);
        }
        Ok(())
    }

    /// Waits for the end of this second.
    async fn second(&mut self) -> Result<()> {
        let at = SECOND * (self.seconds.len() as u32 + 1);
        let (mut glance, mut longest_queue) = (interval(GLANCE), Duration::ZERO);
        loop {
            tokio::select! {
                () = sleep_until(self.start + at) => break,
                post = self.site.post() => self.take(post.context("the server is gone")?).await?,
                _ = glance.tick() => longest_queue = longest_queue.max(self.path.queue()),
            }
        }
        let reading = self.path.read();
        let feedback = self.peer.iter().map(|peer| messages_sent(peer.session())).sum();
        let frames = self.peer.iter().flat_map(Peer::streams).map(|heard| heard.frames.complete()).sum();
        let (before, feedback_before, frames_before) = self.before;
        let rate = |bytes: u64, before: u64| (bytes - before) as f64 * 8.0;
        self.seconds.push(Second {
            at,
            sent: rate(reading.offered_bytes, before.offered_bytes),
            received: rate(reading.delivered_bytes, before.delivered_bytes),
            longest_queue,
            queue_dropped: reading.queue_dropped - before.queue_dropped,
            // Both begin anew with the page.
            frames: u64::saturating_sub(frames, frames_before),
            feedback: u64::saturating_sub(feedback, feedback_before),
            view: self.view.clone(),
        });
        self.before = (reading, feedback, frames);
        Ok(())
    }

    /// Goes on until it is as wanted, for `limit` seconds at most. Is it?
    pub async fn until(&mut self, limit: usize, wanted: impl Fn(&Self) -> bool) -> Result<bool> {
        for _ in 0..limit {
            self.second().await?;
            if wanted(self) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Goes on for so many seconds, and gives them.
    pub async fn go_on(&mut self, seconds: usize) -> Result<&[Second]> {
        for _ in 0..seconds {
            self.second().await?;
        }
        Ok(self.seconds.get(self.seconds.len() - seconds..).unwrap_or_default())
    }

    /// Has the page loaded anew.
    pub fn reload(&mut self) {
        self.order = "reload";
    }

    /// The seconds so far.
    #[must_use]
    pub fn seconds(&self) -> &[Second] {
        &self.seconds
    }

    /// What the browser said last.
    #[must_use]
    pub const fn view(&self) -> &View {
        &self.view
    }

    /// What is between the two.
    #[must_use]
    pub const fn path(&self) -> &Path {
        &self.path
    }

    /// The socket on our side, which all sessions share.
    #[must_use]
    pub fn mux(&self) -> MuxCounters {
        self.door.counters()
    }

    /// Where that is.
    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.door.address()?)
    }

    /// Our end of the page as it is loaded now.
    pub fn peer(&self) -> Result<&Peer> {
        self.peer.as_ref().context("the page is not there")
    }

    /// The calls of the page as it was loaded before.
    #[must_use]
    pub fn ended(&self) -> &[Ended] {
        &self.ended
    }

    /// Ends the call on both sides; what all that there were have counted.
    pub async fn end(mut self) -> Result<Vec<Ended>> {
        self.hang_up().await?;
        self.browser.close().await?;
        Ok(self.ended)
    }
}
