//! What can be set of [`Merge`](crate::Merge), its defaults and its bounds.

use std::time::Duration;

use interceptor_core::OptionsError;

/// The most paths: each has a bit in what is kept of a number.
const MAX_PATHS: u8 = 8;

/// Options of [`MergeFactory`](crate::MergeFactory); checked when that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MergeOptions {
    /// Paths, numbered from 0, 1..=8. Default 8, the most: a path takes memory only once something comes over it. Packets of others pass
    /// unmerged.
    pub paths: u8,
    /// How much later than the first a copy may come, 1 ms..=15 s. Default 200 ms, the recovery window of AWS MediaConnect; its range is the
    /// source of ours. A path that is silent for less is not dead. Raising it costs memory on fast streams, and with [`Order::Held`] delay
    /// when something is lost on all paths.
    pub skew: Duration,
    /// So many of the newest numbers are known at most, a power of two from 64 to 32 768. Default 2048: 200 ms at 10 000 packets a second.
    /// Each takes 16 bytes; streams that are slower take less.
    pub window: u32,
    /// In which order packets go on. Default: each as it comes.
    pub order: Order,
    /// With [`Order::Held`]: bytes of a stream that wait at most, headers and payloads, 1500..=1 GiB. Default 4 MiB: 160 Mbit/s for 200 ms.
    /// Beyond it gaps are given up earlier.
    pub max_held_bytes: usize,
}

/// In which order packets go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Each at once, in the order in which the first copies come: no delay is added.
    #[default]
    AsTheyCome,
    /// In the order of their numbers: what is behind a gap waits until another path fills that, or for
    /// [`skew`](MergeOptions::skew). Without gaps nothing waits.
    Held,
}

impl Default for MergeOptions {
    fn default() -> Self {
        Self {
            paths: MAX_PATHS,
            skew: Duration::from_millis(200),
            window: 2048,
            order: Order::AsTheyCome,
            max_held_bytes: 4 << 20,
        }
    }
}

impl MergeOptions {
    /// Paths, numbered from 0.
    #[must_use]
    pub const fn with_paths(mut self, paths: u8) -> Self {
        self.paths = paths;
        self
    }

    /// How much later than the first a copy may come.
    #[must_use]
    pub const fn with_skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// So many of the newest numbers are known at most.
    #[must_use]
    pub const fn with_window(mut self, numbers: u32) -> Self {
        self.window = numbers;
        self
    }

    /// In which order packets go on.
    #[must_use]
    pub const fn with_order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// Bytes of a stream that wait at most.
    #[must_use]
    pub const fn with_max_held_bytes(mut self, bytes: usize) -> Self {
        self.max_held_bytes = bytes;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let check = |right, field, value: &dyn std::fmt::Debug, range| {
            OptionsError::unless(right, "MergeOptions", field, value, range)
        };
        let skews = Duration::from_millis(1)..=Duration::from_secs(15);
        let windows = self.window.is_power_of_two() && (64..=32_768).contains(&self.window);
        check((1..=MAX_PATHS).contains(&self.paths), "paths", &self.paths, "in 1..=8")?;
        check(skews.contains(&self.skew), "skew", &self.skew, "in 1ms..=15s")?;
        check(windows, "window", &self.window, "a power of two in 64..=32768")?;
        let bytes = (1500..=1 << 30).contains(&self.max_held_bytes);
        check(bytes, "max_held_bytes", &self.max_held_bytes, "in 1500..=1073741824")
    }
}
