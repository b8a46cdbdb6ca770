//! How far the rate goes down when a queue grows: below the path's until the queue is gone, then a little below it.

/// A queue of 400 ms would stop the flow; in between the cut is as deep as the queue is long, in ms.
const DEPTH_MS: f64 = 400.0;
/// The share of the path's rate that a cut leaves.
const BOUNDS: (f64, f64) = (0.5, 0.92);
/// After it: the longer the queue was, by what a flow of this rate may keep, the more room is left to others.
const ROOM_PER_QUEUE: f64 = 0.1;
const FREE_QUEUE: f64 = 0.7;
const ROOM: (f64, f64) = (0.02, 0.25);
/// A cut lasts no longer than this besides the round trip, in ms.
const LONGEST_MS: f64 = 1200.0;

/// The rate for a while, and the rate after it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    pub(crate) rate: f64,
    pub(crate) then: f64,
    /// How long it takes until the queue must be gone, besides a round trip, in ms.
    pub(crate) drained_ms: f64,
}

/// The path carries `capacity`; its queue is `queue` ms, and may be `equilibrium`.
pub(crate) fn cut(capacity: f64, queue: f64, equilibrium: f64) -> Cut {
    let share = (1.0 - queue / DEPTH_MS).clamp(BOUNDS.0, BOUNDS.1);
    let room = (ROOM_PER_QUEUE * (queue / equilibrium - FREE_QUEUE)).clamp(ROOM.0, ROOM.1);
    let drained_ms = (queue / (1.0 - share)).min(LONGEST_MS);
    Cut { rate: share * capacity, then: (1.0 - room) * capacity, drained_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_queue_cuts_deep_and_leaves_room_to_others() {
        let about = |cut: Cut, rate: f64, then: f64, drained: f64| {
            let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
            near(cut.rate, rate) && near(cut.then, then) && near(cut.drained_ms, drained)
        };
        assert!(about(cut(100.0, 0.0, 16.0), 92.0, 98.0, 0.0));
        assert!(about(cut(100.0, 32.0, 16.0), 92.0, 87.0, 400.0));
        assert!(about(cut(100.0, 100.0, 16.0), 75.0, 75.0, 400.0));
        assert!(about(cut(100.0, 1000.0, 16.0), 50.0, 75.0, 1200.0));
    }
}
