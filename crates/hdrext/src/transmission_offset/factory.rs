//! One interceptor for each connection.

use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::ext::TransmissionOffset;
use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, Stage};

use crate::TransmissionOffsets;

/// Makes [`TransmissionOffsets`] for each connection; stands at [`Stage::CONGESTION`]`.above()`.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TransmissionOffsetFactory;

impl TransmissionOffsetFactory {
    /// The factory; there is nothing to set.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Factory for TransmissionOffsetFactory {
    type Interceptor = TransmissionOffsets;

    fn name(&self) -> &'static str {
        "toffset"
    }

    fn stage(&self) -> Stage {
        Stage::CONGESTION.above()
    }

    fn needs(&self) -> Vec<Need> {
        vec![Need::header_extension(Media::Any, TransmissionOffset::URI)]
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<TransmissionOffsets, BuildError> {
        Ok(TransmissionOffsets::default())
    }
}
