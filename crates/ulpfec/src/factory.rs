//! Two factories, one for each half, as they stand at different places.

use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use crate::{Ulpfec, UlpfecOptions, UlpfecUpper};

/// Makes the lower half, [`Ulpfec`], for each connection; stands at [`Stage::FEC`]. [`upper`](Self::upper) makes the other half.
///
/// ```
/// use interceptor_core::Registry;
/// use interceptor_ulpfec::{UlpfecFactory, UlpfecOptions};
///
/// let ulpfec = UlpfecFactory::new(UlpfecOptions::default())?;
/// let registry = Registry::new().with(ulpfec.upper()).with(ulpfec);
/// # Ok::<(), interceptor_ulpfec::OptionsError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct UlpfecFactory {
    options: UlpfecOptions,
}

/// Makes the upper half, [`UlpfecUpper`], for each connection; stands at [`Stage::NACK`]`.above()`.
#[derive(Clone, Debug, Default)]
pub struct UlpfecUpperFactory {
    options: UlpfecOptions,
}

impl UlpfecFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: UlpfecOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The factory of the upper half, with the same options.
    #[must_use]
    pub fn upper(&self) -> UlpfecUpperFactory {
        UlpfecUpperFactory { options: self.options.clone() }
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &UlpfecOptions {
        &self.options
    }
}

impl UlpfecUpperFactory {
    /// The options.
    #[must_use]
    pub const fn options(&self) -> &UlpfecOptions {
        &self.options
    }
}

/// What both ends have to agree on.
fn needs() -> Vec<Need> {
    vec![Need::codec(Media::Video, "red"), Need::codec(Media::Video, "ulpfec")]
}

impl Factory for UlpfecFactory {
    type Interceptor = Ulpfec;

    fn name(&self) -> &'static str {
        "ulpfec"
    }

    fn stage(&self) -> Stage {
        Stage::FEC
    }

    fn needs(&self) -> Vec<Need> {
        needs()
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Ulpfec, BuildError> {
        Ok(Ulpfec::new(self.options.clone()))
    }
}

impl Factory for UlpfecUpperFactory {
    type Interceptor = UlpfecUpper;

    fn name(&self) -> &'static str {
        "ulpfec-upper"
    }

    fn stage(&self) -> Stage {
        Stage::NACK.above()
    }

    fn needs(&self) -> Vec<Need> {
        needs()
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<UlpfecUpper, BuildError> {
        Ok(UlpfecUpper::new(self.options.clone()))
    }
}
