//! Looks through all that can be done.

use super::asking::{Asking, Copies};
use super::chain::bounded;
use super::codes::Block;
use super::{FecCode, FecDecoder, FecPlan, LossyPath, RepairNeeds, RepairPlan};

/// What asking is tried with.
const COPIES: [Copies; 5] = [copies(1, 1), copies(2, 1), copies(2, 2), copies(3, 2), copies(3, 3)];
/// What it is tried with beside repair packets: those take the place of further copies.
const COPIES_WITH_FEC: [Copies; 2] = [copies(1, 1), copies(2, 1)];
/// Packets that a repair packet's mask reaches (FlexFEC draft-03 §4.2: 109; RFC 8627 has one more).
const MAX_PACKETS: usize = 109;
/// Repair packets of a block.
const MAX_REPAIRS: usize = 48;
/// What is reckoned has been seen to be short by a fifth.
const MARGIN: f64 = 0.8;
/// Rows and columns are tried where one loss says no more of the next.
const MAX_GRID_MEMORY: f64 = 0.25;
/// Where the goal is out of reach, so much more may stay lost than with the best plan.
const NEAR_BEST: f64 = 1.5;

const fn copies(requests: u8, answers: u8) -> Copies {
    Copies { requests, answers }
}

pub(super) fn cheapest(path: LossyPath, needs: RepairNeeds) -> RepairPlan {
    let search = Search::new(path, needs);
    // Without repair packets nothing is allocated: who asks does so among packets.
    let asking = COPIES.map(|copies| search.plan(copies, None));
    let chosen = if needs.fec.is_some() {
        let mut plans = asking.to_vec();
        search.with_fec(&mut plans);
        search.choose(&plans)
    } else {
        search.choose(&asking)
    };
    chosen.unwrap_or_else(|| search.plan(copies(1, 1), None))
}

pub(super) struct Search {
    asking: Asking,
    needs: RepairNeeds,
    goal: f64,
    max_overhead: f64,
    /// Packets that leave together, and seconds between two such.
    frame: usize,
    frame_interval: f64,
}

impl Search {
    pub(super) fn new(path: LossyPath, needs: RepairNeeds) -> Self {
        let frame = bounded(needs.frame_packets, 1.0, MAX_PACKETS as f64);
        let rate = bounded(needs.packets_per_second, 1.0, 1e6);
        Self {
            asking: Asking::new(path, needs),
            needs,
            goal: MARGIN * needs.residual,
            max_overhead: bounded(needs.max_overhead, 0.0, 10.0),
            frame: frame.round() as usize,
            frame_interval: frame / rate,
        }
    }

    /// The cheapest that is enough; if none is, the cheapest that leaves hardly more than the best.
    fn choose(&self, plans: &[RepairPlan]) -> Option<RepairPlan> {
        let cheaper = |a: &&RepairPlan, b: &&RepairPlan| a.overhead.total_cmp(&b.overhead);
        if let Some(plan) = plans.iter().filter(|plan| plan.suffices).min_by(cheaper) {
            return Some(*plan);
        }
        let affordable = || plans.iter().filter(|plan| plan.overhead <= self.max_overhead);
        let best = affordable().map(|plan| plan.residual).fold(f64::INFINITY, f64::min);
        affordable().filter(|plan| plan.residual <= NEAR_BEST * best).min_by(cheaper).copied()
    }

    /// Adds plans with repair packets: for each way to ask, size of a block, and code, the fewest repair packets that are enough, or the
    /// most there may be.
    fn with_fec(&self, plans: &mut Vec<RepairPlan>) {
        let ways = if self.needs.nack && self.asking.tries(copies(1, 1), 0.0) > 0 { 2 } else { 1 };
        for copies in COPIES_WITH_FEC.into_iter().take(ways) {
            for packets in self.sizes() {
                let most = ((packets as f64 * self.max_overhead) as usize).min(MAX_REPAIRS);
                plans.extend(self.fewest(copies, FecCode::Interleaved, packets, most));
                if self.needs.fec == Some(FecDecoder::Elimination) {
                    plans.extend(self.fewest(copies, FecCode::Dense, packets, most));
                }
                self.grids(copies, packets, plans);
            }
        }
    }

