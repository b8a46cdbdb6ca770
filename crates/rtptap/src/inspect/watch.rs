//! Reads a capture while the clock, the user and the audience are heeded.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use interceptor_inspect::capture::{CaptureReader, DamageKind};
use interceptor_inspect::{InspectOptions, Problem};

use super::display::Display;
use super::input::{Input, Interrupt, Pipe, UntilStopped};
use super::progress::Progress;
use super::report::State;
use super::seen::Seen;
use super::timeline::Timeline;
use super::{InspectError, Inspection};

/// A pipe may have ended, within a record even, by a Ctrl-C that this process is about to hear of as well.
const SAME_SIGNAL: Duration = Duration::from_millis(200);
/// Between two signs of life while a pipe is read.
const PROGRESS: Duration = Duration::from_secs(1);

/// What a reading needs besides the capture.
pub(super) struct Watch<'a> {
    pub(super) options: &'a InspectOptions,
    pub(super) interrupt: &'a Arc<Interrupt>,
    /// Show how it stands after each such time: of the capture, of a file; of the user, of a pipe.
    pub(super) every: Option<Duration>,
    /// Keep how streams went over time.
    pub(super) with_course: bool,
}

impl Watch<'_> {
    /// Reads to the end, or until a signal.
    pub(super) fn inspect(
        &self,
        name: &str,
        input: Input,
        display: &mut Display<'_>,
    ) -> Result<(Inspection, Option<Timeline>), InspectError> {
        let seen = Seen::new(self.options, self.with_course);
        match input {
            Input::File(file, len) => self.file(name, file, len, &seen, display)?,
            Input::Pipe(pipe) => self.pipe(name, pipe, &seen, display)?,
        }
        let inspection = Inspection::new(name, seen.summary());
        let stopped = self.interrupt.is_set();
        let inspection = if stopped { inspection.with_state(State::Interrupted) } else { inspection };
        Ok((inspection, seen.into_timeline()))
    }

    fn file(
        &self,
        name: &str,
        file: File,
        len: u64,
        seen: &Seen,
        display: &mut Display<'_>,
    ) -> Result<(), InspectError> {
        let mut progress = Progress::new(name, Some(len), display.leaves_room_for_progress());
        let mut steps = self.every.map(Steps::new);
        let reader = UntilStopped { reader: file, interrupt: self.interrupt };
        read(reader, seen, |at, bytes| {
            progress.passes(bytes);
            if let Some(elapsed) = steps.as_mut().zip(at).and_then(|(steps, at)| steps.passed(at)) {
                display.interim(&so_far(name, seen, elapsed))?;
            }
            Ok(())
        })
    }

    #[expect(clippy::disallowed_methods, reason = "the user waits in real time")]
    fn pipe(
        &self,
        name: &str,
        pipe: Pipe,
        seen: &Seen,
        display: &mut Display<'_>,
    ) -> Result<(), InspectError> {
        let mut progress = Progress::new(name, None, display.leaves_room_for_progress());
        let began = Instant::now();
        let every = self.every.or(progress.is_shown().then_some(PROGRESS));
        let mut failure = None;
        let tick = |bytes| {
            progress.show(bytes);
            if self.every.is_some() {
                let elapsed = Instant::now().duration_since(began);
                failure = display.interim(&so_far(name, seen, elapsed)).err();
            }
            failure.is_none()
        };
        let timer = every.map(|every| Timer { every, next: began + every });
        read(Ticking { pipe, timer, tick, bytes: 0, over: false }, seen, |_, _| Ok(()))?;
        if let Some(error) = failure {
            return Err(error);
        }
        let problems = seen.summary().problems;
        let is_cut =
            |problem: &Problem| matches!(problem, Problem::Damage(at) if at.kind == DamageKind::Truncated);
        // Whoever watches is about to see whether it was the end or a Ctrl-C.
        if self.every.is_some() || problems.iter().any(is_cut) {
            self.interrupt.comes_within(SAME_SIGNAL);
        }
        Ok(())
    }
}

fn so_far(name: &str, seen: &Seen, elapsed: Duration) -> Inspection {
    Inspection::new(name, seen.summary()).with_state(State::Reading(elapsed))
}

/// Record by record: whoever is asked for bytes meanwhile may look at what there is.
fn read(
    reader: impl Read,
    seen: &Seen,
    mut after: impl FnMut(Option<Duration>, u64) -> Result<(), InspectError>,
) -> Result<(), InspectError> {
    let mut capture = CaptureReader::new(reader);
    while let Some(record) = capture.next() {
        let at = record.at;
        seen.take(&record);
        after(at, capture.file_offset())?;
    }
    seen.inspector.borrow_mut().finish(&capture);
    Ok(())
}

/// Steps of the capture's time.
#[derive(Debug)]
struct Steps {
    every: Duration,
    /// The first record's time, and that of the last step.
    seen: Option<(Duration, Duration)>,
}

impl Steps {
    const fn new(every: Duration) -> Self {
        Self { every, seen: None }
    }

    /// A record of this time is there: how long after the first one, if a step has passed since the last. Times that jump,
    /// either way, are one step.
    fn passed(&mut self, at: Duration) -> Option<Duration> {
        let (first, last) = *self.seen.get_or_insert((at, at));
        let passed = at.abs_diff(last);
        if passed < self.every {
            return None;
        }
        let next = last.saturating_add(self.every);
        let regular = at.checked_sub(next).is_some_and(|beyond| beyond < self.every);
        let now = if regular { next } else { at };
        self.seen = Some((first, now));
        Some(now.saturating_sub(first))
    }
}

#[derive(Debug)]
struct Timer {
    every: Duration,
    next: Instant,
}

/// A pipe that is waited for only until the next step of the user's time.
struct Ticking<F> {
    pipe: Pipe,
    timer: Option<Timer>,
    /// Is told the bytes so far; `false` ends the reading.
    tick: F,
    bytes: u64,
    over: bool,
}

impl<F: FnMut(u64) -> bool> Read for Ticking<F> {
    #[expect(clippy::disallowed_methods, reason = "the user waits in real time")]
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while !self.over {
            if let Some(timer) = &mut self.timer
                && Instant::now() >= timer.next
            {
                self.over = !(self.tick)(self.bytes);
                // Steps that were missed are not made up for.
                timer.next = (timer.next + timer.every).max(Instant::now());
                continue;
            }
            let Some(read) = self.pipe.read_until(room, self.timer.as_ref().map(|timer| timer.next)) else {
                continue;
            };
            self.bytes += *read.as_ref().unwrap_or(&0) as u64;
            return read;
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(times: &[u64]) -> Vec<Option<u64>> {
        let mut steps = Steps::new(Duration::from_secs(1));
        let passed = |at: &u64| steps.passed(Duration::from_millis(*at)).map(|at| at.as_millis() as u64);
        times.iter().map(passed).collect()
    }

    #[test]
    fn steps_keep_to_their_grid_and_one_gap_is_one_step() {
        assert_eq!(steps(&[5000, 5900, 6100, 6900, 7000]), [None, None, Some(1000), None, Some(2000)]);
        assert_eq!(steps(&[5000, 15_300, 15_400, 16_300]), [None, Some(10_300), None, Some(11_300)]);
    }

    #[test]
    fn times_that_fall_back_are_a_step_and_do_not_end_the_steps() {
        assert_eq!(steps(&[5000, 2000, 2500, 3000]), [None, Some(0), None, Some(0)]);
        assert_eq!(
            steps(&[5000, u64::MAX, 5100, 6100]),
            [None, Some(u64::MAX - 5000), Some(100), Some(1100)]
        );
    }
}
