//! One interceptor for each connection, all with the same options.

use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use crate::{Rfc8888, Rfc8888Options};

/// Makes an [`Rfc8888`] for each connection; stands at [`Stage::CONGESTION`].
#[derive(Clone, Debug, Default)]
pub struct Rfc8888Factory {
    options: Rfc8888Options,
}

impl Rfc8888Factory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: Rfc8888Options) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &Rfc8888Options {
        &self.options
    }
}

impl Factory for Rfc8888Factory {
    type Interceptor = Rfc8888;

    fn name(&self) -> &'static str {
        "rfc8888"
    }

    fn stage(&self) -> Stage {
        Stage::CONGESTION
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::feedback(Media::Any, "ack", "ccfb")]
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Rfc8888, BuildError> {
        Ok(Rfc8888::new(self.options.clone()))
    }
}
