//! Chains that break a promise: the check of that promise fails, and names it. What of a chain is not to be configured, a stand-in
//! breaks from outside: an interceptor that does to packets, facts or a nested chain what such a fault would do to them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use interceptor_core::packet::Origin;
use interceptor_core::{Chain, ChainConfig, Context, Error, Fact, Flow, KeyframeRequested, Limits, Stage};
use interceptor_test::{ChainContract, Hook, HookFn, Mock, Script};

use super::wall::Wall;

type Check = fn(&ChainContract);

const CHECKS: [(&str, Check); 12] = [
    ("panics", ChainContract::keeps_panics_inside),
    ("destructors", ChainContract::survives_destructors_that_panic),
    ("spinning", ChainContract::never_makes_its_driver_spin),
    ("waking", ChainContract::wakes_whom_it_was_asked_to),
    ("facts", ChainContract::tells_facts_once_to_everybody_else),
    ("storms", ChainContract::cuts_off_a_storm_of_facts),
    ("refusals", ChainContract::places_what_a_refused_interceptor_has_emitted),
    ("origins", ChainContract::keeps_the_origin_that_was_set),
    ("amendments", ChainContract::takes_a_refused_amendment_back),
    ("nesting", ChainContract::behaves_the_same_when_nested),
    ("counting", ChainContract::counts_what_fails_in_a_nested_chain),
    ("meanwhile", ChainContract::hands_on_at_once_what_a_nested_chain_does_meanwhile),
];

/// The check fails and says so; the others that fail with it are named as well.
fn assert_found(contract: &ChainContract, found: &[(&str, &str)]) {
    for (name, check) in CHECKS {
        let says = found.iter().find(|(check, _)| *check == name).map(|(_, says)| *says);
        let said = complaint(contract, check);
        assert_eq!(said.is_some(), says.is_some(), "{name}: {said:?}");
        let (said, says) = (said.unwrap_or_default(), says.unwrap_or_default());
        assert!(said.contains(says), "{name}: {said}");
    }
}

fn complaint(contract: &ChainContract, check: Check) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(|| check(contract))).err()?;
    let text = panic.downcast_ref::<String>().cloned();
    Some(text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
}

/// Chains with these limits.
fn limited(limits: Limits) -> ChainContract {
    ChainContract::of(move |config| Chain::new(config.with_limits(limits)))
}

