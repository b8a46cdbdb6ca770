//! `interceptor` 0.17.2: asynchronous readers and writers that wrap one another.
//!
//! Runs on a current-thread runtime, where a task switch is cheapest. The caller's loop is one task; the statistics and
//! each answer to a NACK are tasks of the interceptors' own. They run when the caller waits for them (a full channel) and
//! at the end of each stretch of packets, or behind each NACK: work that was handed over is counted, idle waiting is not.
//! Tickers run on tokio's paused clock, which is moved on when the next one is due; the reports get the same virtual time
//! through `with_now_fn`. The statistics read the system's clock: they offer no other.

mod adapter;
mod answer;
mod connections;
mod driver;
mod holder;
mod parse;
mod pass_through;
mod runtime;
mod set_up;

use crate::contender::{Case, Role};
use crate::memory;
use crate::slope::POINTS;
use crate::traffic::{NACKS, Traffic, start};
use crate::variants::{self, Variants};

use answer::Answer;
use driver::{Form, Receive, Send};
use holder::{Bare, WithStatistics};
use parse::Parse;
use set_up::{Extent, Session};

/// With the interceptors for NACK and reports that `register_default_interceptors` of `webrtc` 0.17 registers.
const BARE: (Role, &str) = (Role::Peer, "interceptor 0.17.2");
/// With its statistics, which `webrtc` 0.17 always adds.
const STATISTICS: (Role, &str) = (Role::Peer, "interceptor 0.17.2, statistics on");
const PARSER: (Role, &str) = (Role::Peer, "rtp 0.17.2");

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::timed(("P", "parse", 1), PARSER, || Ok(Parse::new(false))),
        Case::timed(("P", "parse and serialise", 1), PARSER, || Ok(Parse::new(true))),
    ];
    for variants in variants::BOTH {
        cases.extend(with(variants, Extent::of(variants.feedback, false), BARE));
        cases.extend(with(variants, Extent::of(variants.feedback, true), STATISTICS));
    }
    for point in POINTS {
        let session = move || Session::new(Extent::PassThrough(point.interceptors), 1);
        cases.push(Case::timed(("S5", point.send, 1), BARE, move || {
            Ok(Send::new(session()?, Traffic::new(1, start())))
        }));
        cases.push(Case::timed(("S5", point.receive, 1), BARE, move || {
            Ok(Receive::new(session()?, Traffic::new(1, start()), Form::Parsed))
        }));
    }
    for memory::Variants { local, idle, full, each } in memory::VARIANTS {
        cases.push(Case::kept(("S6", idle, 100), BARE, move || memory::idle::<Bare>(100, local)));
        cases.push(Case::kept(("S6", idle, 100), STATISTICS, move || {
            memory::idle::<WithStatistics>(100, local)
        }));
        cases.push(Case::kept(("S6", full, 100), BARE, move || memory::full::<Bare>(100, local)));
        cases.push(Case::kept(("S6", full, 100), STATISTICS, move || {
            memory::full::<WithStatistics>(100, local)
        }));
        if let Some(each) = each {
            cases.push(Case::kept(("S6", each, 100), BARE, move || memory::each_packet::<Bare>(100, local)));
        }
    }
    cases.extend(connections::cases());
    cases.extend(adapter::cases());
    cases
}

/// S1 to S4.
fn with(variants: Variants, extent: Extent, who: (Role, &'static str)) -> Vec<Case> {
    let Variants { send, parsed, datagram, loss, duplicates, answer: [(plain, _), _], .. } = variants;
    let session = move |streams| Session::new(extent, streams);
    let traffic = |streams| Traffic::new(streams, start());
    let receive = move |traffic| Ok(Receive::new(session(100)?, traffic, Form::Parsed));
    let mut cases = Vec::new();
    for streams in [1, 100] {
        cases.extend([
            Case::timed(("S1", send, streams), who, move || {
                Ok(Send::new(session(streams)?, traffic(streams)))
            }),
            Case::timed(("S2", parsed, streams), who, move || {
                Ok(Receive::new(session(streams)?, traffic(streams), Form::Parsed))
            }),
            Case::timed(("S2", datagram, streams), who, move || {
                Ok(Receive::new(session(streams)?, traffic(streams), Form::Datagram))
            }),
        ]);
    }
    cases.extend([
        Case::timed(("S3", loss, 100), who, move || receive(traffic(100).with_loss(50))),
        Case::timed(("S3", duplicates, 100), who, move || receive(traffic(100).with_duplicates(100))),
        Case::timed(("S4", plain, 1), who, move || Ok(Answer::new(session(1)?))).with_stretch(NACKS),
    ]);
    cases
}

/// Packets that so many NACKs make it send.
///
/// # Errors
/// A chain that cannot be built.
pub fn answer(nacks: usize) -> anyhow::Result<u64> {
    use crate::contender::Contender as _;
    let mut answer = Answer::new(Session::new(Extent::Repair, 1)?);
    answer.prepare(nacks);
    answer.run();
    Ok(answer.sent_again())
}
