//! A packet through a chain with a pacer, beside one with an interceptor that only counts.

use interceptor_core::{Chain, Registry};
use interceptor_pacer::{PacerFactory, PacerOptions};

use super::driver::Send;
use super::set_up::{bound, config};
use super::{pass_through, plain};
use crate::contender::{Case, Role};
use crate::streams::NAME;
use crate::traffic::{PAYLOAD_LEN, SPACING};

const EMPTY: (Role, &str) = (Role::Variant, "no interceptor");
const COUNTING: (Role, &str) = (Role::Variant, "one that counts");
const UNPACED: (Role, &str) = (Role::Variant, "interceptor-pacer, no pace");
const PASSES: (Role, &str) = (Role::Subject, "interceptor-pacer, all pass");
const WAITS: (Role, &str) = (Role::Variant, "interceptor-pacer, all wait");

/// Bits a second of the packets' payloads.
const RATE: u64 = PAYLOAD_LEN as u64 * 8_000_000_000 / SPACING.as_nanos() as u64;

fn chain(options: PacerOptions) -> anyhow::Result<Chain> {
    Ok(Registry::new().with(PacerFactory::new(options)?).build(config())?)
}

pub(super) fn cases() -> Vec<Case> {
    let case = |who, make: fn() -> anyhow::Result<Chain>| {
        Case::timed((NAME, "packet, paced", 1), who, move || Ok(Send::new(bound(make()?, 1)?, plain(1))))
    };
    vec![
        case(EMPTY, || pass_through::chain(0)),
        case(COUNTING, || pass_through::chain(1)),
        case(UNPACED, || chain(PacerOptions::default())),
        case(PASSES, || chain(PacerOptions::default().with_rate(Some(2 * RATE)))),
        // The queue grows until the pace rises to what comes: a quarter of a second, a thousand packets.
        case(WAITS, || chain(PacerOptions::default().with_rate(Some(RATE / 10 * 9)))),
    ]
}
