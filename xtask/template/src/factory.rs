//! One interceptor for each connection, all with the same options.

use interceptor_core::{BuildContext, BuildError, Factory, OptionsError, Stage};

use crate::{NewThing, NewThingOptions};

/// Makes a [`NewThing`] for each connection; stands at [`Stage::APPLICATION`].
#[derive(Clone, Debug, Default)]
pub struct NewThingFactory {
    options: NewThingOptions,
}

impl NewThingFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: NewThingOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &NewThingOptions {
        &self.options
    }
}

impl Factory for NewThingFactory {
    type Interceptor = NewThing;

    fn name(&self) -> &'static str {
        "new-thing"
    }

    fn stage(&self) -> Stage {
        Stage::APPLICATION
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<NewThing, BuildError> {
        Ok(NewThing::new(self.options.clone()))
    }
}
