//! What interceptors tell each other: who hears it, when, and what is kept.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use interceptor_core::{
    Chain, Event, Fact, KeyframeAsking, KeyframeNeeded, LinkCondition, LinkState, PlayoutDeadline, Rtt,
    Stage, StreamInfo, TargetBitrate,
};

use crate::actor::{Actor, Diary, bye};
use crate::probe::{SSRC, config, rtp};

const RTT: Duration = Duration::from_millis(50);

fn hears(diary: &Diary, name: &'static str) -> Actor {
    let diary = diary.clone();
    Actor::default().on_fact(move |fact, _| {
        diary.note(format!("{name} {fact:?}"));
        Ok(())
    })
}

fn needed(ssrc: u32) -> Fact {
    KeyframeNeeded { ssrc }.into()
}

/// The interceptor `teller` publishes what `fact` gives for every RTCP packet.
fn chain_of(diary: &Diary, fact: impl Fn() -> Fact + Send + 'static) -> Chain {
    let config = config();
    let now = config.now;
    let mut chain = Chain::new(config);
    let teller = hears(diary, "teller").on_rtcp(move |(), cx| {
        cx.publish(fact());
        Ok(())
    });
    chain.insert("low", Stage::REPORT, hears(diary, "low"), now).unwrap();
    chain.insert("teller", Stage::NACK, teller, now).unwrap();
    chain.insert("high", Stage::APPLICATION, hears(diary, "high"), now).unwrap();
    chain
}

#[test]
fn everyone_but_the_publisher_hears_a_fact_from_the_wire_up() {
    let diary = Diary::default();
    let mut chain = chain_of(&diary, || needed(7));
    chain.read_rtcp(bye(), chain.config().now);
    assert_eq!(
        diary.read(),
        ["low KeyframeNeeded(KeyframeNeeded { ssrc: 7 })", "high KeyframeNeeded(KeyframeNeeded { ssrc: 7 })"]
    );
    let event = chain.poll_event();
    assert!(matches!(event, Some(Event::Fact(fact)) if fact == needed(7)), "{event:?}");
}

