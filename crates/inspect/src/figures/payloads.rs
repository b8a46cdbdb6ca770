//! Which payload types a stream has, and which of them is the stream's own.

use std::cmp::Reverse;

use crate::header::Header;
use crate::payload_types::{Codec, Role};

/// Bytes of a telephone event (RFC 4733 §2.3).
const EVENT_LEN: usize = 4;

/// The payload types of one stream.
#[derive(Debug, Default)]
pub(super) struct Payloads {
    list: Vec<Payload>,
}

/// One payload type.
#[derive(Clone, Debug)]
pub(super) struct Payload {
    pub(super) number: u8,
    packets: u64,
    role: Role,
    /// Nobody says what it means, and all its packets have the length of telephone events.
    like_events: bool,
    /// Its clock, if it has one to be measured.
    pub(super) clock: Option<usize>,
}

impl Payloads {
    /// Counts a packet. Gives its payload type's clock; when the type is a new one, that is what `begin` makes of its meaning.
    #[inline]
    pub(super) fn count(&mut self, packet: &Header, begin: impl FnOnce(&mut Payload)) -> Option<usize> {
        let number = packet.payload_type();
        let place = match self.list.iter().position(|payload| payload.number == number) {
            Some(place) => place,
            None => self.add(number, begin),
        };
        let payload = self.list.get_mut(place)?;
        payload.packets += 1;
        payload.like_events &= packet.payload_len() == Some(EVENT_LEN);
        payload.clock
    }

    #[cold]
    fn add(&mut self, number: u8, begin: impl FnOnce(&mut Payload)) -> usize {
        let mut payload = Payload { number, packets: 0, role: Role::Media, like_events: false, clock: None };
        begin(&mut payload);
        self.list.push(payload);
        self.list.len() - 1
    }

    pub(super) fn contains(&self, number: u8) -> bool {
        self.list.iter().any(|payload| payload.number == number)
    }

    /// The most frequent first, but media before what comes in its pauses.
    pub(super) fn sorted(&self) -> Vec<Payload> {
        let mut sorted = self.list.clone();
        sorted.sort_by_key(|payload| (!payload.is_media(), Reverse(payload.packets)));
        sorted
    }
}

impl Payload {
    /// What the type means.
    pub(super) fn describe(&mut self, codec: Option<&Codec>) {
        self.role = Role::of(self.number, codec);
        self.like_events = codec.is_none();
    }

    pub(super) const fn is_event(&self) -> bool {
        matches!(self.role, Role::Event)
    }

    const fn is_media(&self) -> bool {
        matches!(self.role, Role::Media) && !self.like_events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The types of packets of these numbers and lengths, so many of each, as they are sorted.
    fn sorted(packets: &[(u8, usize, u64)]) -> Vec<u8> {
        let mut payloads = Payloads::default();
        for (number, len, count) in packets {
            for _ in 0..*count {
                let packet = Header::parse(&[0x80, *number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 12 + len).unwrap();
                payloads.count(&packet, |payload| payload.describe(Codec::assigned(*number).as_ref()));
            }
        }
        payloads.sorted().iter().map(|payload| payload.number).collect()
    }

    #[test]
    fn media_is_before_what_comes_in_its_pauses() {
        assert_eq!(sorted(&[(8, 160, 3), (0, 160, 5)]), [0, 8]);
        assert_eq!(sorted(&[(13, 1, 9), (101, 4, 20), (8, 160, 3)]), [8, 101, 13]);
        assert_eq!(sorted(&[(101, 4, 20), (101, 5, 1), (8, 160, 3)]), [101, 8], "no event is as long");
        assert_eq!(sorted(&[(13, 1, 2), (101, 4, 9)]), [101, 13], "nothing but pauses");
    }
}
