//! What the chain promises, by the test kit's contract: empty, inside another chain, and with interceptors that do nothing around.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Chain, Context, Flow, Interceptor, Result, Stage, StreamInfo};
use interceptor_test::check_chain;

check_chain!(Chain::new);

/// Takes part in everything, and changes nothing.
struct Bystander;

impl Interceptor for Bystander {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, (): &mut (), _: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        Ok(Flow::Forward)
    }
}

check_chain!(among_others: |config| {
    let now = config.now;
    let mut chain = Chain::new(config);
    for (name, stage) in [("lowest", Stage::CAPTURE), ("between", Stage::FEC), ("highest", Stage::APPLICATION.above())] {
        chain.insert(name, stage, Bystander, now).unwrap();
    }
    chain
});

check_chain!(two_deep: Chain::new, |contract: interceptor_test::ChainContract| contract.with_nesting(
    |outer, stage, inner, now| {
        let mut middle = Chain::new(outer.config().clone());
        middle.insert("inner", Stage::APPLICATION, inner, now).unwrap();
        outer.insert("middle", stage, middle, now).unwrap();
    }
));

/// A kind of fact that the kit does not know would be told to nobody in its checks.
#[test]
fn the_kit_knows_every_kind_of_fact() {
    let source = include_str!("../../src/facts/mod.rs");
    let kinds = source.split("\nfacts! {").nth(1).unwrap().lines().filter_map(|line| {
        let kind = line.strip_prefix("    ")?.strip_suffix(',')?;
        kind.chars().all(char::is_alphanumeric).then(|| kind.to_owned())
    });
    let known: Vec<String> = interceptor_test::every_fact(1).iter().map(|fact| format!("{fact:?}")).collect();
    let known: Vec<String> = known.iter().map(|fact| fact.split('(').next().unwrap().to_owned()).collect();
    assert_eq!(kinds.collect::<Vec<_>>(), known);
}
