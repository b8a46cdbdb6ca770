//! K: a packet through a chain that asks for key frames, beside one with an interceptor that only counts.

use interceptor_core::{Chain, Registry};
use interceptor_keyframe::KeyframeFactory;

use super::driver::{Receive, Send};
use super::set_up::{config, plain_stream};
use super::{pass_through, plain};
use crate::contender::{Case, Role};

const EMPTY: (Role, &str) = (Role::Variant, "no interceptor");
const COUNTING: (Role, &str) = (Role::Variant, "one that counts");
const KEYFRAME: (Role, &str) = (Role::Subject, "interceptor-keyframe");

fn bound(mut chain: Chain) -> anyhow::Result<Chain> {
    let now = chain.config().now;
    let info = plain_stream(0).with_feedback("nack", "pli");
    chain.bind_local(info.clone(), now)?;
    chain.bind_remote(info, now)?;
    Ok(chain)
}

fn asking() -> anyhow::Result<Chain> {
    Ok(Registry::new().with(KeyframeFactory::default()).build(config())?)
}

/// K: a sender through it.
///
/// # Errors
/// A chain that cannot be built.
pub fn keyframed_send() -> anyhow::Result<Send> {
    Ok(Send::new(bound(asking()?)?, plain(1)))
}

/// K: a receiver through it.
///
/// # Errors
/// A chain that cannot be built.
pub fn keyframed_receive() -> anyhow::Result<Receive> {
    Ok(Receive::new(bound(asking()?)?, plain(1)))
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (who, make) in [
        (EMPTY, (|| pass_through::chain(0)) as fn() -> anyhow::Result<Chain>),
        (COUNTING, || pass_through::chain(1)),
        (KEYFRAME, asking),
    ] {
        cases.push(Case::timed(("K", "send", 1), who, move || Ok(Send::new(bound(make()?)?, plain(1)))));
        cases
            .push(Case::timed(("K", "receive", 1), who, move || Ok(Receive::new(bound(make()?)?, plain(1)))));
    }
    cases
}
