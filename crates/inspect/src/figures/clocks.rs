//! The clocks of a stream: one for each rate of its payload types (RFC 7160), and all usual ones for a type of which nobody
//! says its rate.

use std::time::Duration;

use super::clock::{Clock, ClockFigures};
use crate::header::Header;

/// Rates to guess from: of RFC 3551 and RFC 7587, those that differ by enough.
const USUAL: [u32; 7] = [8000, 16_000, 24_000, 32_000, 44_100, 48_000, 90_000];
/// Rates, and payload types of unknown rate, of one stream. A sender that has more is not measured on the others.
const MAX_GROUPS: usize = 4;
/// Types of unknown rate that take turns at least as often as that have the same clock: RED (RFC 2198) and what is in it.
const TAKE_TURNS: Duration = Duration::from_secs(1);

/// The clocks of one stream.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    groups: Vec<Group>,
    /// The group of the last packet.
    current: usize,
}

/// What runs on one clock: all payload types of a rate, or one type of unknown rate.
#[derive(Debug)]
struct Group {
    known: bool,
    clocks: Vec<Clock>,
    packets: u64,
    last: Duration,
}

impl Clocks {
    /// The group of a payload type with so many timestamp units a second; 0: nobody says. `None`: there are too many.
    pub(super) fn begin(&mut self, rate: u32) -> Option<usize> {
        let is_same = |group: &Group| group.known && group.clocks.iter().all(|clock| clock.rate() == rate);
        if let Some(place) = self.groups.iter().position(is_same) {
            return Some(place);
        }
        if self.groups.len() == MAX_GROUPS {
            return None;
        }
        let rates = if rate == 0 { &USUAL[..] } else { &[rate] };
        let clocks = rates.iter().map(|rate| Clock::new(*rate)).collect();
        self.groups.push(Group { known: rate != 0, clocks, packets: 0, last: Duration::ZERO });
        Some(self.groups.len() - 1)
    }

    /// 0: not known.
    #[inline]
    pub(super) fn known_rate(&self, group: usize) -> u32 {
        let group = self.groups.get(group).filter(|group| group.known);
        group.and_then(|group| group.clocks.first()).map_or(0, Clock::rate)
    }

    #[inline]
    pub(super) fn receive(&mut self, place: usize, packet: &Header, at: Duration, newest: bool) {
        let Some(group) = self.groups.get_mut(place) else { return };
        if place != self.current {
            self.current = place;
            if group.known || at.saturating_sub(group.last) > TAKE_TURNS {
                group.resync();
            }
        }
        let at_ms = at.as_secs_f64() * 1000.0;
        for clock in &mut group.clocks {
            clock.receive(packet, at, at_ms, newest, group.packets);
        }
        group.packets += 1;
        group.last = at;
    }

    /// The sender has started again with another timestamp: what came before and what comes now are not compared.
    pub(super) fn resync(&mut self) {
        self.groups.iter_mut().for_each(Group::resync);
    }

    /// `told`: what is known of the rate by now, if it was not known when the payload type came first.
    pub(super) fn figures(&self, group: usize, told: Option<u32>) -> Option<ClockFigures> {
        let Group { known, clocks, .. } = self.groups.get(group)?;
        if *known {
            return clocks.first().map(|clock| clock.figures(false));
        }
        if let Some(clock) = clocks.iter().find(|clock| Some(clock.rate()) == told) {
            return Some(clock.figures(false));
        }
        let plausible = clocks.iter().filter_map(|clock| Some((clock, clock.misfit()?)));
        let best = plausible.min_by(|(_, a), (_, b)| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        best.map(|(clock, _)| clock.figures(true))
    }
}

impl Group {
    fn resync(&mut self) {
        self.clocks.iter_mut().for_each(Clock::resync);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rate: u32, real: f64, packets: u32) -> Option<ClockFigures> {
        let mut clocks = Clocks::default();
        let group = clocks.begin(rate).unwrap();
        for number in 0..packets {
            let at = Duration::from_millis(20 * u64::from(number));
            // From just below the wrap.
            let timestamp = 0xffff_f000_u32.wrapping_add((at.as_secs_f64() * real) as u32);
            let [a, b, c, d] = timestamp.to_be_bytes();
            let packet = Header::parse(&[0x80, 96, 0, 0, a, b, c, d, 0, 0, 0, 0], 172).unwrap();
            clocks.receive(group, &packet, at, true);
        }
        clocks.figures(group, None)
    }

    #[test]
    fn drift_is_how_much_faster_the_senders_clock_runs() {
        let figures = run(48_000, 48_000.0 * 1.0001, 5000).unwrap();
        let drift = figures.drift.unwrap();
        assert!((drift.value - 100.0).abs() < 1.0 && drift.error < 1.0, "{figures:?}");
        assert!((figures.skew_ms - 9.998).abs() < 0.05 && !figures.guessed, "{figures:?}");
        assert!(figures.jitter.unwrap().max < 0.02, "{figures:?}");
    }

    #[test]
    fn guesses_usual_clocks_and_no_others() {
        for rate in USUAL {
            let figures = run(0, f64::from(rate), 100).unwrap();
            assert_eq!((figures.rate, figures.guessed, figures.drift), (rate, true, None));
        }
        assert!(run(0, 60_000.0, 100).is_none());
        assert!(run(0, 90_000.0, 10).is_none(), "too few packets to tell");
    }

    #[test]
    fn rates_are_shared_and_bounded() {
        let mut clocks = Clocks::default();
        let places = [8000, 48_000, 8000, 0, 0, 90_000, 48_000].map(|rate| clocks.begin(rate));
        assert_eq!(places, [Some(0), Some(1), Some(0), Some(2), Some(3), None, Some(1)]);
        assert_eq!([0, 1, 2, 9].map(|place| clocks.known_rate(place)), [8000, 48_000, 0, 0]);
    }
}
