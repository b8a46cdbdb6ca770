//! How many new streams there may be.

use std::time::Duration;

use tokio::time::Instant;

/// A bucket of tokens: as many at once as in a second.
#[derive(Debug)]
pub(super) struct Pace {
    /// Between two tokens.
    interval: Duration,
    most: u32,
    /// When the bucket was, or would have been, empty.
    empty: Instant,
}

impl Pace {
    pub(super) fn new(a_second: u32, now: Instant) -> Self {
        let interval = Duration::from_secs(1) / a_second.max(1);
        let empty = now.checked_sub(interval * a_second).unwrap_or(now);
        Self { interval, most: a_second, empty }
    }

    /// Takes a token, if there is one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let full = now.checked_sub(self.interval * self.most);
        let empty = full.map_or(self.empty, |full| self.empty.max(full)) + self.interval;
        if empty > now {
            return false;
        }
        self.empty = empty;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens that are there at once.
    fn burst(pace: &mut Pace, now: Instant) -> usize {
        (0..1000).take_while(|_| pace.take(now)).count()
    }

    #[test]
    fn so_many_at_once_and_so_many_a_second() {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let start = Instant::from_std(std::time::Instant::now()) + Duration::from_secs(100);
        let mut pace = Pace::new(64, start);
        assert_eq!((burst(&mut pace, start), burst(&mut pace, start)), (64, 0));
        assert_eq!(burst(&mut pace, start + Duration::from_millis(500)), 32);
        assert_eq!(burst(&mut pace, start + Duration::from_secs(3600)), 64, "no more after a pause");
        let mut taken = 0;
        for ms in 0..10_000 {
            taken += usize::from(pace.take(start + Duration::from_secs(3600) + Duration::from_millis(ms)));
        }
        assert!((638..=640).contains(&taken), "{taken}");
    }
}
