//! All that can be seen of a chain from outside, to hold two of them beside each other.

use std::time::Instant;

use bytes::Bytes;
use interceptor_core::{Counters, Event, Incoming, Outgoing};
use interceptor_packet::PacketInfo;

use super::rig::Rig;

/// What a chain has done since the last look.
pub(super) struct Seen {
    wire: Vec<(Bytes, String)>,
    app: Vec<(Bytes, String)>,
    events: Vec<String>,
    /// What it does next, and when.
    pub(super) next_timeout: Option<Instant>,
    pub(super) counters: Counters,
}

impl Seen {
    /// Takes what a rig has collected.
    pub(super) fn of(rig: &mut Rig) -> Self {
        let wire = rig.wire.drain(..).map(|packet| {
            let info = match &packet {
                Outgoing::Rtp(packet) => in_words(packet.info()),
                Outgoing::Rtcp(packet) => in_words(packet.info()),
            };
            (packet.to_bytes(), info)
        });
        Self {
            wire: wire.collect(),
            app: rig.app.drain(..).map(|packet| delivered(&packet)).collect(),
            events: rig
                .events
                .drain(..)
                .filter(is_of_an_interceptor)
                .map(|event| format!("{event:?}"))
                .collect(),
            next_timeout: rig.chain.next_timeout(),
            counters: rig.chain.counters().clone(),
        }
    }

    /// Both have sent, delivered and raised the same. `when` says at what point of which check.
    pub(super) fn assert_same_output(&self, other: &Self, when: &str) {
        assert_same_list(&format!("{when}: what leaves for the wire"), &self.wire, &other.wire);
        assert_same_list(&format!("{when}: what reaches the application"), &self.app, &other.app);
        assert_same_list(&format!("{when}: events"), &self.events, &other.events);
    }

    /// And want to be woken at the same instant.
    pub(super) fn assert_same(&self, other: &Self, when: &str) {
        self.assert_same_output(other, when);
        assert_eq!(self.next_timeout, other.next_timeout, "{when}: the next timeout");
    }
}

fn delivered(packet: &Incoming) -> (Bytes, String) {
    match packet {
        Incoming::Rtp(packet) => (packet.to_bytes(), format!("bound {}", in_words(packet.info()))),
        Incoming::UnboundRtp(packet) => (packet.to_bytes(), format!("unbound {}", in_words(packet.info()))),
        Incoming::Rtcp(packet) => (packet.as_bytes().clone(), in_words(packet.info())),
        Incoming::Raw(datagram) => (datagram.clone(), "raw".to_owned()),
        other => (Bytes::new(), format!("{other:?}")),
    }
}

/// What is known of a packet besides its bytes.
fn in_words(info: &PacketInfo) -> String {
    format!("{info:?}")
}

/// That a companion was bypassed is expected.
fn is_of_an_interceptor(event: &Event) -> bool {
    !matches!(event, Event::Bypassed { .. })
}

fn assert_same_list<T: PartialEq + std::fmt::Debug>(what: &str, expected: &[T], actual: &[T]) {
    let differs = expected.iter().zip(actual).position(|(a, b)| a != b);
    let differs = differs.or((expected.len() != actual.len()).then_some(expected.len().min(actual.len())));
    if let Some(at) = differs {
        let show =
            |list: &[T]| list.get(at).map_or_else(|| "nothing".to_owned(), |item| format!("{item:02x?}"));
        panic!("{what}, number {at}\n  expected: {}\n    actual: {}", show(expected), show(actual));
    }
}
