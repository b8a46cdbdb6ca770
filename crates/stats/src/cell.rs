//! A number that may be absent, with one writer and any number of readers.

use interceptor_core::CounterCell;

/// A number that may be absent: `u64::MAX` stands for that.
#[derive(Debug)]
pub(crate) struct OptionCell(CounterCell);

impl Default for OptionCell {
    fn default() -> Self {
        Self(CounterCell::new(u64::MAX))
    }
}

impl OptionCell {
    #[inline]
    pub(crate) fn get(&self) -> Option<u64> {
        Some(self.0.get()).filter(|value| *value != u64::MAX)
    }

    /// Only the writer may call this. The largest number counts as the one below it.
    #[inline]
    pub(crate) fn set(&self, value: u64) {
        self.0.set(value.min(u64::MAX - 1));
    }

    /// Only the writer may call this.
    pub(crate) fn replace(&self, value: Option<u64>) {
        self.0.set(value.map_or(u64::MAX, |value| value.min(u64::MAX - 1)));
    }
}
