//! The books close: each packet that came for a subscriber is sent, or in one counter that says why not.

use interceptor_packet::RtpPacket;
use interceptor_tokio::rewriter::RewriterOptions;
use interceptor_tokio::{Fanout, FanoutOptions};
use proptest::prelude::*;

use super::{A, B, Viewer, packet, part};
use crate::support::settle;

#[derive(Clone, Debug)]
enum Step {
    /// Packets of a source, one after another: how far each is ahead of the one before it, or behind; frames on; its tag.
    Batch(usize, Vec<(i8, u8, u8)>),
    Switch(usize, usize),
    Pause(usize),
    Limit(usize, u8),
    /// A subscriber's transport takes so many, or any number.
    Room(usize, Option<usize>),
    Settle,
    /// A source sets its clock, and counts anew.
    Anew(usize, u16, u32),
    Close(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let ahead = prop_oneof![12 => Just(1_i8), 2 => 2..4_i8, 3 => -5..=0_i8];
    let tag = prop::sample::select(&b"k0000112spp"[..]);
    let packets = prop::collection::vec((ahead, 0..2_u8, tag), 1..8);
    prop_oneof![
        40 => (0..2_usize, packets).prop_map(|(source, packets)| Step::Batch(source, packets)),
        6 => (0..VIEWERS, 0..2_usize).prop_map(|(viewer, source)| Step::Switch(viewer, source)),
        1 => (0..VIEWERS).prop_map(Step::Pause),
        4 => (0..VIEWERS, 0..3_u8).prop_map(|(viewer, layer)| Step::Limit(viewer, layer)),
        8 => (0..VIEWERS, prop::option::of(0..12_usize)).prop_map(|(viewer, room)| Step::Room(viewer, room)),
        6 => Just(Step::Settle),
        1 => (0..2_usize, any::<u16>(), any::<u32>()).prop_map(|(source, number, stamp)| Step::Anew(source, number, stamp)),
        1 => (0..40_usize).prop_map(Step::Close),
    ]
}

const VIEWERS: usize = 3;

/// What a subscriber's packets have come to, whichever way they went.
#[derive(Default)]
struct Fates {
    sent: u64,
    left_out: u64,
    cuts: u64,
    missed: u64,
}

/// The subscriber's book, its rewriter's, and its session's say the same.
fn check(viewer: &Viewer, open: bool) -> Result<(), TestCaseError> {
    let (counters, rewriter) = (viewer.subscription.counters(), viewer.subscription.rewriter_counters());
    prop_assert_eq!(counters.unaccounted(), 0, "{:?}", counters);
    let session = viewer.session.counters();
    prop_assert_eq!(session.unaccounted_sends(), 0, "{:?}", session);
    if !open {
        return Ok(());
    }
    // What is cut off never reaches the rewriter; all else does, and is counted there once.
    prop_assert_eq!(rewriter.given(), counters.given - counters.cut_packets, "{:?} {:?}", counters, rewriter);
    prop_assert_eq!(rewriter.sent_packets, counters.sent + counters.lost);
    prop_assert_eq!((rewriter.kept_numbers, counters.ended), (counters.missed, 0));
    Ok(())
}

async fn run(steps: Vec<Step>, leave_padding_out: bool, total: &mut Fates) -> Result<(), TestCaseError> {
    let rewriter = RewriterOptions::default().with_leave_padding_out(leave_padding_out);
    let options = FanoutOptions::default().with_thin_above_packets(4).with_rewriter(rewriter);
    let fanout = Fanout::new(options).unwrap();
    let viewers = [1, 2, 3].map(|ssrc| Viewer::new(&fanout, ssrc));
    let mut open = [true; VIEWERS];
    viewers.iter().for_each(|viewer| viewer.subscription.switch_to(A));
    let mut at = [(65_500_u16, 0_u32), (7, u32::MAX - 50_000)];
    for step in steps {
        match step {
            Step::Batch(source, packets) => {
                let (number, timestamp) = &mut at[source];
                let made: Vec<RtpPacket> = packets
                    .iter()
                    .map(|(ahead, frames, tag)| {
                        let back = i32::from((*ahead).min(0));
                        let this = number.wrapping_add_signed((*ahead).into());
                        let stamp = timestamp
                            .wrapping_add(3000 * u32::from(*frames))
                            .wrapping_add_signed(3000 * back);
                        if *ahead > 0 {
                            (*number, *timestamp) = (this, stamp);
                        }
                        packet(this, stamp, *tag)
                    })
                    .collect();
                let before: u64 = viewers.iter().map(|viewer| viewer.subscription.counters().sent).sum();
                let forwarded = fanout.forward([A, B][source], &made, part);
                let after: u64 = viewers.iter().map(|viewer| viewer.subscription.counters().sent).sum();
                prop_assert_eq!(forwarded.packets as u64, after - before);
            }
            Step::Switch(viewer, source) => viewers[viewer].subscription.switch_to([A, B][source]),
            Step::Pause(viewer) => viewers[viewer].subscription.pause(),
            Step::Limit(viewer, layer) => viewers[viewer].subscription.set_max_layer(layer),
            Step::Room(viewer, room) => viewers[viewer].out.set_room(room),
            Step::Settle => settle().await,
            Step::Anew(source, number, timestamp) => at[source] = (number, timestamp),
            Step::Close(viewer) if viewer < VIEWERS => {
                viewers[viewer].out.set_room(None);
                viewers[viewer].session.close().await.unwrap();
                open[viewer] = false;
            }
            Step::Close(_) => {}
        }
        for (viewer, open) in viewers.iter().zip(open) {
            check(viewer, open)?;
        }
    }
    for (viewer, open) in viewers.iter().zip(open) {
        viewer.out.set_room(None);
        settle().await;
        let counters = viewer.subscription.counters();
        prop_assert!(!open || viewer.session.counters().sent_datagrams == counters.sent);
        total.sent += counters.sent;
        total.left_out += counters.left_out_by_limit + counters.left_out_by_backlog;
        total.cuts += counters.cuts;
        total.missed += counters.missed;
    }
    Ok(())
}

#[test]
fn each_packet_is_counted_once_whatever_comes_and_whatever_the_transports_take() {
    let mut total = Fates::default();
    let cell = std::cell::RefCell::new(&mut total);
    let config = ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() };
    let cases = (prop::collection::vec(step(), 1..300), any::<bool>());
    proptest::test_runner::TestRunner::new(config)
        .run(&cases, |(steps, leave_padding_out)| {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
            runtime.unwrap().block_on(run(steps, leave_padding_out, &mut cell.borrow_mut()))
        })
        .unwrap();
    // All of it happens.
    assert!(total.sent > 1000 && total.left_out > 1000 && total.cuts > 100, "too little of what is tried");
    assert!(total.missed > 10, "{}", total.missed);
}
