//! Our chain in every scenario.

mod driver;
mod pass_through;

use std::time::Instant;

use interceptor_core::packet::NtpTime;
use interceptor_core::{Chain, ChainConfig, Registry, StreamInfo};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_stats::{Stats, StatsOptions};

use crate::Case;
use crate::traffic::{PAYLOAD_TYPE, Traffic};
pub use driver::{Receive, ReceiveDatagrams, Send};
use pass_through::PassThrough;

const NAME: &str = "this workspace";

/// All of ours.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for streams in [1, 100] {
        cases.push(Case::new("S1", "send, stats on", streams, NAME, move || send(streams)));
        cases.push(Case::new("S2", "receive parsed, stats on", streams, NAME, move || receive(streams, 0)));
        cases.push(Case::new("S2", "receive datagram, stats on", streams, NAME, move || {
            receive(streams, 0).map(ReceiveDatagrams)
        }));
    }
    cases.push(Case::new("S3", "2 % loss never recovered", 100, NAME, || receive(100, 50)));
    for (interceptors, variant) in [(0, "0"), (1, "1"), (2, "2"), (4, "4"), (8, "8"), (16, "16")] {
        cases.push(Case::new("S5", variant, 1, "this workspace, send", move || {
            Ok(Send::new(bound(PassThrough::chain(interceptors)?, 1)?, traffic(1)))
        }));
        cases.push(Case::new("S5", variant, 1, "this workspace, receive", move || {
            Ok(Receive::new(bound(PassThrough::chain(interceptors)?, 1)?, traffic(1)))
        }));
    }
    cases
}

/// S1: stats, report, nack responder and rtx.
///
/// # Errors
/// A chain that cannot be built.
pub fn send(streams: u32) -> anyhow::Result<Send> {
    Ok(Send::new(bound(full_chain()?, streams)?, traffic(streams)))
}

/// S2 and S3: stats, report and nack generator; one packet of `loss_one_in` is lost, none if 0.
///
/// # Errors
/// A chain that cannot be built.
pub fn receive(streams: u32, loss_one_in: u64) -> anyhow::Result<Receive> {
    Ok(Receive::new(bound(full_chain()?, streams)?, traffic(streams).with_loss(loss_one_in)))
}

fn full_chain() -> anyhow::Result<Chain> {
    // The handle is what makes the counters readable: without it nobody would run statistics.
    let (stats, _handle) = Stats::new(StatsOptions::default());
    let registry = Registry::new()
        .with(stats)
        .with(ReportFactory::default())
        .with(RtxFactory::default())
        .with(NackFactory::default());
    Ok(registry.build(config())?)
}

fn config() -> ChainConfig {
    ChainConfig::new("bench", start(), NtpTime::default(), 7)
}

#[expect(clippy::disallowed_methods, reason = "the base of the virtual clock")]
fn start() -> Instant {
    Instant::now()
}

fn traffic(streams: u32) -> Traffic {
    Traffic::new(streams, start())
}

/// SSRC of a stream of the traffic.
const fn ssrc(stream: u32) -> u32 {
    0x1000_0000 + stream * 0x1_0001
}

fn bound(mut chain: Chain, streams: u32) -> anyhow::Result<Chain> {
    let now = chain.config().now;
    for stream in 0..streams {
        let info = StreamInfo::new(ssrc(stream), PAYLOAD_TYPE, 90_000)
            .with_mime_type("video/VP8")
            .with_feedback("nack", "")
            .with_rtx(0x8000_0000 + stream, 97);
        chain.bind_local(info.clone(), now)?;
        chain.bind_remote(info, now)?;
    }
    Ok(chain)
}
