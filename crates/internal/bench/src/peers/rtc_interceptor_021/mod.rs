//! `rtc-interceptor` 0.21.1: sans-IO, packets by value through a list of boxed interceptors.
//!
//! Driven as its documentation says: a packet goes in, what comes out is polled until there is nothing more, timers run
//! when `poll_timeout` says so. Polling walks the whole list once more when nothing waits, so only the side is polled on
//! which something can have come out: generated RTCP appears in `handle_timeout`, retransmissions on an incoming NACK.

mod adapter;
mod answer;
mod congestion;
mod connections;
mod driver;
mod holder;
mod parse;
mod pass_through;
mod played;
mod protected;
mod set_up;

use crate::contender::{Case, Role};
use crate::memory;
use crate::slope::POINTS;
use crate::traffic::{NACKS, Traffic, start};
use crate::variants::{self, Variants};

use answer::Answer;
use driver::{Receive, ReceiveDatagrams, Send};
use holder::Chained;
use parse::Parse;
use rtc_interceptor::Interceptor;
use set_up::{
    bound, default_chain, receiving_half, repair_chain, repairing_half, repairing_receiver, sending_half,
};

/// With the interceptors for NACK and reports that `register_default_interceptors` of `rtc` 0.21 registers, and in some variants
/// those for transport-wide feedback.
const DEFAULT: (Role, &str) = (Role::Peer, "rtc-interceptor 0.21.1");
/// With those of them that have something to do in the direction.
const SENDING: (Role, &str) = (Role::Peer, "rtc-interceptor 0.21.1, sending half");
const RECEIVING: (Role, &str) = (Role::Peer, "rtc-interceptor 0.21.1, receiving half");
const PARSER: (Role, &str) = (Role::Peer, "rtc-rtp 0.21.1");

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::timed(("P", "parse", 1), PARSER, || Ok(Parse::new(false))),
        Case::timed(("P", "parse and serialise", 1), PARSER, || Ok(Parse::new(true))),
    ];
    let [on, off] = variants::BOTH;
    cases.extend(both_ways(on, DEFAULT, default_chain));
    cases.extend(both_ways(off, DEFAULT, repair_chain));
    cases.extend(sending(on, SENDING, sending_half));
    cases.extend(sending(off, SENDING, repairing_half));
    cases.extend(receiving(on, RECEIVING, receiving_half));
    cases.extend(receiving(off, RECEIVING, repairing_receiver));
    for point in POINTS {
        let chain = move || bound(pass_through::chain(point.interceptors), 1);
        cases.push(Case::timed(("S5", point.send, 1), DEFAULT, move || {
            Ok(Send::new(chain(), Traffic::new(1, start())))
        }));
        cases.push(Case::timed(("S5", point.receive, 1), DEFAULT, move || {
            Ok(Receive::new(chain(), Traffic::new(1, start())))
        }));
    }
    cases.extend(kept());
    cases.extend(congestion::cases());
    cases.extend(connections::cases());
    cases.extend(protected::cases());
    cases.extend(adapter::cases());
    cases.extend(played::cases());
    cases
}

type Who = (Role, &'static str);

/// S1 to S4.
fn both_ways<I: Interceptor + 'static>(variants: Variants, who: Who, chain: fn() -> I) -> Vec<Case> {
    let mut cases = sending(variants, who, chain);
    cases.extend(receiving(variants, who, chain));
    cases
}

/// S1 and S4.
fn sending<I: Interceptor + 'static>(variants: Variants, who: Who, chain: fn() -> I) -> Vec<Case> {
    let mut cases = Vec::new();
    for streams in [1, 100] {
        cases.push(Case::timed(("S1", variants.send, streams), who, move || {
            Ok(Send::new(bound(chain(), streams), Traffic::new(streams, start())))
        }));
    }
    for (variant, rtx) in variants.answer {
        let answer = move || Ok(Answer::new(chain(), rtx));
        cases.push(Case::timed(("S4", variant, 1), who, answer).with_stretch(NACKS));
    }
    cases
}

/// S2 and S3.
fn receiving<I: Interceptor + 'static>(variants: Variants, who: Who, chain: fn() -> I) -> Vec<Case> {
    let traffic = |streams| Traffic::new(streams, start());
    let mut cases = Vec::new();
    for streams in [1, 100] {
        cases.push(Case::timed(("S2", variants.parsed, streams), who, move || {
            Ok(Receive::new(bound(chain(), streams), traffic(streams)))
        }));
        cases.push(Case::timed(("S2", variants.datagram, streams), who, move || {
            Ok(ReceiveDatagrams::new(bound(chain(), streams), traffic(streams)))
        }));
    }
    let receive = move |traffic| Ok(Receive::new(bound(chain(), 100), traffic));
    cases.extend([
        Case::timed(("S3", variants.loss, 100), who, move || receive(traffic(100).with_loss(50))),
        Case::timed(("S3", variants.duplicates, 100), who, move || {
            receive(traffic(100).with_duplicates(100))
        }),
    ]);
    cases
}

/// What it keeps for its streams.
fn kept() -> Vec<Case> {
    let mut cases = Vec::new();
    for memory::Variants { local, idle, full, each } in memory::VARIANTS {
        cases.push(Case::kept(("S6", idle, 100), DEFAULT, move || memory::idle::<Chained>(100, local)));
        cases.push(Case::kept(("S6", full, 100), DEFAULT, move || memory::full::<Chained>(100, local)));
        if let Some(each) = each {
            let measure = move || memory::each_packet::<Chained>(100, local);
            cases.push(Case::kept(("S6", each, 100), DEFAULT, measure));
        }
    }
    cases
}

/// Packets that so many NACKs make it send.
#[must_use]
pub fn answer(nacks: usize, rtx: bool) -> u64 {
    use crate::contender::Contender as _;
    let mut answer = Answer::new(repair_chain(), rtx);
    answer.prepare(nacks);
    answer.run();
    answer.sent_again
}
