//! Why no answer can be given, and why a section of it is refused.

/// Why no answer can be given: what the caller has to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The offer has no section at all.
    #[error("the offer has no media section")]
    NoSections,
    /// What was given does not read as it was meant: a name with a space in it, or too much of something.
    #[error("what was given for the answer cannot be written: {0}")]
    Unwritable(#[from] crate::SdpError),
    /// A section that something was said of is not in the offer.
    #[error("the offer has no section {0}")]
    UnknownSection(String),
    /// A section is encrypted by DTLS, and no certificate's fingerprint was given.
    #[error("section {section} wants DTLS ({proto}): give the fingerprint of a certificate")]
    NoFingerprint {
        /// Its place in the offer.
        section: usize,
        /// Its transport.
        proto: String,
    },
    /// Both ends want to open the DTLS connection, or none does.
    #[error("section {section}: `a=setup:{ours}` does not answer `a=setup:{theirs}`")]
    Setup {
        /// Its place in the offer.
        section: usize,
        /// What was given.
        ours: String,
        /// What is offered.
        theirs: String,
    },
}

/// A section that is answered with port 0.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// Its place in the offer.
    pub section: usize,
    /// Its identification; empty when it has none.
    pub mid: String,
    /// Why.
    pub reason: RefusalReason,
}

/// Why a section is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The offer has stopped it, or has rejected it before.
    #[error("the offer does not want it")]
    Stopped,
    /// It carries no RTP.
    #[error("it carries no RTP")]
    NotRtp,
    /// It is encrypted with keys from another place than DTLS.
    #[error("its keys come from elsewhere than DTLS")]
    Keys,
    /// There is no codec that both ends can.
    #[error("there is no codec that both ends can")]
    NoCommonCodec,
    /// The caller does not want it.
    #[error("it is not wanted here")]
    Unwanted,
}
