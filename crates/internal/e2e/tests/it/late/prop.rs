//! Any series of losses, late packets, repeats and outages, beside one who knows what was sent and what came.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Receiver, Stream};

#[derive(Clone, Debug)]
enum Event {
    /// Packets come in order.
    Run(u16),
    /// Packets are lost.
    Lose(u16),
    /// So many are lost that somebody has to wonder whether the sender has restarted.
    Outage(u16),
    /// Some that have not come, one after the other in order, after so many others.
    Late(prop::sample::Index, u8),
    /// Some come again.
    Repeat(prop::sample::Index, u8),
}

fn event() -> impl Strategy<Value = Event> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        8 => (1_u16..400).prop_map(Event::Run),
        4 => (1_u16..300).prop_map(Event::Lose),
        1 => (2990_u16..32_000).prop_map(Event::Outage),
        6 => (index(), 1_u8..60).prop_map(|(index, count)| Event::Late(index, count)),
        2 => (index(), 1_u8..40).prop_map(|(index, count)| Event::Repeat(index, count)),
    ]
}

fn stream() -> impl Strategy<Value = Stream> {
    let rates = prop::sample::select(vec![(50_u32, 8000_u32), (50, 48_000), (400, 90_000), (2000, 90_000)]);
    (rates, any::<(bool, bool, u16, u32)>()).prop_map(|((rate, clock_rate), (known, rtx, seq, timestamp))| {
        Stream { rate, clock_rate, clock_is_known: known, rtx, first: (seq, timestamp) }
    })
}

/// The window in which it is known whether a number has come.
const WINDOW: i64 = 4095;

/// Sender, network, and the receiver that is to find out.
struct World {
    receiver: Receiver,
    next: i64,
    newest: i64,
    came: BTreeSet<i64>,
    received: i64,
}

impl World {
    fn send(&mut self, packets: i64, arrive: bool) {
        if arrive {
            (self.next..self.next + packets).for_each(|number| self.deliver(number, number));
        }
        self.next += packets;
    }

    fn deliver(&mut self, number: i64, at: i64) {
        self.receiver.receive_with(number, at);
        self.came.insert(number);
        self.newest = self.newest.max(number);
        self.received += 1;
    }

    /// Numbers of the window that have come, or have not.
    fn known(&self, came: bool) -> Vec<i64> {
        let window = (self.newest - WINDOW).max(0)..=self.newest;
        window.filter(|number| self.came.contains(number) == came).collect()
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Run(packets) => self.send(i64::from(*packets), true),
            // Fewer in a row than would be an outage.
            Event::Lose(_) if self.next - self.newest > 2600 => {}
            Event::Lose(packets) => self.send(i64::from(*packets), false),
            Event::Outage(packets) => {
                self.send(i64::from(*packets), false);
                self.send(2, true);
            }
            Event::Late(index, count) => {
                let missing = self.known(false);
                if !missing.is_empty() {
                    let from = index.index(missing.len());
                    let some = missing.into_iter().skip(from).take(usize::from(*count));
                    some.for_each(|number| self.deliver(number, self.newest));
                }
            }
            Event::Repeat(index, count) => {
                let came = self.known(true);
                let from = index.index(came.len());
                let some = came.into_iter().skip(from).take(usize::from(*count));
                some.for_each(|number| self.deliver(number, self.newest));
            }
        }
    }

    fn lost(&self) -> i64 {
        self.newest + 1 - self.received
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_chain_says_what_was_lost(stream in stream(), events in prop::collection::vec(event(), 1..25)) {
        let receiver = Receiver::new(stream);
        let mut world = World { receiver, next: 0, newest: 0, came: BTreeSet::new(), received: 0 };
        // A second, so that there is a rate.
        world.send(i64::from(stream.rate), true);
        for event in events {
            world.happen(&event);
            prop_assert_eq!(world.receiver.lost(), world.lost(), "{:?}", event);
        }
        world.send(1, true);
        let last = world.receiver.next_block();
        prop_assert_eq!(i64::from(last.cumulative_lost), world.lost());
        prop_assert_eq!(last.extended_sequence_number, u32::from(stream.first.0) + world.newest as u32);
        for pair in world.receiver.blocks.windows(2) {
            prop_assert!(pair[0].extended_sequence_number <= pair[1].extended_sequence_number);
        }
        prop_assert_eq!(world.receiver.restarts(), 0);
        // Everything that was noticed to be missing is accounted for.
        world.receiver.pass_to(world.receiver.now + super::ms(3000));
        let asking = world.receiver.asking();
        prop_assert_eq!(asking.recovered_late + asking.given_up, asking.packets_missing, "{:?}", asking);
    }
}