    /// Whole frames that are there when the first of them has to be; half as many, where asking shortens what has to be repaired.
    fn sizes(&self) -> impl Iterator<Item = usize> {
        let time = (self.needs.deadline.as_secs_f64() - 0.010).max(0.0);
        let in_time = 1 + (time / self.frame_interval).min(MAX_PACKETS as f64) as usize;
        let most = in_time.min((MAX_PACKETS / self.frame).max(1));
        let half = most.div_ceil(2);
        let frame = self.frame;
        [most, half].into_iter().take(if half < most { 2 } else { 1 }).map(move |frames| frames * frame)
    }

    fn fewest(&self, copies: Copies, code: FecCode, packets: usize, most: usize) -> Option<RepairPlan> {
        let plan = |repairs: usize| {
            self.plan(copies, Some(FecPlan { code, packets: packets as u16, repairs: repairs as u16 }))
        };
        let mut best = (most > 0).then(|| plan(most))?;
        let (mut low, mut high) = (1, most);
        while low < high && best.residual <= self.goal {
            let middle = usize::midpoint(low, high);
            let tried = plan(middle);
            if tried.residual <= self.goal {
                (best, high) = (tried, middle);
            } else {
                low = middle + 1;
            }
        }
        Some(best)
    }

    /// Of no use against bursts, which take a row and its neighbours in the columns at once.
    fn grids(&self, copies: Copies, packets: usize, plans: &mut Vec<RepairPlan>) {
        if self.asking.chain.memory(1.0) > MAX_GRID_MEMORY {
            return;
        }
        for rows in 2..=packets / 2 {
            let columns = packets / rows;
            let repairs = rows + columns;
            let covered = rows * columns;
            if columns < 2 || repairs > MAX_REPAIRS || repairs as f64 > self.max_overhead * covered as f64 {
                continue;
            }
            let code = FecCode::TwoD { columns: columns as u16, rows: rows as u16 };
            plans.push(
                self.plan(copies, Some(FecPlan { code, packets: covered as u16, repairs: repairs as u16 })),
            );
        }
    }

    pub(super) fn plan(&self, copies: Copies, fec: Option<FecPlan>) -> RepairPlan {
        let tries = if self.needs.nack { self.asking.tries(copies, 0.0) } else { 0 };
        let failure = self.asking.failure(copies);
        let after_asking = failure.powi(tries);
        let after_fec = fec.map_or(1.0, |fec| self.after_fec(copies, tries, fec));
        let residual = self.asking.chain.loss * after_asking * after_fec;
        let overhead = self.asking.overhead(copies, tries, after_fec) + fec.map_or(0.0, |fec| fec.overhead());
        let suffices =
            residual <= self.goal && (overhead <= self.max_overhead || fec.is_none() && copies.answers == 1);
        RepairPlan {
            request_copies: copies.requests,
            answer_copies: copies.answers,
            fec,
            residual,
            overhead,
            suffices,
        }
    }

    /// What stays lost of lost packets that asking does not bring back, as a part of them.
    fn after_fec(&self, copies: Copies, tries: i32, fec: FecPlan) -> f64 {
        let repairs = self.asking.chain;
        if tries == 0 {
            return code(Block { media: repairs, repairs }, fec);
        }
        // The others of a block have been asked for some time less, on average half of what the block lasts.
        let lasts = f64::from(fec.packets) / self.frame as f64 * self.frame_interval;
        let earlier = self.asking.tries(copies, lasts / 2.0);
        let left = self.asking.failure(copies).powi(earlier);
        let media = repairs.thinned(left, self.asking.failure_beside(copies).powi(earlier));
        // A run of losses that has taken every answer takes the block and its repair packets as well.
        let taken = (self.asking.outlasts(tries) / self.asking.failure(copies).powi(tries)).min(1.0);
        taken + (1.0 - taken) * code(Block { media, repairs }, fec)
    }
}

/// What a code leaves lost, as a part of what is.
fn code(block: Block, fec: FecPlan) -> f64 {
    let (packets, repairs) = (usize::from(fec.packets), usize::from(fec.repairs));
    match fec.code {
        FecCode::Interleaved => block.interleaved(packets, repairs),
        FecCode::TwoD { columns, rows } => block.two_dimensional(columns.into(), rows.into()),
        FecCode::Dense => block.dense(packets, repairs),
    }
}
