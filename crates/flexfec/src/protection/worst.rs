//! The worst loss of the last ten seconds: what is repaired too late is lost.

use interceptor_core::Loss;

/// Seconds that are remembered, as in libwebrtc (`kMaxFilter`).
const SECONDS: usize = 10;
const SECOND: u64 = 1_000_000_000;

/// The worst loss of each of the last ten seconds.
#[derive(Debug, Default)]
pub(crate) struct Worst {
    /// The second, and what was worst in it.
    seconds: [Option<(u64, Loss)>; SECONDS],
}

impl Worst {
    pub(crate) fn add(&mut self, loss: Loss, now: u64) {
        let second = now / SECOND;
        let Some(slot) = self.seconds.get_mut((second % SECONDS as u64) as usize) else { return };
        match slot {
            Some((at, worst)) if *at == second && worst.ppm >= loss.ppm => {}
            _ => *slot = Some((second, loss)),
        }
    }

    /// The worst that is not too old; `None` when nothing was heard for so long.
    pub(crate) fn of(&self, now: u64) -> Option<Loss> {
        let second = now / SECOND;
        let recent = self.seconds.iter().flatten().filter(|(at, _)| at + SECONDS as u64 > second);
        recent.map(|(_, loss)| *loss).max_by_key(|loss| loss.ppm)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn loss(ppm: u32) -> Loss {
        Loss { ssrc: 1, ppm, burst_packets_q8: 256, burst_duration: Duration::ZERO }
    }

    #[test]
    fn the_worst_of_ten_seconds_counts() {
        let mut worst = Worst::default();
        assert_eq!(worst.of(0), None);
        for (second, ppm) in [(0, 10), (1, 50_000), (1, 20_000), (2, 0), (5, 30_000)] {
            worst.add(loss(ppm), second * SECOND + 5);
        }
        let at = |second| worst.of(second * SECOND).map(|loss| loss.ppm);
        assert_eq!(
            [5, 10, 11, 14, 15].map(at),
            [Some(50_000), Some(50_000), Some(30_000), Some(30_000), None]
        );
    }
}
