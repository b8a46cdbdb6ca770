//! The factory.

use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use crate::{Rtx, RtxOptions};

/// Makes an [`Rtx`] for each connection; stands at [`Stage::RTX`].
#[derive(Clone, Debug, Default)]
pub struct RtxFactory {
    options: RtxOptions,
}

impl RtxFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: RtxOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &RtxOptions {
        &self.options
    }
}

impl Factory for RtxFactory {
    type Interceptor = Rtx;

    fn name(&self) -> &'static str {
        "rtx"
    }

    fn stage(&self) -> Stage {
        Stage::RTX
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::codec(Media::Video, "rtx")]
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Rtx, BuildError> {
        Ok(Rtx::new(self.options.clone()))
    }
}
