//! What can be set about finding RTX streams, and its defaults.

use interceptor_core::OptionsError;

/// Options of [`RtxAssociationFactory`](crate::RtxAssociationFactory); checked when that is made.
///
/// ```
/// use interceptor_rtx::{RtxAssociationFactory, RtxAssociationOptions};
/// let factory = RtxAssociationFactory::new(RtxAssociationOptions::default().with_require_request(true))?;
/// # Ok::<(), interceptor_rtx::OptionsError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtxAssociationOptions {
    /// Requests remembered for each stream, 1..=32 768; the oldest go first. Default 1024: those of the last round trips
    /// at heavy loss. Each takes up to 64 bytes. More make a late first answer count, and two streams more likely to have
    /// asked for the same number.
    pub max_requests: usize,
    /// Is a stream's RTX SSRC only believed once it answers a request, as RFC 4588 §5.3 has it? Default no: the only stream
    /// with an RTX payload type owns what comes with it, so the first packets are not lost where nobody asked, as for
    /// probes. Set it where media streams that share payload types come before they are bound.
    pub require_request: bool,
}

impl Default for RtxAssociationOptions {
    fn default() -> Self {
        Self { max_requests: 1024, require_request: false }
    }
}

impl RtxAssociationOptions {
    /// Requests remembered for each stream.
    #[must_use]
    pub const fn with_max_requests(mut self, requests: usize) -> Self {
        self.max_requests = requests;
        self
    }

    /// Is a stream's RTX SSRC only believed once it answers a request?
    #[must_use]
    pub const fn with_require_request(mut self, require: bool) -> Self {
        self.require_request = require;
        self
    }

    pub(super) fn check(&self) -> Result<(), OptionsError> {
        let right = (1..=32_768).contains(&self.max_requests);
        OptionsError::unless(
            right,
            "RtxAssociationOptions",
            "max_requests",
            self.max_requests,
            "in 1..=32768",
        )
    }
}
