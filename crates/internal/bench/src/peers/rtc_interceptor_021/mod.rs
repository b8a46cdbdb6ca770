//! `rtc-interceptor` 0.21.1: sans-IO, packets by value through a list of boxed interceptors.
//!
//! Driven as its documentation says: a packet goes in, what comes out is polled until there is nothing more, timers run
//! when `poll_timeout` says so. Polling walks the whole list once more when nothing waits, so only the side is polled on
//! which something can have come out: generated RTCP appears in `handle_timeout`, retransmissions on an incoming NACK.

mod adapter;
mod answer;
mod congestion;
mod driver;
mod holder;
mod parse;
mod pass_through;
mod played;
mod protected;
mod set_up;

use crate::contender::{Case, Role};
use crate::memory::{self, Variants};
use crate::slope::POINTS;
use crate::traffic::{NACKS, Traffic, start};

use answer::Answer;
use driver::{Receive, ReceiveDatagrams, Send};
use holder::Chained;
use parse::Parse;
use set_up::{bound, default_chain, receiving_half, repair_chain, repairing_half, sending_half};

/// With the interceptors for NACK and reports that `register_default_interceptors` of `rtc` 0.21 registers, and in S1 to S3 those
/// for transport-wide feedback.
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
    for streams in [1, 100] {
        let plain = move || Traffic::new(streams, start());
        cases.extend([
            Case::timed(("S1", "send", streams), DEFAULT, move || {
                Ok(Send::new(bound(default_chain(), streams), plain()))
            }),
            Case::timed(("S1", "send", streams), SENDING, move || {
                Ok(Send::new(bound(sending_half(), streams), plain()))
            }),
            Case::timed(("S2", "parsed", streams), DEFAULT, move || {
                Ok(Receive::new(bound(default_chain(), streams), plain()))
            }),
            Case::timed(("S2", "parsed", streams), RECEIVING, move || {
                Ok(Receive::new(bound(receiving_half(), streams), plain()))
            }),
            Case::timed(("S2", "datagram", streams), DEFAULT, move || {
                Ok(ReceiveDatagrams::new(bound(default_chain(), streams), plain()))
            }),
            Case::timed(("S2", "datagram", streams), RECEIVING, move || {
                Ok(ReceiveDatagrams::new(bound(receiving_half(), streams), plain()))
            }),
        ]);
    }
    cases.extend(impaired());
    for (variant, rtx) in [("plain", false), ("RTX", true)] {
        cases.extend([
            Case::timed(("S4", variant, 1), DEFAULT, move || Ok(Answer::new(repair_chain(), rtx)))
                .with_stretch(NACKS),
            Case::timed(("S4", variant, 1), SENDING, move || Ok(Answer::new(repairing_half(), rtx)))
                .with_stretch(NACKS),
        ]);
    }
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
    cases.extend(protected::cases());
    cases.extend(adapter::cases());
    cases.extend(played::cases());
    cases
}

/// Losses and copies.
fn impaired() -> Vec<Case> {
    let hundred = || Traffic::new(100, start());
    vec![
        Case::timed(("S3", "2 % loss", 100), DEFAULT, move || {
            Ok(Receive::new(bound(default_chain(), 100), hundred().with_loss(50)))
        }),
        Case::timed(("S3", "2 % loss", 100), RECEIVING, move || {
            Ok(Receive::new(bound(receiving_half(), 100), hundred().with_loss(50)))
        }),
        Case::timed(("S3", "1 % duplicates", 100), DEFAULT, move || {
            Ok(Receive::new(bound(default_chain(), 100), hundred().with_duplicates(100)))
        }),
        Case::timed(("S3", "1 % duplicates", 100), RECEIVING, move || {
            Ok(Receive::new(bound(receiving_half(), 100), hundred().with_duplicates(100)))
        }),
    ]
}

/// What it keeps for its streams.
fn kept() -> Vec<Case> {
    let mut cases = Vec::new();
    for Variants { local, idle, full, each } in memory::VARIANTS {
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
