//! A browser's camera and microphone, sent back to it over plain RTP: one socket for all, answers by `interceptor-sdp`, and a bare
//! [`Session`] a browser.
//!
//! ```console
//! $ cargo run -p interceptor-tokio --example browser_plain                # prints what to start
//! $ cargo run -p interceptor-tokio --example browser_plain -- --open      # starts it
//! $ cargo run -p interceptor-tokio --example browser_plain -- --headless  # without a window, with a test picture
//! ```
//!
//! Only Chromium sends plain RTP, and only with `--disable-webrtc-encryption`. Whoever is on the way can read along: this is for a
//! machine, or a network, of one's own.

mod call;
mod chromium;
mod door;
mod echo;
mod ice;
mod order;
mod site;

use std::collections::HashMap;
use std::net::SocketAddr;

use interceptor_core::Registry;
use interceptor_tokio::Session;

use crate::chromium::{Chromium, FLAGS};
use crate::door::Door;
use crate::site::{Post, Site};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const PAGE: &str = include_str!("page.html");
/// Any port of this machine, and of no other.
const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// The page, the socket, and who is there.
struct Server {
    site: Site,
    door: Door,
    registry: Registry,
    /// By the ufrag of their answer.
    calls: HashMap<String, Session>,
}

impl Server {
    async fn open() -> Result<Self> {
        let (site, door) = (Site::open(LOOPBACK, PAGE).await?, Door::open(LOOPBACK).await?);
        Ok(Self { site, door, registry: call::registry(), calls: HashMap::new() })
    }

    fn page(&self) -> String {
        format!("http://{}/", self.site.address())
    }

    /// Does what a page wants.
    async fn take(&mut self, post: Post) -> Result {
        match post.path.as_str() {
            "/offer" => match call::begin(&self.door, &self.registry, &post.body, self.door.address()?) {
                Ok((answer, session)) => {
                    println!("{} begins", session.id());
                    self.calls.retain(|_, session| session.ended().is_none());
                    self.calls.insert(session.id().to_string(), session);
                    post.reply(answer);
                }
                Err(error) => eprintln!("an offer that cannot be answered: {error}\n{}", post.body),
            },
            "/bye" => {
                if let Some(session) = self.calls.remove(&post.body) {
                    session.close().await?;
                    println!("{} ends: {}", session.id(), summary(&session));
                }
                post.reply("");
            }
            "/failed" => eprintln!("a page has failed: {}", post.body),
            _ => post.reply(""),
        }
        Ok(())
    }
}

fn summary(session: &Session) -> String {
    let counters = session.counters();
    format!("{} packets came and {} were restored", counters.received_rtp, counters.restored_rtp)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let mut server = Server::open().await?;
    let page = server.page();
    let chromium = || Chromium::find().ok_or("chromium is not installed");
    let browser = match std::env::args().nth(1).as_deref() {
        Some("--open") => Some(chromium()?.open(&page, &[])?),
        Some("--headless") => Some(chromium()?.unattended().open(&page, &[])?),
        _ => {
            println!("chromium --user-data-dir=$(mktemp -d) {} {page}", FLAGS.join(" "));
            println!("Add ?canvas to the address for a drawn picture instead of the camera. Ctrl-C ends it.");
            None
        }
    };
    loop {
        tokio::select! {
            post = server.site.post() => server.take(post.ok_or("the site is gone")?).await?,
            interrupted = tokio::signal::ctrl_c() => break interrupted?,
        }
    }
    for session in server.calls.values() {
        println!("{} goes on: {}", session.id(), summary(session));
    }
    let mux = server.door.counters();
    println!("{} datagrams came in, {} of them from nobody who is known", mux.received, mux.unknown);
    if let Some(browser) = browser {
        if server.calls.is_empty() {
            eprintln!("{}", browser.last_words());
        }
        browser.close().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Only a browser that has hung takes as long.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// Until so many frames of the echo have been decoded, and its sound is heard.
    async fn echo(server: &mut Server, frames: u64) -> Result {
        loop {
            let post = server.site.post().await.ok_or("the site is gone")?;
            assert_ne!(post.path, "/failed", "{}", post.body);
            if post.path == "/view" {
                let view: serde_json::Value = serde_json::from_str(&post.body)?;
                let of = |name: &str| view[name].as_u64().unwrap_or_default();
                if of("decoded") >= frames && of("heard") > 0 {
                    return Ok(());
                }
            }
            server.take(post).await?;
        }
    }

    #[tokio::test]
    async fn a_browser_sees_and_hears_its_echo() {
        let Some(chromium) = Chromium::find() else {
            let required = std::env::var_os("INTERCEPTOR_REQUIRE_TOOLS").is_some_and(|value| value == "1");
            assert!(!required, "chromium is not installed");
            return eprintln!("skipped: chromium is not installed");
        };
        let mut server = Server::open().await.unwrap();
        let browser = chromium.unattended().open(&server.page(), &[]).unwrap();
        let came = tokio::time::timeout(PATIENCE, echo(&mut server, 50)).await;
        assert!(matches!(came, Ok(Ok(()))), "{came:?}\n{}", browser.last_words());
        browser.close().await.unwrap();
        for session in server.calls.into_values() {
            session.close().await.unwrap();
            assert_eq!(session.counters().chain.hook_errors, 0);
        }
        let mux = server.door.counters();
        assert_eq!((mux.sessions, mux.unaccounted()), (0, 0), "{mux:?}");
    }
}
