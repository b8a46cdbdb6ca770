//! Our chain in every scenario.

mod answer;
mod congestion;
mod connections;
mod driver;
mod holder;
mod keyframed;
mod limited;
mod paced;
mod parse;
mod pass_through;
mod played;
mod protected;
mod set_up;
mod stamped;

use crate::contender::{Case, Role};
use crate::memory;
use crate::slope::POINTS;
use crate::traffic::{NACKS, Traffic, start};
use crate::variants::{self, Variants};

pub use answer::Answer;
pub use congestion::{Told, feedback};
pub use driver::{Receive, ReceiveDatagrams, Send};
pub use keyframed::{keyframed_receive, keyframed_send};
pub use parse::Parse;
#[cfg(feature = "peers")]
pub(crate) use protected::STRETCH as FEC_STRETCH;
pub use protected::{Recovering, protecting, recovering};
use set_up::bound;
pub(crate) use set_up::{Extent, chain};
#[cfg(target_os = "linux")]
pub(crate) use set_up::{registry, stream};
pub use stamped::{Room, Stamp, StampedSend, Stamper};

/// As it is meant to be used.
const OURS: (Role, &str) = (Role::Subject, "this workspace, statistics on");
/// What the statistics cost.
const BARE: (Role, &str) = (Role::Variant, "this workspace, statistics off");
/// Where there are no statistics to be had.
const PLAIN: (Role, &str) = (Role::Subject, "this workspace");

/// S4: answers NACKs, on the RTX stream if `rtx`.
///
/// # Errors
/// A chain that cannot be built.
pub fn answer(rtx: bool) -> anyhow::Result<Answer> {
    Answer::new(chain(Extent::Repair)?, rtx)
}

/// All of ours.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::timed(("P", "parse", 1), PLAIN, || Ok(Parse::new(false))),
        Case::timed(("P", "parse and serialise", 1), PLAIN, || Ok(Parse::new(true))),
    ];
    for variants in variants::BOTH {
        cases.extend(with(variants, Extent::of(variants.feedback, true), OURS));
        cases.extend(quick(variants, Extent::of(variants.feedback, false), BARE));
    }
    for point in POINTS {
        let count = point.interceptors;
        cases.push(Case::timed(("S5", point.send, 1), PLAIN, move || send_through(count)));
        cases.push(Case::timed(("S5", point.receive, 1), PLAIN, move || receive_through(count)));
    }
    cases.extend(holder_cases());
    cases.extend(connections::cases());
    cases.extend(limited::cases());
    cases.extend(congestion::cases());
    cases.extend(protected::cases());
    cases.extend(stamped::cases());
    cases.extend(paced::cases());
    cases.extend(played::cases());
    cases.extend(keyframed::cases());
    cases
}

/// S1 to S4.
fn with(variants: Variants, extent: Extent, who: (Role, &'static str)) -> Vec<Case> {
    let Variants { datagram, loss, duplicates, answer, .. } = variants;
    let mut cases = quick(variants, extent, who);
    cases.extend([1, 100].map(|streams| {
        Case::timed(("S2", datagram, streams), who, move || {
            Ok(ReceiveDatagrams::new(bound(chain(extent)?, streams)?, plain(streams)))
        })
    }));
    let receive = move |traffic| Ok(Receive::new(bound(chain(extent)?, 100)?, traffic));
    cases.push(Case::timed(("S3", loss, 100), who, move || receive(plain(100).with_loss(50))));
    cases.push(Case::timed(("S3", duplicates, 100), who, move || receive(plain(100).with_duplicates(100))));
    cases.extend(answer.map(|(variant, rtx)| {
        Case::timed(("S4", variant, 1), who, move || Answer::new(chain(extent)?, rtx)).with_stretch(NACKS)
    }));
    cases
}

/// S1, and S2 of packets.
fn quick(variants: Variants, extent: Extent, who: (Role, &'static str)) -> Vec<Case> {
    let Variants { send, parsed, .. } = variants;
    let cases = [1, 100].map(|streams| {
        let chain = move || bound(chain(extent)?, streams);
        [
            Case::timed(("S1", send, streams), who, move || Ok(Send::new(chain()?, plain(streams)))),
            Case::timed(("S2", parsed, streams), who, move || Ok(Receive::new(chain()?, plain(streams)))),
        ]
    });
    cases.into_iter().flatten().collect()
}

fn holder_cases() -> Vec<Case> {
    use holder::Chained;
    let mut cases = Vec::new();
    for memory::Variants { local, idle, full, each } in memory::VARIANTS {
        for streams in [100, 10_000] {
            let measure = move || memory::idle::<Chained>(streams, local);
            cases.push(Case::kept(("S6", idle, streams), OURS, measure));
        }
        cases.push(Case::kept(("S6", full, 100), OURS, move || memory::full::<Chained>(100, local)));
        if let Some(each) = each {
            let measure = move || memory::each_packet::<Chained>(100, local);
            cases.push(Case::kept(("S6", each, 100), OURS, measure));
        }
    }
    cases
}

fn plain(streams: u32) -> Traffic {
    Traffic::new(streams, start())
}

/// S1: the full chain of a sender.
///
/// # Errors
/// A chain that cannot be built.
pub fn send(streams: u32) -> anyhow::Result<Send> {
    Ok(Send::new(bound(chain(Extent::Full)?, streams)?, plain(streams)))
}

/// S2: the full chain of a receiver of parsed packets.
///
/// # Errors
/// A chain that cannot be built.
pub fn receive(streams: u32) -> anyhow::Result<Receive> {
    Ok(Receive::new(bound(chain(Extent::Full)?, streams)?, plain(streams)))
}

/// S2: the full chain of a receiver of datagrams.
///
/// # Errors
/// A chain that cannot be built.
pub fn receive_datagrams(streams: u32) -> anyhow::Result<ReceiveDatagrams> {
    Ok(ReceiveDatagrams::new(bound(chain(Extent::Full)?, streams)?, plain(streams)))
}

/// S3: as S2, and one packet of 50 is lost for good.
///
/// # Errors
/// A chain that cannot be built.
pub fn receive_with_loss(streams: u32) -> anyhow::Result<Receive> {
    Ok(Receive::new(bound(chain(Extent::Full)?, streams)?, plain(streams).with_loss(50)))
}

/// S5: a sender through so many interceptors that count packets.
///
/// # Errors
/// A chain that cannot be built.
pub fn send_through(interceptors: usize) -> anyhow::Result<Send> {
    Ok(Send::new(bound(pass_through::chain(interceptors)?, 1)?, plain(1)))
}

/// S5: a receiver through so many interceptors that count packets.
///
/// # Errors
/// A chain that cannot be built.
pub fn receive_through(interceptors: usize) -> anyhow::Result<Receive> {
    Ok(Receive::new(bound(pass_through::chain(interceptors)?, 1)?, plain(1)))
}
