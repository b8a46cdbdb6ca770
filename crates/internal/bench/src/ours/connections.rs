//! S8: a chain a connection.

use std::hint::black_box;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Chain, Flow, Registry};

use super::driver::settle;
use super::set_up::{Extent, config, registry, stream};
use super::{OURS, PLAIN};
use crate::connections::{COUNTS, IDLE, RECEIVE, RECEIVE_EMPTY, SEND, SEND_EMPTY, settled, traffic};
use crate::contender::{Case, Contender, Heap};
use crate::memory::kept;
use crate::traffic::{Place, Traffic, received, sent};

/// Which way the packets go.
#[derive(Clone, Copy)]
enum Way {
    Out,
    In,
}

/// Connections, and the packets that they share in turn.
struct Connections {
    chains: Vec<Chain>,
    way: Way,
    traffic: Traffic,
    prepared: Vec<(RtpPacket, Place)>,
}

pub(super) fn cases() -> Vec<Case> {
    let full = |variant, way| COUNTS.map(|count| case((variant, count), way, Some(Extent::Repair)));
    let empty = |variant, way| COUNTS.map(|count| case((variant, count), way, None));
    let cases = [
        full(SEND, Way::Out),
        full(RECEIVE, Way::In),
        empty(SEND_EMPTY, Way::Out),
        empty(RECEIVE_EMPTY, Way::In),
    ];
    let mut cases: Vec<Case> = cases.into_iter().flatten().collect();
    cases.push(Case::kept(("S8", IDLE, 1000), OURS, || idle(1000)));
    cases
}

/// What connections keep, without the [`Chain`] itself, which its owner holds.
fn idle(count: u32) -> anyhow::Result<Heap> {
    let (registry, mut chains) = (registry(Extent::Repair), Vec::with_capacity(count as usize));
    let heap = kept(count, || chains.extend((0..count).map(|number| connection(&registry, number))));
    chains.into_iter().collect::<anyhow::Result<Vec<Chain>>>()?;
    Ok(heap)
}

fn case((variant, count): (&'static str, u32), way: Way, extent: Option<Extent>) -> Case {
    let who = if extent.is_some() { OURS } else { PLAIN };
    Case::timed(("S8", variant, count), who, move || {
        let registry = extent.map_or_else(Registry::new, registry);
        let chains = (0..count).map(|number| connection(&registry, number)).collect::<anyhow::Result<_>>()?;
        let connections = Connections { chains, way, traffic: traffic(count), prepared: Vec::new() };
        Ok(settled(connections, count))
    })
}

/// The chain of one connection, with a stream each way. Its seed is its own: no two report at once.
fn connection(registry: &Registry, number: u32) -> anyhow::Result<Chain> {
    let mut config = config();
    config.seed = number.into();
    let mut chain = registry.build(config)?;
    let now = chain.config().now;
    chain.bind_local(stream(number), now)?;
    chain.bind_remote(stream(number), now)?;
    Ok(chain)
}

impl Contender for Connections {
    fn prepare(&mut self, items: usize) {
        let packet = match self.way {
            Way::Out => sent,
            Way::In => received,
        };
        self.prepared.extend(self.traffic.by_ref().take(items).map(|place| (packet(&place), place)));
    }

    fn run(&mut self) {
        for (packet, place) in &mut self.prepared {
            let Some(chain) = self.chains.get_mut(place.stream as usize) else { continue };
            let flow = match self.way {
                Way::Out => chain.write_rtp_in_place(packet, place.at),
                Way::In => chain.read_rtp_in_place(packet, place.at),
            };
            if flow == Flow::Forward {
                black_box(&packet);
            }
            settle(chain, place.at);
        }
        self.prepared.clear();
    }
}
