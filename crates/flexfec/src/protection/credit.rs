//! What repair packets may take of what media has taken.

/// Bytes that repair packets may take yet.
#[derive(Debug)]
pub(crate) struct Credit {
    percent: u64,
    /// In hundredths of a byte.
    left: u64,
}

/// As many bytes as a block of large packets earns at most; what has not been used by then is gone.
const MOST: u64 = 128 << 10;

impl Credit {
    pub(crate) const fn new(percent: u8) -> Self {
        Self { percent: percent as u64, left: 0 }
    }

    /// A media packet has left.
    #[inline]
    pub(crate) fn earn(&mut self, bytes: usize) {
        self.left = (self.left + bytes as u64 * self.percent).min(MOST * 100);
    }

    /// May a repair packet of so many bytes leave? Then it has been paid for.
    pub(crate) const fn pay(&mut self, bytes: usize) -> bool {
        match self.left.checked_sub(bytes as u64 * 100) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_media_is_half_and_not_more() {
        let mut credit = Credit::new(50);
        (0..3).for_each(|_| credit.earn(1001));
        assert!(credit.pay(1000));
        assert!(!credit.pay(502));
        assert!(credit.pay(501));
        assert!(!credit.pay(1));
    }

    #[test]
    fn credit_does_not_pile_up() {
        let mut credit = Credit::new(100);
        (0..1000).for_each(|_| credit.earn(1200));
        assert!(credit.pay(128 << 10));
        assert!(!credit.pay(1));
    }
}
