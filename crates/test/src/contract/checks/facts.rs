//! What interceptors tell each other.

use std::time::Duration;

use interceptor_core::{Event, Fact, Flow};

use super::lifecycle::tell;
use crate::contract::companion::Companion;
use crate::contract::every_fact::{every_fact, extreme_facts};
use crate::contract::rig::{LOCAL, REMOTE, Rig, STRANGER};
use crate::contract::{ABOVE, BELOW, Contract, RTX_OFFSET, config};
use crate::{Hook, Recording};

const MS: Duration = Duration::from_millis(1);

impl Contract {
    /// Every fact there is, about streams that it knows and does not know, before, while and after these are bound and after
    /// the close, with nothing in it or with as much as fits, does no harm; media passes.
    ///
    /// # Panics
    /// If one does.
    pub fn takes_facts_in_every_state(&self) {
        let mut rig = Rig::empty(self);
        let ([local, ..], [remote, ..]) = (LOCAL, REMOTE);
        for round in 0..3 {
            tell_all(&mut rig);
            rig.bind(self, &LOCAL, &REMOTE);
            tell_all(&mut rig);
            for step in 0..24 {
                tell(&mut rig, step);
                if step % 6 == 3 {
                    tell_all(&mut rig);
                }
            }
            rig.assert_media_passes(self, local, remote, 24);
            rig.unbind(&LOCAL, &REMOTE);
            tell_all(&mut rig);
            rig.pass(Duration::from_secs(round));
        }
        rig.bind(self, &LOCAL, &REMOTE);
        rig.assert_media_passes(self, local, remote, 30_000);
        rig.assert_healthy();
        rig.close().expect("it closes");
        rig.clear();
        tell_all(&mut rig);
        rig.pass(Duration::from_secs(60));
        assert!(rig.wire.is_empty() && rig.app.is_empty(), "a fact makes a closed connection send");
    }

    /// What it publishes is heard on both sides of it, once each. Beside a neighbour that says again whatever it hears, it comes
    /// to rest: it does not answer facts with facts for ever.
    ///
    /// # Panics
    /// If not.
    pub fn does_not_answer_facts_for_ever(&self) {
        let mut rig = Rig::of(self, self.chain_with(config(1)));
        let (heard, now) = (Recording::new(), rig.now());
        for (name, stage) in [(BELOW, self.stage.below()), (ABOVE, self.stage.above())] {
            let listener = rig.chain.insert_with(&heard.recorder(name, stage), now);
            listener.expect("a recorder refuses nothing");
        }
        rig.bind(self, &LOCAL, &REMOTE);
        (0..48).for_each(|step| tell(&mut rig, step));
        rig.pass(3000 * MS);
        let published: Vec<Fact> = rig.events.iter().filter_map(fact_of).collect();
        // The order is that of publishing, at each place by itself.
        let at = |name| heard.records().into_iter().filter(move |record| record.point == name);
        for name in [BELOW, ABOVE] {
            let told: Vec<Fact> = at(name).filter_map(|record| record.crossing.fact()).collect();
            assert_eq!(told, published, "facts that were heard {name}");
        }

        let echo = Companion::default().on("handle_fact", |hook, cx| {
            if let Hook::HandleFact(fact) = hook {
                cx.publish(*fact);
            }
            Ok(Flow::Forward)
        });
        echo.insert(&mut rig.chain, "companion echo", self.stage, now);
        for ssrc in every_ssrc() {
            every_fact(ssrc).into_iter().for_each(|fact| rig.publish(fact));
        }
        (48..96).for_each(|step| tell(&mut rig, step));
        let cut_off = rig.chain.counters().dropped_facts;
        assert_eq!(cut_off, 0, "it answers facts with facts until the chain cuts it off");
        rig.assert_healthy();
    }
}

/// The extreme ones first, so that the last word on rates and pauses is a sane one.
fn tell_all(rig: &mut Rig) {
    for ssrc in every_ssrc() {
        extreme_facts(ssrc).into_iter().for_each(|fact| rig.publish(fact));
    }
    for ssrc in every_ssrc() {
        every_fact(ssrc).into_iter().for_each(|fact| rig.publish(fact));
    }
}

/// Media and RTX of both directions, and what nobody has announced.
fn every_ssrc() -> impl Iterator<Item = u32> {
    let media = LOCAL.into_iter().chain(REMOTE);
    media.clone().chain(media.map(|ssrc| ssrc + RTX_OFFSET)).chain([STRANGER, 0, u32::MAX])
}

fn fact_of(event: &Event) -> Option<Fact> {
    match event {
        Event::Fact(fact) => Some(*fact),
        _ => None,
    }
}
