//! What codes leave lost of a block, as the part of the lost packets that stays lost.

use super::chain::Chain;

/// Media packets of a block and its repair packets, as losses meet them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    /// What is missing of the media when repair packets are used: all that was lost, or what asking has left of it.
    pub(super) media: Chain,
    pub(super) repairs: Chain,
}

impl Block {
    /// Packet *i* in repair *i* mod `repairs`.
    pub(super) fn interleaved(self, packets: usize, repairs: usize) -> f64 {
        let apart = repairs as f64;
        let members = (packets as f64 / apart).max(1.0);
        self.group(members, apart)
    }

    /// A group of so many packets, each so far from the next, and a repair packet behind it: what stays lost of a lost one of them.
    fn group(self, members: f64, apart: f64) -> f64 {
        let beside_lost = 1.0 - self.media.lost_after_lost(apart);
        let beside_fine = 1.0 - self.media.lost_after_fine(apart);
        let repair_fine = 1.0 - self.repair_after_fine(apart);
        let repair_lost = 1.0 - self.repairs.lost_after_lost(apart);
        // The lost one is the last with 1 / members, else it has a neighbour behind it; the first has none before it.
        let last = 1.0 / members;
        let before = (members - 1.0).min(1.0);
        let ends = beside_lost.powf(before) * beside_fine.powf((members - 2.0).max(0.0)) * repair_lost;
        let first = beside_lost * beside_fine.powf((members - 2.0).max(0.0)) * repair_fine;
        let inside = beside_lost.powi(2) * beside_fine.powf((members - 3.0).max(0.0)) * repair_fine;
        let fine = if members < 2.0 {
            repair_lost
        } else {
            last * ends + last * first + (1.0 - 2.0 * last) * inside
        };
        (1.0 - fine).clamp(0.0, 1.0)
    }

    /// Rows of `columns` neighbours and columns of `rows` packets.
    pub(super) fn two_dimensional(self, columns: usize, rows: usize) -> f64 {
        let (across, down) = (columns as f64, rows as f64);
        let row = self.group(across, 1.0);
        let column = self.group(down, across);
        // As if each of a packet's neighbours were lost alike.
        let alike = |failure: f64, others: f64| {
            let fine = (1.0 - failure) / (1.0 - self.repairs.loss);
            1.0 - fine.clamp(0.0, 1.0).powf(1.0 / others.max(1.0))
        };
        let (beside, below) = (alike(row, across - 1.0), alike(column, down - 1.0));
        let leaves = |loss: f64, others: f64| 1.0 - (1.0 - self.repairs.loss) * (1.0 - loss).powf(others);
        let (mut by_row, mut by_column) = (1.0, 1.0);
        for _ in 0..20 {
            by_row = leaves(beside * by_column, across - 1.0);
            by_column = leaves(below * by_row, down - 1.0);
        }
        let rectangles = (across - 1.0) * (down - 1.0) * beside * below * self.media.loss;
        (by_row * by_column + rectangles).clamp(0.0, 1.0)
    }

    /// Each repair packet over a random half of the block.
    pub(super) fn dense(self, packets: usize, repairs: usize) -> f64 {
        if self.media.loss <= 0.0 || packets == 0 {
            return 0.0;
        }
        let media = self.media.run(packets, self.media.loss);
        let after_fine = self.repairs.run(repairs, self.repair_after_fine(1.0));
        let after_lost = self.repairs.run(repairs, self.repairs.lost_after_lost(1.0));
        let mut left = 0.0;
        for missing in 1..=packets {
            let [fine, lost] = media.at(missing);
            if fine + lost < 1e-12 {
                continue;
            }
            let mut unsolved = 0.0;
            for gone in 0..=repairs {
                let weight = fine * after_fine.at(gone).iter().sum::<f64>()
                    + lost * after_lost.at(gone).iter().sum::<f64>();
                unsolved += weight * unsolved_part(missing, repairs - gone);
            }
            left += unsolved * missing as f64;
        }
        (left / (self.media.loss * packets as f64)).clamp(0.0, 1.0)
    }

    /// Is a repair packet lost behind a packet that is not missing? It may have been lost, and have come since.
    fn repair_after_fine(self, distance: f64) -> f64 {
        let behind_lost = self.media.loss * self.repairs.lost_after_lost(distance);
        ((self.repairs.loss - behind_lost) / (1.0 - self.media.loss)).clamp(0.0, 1.0)
    }
}

/// The part of the unknowns that random equations do not determine.
fn unsolved_part(unknowns: usize, equations: usize) -> f64 {
    let free = 1.27 * (unknowns as f64 - equations as f64 - 1.0).exp2();
    free / (1.0 + free)
}
