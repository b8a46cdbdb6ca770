//! What can be set, its defaults and its bounds.

use interceptor_core::OptionsError;

/// Options of [`NewThingFactory`](crate::NewThingFactory); checked when that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewThingOptions {
    /// Packets of a stream from one milestone to the next, 1..=1 000 000. Default 1000: some seconds of video.
    pub every: u32,
}

impl Default for NewThingOptions {
    fn default() -> Self {
        Self { every: 1000 }
    }
}

impl NewThingOptions {
    /// Packets from one milestone to the next.
    #[must_use]
    pub const fn with_every(mut self, packets: u32) -> Self {
        self.every = packets;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let right = (1..=1_000_000).contains(&self.every);
        OptionsError::unless(right, "NewThingOptions", "every", self.every, "in 1..=1000000")
    }
}
