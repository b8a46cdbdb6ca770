//! Two factories, as media and what repairs it pass different places.

use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::ext::{Mid, RepairedRid, Rid};
use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use crate::{Identification, IdentificationOptions, RepairIdentification};

/// Makes the [`Identification`] of media, for each connection; stands at [`Stage::APPLICATION`]`.below()`, so that what is stored or
/// protected below has the names in it.
#[derive(Clone, Debug, Default)]
pub struct IdentificationFactory {
    options: IdentificationOptions,
}

/// Makes the [`RepairIdentification`] of retransmissions and repair packets on SSRCs of their own, for each connection; stands at
/// [`Stage::RTX`]`.below()`, where they have these.
///
/// For peers that learn from packets which stream an SSRC repairs, as those that receive simulcast do. It does not look at what comes in.
#[derive(Clone, Debug, Default)]
pub struct RepairIdentificationFactory {
    options: IdentificationOptions,
}

impl IdentificationFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: IdentificationOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options })
    }

    /// The factory for what repairs, with the same options.
    #[must_use]
    pub fn repair(&self) -> RepairIdentificationFactory {
        RepairIdentificationFactory { options: self.options.clone() }
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &IdentificationOptions {
        &self.options
    }
}

impl Factory for IdentificationFactory {
    type Interceptor = Identification;

    fn name(&self) -> &'static str {
        "identification"
    }

    fn stage(&self) -> Stage {
        Stage::APPLICATION.below()
    }

    fn needs(&self) -> Vec<Need> {
        [Mid::URI, Rid::URI].map(|uri| Need::header_extension(Media::Any, uri)).to_vec()
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Identification, BuildError> {
        Identification::new(&self.options, cx).map_err(BuildError::caused_by)
    }
}

impl Factory for RepairIdentificationFactory {
    type Interceptor = RepairIdentification;

    fn name(&self) -> &'static str {
        "identification-repair"
    }

    fn stage(&self) -> Stage {
        Stage::RTX.below()
    }

    fn needs(&self) -> Vec<Need> {
        [Mid::URI, RepairedRid::URI].map(|uri| Need::header_extension(Media::Any, uri)).to_vec()
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<RepairIdentification, BuildError> {
        RepairIdentification::new(&self.options, cx).map_err(BuildError::caused_by)
    }
}
