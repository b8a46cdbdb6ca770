//! A packet through a chain with a limit, beside one with an interceptor that only counts.

use std::time::Duration;

use interceptor_core::{Chain, Registry};
use interceptor_limit::{Bounds, LimitFactory, LimitOptions, Policy, Rate};

use super::driver::Send;
use super::set_up::{bound, config};
use super::{pass_through, plain};
use crate::contender::{Case, Role};
use crate::streams::NAME;

const EMPTY: (Role, &str) = (Role::Variant, "no interceptor");
const COUNTING: (Role, &str) = (Role::Variant, "one that counts");
const DROP: (Role, &str) = (Role::Subject, "interceptor-limit, Drop");
const WAIT: (Role, &str) = (Role::Variant, "interceptor-limit, Wait");
const CONNECTION: (Role, &str) = (Role::Variant, "interceptor-limit, Drop, connection as well");
const OVER: (Role, &str) = (Role::Variant, "interceptor-limit, Wait, twice its rate");

/// As many packets a second as there are, and what these are in bytes.
const PACKETS: u64 = 4000;
const BYTES: u64 = PACKETS * 1500;

fn rate(amount: u64) -> anyhow::Result<Rate> {
    Ok(Rate::new(amount, Duration::from_secs(1), amount / 10)?)
}

/// More than there is, so that all passes.
fn roomy(policy: Policy) -> anyhow::Result<Bounds> {
    Ok(Bounds::default()
        .with_packets(rate(100 * PACKETS)?)
        .with_bytes(rate(100 * BYTES)?)
        .with_policy(policy))
}

fn chain(options: LimitOptions) -> anyhow::Result<Chain> {
    Ok(Registry::new().with(LimitFactory::new(options)?).build(config())?)
}

pub(super) fn cases() -> Vec<Case> {
    let case = |who, make: fn() -> anyhow::Result<Chain>| {
        Case::timed((NAME, "packet, limited", 1), who, move || Ok(Send::new(bound(make()?, 1)?, plain(1))))
    };
    vec![
        case(EMPTY, || pass_through::chain(0)),
        case(COUNTING, || pass_through::chain(1)),
        case(DROP, || chain(LimitOptions::default().with_local(roomy(Policy::Drop)?))),
        case(WAIT, || chain(LimitOptions::default().with_local(roomy(Policy::wait())?))),
        case(CONNECTION, || {
            let bounds = roomy(Policy::Drop)?;
            chain(LimitOptions::default().with_local(bounds).with_connection(bounds))
        }),
        case(OVER, || {
            let half = Rate::new(PACKETS / 2, Duration::from_secs(1), 4)?;
            let bounds = Bounds::default().with_packets(half).with_policy(Policy::wait());
            chain(LimitOptions::default().with_local(bounds))
        }),
    ]
}
