//! Neighbours in the chain that panic, and neighbours that never leave the interceptor alone.

use std::time::Duration;

use interceptor_core::{Flow, KeyframeNeeded, Limits};
use interceptor_packet::RtcpPacket;

use super::lifecycle::tell;
use crate::contract::companion::{Companion, Sabotage, Saboteur};
use crate::contract::rig::{Input, LOCAL, REMOTE, Rig};
use crate::contract::seen::Seen;
use crate::contract::{ABOVE, BELOW, Contract, config, parts};

const MS: Duration = Duration::from_millis(1);
/// Steps of the story that is told beside a saboteur, that at which it comes, and that at which it is taken out again.
const STEPS: u16 = 36;
const COMES: u16 = 18;
const GOES: u16 = 24;
/// Timeouts in a millisecond beyond which a driver does nothing else. A pacer needs one, or a few.
const MAX_TIMEOUTS_PER_MS: u32 = 20;
/// Timeouts at one instant: everybody once, and once more for what came of it.
const MAX_AT_ONE_INSTANT: u32 = 10;

impl Contract {
    /// A neighbour that panics, in a hook, in `handle_error` or in a destructor, is the chain's to deal with: the interceptor
    /// goes on as if that had never been there, byte for byte.
    ///
    /// # Panics
    /// If it does not.
    pub fn goes_on_beside_one_that_panics(&self) {
        for place in [BELOW, ABOVE] {
            for sabotage in Sabotage::AT_WORK {
                self.assert_goes_on_beside(sabotage, place, false);
            }
            for sabotage in Sabotage::AT_DROP {
                self.assert_goes_on_beside(sabotage, place, true);
                self.assert_goes_on_beside(sabotage, place, false);
            }
        }
    }

    fn assert_goes_on_beside(&self, sabotage: Sabotage, place: &'static str, removed: bool) {
        let when = format!("beside a neighbour that panics ({sabotage:?}, {place})");
        let mut rigs = [(); 2].map(|()| Rig::of(self, self.chain_with(config(1).with_isolate_panics(true))));
        rigs.iter_mut().for_each(|rig| rig.bind(self, &LOCAL, &REMOTE));
        for step in 0..STEPS {
            let [_, beside] = &mut rigs;
            if step == COMES {
                let stage = if place == BELOW { self.stage.below() } else { self.stage.above() };
                let inserted = beside.give(Input::Call("an insertion"), |chain, now| {
                    chain.insert(place, stage, Saboteur(sabotage), now)
                });
                inserted.expect("a saboteur refuses nothing");
            }
            if step == GOES && removed {
                let gone = beside.give(Input::Call("a removal"), |chain, now| chain.remove(place, now));
                assert!(matches!(gone, Ok(true)), "{when}: {gone:?}");
            }
            for rig in &mut rigs {
                if step == COMES {
                    rig.publish(KeyframeNeeded { ssrc: 0 }.into());
                }
                tell(rig, step);
            }
            let [alone, beside] = rigs.each_mut().map(Seen::of);
            alone.assert_same(&beside, &format!("{when}, step {step}"));
        }
        let [alone, mut beside] = rigs;
        assert_eq!(parts(&alone.chain), parts(&beside.chain), "{when}: streams that it takes part in");
        let closed = beside.close();
        assert!(closed.is_ok(), "{when}: {closed:?}");
        // The destructor of who stays until the end panics when the chain goes.
        let panics = u64::from(sabotage != Sabotage::OwnDrop || removed);
        assert_eq!(beside.chain.counters().panics, panics, "{when}: panics");
    }

    /// Neighbours that wake it all the time, and send RTCP through it from both sides whenever they are woken themselves, make it
    /// neither ask for the present instant for ever nor fire many times a millisecond; nor does it when it is left alone.
    ///
    /// # Panics
    /// If it does.
    pub fn does_not_make_its_driver_spin(&self) {
        // The chain holds whoever asks for the present instant; with its shortest hold that shows.
        let eager = Limits::default().with_min_rearm(Duration::from_micros(1));
        for (limits, after) in [(Limits::default(), Duration::ZERO), (eager, MS)] {
            let mut rig = Rig::of(self, self.chain_with(config(1).with_limits(limits)));
            let now = rig.now();
            for (name, stage) in [(BELOW, self.stage.below()), (ABOVE, self.stage.above())] {
                waker(name == BELOW, after).insert(&mut rig.chain, name, stage, now);
            }
            rig.bind(self, &LOCAL, &REMOTE);
            (0..20).for_each(|step| tell(&mut rig, step));
            assert_bounded("beside neighbours that wake it", &mut rig);
            rig.give(Input::Call("a removal"), |chain, now| {
                [BELOW, ABOVE].into_iter().for_each(|name| assert!(chain.remove(name, now).is_ok()));
            });
            assert_bounded("left alone", &mut rig);
            rig.unbind(&LOCAL, &REMOTE);
            assert_bounded("without streams", &mut rig);
            rig.assert_healthy();
        }
    }
}

fn assert_bounded(when: &str, rig: &mut Rig) {
    let milliseconds = 50;
    let timeouts = rig.pass_counting(milliseconds * MS, MAX_AT_ONE_INSTANT);
    assert!(
        timeouts <= MAX_TIMEOUTS_PER_MS * milliseconds,
        "{when} it makes its driver spin: {timeouts} timeouts in {milliseconds} ms"
    );
}

/// Wants to be woken for everything that it sees, and sends RTCP through the interceptor under test whenever it is.
fn waker(below: bool, after: Duration) -> Companion {
    let wake = |companion: Companion, hook| companion.does(hook, move |cx| cx.wake_at(cx.now() + after));
    let hooks = ["write_rtp", "read_rtp", "write_rtcp", "read_rtcp"];
    hooks.into_iter().fold(Companion::default(), wake).on("handle_timeout", move |_, cx| {
        for (local, remote) in LOCAL.into_iter().zip(REMOTE) {
            let mut rtcp = RtcpPacket::builder();
            if below {
                cx.deliver_rtcp(rtcp.pli(remote, local).nack(remote, local, &[0, 7]).build()?);
            } else {
                cx.send_rtcp(rtcp.pli(local, remote).build()?);
            }
        }
        Ok(Flow::Forward)
    })
}