#[test]
fn a_fact_is_told_after_its_walk_and_before_what_was_emitted_in_it() {
    let diary = Diary::default();
    let config = config();
    let now = config.now;
    let mut chain = Chain::new(config);
    let [below, above] = [diary.clone(), diary.clone()];
    let low = hears(&diary, "low").on_rtp(move |packet, _| {
        below.note(format!("low sees {}", packet.sequence_number()));
        Ok(Some(packet))
    });
    let high = Actor::default().on_rtp(move |packet, cx| {
        above.note("publishes and sends");
        cx.publish(KeyframeNeeded { ssrc: 1 });
        cx.send_rtp(rtp(SSRC, 99));
        Ok(Some(packet))
    });
    chain.insert("low", Stage::REPORT, low, now).unwrap();
    chain.insert("high", Stage::APPLICATION, high, now).unwrap();
    chain.bind_local(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    chain.write_rtp(rtp(SSRC, 1), now);
    let fact = "low KeyframeNeeded(KeyframeNeeded { ssrc: 1 })";
    assert_eq!(diary.read(), ["publishes and sends", "low sees 1", fact, "low sees 99"]);
}

#[test]
fn the_owner_s_fact_reaches_everyone_and_raises_no_event() {
    let diary = Diary::default();
    let mut chain = chain_of(&diary, || needed(0));
    chain.publish(TargetBitrate { bits_per_second: 5, stable: 4 }, chain.config().now);
    assert_eq!(diary.read().len(), 3);
    assert_eq!(chain.facts().target_bitrate().map(|target| target.stable), Some(4));
    assert!(chain.poll_event().is_none());
}

#[test]
fn who_answers_every_fact_with_another_is_cut_off_and_counted() {
    let config = config();
    let now = config.now;
    let mut chain = Chain::new(config);
    for name in ["ping", "pong"] {
        let echo = Actor::default().on_fact(|fact, cx| {
            cx.publish(fact);
            Ok(())
        });
        chain.insert(name, Stage::APPLICATION, echo, now).unwrap();
    }
    chain.publish(KeyframeNeeded { ssrc: 1 }, now);
    let limit = chain.config().limits.max_facts_per_input as u64;
    // The owner's fact makes two echoes, each of which the other one answers.
    assert_eq!(chain.counters().dropped_facts, 2, "the two that were underway at the limit of {limit}");
    chain.publish(KeyframeNeeded { ssrc: 1 }, now);
    assert_eq!(chain.counters().dropped_facts, 4, "and the next input starts anew");
}

#[test]
fn a_failing_or_panicking_fact_hook_is_as_any_hook() {
    let diary = Diary::default();
    let mut chain = chain_of(&diary, || needed(3));
    let now = chain.config().now;
    let fails = Actor::default().on_fact(|_, _| Err(interceptor_core::Error::msg("no")));
    let panics = Actor::default().on_fact(|_, _| panic!("told to panic"));
    chain.insert("fails", Stage::CAPTURE, fails, now).unwrap();
    chain.insert("panics", Stage::CAPTURE.above(), panics, now).unwrap();
    chain.read_rtcp(bye(), now);
    assert_eq!(diary.read().len(), 2, "the others hear it all the same");
    assert_eq!((chain.counters().hook_errors, chain.counters().panics), (1, 1));
    assert!(chain.layout().rows()[1].bypassed);
}

#[test]
fn who_has_panicked_asks_for_no_key_frames_any_more() {
    let diary = Diary::default();
    let asked = AtomicBool::new(false);
    let mut chain = chain_of(&diary, move || {
        assert!(!asked.swap(true, Relaxed), "told to panic");
        KeyframeAsking { active: true }.into()
    });
    let now = chain.config().now;
    chain.read_rtcp(bye(), now);
    assert!(chain.facts().keyframe_asking());
    assert_eq!(diary.read().len(), 2);
    chain.read_rtcp(bye(), now);
    assert_eq!((chain.counters().panics, chain.facts().keyframe_asking()), (1, false));
    let told =
        ["low", "high"].map(|name| format!("{name} KeyframeAsking(KeyframeAsking {{ active: false }})"));
    assert_eq!(diary.read(), told);
}

#[test]
fn lasting_facts_are_kept_by_stream_while_it_is_bound() {
    let diary = Diary::default();
    let mut chain = chain_of(&diary, || needed(0));
    let now = chain.config().now;
    let deadline = |ssrc| PlayoutDeadline { ssrc, delay: RTT };
    chain.bind_remote(StreamInfo::new(5, 96, 90_000), now).unwrap();
    chain.publish(deadline(5), now);
    chain.publish(deadline(6), now);
    assert_eq!(chain.facts().playout_deadline(5), Some(deadline(5)));
    assert_eq!(chain.facts().playout_deadline(6), None, "no stream, nothing to keep");
    chain.unbind_remote(5, now).unwrap();
    assert_eq!(chain.facts().playout_deadline(5), None);

    chain.publish(Rtt::first(RTT), now);
    let link = LinkState { rtt: RTT, queue: RTT, loss_ppm: 10_000, state: LinkCondition::Clear };
    chain.publish(link, now);
    assert_eq!((chain.facts().rtt(), chain.facts().link()), (Some(Rtt::first(RTT)), Some(link)));
}

#[test]
fn facts_published_at_bind_insert_timeout_and_close_are_told() {
    let diary = Diary::default();
    let config = config();
    let now = config.now;
    let mut chain = Chain::new(config);
    chain.insert("low", Stage::CAPTURE, hears(&diary, "low"), now).unwrap();
    let teller = Actor::default()
        .on_bind(|info, cx| {
            cx.publish(KeyframeNeeded { ssrc: info.ssrc });
            cx.wake_at(cx.now());
            Ok(true)
        })
        .on_timeout(|(), cx| {
            cx.publish(KeyframeNeeded { ssrc: 100 });
            Ok(())
        })
        .on_close(|(), cx| cx.publish(KeyframeNeeded { ssrc: 200 }));
    chain.bind_remote(StreamInfo::new(1, 96, 90_000), now).unwrap();
    chain.insert("teller", Stage::NACK, teller, now).unwrap();
    chain.bind_remote(StreamInfo::new(2, 96, 90_000), now).unwrap();
    chain.handle_timeout(now);
    chain.close(now).unwrap();
    let heard: Vec<_> = [1, 2, 100, 200].map(|ssrc| format!("low {:?}", needed(ssrc))).into();
    assert_eq!(diary.read(), heard);
}
