//! Ours as an interceptor of `interceptor` 0.17, beside its own.

use std::sync::Arc;

use interceptor::chain::Chain;
use interceptor::stream_info::{AssociatedStreamInfo, StreamInfo};
use interceptor::{Interceptor as _, InterceptorBuilder as _};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_stats::StatsFactory;
use interceptor_webrtc::ChainBuilder;

use super::driver::{Form, Receive, Send};
use super::set_up::{Extent, Inbox, Session, Wire, stream};
use super::{BARE, STATISTICS};
use crate::contender::{Case, Role};
use crate::traffic::{CLOCK_RATE, Traffic, ssrc, start};

const OURS: (Role, &str) = (Role::Subject, "this workspace in webrtc 0.17, statistics on");
const OURS_BARE: (Role, &str) = (Role::Variant, "this workspace in webrtc 0.17, statistics off");
/// What readers and writers that are awaited cost.
const NOTHING: (Role, &str) = (Role::Variant, "interceptor 0.17.2, no interceptor");

const SEND: &str = "webrtc 0.17, send";
const RECEIVE: &str = "webrtc 0.17, receive";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for streams in [1, 100] {
        for (statistics, who) in [(true, OURS), (false, OURS_BARE)] {
            cases.extend(both_ways(who, streams, move || adapted(statistics, streams)));
        }
        for (extent, who) in [
            (Extent::Repair, BARE),
            (Extent::RepairWithStatistics, STATISTICS),
            (Extent::PassThrough(0), NOTHING),
        ] {
            cases.extend(both_ways(who, streams, move || Session::new(extent, streams)));
        }
    }
    cases
}

fn both_ways(
    who: (Role, &'static str),
    streams: u32,
    make: impl Fn() -> anyhow::Result<Session> + Copy + 'static,
) -> [Case; 2] {
    let traffic = move || Traffic::new(streams, start());
    [
        Case::timed(("adapters", SEND, streams), who, move || Ok(Send::new(make()?, traffic()))),
        Case::timed(("adapters", RECEIVE, streams), who, move || {
            Ok(Receive::new(make()?, traffic(), Form::Parsed))
        }),
    ]
}

/// A chain of theirs that holds one of ours and nothing else, with streams each way that negotiated NACK and RTX.
fn adapted(statistics: bool, streams: u32) -> anyhow::Result<Session> {
    let session = Session::of(streams, |_| {
        let registry = interceptor_core::Registry::new()
            .with(NackFactory::default())
            .with(RtxFactory::default())
            .with(ReportFactory::default());
        let registry = if statistics { registry.with(StatsFactory::default()) } else { registry };
        Ok(Chain::new(vec![ChainBuilder::new(registry).build("")?]))
    })?;
    session.runtime.block_on(async {
        for number in 0..streams {
            session.chain.bind_local_stream(&rtx(number), Arc::new(Wire)).await;
            session.chain.bind_remote_stream(&rtx(number), Arc::new(Inbox)).await;
        }
    });
    Ok(session)
}

/// The stream that repeats another.
fn rtx(number: u32) -> StreamInfo {
    let media = stream(number);
    let associated = AssociatedStreamInfo { ssrc: media.ssrc, payload_type: media.payload_type };
    StreamInfo {
        ssrc: !ssrc(number),
        payload_type: 97,
        mime_type: "video/rtx".to_owned(),
        clock_rate: CLOCK_RATE,
        associated_stream: Some(associated),
        ..StreamInfo::default()
    }
}
