//! Two factories, one for each way, as they stand at different places.

use interceptor_core::{BuildContext, BuildError, Factory, OptionsError, Stage};

use crate::{Duplicate, DuplicateOptions, Merge, MergeOptions};

/// Makes the [`Merge`] of each connection; stands at [`Stage::REPORT`]`.below()`.
#[derive(Clone, Debug, Default)]
pub struct MergeFactory {
    options: MergeOptions,
}

/// Makes the [`Duplicate`] of each connection; stands at `Stage(1990)`, below congestion control.
#[derive(Clone, Debug, Default)]
pub struct DuplicateFactory {
    options: DuplicateOptions,
}

impl MergeFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: MergeOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &MergeOptions {
        &self.options
    }
}

impl DuplicateFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: DuplicateOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &DuplicateOptions {
        &self.options
    }
}

impl Factory for MergeFactory {
    type Interceptor = Merge;

    fn name(&self) -> &'static str {
        "merge"
    }

    fn stage(&self) -> Stage {
        Stage::REPORT.below()
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Merge, BuildError> {
        Ok(Merge::new(self.options.clone()))
    }
}

impl Factory for DuplicateFactory {
    type Interceptor = Duplicate;

    fn name(&self) -> &'static str {
        "duplicate"
    }

    fn stage(&self) -> Stage {
        Stage(1990)
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Duplicate, BuildError> {
        Ok(Duplicate::new(self.options.clone()))
    }
}