/// Chains in which a stand-in has these hooks.
fn with_stand_in(stage: Stage, hooks: Vec<(&'static str, Arc<HookFn>)>) -> ChainContract {
    ChainContract::of(move |config| chain_with(config, &[(stage, &hooks)]))
}

type StandIn<'a> = (Stage, &'a [(&'static str, Arc<HookFn>)]);

fn chain_with(config: ChainConfig, stand_ins: &[StandIn<'_>]) -> Chain {
    let now = config.now;
    let mut chain = Chain::new(config);
    for (stage, hooks) in stand_ins {
        let script = Arc::new(Script::new());
        hooks.iter().for_each(|(name, hook)| script.set(name, Arc::clone(hook)));
        chain.insert("stand-in", *stage, Mock::new(script), now).expect("it refuses nothing");
    }
    chain
}

/// Is an interceptor of this name in the chain?
fn holds(cx: &Context<'_>, name: &str) -> bool {
    cx.hook_errors().any(|(other, _)| other == name)
}

#[test]
fn a_chain_that_keeps_its_promises_passes() {
    assert_found(&ChainContract::of(Chain::new), &[]);
    assert_found(&with_stand_in(Stage::CAPTURE, vec![]), &[]);
}

#[test]
fn a_chain_that_lets_panics_out_is_found() {
    let contract = ChainContract::of(|config| Chain::new(config.with_isolate_panics(false)));
    let left = "it left the chain: a companion panics on purpose";
    assert_found(&contract, &[("panics", left), ("destructors", left), ("counting", "panics on purpose")]);
}

#[test]
fn a_chain_that_fires_again_and_again_at_one_instant_is_found() {
    let contract = limited(Limits::default().with_min_rearm(Duration::ZERO));
    assert_found(
        &contract,
        &[("spinning", "a driver does not spin (one that asks for the present instant)")],
    );
}

#[test]
fn a_chain_that_tells_no_facts_is_found() {
    let contract = limited(Limits::default().with_max_facts_per_input(0));
    let found = [
        ("facts", "a fact is told once to everybody but its publisher"),
        ("storms", "0 were told"),
        // Who hears nothing fails at nothing.
        ("panics", "a panic stays inside (ErrorAfterFact): counted once"),
        // The inner chain drops the facts of its own, and the outer one drops them again.
        ("nesting", "counters"),
    ];
    assert_found(&contract, &found);
}

#[test]
fn a_chain_that_tells_a_fact_twice_is_found() {
    let again: Arc<HookFn> = Arc::new(|hook, cx| {
        if let Hook::HandleFact(fact) = hook
            && !matches!(fact, Fact::Rtt(_))
        {
            cx.publish(*fact);
        }
        Ok(Flow::Forward)
    });
    let contract = with_stand_in(Stage::CAPTURE, vec![("handle_fact", again)]);
    let found = [
        ("facts", "a fact is told once to everybody but its publisher"),
        // Inside and outside there is one, and they answer each other.
        ("nesting", "a nested chain is as if its interceptors stood in the outer one"),
    ];
    assert_found(&contract, &found);
}

#[test]
fn a_chain_that_lets_facts_be_answered_for_ever_is_found() {
    let contract = limited(Limits::default().with_max_facts_per_input(10_000));
    assert_found(&contract, &[("storms", "a storm of facts is cut off")]);
}

#[test]
fn a_chain_that_overwrites_origins_is_found() {
    let forget: Arc<HookFn> = Arc::new(|hook, _| {
        if let Hook::ReadRtp(packet) = hook {
            packet.info_mut().origin = Origin::Media;
        }
        Ok(Flow::Forward)
    });
    let contract = with_stand_in(Stage::CAPTURE, vec![("read_rtp", forget)]);
    assert_found(&contract, &[("origins", "an origin that was set is kept")]);
}

/// Where who was refused has emitted something, one on top emits it: so it passes everybody.
#[test]
fn a_chain_that_starts_what_a_refused_one_has_emitted_at_the_top_is_found() {
    const CALL: KeyframeRequested = KeyframeRequested { ssrc: 77 };
    let contract = ChainContract::of(|config| {
        let once = AtomicBool::new(true);
        let sees: Arc<HookFn> = Arc::new(move |_, cx| {
            if holds(cx, "refuses") && once.swap(false, Ordering::Relaxed) {
                cx.publish(CALL);
                return Ok(Flow::Consumed);
            }
            Ok(Flow::Forward)
        });
        let emits: Arc<HookFn> = Arc::new(|hook, cx| {
            if matches!(hook, Hook::HandleFact(Fact::KeyframeRequested(CALL))) {
                cx.send_rtcp(interceptor_core::packet::RtcpPacket::builder().bye(&[1], "").build()?);
            }
            Ok(Flow::Forward)
        });
        let (low, high) = ([("write_rtcp", sees)], [("handle_fact", emits)]);
        chain_with(config, &[(Stage::CAPTURE, &low), (Stage::APPLICATION.above().above(), &high)])
    });
    assert_found(&contract, &[("refusals", "what a refused interceptor has emitted comes from its place")]);
}

#[test]
fn a_chain_in_which_a_refused_amendment_leaves_traces_is_found() {
    let sticks: Arc<HookFn> = Arc::new(|hook, _| match hook {
        Hook::AmendLocal(old, _) if old.mid == "new" => Err(Error::msg("I keep what I have")),
        _ => Ok(Flow::Forward),
    });
    let contract = with_stand_in(Stage::CAPTURE, vec![("amend_local", sticks)]);
    assert_found(
        &contract,
        &[("amendments", "a refused amendment is taken back: nobody fails on the way back")],
    );
}

/// What the outer chain has found out does not come in, what fails inside is not counted outside, and no owner gets in.
#[test]
fn a_nested_chain_behind_a_wall_is_found() {
    let contract = ChainContract::of(Chain::new).with_nesting(|outer, stage, inner, now| {
        outer.insert("companion", stage, Wall(inner), now).expect("it refuses nothing");
    });
    let found = [
        ("nesting", "bind: what interceptors see"),
        ("counting", "what fails in a nested chain is counted in the outer one: errors and panics"),
        ("meanwhile", "its owner reaches it"),
    ];
    assert_found(&contract, &found);
}

/// What a nested chain sends waits for the next packet of media.
#[test]
fn a_nested_chain_that_hands_on_too_late_is_found() {
    let contract = ChainContract::of(|config| {
        let waiting = Arc::new(Mutex::new(Vec::new()));
        let late = Arc::clone(&waiting);
        let holds_back: Arc<HookFn> = Arc::new(move |hook, cx| match hook {
            Hook::WriteRtcp(packet) if holds(cx, "companion") => {
                waiting.lock().map_err(|_| Error::msg("poisoned"))?.push(packet.take());
                Ok(Flow::Consumed)
            }
            _ => Ok(Flow::Forward),
        });
        let lets_go: Arc<HookFn> = Arc::new(move |_, cx| {
            let mut late = late.lock().map_err(|_| Error::msg("poisoned"))?;
            late.drain(..).for_each(|packet| cx.send_rtcp(packet));
            Ok(Flow::Forward)
        });
        chain_with(config, &[(Stage::CAPTURE, &[("write_rtcp", holds_back), ("write_rtp", lets_go)])])
    });
    let found = [
        ("meanwhile", "is handed on at once: packets"),
        ("counting", "packets pass"),
        ("nesting", "a nested chain is as if its interceptors stood in the outer one"),
    ];
    assert_found(&contract, &found);
}
