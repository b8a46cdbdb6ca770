//! Why a connection could not be configured.

use interceptor_core::RegistryError;

/// Why a connection could not be configured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigureError {
    /// The chain cannot be built.
    #[error("the chain cannot be built")]
    Chain(#[from] RegistryError),
    /// The media engine refuses a codec or a header extension.
    #[error("the media engine refuses {what}")]
    Media {
        /// What it refuses.
        what: String,
        /// What it says.
        #[source]
        source: rtc_shared::error::Error,
    },
    /// No payload type is left for retransmissions of this codec.
    #[error("no payload type is left to retransmit {0}")]
    PayloadTypes(String),
}
