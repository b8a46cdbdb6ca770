//! Panics stay inside.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use interceptor_core::{Chain, Event, KeyframeNeeded, Stage};

use super::{ChainContract, bind, bye, delivered, media, sent};
use crate::contract::companion::{Companion, Notes, Sabotage, Saboteur};

const NAME: &str = "saboteur";
/// Hooks of those above and below that everything passes.
const PASSED: [&str; 4] = ["write_rtp", "read_rtp", "write_rtcp", "read_rtcp"];

impl ChainContract {
    /// An interceptor that panics, in a hook or in `handle_error` after a hook, a timeout or a fact has failed, is bypassed and
    /// named; no packet is lost, and its neighbours see everything.
    ///
    /// # Panics
    /// If not.
    pub fn keeps_panics_inside(&self) {
        for sabotage in Sabotage::AT_WORK {
            let (mut chain, now) = self.chain();
            let notes = Notes::default();
            for (name, stage) in [("below", Stage::CONGESTION), ("above", Stage::APPLICATION)] {
                Companion::default().notes(&notes, name, &PASSED).insert(&mut chain, name, stage, now);
            }
            let rule = format!("a panic stays inside ({sabotage:?})");
            contained(&rule, || chain.insert(NAME, Stage::NACK, Saboteur(sabotage), now).expect("it binds"));
            contained(&rule, || bind(&mut chain, now));
            for seq in [1, 2] {
                contained(&rule, || exchange(&mut chain, seq, now));
                assert_eq!((sent(&mut chain), delivered(&mut chain)), (2, 2), "{rule}: a packet was lost");
                assert_eq!(notes.take().len(), 2 * PASSED.len(), "{rule}: neighbours see everything");
            }
            assert_eq!(chain.counters().panics, 1, "{rule}: counted once");
            let row = |row: &interceptor_core::LayoutRow| row.name == NAME && row.bypassed;
            assert!(chain.layout().rows().iter().any(row), "{rule}: it is bypassed");
            let mut events = std::iter::from_fn(|| chain.poll_event());
            let named = |event| matches!(event, Event::Bypassed { interceptor: NAME, .. });
            assert!(events.any(named), "{rule}: the event names it");
            contained(&rule, || chain.close(now).expect("it closes"));
        }
    }

    /// A destructor that panics, of an interceptor or of what it keeps of a stream, ends no call: not at the end of a stream, not
    /// when the interceptor is removed, not at the close, and not when the chain goes.
    ///
    /// # Panics
    /// If one does.
    pub fn survives_destructors_that_panic(&self) {
        for sabotage in Sabotage::AT_DROP {
            for end in ["unbind", "remove", "close", "drop"] {
                let rule = format!("a destructor that panics ends no call ({sabotage:?} at {end})");
                let (mut chain, now) = self.chain();
                chain.insert(NAME, Stage::NACK, Saboteur(sabotage), now).expect("it binds");
                bind(&mut chain, now);
                contained(&rule, || match end {
                    "unbind" => chain.unbind_local(super::SSRC, now).expect("a bound stream ends"),
                    "remove" => assert!(chain.remove(NAME, now).expect("it closes"), "{rule}: it was there"),
                    "close" => chain.close(now).expect("it closes"),
                    _ => {}
                });
                let counted = match (sabotage, end) {
                    (_, "drop") | (Sabotage::OwnDrop, "unbind" | "close") => 0,
                    _ => 1,
                };
                assert_eq!(chain.counters().panics, counted, "{rule}: counted");
                if end != "close" {
                    contained(&rule, || exchange(&mut chain, 1, now));
                    assert_eq!(
                        (sent(&mut chain), delivered(&mut chain)),
                        (2, 2),
                        "{rule}: a packet was lost"
                    );
                }
                contained(&rule, || drop(chain));
            }
        }
    }
}

/// Everything that a chain is given, once.
fn exchange(chain: &mut Chain, seq: u16, now: Instant) {
    chain.write_rtp(media(seq), now);
    chain.read_rtp(media(seq), now);
    chain.write_rtcp(bye(), now);
    chain.read_rtcp(bye(), now);
    chain.publish(KeyframeNeeded { ssrc: super::SSRC }, now);
    chain.handle_timeout(now);
}

/// What panics in `act` has left the chain.
fn contained(rule: &str, act: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(act)) {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        panic!("{rule}: it left the chain: {text}");
    }
}
