//! One interceptor for each connection, all with the same options.

use interceptor_core::{BuildContext, BuildError, Factory, OptionsError, Stage};

use crate::{ForwardExtensions, ForwardOptions};

/// Makes [`ForwardExtensions`] for each connection; stands at [`Stage::APPLICATION`], above all that stamps.
#[derive(Clone, Debug, Default)]
pub struct ForwardExtensionsFactory {
    options: ForwardOptions,
}

impl ForwardExtensionsFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: ForwardOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &ForwardOptions {
        &self.options
    }
}

impl Factory for ForwardExtensionsFactory {
    type Interceptor = ForwardExtensions;

    fn name(&self) -> &'static str {
        "forward-extensions"
    }

    fn stage(&self) -> Stage {
        Stage::APPLICATION
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<ForwardExtensions, BuildError> {
        Ok(ForwardExtensions::new(&self.options))
    }
}
