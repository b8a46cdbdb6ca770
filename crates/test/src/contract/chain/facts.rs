//! Facts are told to everybody but their publisher, once, and not without end.

use interceptor_core::{Event, Fact, Flow, Stage};

use super::{ChainContract, SSRC, bind, bye};
use crate::Hook;
use crate::contract::companion::{Companion, Notes};
use crate::contract::every_fact::every_fact;

impl ChainContract {
    /// Every kind of fact that an interceptor publishes is heard by every other one, from the wire up, once, by the publisher
    /// itself never, and raises one event. What the owner publishes is heard by all and raises none.
    ///
    /// # Panics
    /// If not.
    pub fn tells_facts_once_to_everybody_else(&self) {
        let rule = "a fact is told once to everybody but its publisher, from the wire up";
        for fact in every_fact(SSRC) {
            let (mut chain, now) = self.chain();
            let notes = Notes::default();
            let hears = |name| Companion::default().notes(&notes, name, &["handle_fact"]);
            let tells = hears("teller").does("read_rtcp", move |cx| cx.publish(fact));
            hears("low").insert(&mut chain, "low", Stage::REPORT, now);
            tells.insert(&mut chain, "teller", Stage::NACK, now);
            hears("high").insert(&mut chain, "high", Stage::APPLICATION, now);
            bind(&mut chain, now);
            let heard = |name| format!("{name} handle_fact {fact:?}");
            chain.read_rtcp(bye(), now);
            assert_eq!(notes.take(), ["low", "high"].map(heard), "{rule}");
            let raised = matches!(chain.poll_event(), Some(Event::Fact(raised)) if raised == fact);
            assert!(raised && chain.poll_event().is_none(), "{rule}: the owner hears it once as well");

            chain.publish(fact, now);
            assert_eq!(
                notes.take(),
                ["low", "teller", "high"].map(heard),
                "what the owner publishes is told to all"
            );
            assert!(chain.poll_event().is_none(), "what the owner publishes it knows already");
        }
    }

    /// Two that answer each fact with another one are cut off at the limit, and counted; the next input starts anew.
    ///
    /// # Panics
    /// If not.
    pub fn cuts_off_a_storm_of_facts(&self) {
        let rule = "a storm of facts is cut off";
        let (mut chain, now) = self.chain();
        let notes = Notes::default();
        for name in ["ping", "pong"] {
            let notes = notes.clone();
            let answers = Companion::default().on("handle_fact", move |hook, cx| {
                if let Hook::HandleFact(fact) = hook {
                    notes.note("heard");
                    cx.publish(*fact);
                }
                Ok(Flow::Forward)
            });
            answers.insert(&mut chain, name, Stage::NACK, now);
        }
        let limit = PER_INPUT;
        for round in 1..=3 {
            let fact: Fact = every_fact(SSRC).swap_remove(0);
            chain.publish(fact, now);
            let heard = notes.take().len();
            assert!((1..=2 * limit).contains(&heard), "{rule}: {heard} were told, {limit} may be");
            let dropped = chain.counters().dropped_facts;
            assert!(dropped >= round, "{rule}: {dropped} are counted after {round} storms");
        }
    }
}

/// [`Limits::max_facts_per_input`](interceptor_core::Limits::max_facts_per_input), by default.
const PER_INPUT: usize = 256;
