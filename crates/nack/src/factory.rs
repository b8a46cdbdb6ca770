//! The factory.

use interceptor_core::{BuildContext, BuildError, Factory, Stage};

use crate::{Nack, NackOptions, OptionsError};

/// Makes a [`Nack`] for each connection; stands at [`Stage::NACK`].
#[derive(Clone, Debug, Default)]
pub struct NackFactory {
    options: NackOptions,
}

impl NackFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: NackOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &NackOptions {
        &self.options
    }
}

impl Factory for NackFactory {
    type Interceptor = Nack;

    fn name(&self) -> &'static str {
        "nack"
    }

    fn stage(&self) -> Stage {
        Stage::NACK
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Nack, BuildError> {
        Ok(Nack::new(self.options.clone()))
    }
}
