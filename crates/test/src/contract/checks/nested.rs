//! Inside another chain.

use std::time::Duration;

use interceptor_core::{Chain, KeyframeNeeded, Rtt};

use super::lifecycle::tell;
use crate::contract::rig::{LOCAL, REMOTE, Rig, STRANGER};
use crate::contract::seen::Seen;
use crate::contract::{COMPANION, Contract, config};
use crate::{hex, rtp};

const MS: Duration = Duration::from_millis(1);

impl Contract {
    /// In a chain that is an interceptor of another chain it does what it does outside, byte for byte and at the same instants.
    ///
    /// # Panics
    /// If it does not.
    pub fn behaves_the_same_in_a_nested_chain(&self) {
        let config = config(1);
        let mut outer = Chain::new(config.clone());
        // Of the same seed, so that whatever is drawn is the same.
        outer.insert(COMPANION, self.stage, self.chain(1), config.now).expect("a chain refuses nothing");
        let mut rigs = [Rig::empty(self), Rig::of(self, outer)];
        let mut both = |when: String, act: &dyn Fn(&mut Rig)| {
            rigs.iter_mut().for_each(act);
            let [flat, nested] = rigs.each_mut().map(Seen::of);
            let when = format!("nested, {when}");
            flat.assert_same(&nested, &when);
            assert_eq!(flat.counters, nested.counters, "{when}: the chain's counters");
        };
        both("before streams are bound".to_owned(), &|rig| {
            rig.publish(Rtt::first(40 * MS).into());
            tell(rig, 0);
        });
        both("bind".to_owned(), &|rig| rig.bind(self, &LOCAL, &REMOTE));
        for step in 0..48 {
            both(format!("step {step}"), &|rig| tell(rig, step));
            if step % 12 == 5 {
                both(format!("oddities at step {step}"), &|rig| self.oddities(rig, step));
            }
        }
        both("unbind".to_owned(), &|rig| rig.unbind(&LOCAL, &REMOTE));
        both("silence".to_owned(), &|rig| rig.pass(5000 * MS));
        both("bind again".to_owned(), &|rig| rig.bind(self, &LOCAL, &REMOTE));
        both("close".to_owned(), &|rig| rig.close().expect("it closes"));
    }

    /// What comes seldom: facts, changes of a stream, strangers, and what cannot be read.
    fn oddities(&self, rig: &mut Rig, step: u16) {
        let ([local, ..], [remote, ..]) = (LOCAL, REMOTE);
        rig.publish(KeyframeNeeded { ssrc: remote }.into());
        let mid = |ssrc| self.stream(ssrc).with_mid(step.to_string());
        rig.amend_local(mid(local)).expect("a stream may get a mid");
        rig.amend_remote(mid(remote)).expect("a stream may get a mid");
        rig.write_rtp(rtp(STRANGER).seq(step).payload_len(20).build());
        rig.read(rtp(STRANGER).seq(step).payload_len(20).build().to_bytes());
        rig.read(hex("80 c9 0099 00000001 # longer than it is"));
        rig.read(hex("00 01 00 00 21 12 a4 42 # STUN"));
    }
}
