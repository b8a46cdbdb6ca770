//! Repair packets that protect more than one packet that is missing, or packets that are yet to come.

use std::collections::VecDeque;

use crate::repair::WINDOW;

/// Repair packets that wait.
const MAX_PACKETS: usize = 64;
/// Numbers that all of them wait for, of 8 bytes each: 16 KB a flow.
const MAX_NUMBERS: usize = 2048;

/// The repair packets of a flow that wait. When there are too many, the oldest goes.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    packets: VecDeque<RepairPacket>,
    numbers: usize,
}

#[derive(Debug)]
struct RepairPacket {
    source: u32,
    /// What it protects and is not there.
    wanted: Vec<(u32, u16)>,
}

/// A packet that can be recovered: the SSRC of the repair packet, its own SSRC and number.
pub(crate) type Recoverable = (u32, u32, u16);

impl Waiting {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// A repair packet of stream `source` waits until all but one of these are there.
    pub(crate) fn add(&mut self, source: u32, wanted: Vec<(u32, u16)>) {
        self.numbers += wanted.len();
        self.packets.push_back(RepairPacket { source, wanted });
        while self.packets.len() > MAX_PACKETS || self.numbers > MAX_NUMBERS {
            let Some(oldest) = self.packets.pop_front() else { return };
            self.numbers -= oldest.wanted.len();
        }
    }

    /// A packet is there now: what can be recovered for that reason. Repair packets for numbers long past are forgotten.
    pub(crate) fn came(&mut self, ssrc: u32, seq: u16) -> Vec<Recoverable> {
        let mut recoverable = Vec::new();
        let numbers = &mut self.numbers;
        self.packets.retain_mut(|packet| {
            let before = packet.wanted.len();
            let past = |wanted: &(u32, u16)| {
                wanted.0 == ssrc && seq.wrapping_sub(wanted.1).cast_signed() > WINDOW as i16
            };
            if packet.wanted.iter().any(past) {
                packet.wanted.clear();
            }
            packet.wanted.retain(|wanted| *wanted != (ssrc, seq));
            *numbers -= before - packet.wanted.len();
            let &[(of, number)] = &packet.wanted[..] else { return !packet.wanted.is_empty() };
            recoverable.push((packet.source, of, number));
            *numbers -= 1;
            false
        });
        recoverable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_but_one_lets_the_last_be_recovered() {
        let mut waiting = Waiting::default();
        waiting.add(9, vec![(1, 5), (1, 6), (2, 6)]);
        assert!(waiting.came(1, 6).is_empty() && waiting.came(3, 5).is_empty());
        assert_eq!(waiting.came(1, 5), [(9, 2, 6)]);
        assert!(waiting.is_empty() && waiting.numbers == 0);
    }

    #[test]
    fn what_waits_is_bounded_and_forgotten_in_time() {
        let mut waiting = Waiting::default();
        for base in 0..100 {
            waiting.add(9, (0..10).map(|number| (1, base * 10 + number)).collect());
            assert!(waiting.packets.len() <= MAX_PACKETS);
        }
        assert_eq!((waiting.packets.len(), waiting.numbers), (64, 640));
        for base in 0..100 {
            waiting.add(9, (0..255).map(|number| (1, base * 10 + number)).collect());
            assert!(waiting.numbers <= MAX_NUMBERS);
        }
        waiting.came(1, 6000);
        assert!(waiting.is_empty() && waiting.numbers == 0);
    }
}
