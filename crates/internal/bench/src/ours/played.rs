//! A packet through a chain with a jitter buffer, in order, with its release.

use std::time::Duration;

use interceptor_core::{Chain, Registry};
use interceptor_jitter_buffer::{Aim, JitterBufferFactory, JitterBufferOptions};

use super::driver::Receive;
use super::pass_through;
use super::set_up::{bound, config};
use crate::contender::{Case, Role};
use crate::traffic::{Traffic, start};

const EMPTY: (Role, &str) = (Role::Variant, "no interceptor");
const COUNTING: (Role, &str) = (Role::Variant, "one that counts");
const FIXED: (Role, &str) = (Role::Subject, "interceptor-jitter-buffer, 60 ms");
const ADAPTIVE: (Role, &str) = (Role::Variant, "interceptor-jitter-buffer, adaptive");

fn chain(aim: Aim) -> anyhow::Result<Chain> {
    let options = JitterBufferOptions::default().with_aim(aim);
    Ok(Registry::new().with(JitterBufferFactory::new(options)?).build(config())?)
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for streams in [1, 100] {
        let case = |who, make: fn() -> anyhow::Result<Chain>| {
            Case::timed(("jitter", "in order", streams), who, move || {
                Ok(Receive::new(bound(make()?, streams)?, Traffic::new(streams, start()).in_time()))
            })
        };
        cases.extend([
            case(EMPTY, || pass_through::chain(0)),
            case(COUNTING, || pass_through::chain(1)),
            case(FIXED, || chain(Aim::Fixed(Duration::from_millis(60)))),
            case(ADAPTIVE, || chain(Aim::Balanced)),
        ]);
    }
    cases
}
