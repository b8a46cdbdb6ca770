//! A stream's timestamps against the time that passes: how far they are apart, and where no clock makes such a step.

/// From here on a step of the timestamps, less the time that passed, is no jitter but a jump: the sender has set its clock,
/// or let it stand still.
const MAX_STEP_MS: f64 = 5_000.0;
/// Packets of one frame have one timestamp. When it stays for longer than that, the clock stands still: on clocks of video,
/// whose frames are many packets, and on others.
const MAX_FRAME_MS: f64 = 250.0;
const MAX_FRAME_MS_OF_AUDIO: f64 = 15.0;
const VIDEO_RATE: u32 = 90_000;
/// It does so in earnest from here on.
const MAX_STAND_MS: f64 = 1_000.0;
/// After a pause in which timestamps stood still, either all that was held up on the way comes at once within this time …
const MAX_BURST_MS: f64 = 2_000.0;
/// … until they are as near as that to where they would have been; or they stood still at the sender.
const CAUGHT_UP_MS: f64 = 1_000.0;
/// So far differences of timestamps cannot have gone around their circle, which is 44 s long on a clock of 96 MHz.
const NO_CIRCLE_MS: f64 = 20_000.0;

/// Steps that no clock makes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Jumps {
    /// There and back are two.
    pub(crate) count: u64,
    /// The largest, of either sign.
    pub(crate) largest_ms: f64,
}

impl Jumps {
    fn add(&mut self, ms: f64) {
        self.count += 1;
        self.largest_ms = self.largest_ms.max(ms.abs());
    }
}

/// What a packet is to its clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    /// It goes on: the timestamps are ahead of the time since the first packet by so many ms.
    On(f64),
    /// As [`On`](Self::On), but not to be compared with the packet before it.
    Apart(f64),
    /// As [`Apart`](Self::Apart), and how far the timestamps are from those before is no more than a guess.
    Anew(f64),
    /// As [`Apart`](Self::Apart), and back where the timestamps were before they jumped last.
    Back(f64),
    /// It goes on, but it is not known yet from where.
    Unclear,
    /// It tells nothing.
    Nothing,
}

/// The timestamps of one clock.
#[derive(Debug)]
pub(super) struct Timeline {
    ms_per_unit: f64,
    max_frame_ms: f64,
    last: Option<Point>,
    /// The first packet with the timestamp of the newest.
    turn: Point,
    stands: bool,
    /// Where the clock was before it jumped last: it may come back.
    before: Option<Point>,
    /// A pause of which it is not known yet whether the clock stood still in it.
    pause: Option<Pause>,
    jumps: Jumps,
    /// The largest so far.
    skew_ms: f64,
}

/// A packet.
#[derive(Clone, Copy, Debug, Default)]
struct Point {
    timestamp: u32,
    at_ms: f64,
    skew_ms: f64,
}

/// Time that passed while the timestamps did not go on.
#[derive(Clone, Copy, Debug)]
struct Pause {
    from: Point,
    until_ms: f64,
    step_ms: f64,
}

impl Timeline {
    pub(super) fn new(rate: u32) -> Self {
        Self {
            ms_per_unit: 1000.0 / f64::from(rate),
            max_frame_ms: if rate == VIDEO_RATE { MAX_FRAME_MS } else { MAX_FRAME_MS_OF_AUDIO },
            last: None,
            turn: Point::default(),
            stands: false,
            before: None,
            pause: None,
            jumps: Jumps::default(),
            skew_ms: 0.0,
        }
    }

    /// Takes in a packet. `newest`: it is ahead of all before it.
    #[inline]
    pub(super) fn step(&mut self, timestamp: u32, at_ms: f64, newest: bool) -> Step {
        let Some(last) = self.last else {
            return self.start(Point { timestamp, at_ms, skew_ms: self.turn.skew_ms });
        };
        let is_turn = timestamp != last.timestamp;
        if newest && !is_turn && at_ms - self.turn.at_ms > self.max_frame_ms {
            self.stands = true;
            return Step::Nothing;
        }
        if self.stands && newest {
            return self.turn_at_last(timestamp, at_ms);
        }
        let step_ms = self.ahead_of(&last, timestamp, at_ms);
        if step_ms.abs() > MAX_STEP_MS {
            return if newest { self.leap(timestamp, at_ms) } else { Step::Nothing };
        }
        let point = Point { timestamp, at_ms, skew_ms: last.skew_ms + step_ms };
        self.last = Some(point);
        if is_turn {
            self.turn = point;
        }
        if let Some(pause) = self.pause {
            return self.after_pause(pause, point);
        }
        self.note(point.skew_ms);
        Step::On(point.skew_ms)
    }

