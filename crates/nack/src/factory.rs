//! The factory.

use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use crate::{Nack, NackOptions};

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

    fn needs(&self) -> Vec<Need> {
        let mut needs =
            vec![Need::feedback(Media::Audio, "nack", ""), Need::feedback(Media::Video, "nack", "")];
        if self.options.pli_on_give_up {
            needs.push(Need::feedback(Media::Video, "nack", "pli"));
        }
        needs
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Nack, BuildError> {
        Ok(Nack::new(self.options.clone()))
    }
}
