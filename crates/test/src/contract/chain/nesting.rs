//! A chain in a chain is as if its interceptors stood in the outer one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use interceptor_core::{Chain, ChainError, Error, Event, Fact, Flow, KeyframeNeeded, Rtt, Stage};
use interceptor_packet::RtcpPacket;

use super::{ChainContract, RTX, SSRC, bind, bye, delivered, media, sent, stream};
use crate::Hook;
use crate::contract::companion::{Companion, Notes, Sabotage, Saboteur};
use crate::contract::rig::Rig;
use crate::contract::seen::Seen;

const MS: Duration = Duration::from_millis(1);

impl ChainContract {
    /// The same interceptors in the outer chain and in an inner one, told the same story, do the same: wire, application, events,
    /// counters, timeouts, what they know and what they hear.
    ///
    /// # Panics
    /// If not.
    pub fn behaves_the_same_when_nested(&self) {
        let notes = [Notes::default(), Notes::default()];
        let (mut flat, now) = self.chain();
        let ((mut outer, _), (mut inner, _)) = (self.chain(), self.chain());
        for chain in [&mut flat, &mut outer] {
            find_out(chain, now);
        }
        put(&mut flat, &notes[0], now);
        put(&mut inner, &notes[1], now);
        (self.nest)(&mut outer, Stage::NACK, inner, now);

        let mut rigs = [Rig::around(flat), Rig::around(outer)];
        for (what, act) in STORY {
            rigs.iter_mut().for_each(act);
            let when = format!("a nested chain is as if its interceptors stood in the outer one: {what}");
            let [said, nested] = notes.each_ref().map(Notes::take);
            assert_eq!(said, nested, "{when}: what interceptors see");
            let [flat, nested] = rigs.each_mut().map(Seen::of);
            flat.assert_same(&nested, &when);
            assert_eq!(flat.counters, nested.counters, "{when}: counters");
        }
    }

    /// What fails or panics in a nested chain is counted in the outer one, and told to its owner, as if it stood there.
    ///
    /// # Panics
    /// If not.
    pub fn counts_what_fails_in_a_nested_chain(&self) {
        let rule = "what fails in a nested chain is counted in the outer one";
        let ((mut outer, now), (mut inner, _)) = (self.chain(), self.chain());
        let fails =
            Companion::default().on("write_rtcp", |_, _| Err(Error::msg("a companion fails on purpose")));
        fails.insert(&mut inner, "fails", Stage::NACK, now);
        inner
            .insert("panics", Stage::RTX, Saboteur(Sabotage::ErrorAfterRtcp), now)
            .expect("no stream is there");
        (self.nest)(&mut outer, Stage::NACK, inner, now);
        (0..2).for_each(|_| outer.write_rtcp(bye(), now));
        assert_eq!(sent(&mut outer), 2, "{rule}: packets pass");
        let counters = outer.counters();
        assert_eq!((counters.hook_errors, counters.panics), (3, 1), "{rule}: errors and panics");
        let events = std::iter::from_fn(|| outer.poll_event());
        let named = |event| matches!(event, Event::Bypassed { interceptor: "panics", .. });
        assert_eq!(events.filter_map(|event| named(event).then_some(())).count(), 1, "{rule}: the event");
    }

    /// What a nested chain does while its owner works on it is the outer chain's at once, and does not wait for a packet.
    ///
    /// # Panics
    /// If not.
    pub fn hands_on_at_once_what_a_nested_chain_does_meanwhile(&self) {
        let rule = "what a nested chain does while its owner works on it is handed on at once";
        let ((mut outer, now), (mut inner, _)) = (self.chain(), self.chain());
        let goodbye = Companion::default().does("close", |cx| {
            cx.send_rtcp(bye());
            cx.deliver_rtcp(bye());
            cx.publish(KeyframeNeeded { ssrc: SSRC });
        });
        goodbye.insert(&mut inner, "goodbye", Stage::NACK, now);
        (self.nest)(&mut outer, Stage::NACK, inner, now);
        let removed = remove_innermost(&mut outer, "goodbye", now);
        assert!(matches!(removed, Ok(true)), "{rule}: its owner reaches it: {removed:?}");
        assert_eq!((sent(&mut outer), delivered(&mut outer)), (1, 1), "{rule}: packets");
        assert!(outer.poll_event().is_some(), "{rule}: events");
    }
}

/// However deep it stands.
fn remove_innermost(chain: &mut Chain, name: &str, now: Instant) -> Result<bool, ChainError> {
    match chain.get::<Chain>() {
        Some(_) => chain.get_mut::<Chain>().map_or(Ok(false), |inner| remove_innermost(inner, name, now)),
        None => chain.remove(name, now),
    }
}

