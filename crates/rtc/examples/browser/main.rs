//! Your own camera in a browser, there and back through a chain of interceptors, encrypted, over a link that you make as bad as you like.
//!
//! `cargo run -p interceptor-rtc --example browser`, then open the address that it prints. What there is to see stands in `docs/browser.md`.

mod args;
mod call;
mod calls;
mod chain;
mod figures;
mod ledger;
mod link;
mod media;
mod peer;
mod reflector;
mod site;
#[cfg(test)]
mod tests;

use anyhow::Result;
use clap::Parser;

use crate::args::Args;
use crate::site::Site;

#[tokio::main]
async fn main() -> Result<()> {
    let site = Site::open(&Args::parse()).await?;
    println!("Open http://{} in a browser. Ctrl-C ends it.", site.address());
    tokio::select! {
        ended = site.run() => ended,
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}
