//! Ours as an interceptor of `rtc-interceptor` 0.21, beside its own.

use interceptor_rtc::ChainInterceptor;
use rtc_interceptor::{Interceptor, Registry};

use super::DEFAULT;
use super::driver::{Receive, Send};
use super::set_up::{repair_chain, stream};
use crate::contender::{Case, Role};
use crate::ours::{Extent, chain};
use crate::traffic::{Traffic, start};

const OURS: (Role, &str) = (Role::Subject, "this workspace in rtc 0.21, statistics on");
const BARE: (Role, &str) = (Role::Variant, "this workspace in rtc 0.21, statistics off");
/// What the stack's own list of interceptors costs.
const NOTHING: (Role, &str) = (Role::Variant, "rtc-interceptor 0.21.1, no interceptor");

const SEND: &str = "rtc 0.21, send";
const RECEIVE: &str = "rtc 0.21, receive";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for streams in [1, 100] {
        for (extent, who) in [(Extent::Repair, OURS), (Extent::RepairWithoutStatistics, BARE)] {
            cases.extend(both_ways(who, streams, move || adapted(extent)));
        }
        cases.extend(both_ways(DEFAULT, streams, || Ok(repair_chain())));
        cases.extend(both_ways(NOTHING, streams, || Ok(Registry::new().build())));
    }
    cases
}

fn both_ways<I: Interceptor + 'static>(
    who: (Role, &'static str),
    streams: u32,
    make: impl Fn() -> anyhow::Result<I> + Clone + 'static,
) -> [Case; 2] {
    let traffic = move || Traffic::new(streams, start());
    let make_other = make.clone();
    [
        Case::timed(("adapters", SEND, streams), who, move || {
            Ok(Send::new(bound(make()?, streams), traffic()))
        }),
        Case::timed(("adapters", RECEIVE, streams), who, move || {
            Ok(Receive::new(bound(make_other()?, streams), traffic()))
        }),
    ]
}

/// A registry of theirs that holds a chain of ours and nothing else.
fn adapted(extent: Extent) -> anyhow::Result<impl Interceptor> {
    Ok(Registry::new().with(ChainInterceptor::SLOT, ChainInterceptor::new(chain(extent)?)).build())
}

/// The chain with so many streams in each direction that negotiated NACK and RTX.
fn bound<I: Interceptor>(mut chain: I, streams: u32) -> I {
    for number in 0..streams {
        chain.bind_local_stream(&stream(number, true));
        chain.bind_remote_stream(&stream(number, true));
    }
    chain
}
