//! What is done, and by whom.

use std::time::Duration;

use super::page::{BARE_EPOLL, BARE_GSO, FAN_OUT, FORWARD, OWN_SOCKETS};
use super::part::{Chain, Sockets, Spreader, Work};

const ONE_SOCKET: &str = "one socket";
const IDLE: &str = "idle";

/// Who does what.
pub(super) struct Contender {
    pub(super) variant: &'static str,
    pub(super) name: &'static str,
    pub(super) work: Work,
    pub(super) sessions: u32,
    pub(super) traffic: Traffic,
}

impl Contender {
    /// That each of its sessions has, at most.
    pub(super) const fn sockets(&self) -> u64 {
        if matches!(self.work, Work::Forward(_) | Work::ForwardBare) { 2 } else { 1 }
    }
}

/// What happens in a round.
#[derive(Clone, Copy)]
pub(super) enum Traffic {
    /// The process itself sends so many packets to each.
    Frames { warm_up: u32, counted: u32 },
    /// Packets come to all in turn: so many a second.
    Packets { rate: u32 },
    /// Nothing.
    Nothing(Duration),
}

/// All, those of one variant after one another.
pub(super) fn all() -> Vec<Contender> {
    let frames = Traffic::Frames { warm_up: 20, counted: 40 };
    let packets = Traffic::Packets { rate: 50_000 };
    let nothing = Traffic::Nothing(Duration::from_secs(10));
    let fan_out = |name, spreader| (FAN_OUT, name, Work::FanOut(spreader), 1000, frames);
    let forward = |name, work| (FORWARD, name, work, 1000, packets);
    let rows = [
        fan_out(BARE_GSO, Spreader::BareGso),
        fan_out("bare sends, one by one", Spreader::BareOneByOne),
        fan_out("Fanout", Spreader::Fanout(Chain::All)),
        fan_out("Fanout, no interceptors", Spreader::Fanout(Chain::Plain)),
        fan_out("try_write_all, a loop", Spreader::Loop),
        forward(BARE_EPOLL, Work::ForwardBare),
        forward("sessions", Work::Forward(Chain::All)),
        forward("sessions, no interceptors", Work::Forward(Chain::Plain)),
        (ONE_SOCKET, OWN_SOCKETS, Work::Echo(Sockets::Own), 10_000, packets),
        (ONE_SOCKET, "UdpMux", Work::Echo(Sockets::Shared), 10_000, packets),
        (IDLE, OWN_SOCKETS, Work::Idle(Sockets::Own), 10_000, nothing),
        (IDLE, "UdpMux", Work::Idle(Sockets::Shared), 10_000, nothing),
    ];
    let contender =
        |(variant, name, work, sessions, traffic)| Contender { variant, name, work, sessions, traffic };
    rows.into_iter().map(contender).collect()
}

#[cfg(test)]
mod tests {
    use super::super::page::reference;
    use super::*;

    #[test]
    fn each_variant_begins_with_whom_others_are_compared_with() {
        let all = all();
        let variants: Vec<_> = all.chunk_by(|a, b| a.variant == b.variant).collect();
        let firsts: Vec<_> = variants.iter().map(|of_one| (of_one[0].variant, of_one[0].name)).collect();
        let expected = [FAN_OUT, FORWARD, ONE_SOCKET, IDLE].map(|variant| (variant, reference(variant)));
        assert_eq!(firsts, expected);
    }
}
