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
use crate::memory::{self, Variants};
use crate::slope::POINTS;
use crate::traffic::{NACKS, Traffic, start};

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
    for streams in [1, 100] {
        for (extent, who) in [(Extent::Full, OURS), (Extent::WithoutStatistics, BARE)] {
            cases.push(Case::timed(("S1", "send", streams), who, move || {
                Ok(Send::new(bound(chain(extent)?, streams)?, plain(streams)))
            }));
            cases.push(Case::timed(("S2", "parsed", streams), who, move || {
                Ok(Receive::new(bound(chain(extent)?, streams)?, plain(streams)))
            }));
        }
        cases.push(Case::timed(("S2", "datagram", streams), OURS, move || receive_datagrams(streams)));
    }
    cases.push(Case::timed(("S3", "2 % loss", 100), OURS, || receive_with_loss(100)));
    cases.push(Case::timed(("S3", "1 % duplicates", 100), OURS, || {
        Ok(Receive::new(bound(chain(Extent::Full)?, 100)?, plain(100).with_duplicates(100)))
    }));
    for (variant, rtx) in [("plain", false), ("RTX", true)] {
        cases.push(Case::timed(("S4", variant, 1), OURS, move || answer(rtx)).with_stretch(NACKS));
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

fn holder_cases() -> Vec<Case> {
    use holder::Chained;
    let mut cases = Vec::new();
    for Variants { local, idle, full, each } in memory::VARIANTS {
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