/// In the chain under test and outside of a nested one: two who find something out in the very hooks in which others may ask for
/// it, one before and one after them, and something that is known before anybody comes.
fn find_out(chain: &mut Chain, now: Instant) {
    let rtt = Arc::new(AtomicU32::new(100));
    let publishes = |companion: Companion, hook| {
        let rtt = Arc::clone(&rtt);
        companion.does(hook, move |cx| cx.publish(fact(rtt.fetch_add(1, Ordering::Relaxed))))
    };
    let first = ["bind_local", "bind_remote", "amend_local", "amend_remote"];
    let first = first.into_iter().fold(Companion::default(), publishes);
    first.insert(chain, "finds out first", Stage::CAPTURE, now);
    let last = ["unbind_local", "unbind_remote", "close"];
    let last = last.into_iter().fold(Companion::default(), publishes);
    last.insert(chain, "finds out last", Stage::APPLICATION.above(), now);
    chain.publish(fact(20), now);
}

/// Interceptors that do something of every kind.
fn put(chain: &mut Chain, notes: &Notes, now: Instant) {
    let hears = ["handle_fact", "handle_error", "close"];
    let asks = [
        "bind_local",
        "bind_remote",
        "amend_local",
        "amend_remote",
        "unbind_local",
        "unbind_remote",
        "close",
    ];
    let knows = |companion: Companion, hook| {
        let notes = notes.clone();
        companion.does(hook, move |cx| notes.note(format!("{hook} knows {:?}", cx.facts().rtt())))
    };
    let low = asks.into_iter().fold(Companion::default(), knows);
    low.notes(notes, "low", &["handle_fact"]).insert(chain, "low", Stage::REPORT, now);

    let asks = Companion::default()
        .does("read_rtp", |cx| cx.wake_at(cx.now() + 7 * MS))
        .does("write_rtp", |cx| cx.send_rtcp(bye()))
        .on("handle_timeout", |_, cx| {
            cx.send_rtcp(RtcpPacket::builder().pli(1, SSRC).build()?);
            cx.deliver_rtp(media(500));
            Err(Error::msg("fails at every timeout"))
        })
        .on("read_rtcp", |_, cx| {
            cx.publish(KeyframeNeeded { ssrc: SSRC });
            Ok(Flow::Consumed)
        })
        .does("read_unbound_rtp", |cx| cx.raise("a stranger".to_owned()));
    asks.notes(notes, "asks", &["handle_fact", "close"]).insert(chain, "asks", Stage::NACK, now);

    let changes = Companion::default().on("write_rtp", |hook, cx| {
        if let Hook::WriteRtp(packet) = hook {
            packet.set_marker(cx.facts().rtt().is_some());
        }
        Ok(Flow::Forward)
    });
    changes.notes(notes, "changes", &hears).insert(chain, "changes", Stage::APPLICATION, now);
}

type Act = fn(&mut Rig);

/// What both chains go through.
const STORY: [(&str, Act); 11] = [
    ("bind", |rig| {
        let now = rig.now();
        bind(&mut rig.chain, now);
        rig.collect();
    }),
    ("media", |rig| {
        rig.write_rtp(media(1));
        rig.read_rtp(media(1));
    }),
    ("timers", |rig| rig.pass(20 * MS)),
    ("RTCP", |rig| {
        rig.write_rtcp(bye());
        rig.read(bye().into_bytes());
    }),
    ("a stranger", |rig| {
        rig.write_rtp(crate::rtp(9).build());
        rig.read(crate::rtp(9).build().to_bytes());
    }),
    ("a later fact", |rig| rig.publish(fact(30))),
    ("an amendment", |rig| {
        rig.amend_local(stream().with_rtx(RTX, 97)).expect("nobody refuses");
        rig.amend_remote(stream().with_rtx(RTX, 97)).expect("nobody refuses");
        rig.read(crate::rtp(RTX).pt(97).build().to_bytes());
    }),
    ("more media", |rig| {
        rig.write_rtp(media(2));
        rig.read_rtp(media(2));
        rig.pass(3 * MS);
    }),
    ("a late timer", |rig| {
        rig.clock.advance(3000 * MS);
        rig.fire();
    }),
    ("unbind", |rig| rig.unbind(&[SSRC], &[SSRC])),
    ("the close", |rig| rig.close().expect("it closes")),
];

fn fact(ms: u32) -> Fact {
    Rtt::first(ms * MS).into()
}
