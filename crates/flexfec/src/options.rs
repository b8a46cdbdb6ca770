//! What can be set: each role's options, and what both need.

use interceptor_core::OptionsError;

use crate::{MutableExtensions, ProtectionOptions, RecoveryOptions};

/// Options of [`FlexFecFactory`](crate::FlexFecFactory); checked when that is made.
///
/// ```
/// use interceptor_flexfec::{Code, FlexFecFactory, FlexFecOptions, ProtectionOptions};
/// // Five repair packets for each forty packets, whatever is lost.
/// let protection = ProtectionOptions::default().with_code(Code::Interleaved { n: 40, f: 5 });
/// let factory = FlexFecFactory::new(FlexFecOptions::default().with_protection(protection))?;
/// # Ok::<(), interceptor_flexfec::OptionsError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlexFecOptions {
    /// How local streams are protected.
    pub protection: ProtectionOptions,
    /// How remote streams are recovered.
    pub recovery: RecoveryOptions,
    /// Which header extensions count as zero in sums, both ways. Default: those that libwebrtc takes so.
    pub mutable: MutableExtensions,
}

impl FlexFecOptions {
    /// How local streams are protected.
    #[must_use]
    pub const fn with_protection(mut self, protection: ProtectionOptions) -> Self {
        self.protection = protection;
        self
    }

    /// How remote streams are recovered.
    #[must_use]
    pub const fn with_recovery(mut self, recovery: RecoveryOptions) -> Self {
        self.recovery = recovery;
        self
    }

    /// Which header extensions count as zero in sums.
    #[must_use]
    pub fn with_mutable(mut self, mutable: MutableExtensions) -> Self {
        self.mutable = mutable;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        self.protection.check()?;
        self.recovery.check()
    }
}