    /// The next packet cannot be compared with the last one.
    pub(super) fn resync(&mut self) {
        self.settle_pause();
        if let Some(last) = self.last.take() {
            self.turn = last;
        }
        self.stands = false;
    }

    /// The first packet, or the first after a [`resync`](Self::resync): the skew goes on where it was.
    fn start(&mut self, point: Point) -> Step {
        self.put(point);
        Step::Anew(point.skew_ms)
    }

    const fn put(&mut self, point: Point) {
        self.last = Some(point);
        self.turn = point;
    }

    /// A timestamp that stood still for a while goes on.
    #[cold]
    fn turn_at_last(&mut self, timestamp: u32, at_ms: f64) -> Step {
        self.stands = false;
        let step_ms = self.ahead_of(&self.turn, timestamp, at_ms);
        if step_ms.abs() > MAX_STAND_MS {
            return self.jump(timestamp, at_ms, step_ms);
        }
        let skew_ms = self.turn.skew_ms + step_ms;
        self.note(skew_ms);
        self.put(Point { timestamp, at_ms, skew_ms });
        Step::Apart(skew_ms)
    }

    /// A step that no clock makes, or a pause in which all was held up on the way. From the first packet of a frame to the first
    /// of another: those of one frame are sent one after the other.
    #[cold]
    fn leap(&mut self, timestamp: u32, at_ms: f64) -> Step {
        let from = self.turn;
        let (passed_ms, step_ms) = (at_ms - from.at_ms, self.ahead_of(&from, timestamp, at_ms));
        if passed_ms <= MAX_STEP_MS || (passed_ms + step_ms).abs() >= MAX_STEP_MS {
            return self.jump(timestamp, at_ms, step_ms);
        }
        self.settle_pause();
        self.put(Point { timestamp, at_ms, skew_ms: from.skew_ms });
        self.pause = Some(Pause { from, until_ms: at_ms, step_ms });
        Step::Unclear
    }

    /// A step that no clock makes.
    #[cold]
    fn jump(&mut self, timestamp: u32, at_ms: f64, step_ms: f64) -> Step {
        self.settle_pause();
        self.jumps.add(step_ms);
        let from = self.turn;
        let before = self.before.replace(from);
        let back = before.map(|before| (before, self.ahead_of(&before, timestamp, at_ms)));
        if let Some((before, ahead_ms)) = back.filter(|(_, ahead_ms)| ahead_ms.abs() <= MAX_STEP_MS) {
            let skew_ms = before.skew_ms + ahead_ms;
            self.put(Point { timestamp, at_ms, skew_ms });
            return Step::Back(skew_ms);
        }
        self.start(Point { timestamp, at_ms, skew_ms: from.skew_ms })
    }

    #[cold]
    fn after_pause(&mut self, pause: Pause, mut point: Point) -> Step {
        let behind_ms = self.ahead_of(&pause.from, point.timestamp, point.at_ms);
        if behind_ms.abs() < CAUGHT_UP_MS {
            // All of it was only held up on the way.
            self.pause = None;
            self.note(pause.from.skew_ms + pause.step_ms);
            point.skew_ms = pause.from.skew_ms + behind_ms;
            self.put(point);
            return Step::Apart(point.skew_ms);
        }
        if point.at_ms - pause.until_ms <= MAX_BURST_MS {
            return Step::Unclear;
        }
        self.settle_pause();
        Step::Anew(point.skew_ms)
    }

    fn settle_pause(&mut self) {
        if let Some(pause) = self.pause.take() {
            self.jumps.add(pause.step_ms);
        }
    }

    /// How far the timestamps went on from `from`, less the time that passed since.
    #[inline]
    fn ahead_of(&self, from: &Point, timestamp: u32, at_ms: f64) -> f64 {
        let units = timestamp.wrapping_sub(from.timestamp);
        let passed_ms = at_ms - from.at_ms;
        if passed_ms.abs() < NO_CIRCLE_MS {
            return f64::from(units.cast_signed()) * self.ms_per_unit - passed_ms;
        }
        // Modulo 2^32, as the timestamps are.
        let passed = passed_ms / self.ms_per_unit;
        let whole = passed.floor();
        let ahead = units.wrapping_sub(whole as i64 as u32).cast_signed();
        (f64::from(ahead) - (passed - whole)) * self.ms_per_unit
    }

    #[inline]
    fn note(&mut self, skew_ms: f64) {
        if skew_ms.abs() > self.skew_ms.abs() {
            self.skew_ms = skew_ms;
        }
    }

    /// The largest difference between the timestamps and the time, of either sign.
    pub(super) const fn skew_ms(&self) -> f64 {
        self.skew_ms
    }

    pub(super) fn jumps(&self) -> Jumps {
        let mut jumps = self.jumps;
        if let Some(pause) = self.pause {
            jumps.add(pause.step_ms);
        }
        jumps
    }
}
