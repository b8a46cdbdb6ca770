//! The factory of the interceptor that finds RTX streams.

use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use super::{RtxAssociation, RtxAssociationOptions};

/// Makes an [`RtxAssociation`] for each connection; stands at [`Stage::CAPTURE`]`.below()`, so that whatever keeps streams
/// apart sees the packets as what they are.
#[derive(Clone, Debug, Default)]
pub struct RtxAssociationFactory {
    options: RtxAssociationOptions,
}

impl RtxAssociationFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: RtxAssociationOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &RtxAssociationOptions {
        &self.options
    }
}

impl Factory for RtxAssociationFactory {
    type Interceptor = RtxAssociation;

    fn name(&self) -> &'static str {
        "rtx-association"
    }

    fn stage(&self) -> Stage {
        Stage::CAPTURE.below()
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::codec(Media::Video, "rtx")]
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<RtxAssociation, BuildError> {
        Ok(RtxAssociation::new(&self.options))
    }
}
