//! S8: a chain a connection.

use rtc_interceptor::{Interceptor, Packet, TaggedPacket};

use super::driver::{drain_application, drain_wire, fire};
use super::pass_through;
use super::set_up::{received, repair_chain, repairing_half, repairing_receiver, sent, stream, tagged};
use super::{DEFAULT, RECEIVING, SENDING};
use crate::connections::{COUNTS, IDLE, RECEIVE, RECEIVE_EMPTY, SEND, SEND_EMPTY, settled, traffic};
use crate::contender::{Case, Contender, Role};
use crate::memory::kept;
use crate::traffic::Traffic;

/// Which way the packets go.
#[derive(Clone, Copy)]
enum Way {
    Out,
    In,
}

/// Connections, and the packets that they share in turn, with the number of whose they are.
struct Connections<I> {
    chains: Vec<I>,
    way: Way,
    traffic: Traffic,
    prepared: Vec<(u32, TaggedPacket)>,
}

pub(super) fn cases() -> Vec<Case> {
    let empty = || pass_through::chain(0);
    let mut cases = Vec::new();
    for count in COUNTS {
        cases.extend([
            case((SEND, count), DEFAULT, Way::Out, repair_chain),
            case((SEND, count), SENDING, Way::Out, repairing_half),
            case((RECEIVE, count), DEFAULT, Way::In, repair_chain),
            case((RECEIVE, count), RECEIVING, Way::In, repairing_receiver),
            case((SEND_EMPTY, count), DEFAULT, Way::Out, empty),
            case((RECEIVE_EMPTY, count), DEFAULT, Way::In, empty),
        ]);
    }
    cases.push(Case::kept(("S8", IDLE, 1000), DEFAULT, || {
        let mut chains = Vec::with_capacity(1000);
        Ok(kept(1000, || chains.extend((0..1000).map(|number| connection(repair_chain(), number)))))
    }));
    cases
}

fn case<I: Interceptor + 'static>(
    (variant, count): (&'static str, u32),
    who: (Role, &'static str),
    way: Way,
    chain: impl Fn() -> I + 'static,
) -> Case {
    Case::timed(("S8", variant, count), who, move || {
        let chains = (0..count).map(|number| connection(chain(), number)).collect();
        let connections = Connections { chains, way, traffic: traffic(count), prepared: Vec::new() };
        Ok(settled(connections, count))
    })
}

/// The chain of one connection, with a stream each way.
fn connection<I: Interceptor>(mut chain: I, number: u32) -> I {
    chain.bind_local_stream(&stream(number, true));
    chain.bind_remote_stream(&stream(number, true));
    chain
}

impl<I: Interceptor> Contender for Connections<I> {
    fn prepare(&mut self, items: usize) {
        let packet = match self.way {
            Way::Out => sent,
            Way::In => received,
        };
        let places = self.traffic.by_ref().take(items);
        self.prepared
            .extend(places.map(|place| (place.stream, tagged(Packet::Rtp(packet(&place)), place.at))));
    }

    fn run(&mut self) {
        for (number, packet) in self.prepared.drain(..) {
            let Some(chain) = self.chains.get_mut(number as usize) else { continue };
            let now = packet.now;
            match self.way {
                Way::Out => {
                    let _ = chain.handle_write(packet);
                    drain_wire(chain);
                }
                Way::In => {
                    let _ = chain.handle_read(packet);
                    drain_application(chain);
                }
            }
            fire(chain, now);
        }
    }
}
