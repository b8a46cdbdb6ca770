//! Packets that came before the first packet of the key frame that they belong to, or follow.

use std::collections::VecDeque;

use interceptor_packet::{RtpClock, RtpPacket};

use super::part::Part;

/// So many are kept: a path swaps a few, and what is sent again for a first packet that was lost comes after a round trip (half a second at
/// 1 Mbit/s). 77 KB of 1200 bytes.
const MAX_PACKETS: usize = 64;

/// The last packets of a source for which somebody waits. Given before the packet that begins the key frame they would be refused, and then be
/// missing behind it: nobody could answer a request for them.
#[derive(Debug, Default)]
pub(super) struct Early {
    kept: VecDeque<(RtpPacket, Part)>,
    packets: Vec<RtpPacket>,
    parts: Vec<Part>,
    is_sorted: bool,
}

impl Early {
    /// What to give those who wait of a batch, and of what came before: all but what a key frame may still begin before. The same for each who
    /// asks until [`end`](Self::end).
    pub(super) fn sort(&mut self, packets: &[RtpPacket], parts: &[Part]) -> (&[RtpPacket], &[Part]) {
        if !self.is_sorted {
            self.is_sorted = true;
            self.add(packets, parts);
        }
        (&self.packets, &self.parts)
    }

    /// The batch has been given to all.
    pub(super) fn end(&mut self) {
        if !std::mem::take(&mut self.is_sorted) {
            // Nobody waits.
            self.kept.clear();
        }
        self.packets.clear();
        self.parts.clear();
    }

    fn add(&mut self, packets: &[RtpPacket], parts: &[Part]) {
        let mut begun = false;
        for (packet, part) in packets.iter().zip(parts) {
            if part.starts_key_frame {
                self.begin(packet, *part);
                begun = true;
            } else if begun {
                self.give(packet.clone(), *part);
            } else {
                self.kept.push_back((packet.clone(), *part));
                if self.kept.len() > MAX_PACKETS
                    && let Some((packet, part)) = self.kept.pop_front()
                {
                    self.give(packet, part);
                }
            }
        }
    }

    /// A key frame begins: it goes before those that belong behind it.
    fn begin(&mut self, first: &RtpPacket, part: Part) {
        let kept = std::mem::take(&mut self.kept);
        let each = |early: &mut Self, behind: bool| {
            let of_those = kept.iter().filter(|(packet, _)| is_behind(packet, first) == behind);
            of_those.for_each(|(packet, part)| early.give(packet.clone(), *part));
        };
        each(self, false);
        self.give(first.clone(), part);
        each(self, true);
        self.kept = kept;
        self.kept.clear();
    }

    fn give(&mut self, packet: RtpPacket, part: Part) {
        self.packets.push(packet);
        self.parts.push(part);
    }
}

/// Does it follow the first packet of a key frame? What a source that counts anew had sent before does not, but for chance.
fn is_behind(packet: &RtpPacket, first: &RtpPacket) -> bool {
    let ahead = packet.sequence_number().wrapping_sub(first.sequence_number());
    let units = RtpClock::difference(packet.timestamp(), first.timestamp());
    (1..=2 * MAX_PACKETS as u16).contains(&ahead) && units >= 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets of (number, frame, begins a key frame).
    fn batch(packets: &[(u16, u32, bool)]) -> (Vec<RtpPacket>, Vec<Part>) {
        let each = |&(number, frame, key): &(u16, u32, bool)| {
            let packet = RtpPacket::builder().sequence_number(number).timestamp(frame.wrapping_mul(3000));
            (packet.build().unwrap(), if key { Part::KEY } else { Part::BASE })
        };
        packets.iter().map(each).unzip()
    }

    /// The numbers that whoever waits is given of a batch.
    fn given(early: &mut Early, packets: &[(u16, u32, bool)]) -> Vec<u16> {
        let (packets, parts) = batch(packets);
        let (packets, parts) = early.sort(&packets, &parts);
        assert_eq!(packets.len(), parts.len());
        let numbers = packets.iter().map(RtpPacket::sequence_number).collect();
        early.end();
        numbers
    }

    #[test]
    fn what_overtook_the_first_packet_of_a_key_frame_follows_it() {
        let mut early = Early::default();
        assert_eq!(given(&mut early, &[(65_533, 8, false), (65_535, 9, false)]), []);
        assert_eq!(given(&mut early, &[(1, 10, false), (0, 9, false)]), []);
        let with_key = [(65_534, 9, true), (2, 10, false), (65_532, 8, false)];
        assert_eq!(given(&mut early, &with_key), [65_533, 65_534, 65_535, 1, 0, 2, 65_532]);
        assert_eq!(given(&mut early, &[(4, 11, false), (3, 11, true)]), [3, 4], "in one batch, too");
        assert_eq!(given(&mut early, &[(5, 12, true), (6, 12, true)]), [5, 6], "sound does not wait");
    }

    #[test]
    fn what_a_source_sent_before_it_counted_anew_follows_nothing() {
        let mut early = Early::default();
        assert_eq!(given(&mut early, &[(1000, 900, false), (1001, 901, false)]), []);
        assert_eq!(given(&mut early, &[(600, 950, true)]), [1000, 1001, 600], "far behind");
        assert_eq!(given(&mut early, &[(1002, 100, false)]), []);
        assert_eq!(given(&mut early, &[(1000, 950, true)]), [1002, 1000], "a clock that was set");
    }

    #[test]
    fn keeps_so_many_and_nothing_once_nobody_waits() {
        let mut early = Early::default();
        let many: Vec<_> = (0..MAX_PACKETS as u16 + 3).map(|number| (number, 0, false)).collect();
        assert_eq!(given(&mut early, &many), [0, 1, 2]);
        assert_eq!(early.kept.len(), MAX_PACKETS);
        early.end();
        assert_eq!(given(&mut early, &[(500, 0, true)]), [500]);
        assert!(early.kept.is_empty() && early.packets.is_empty());
    }
}
