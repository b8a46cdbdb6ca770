//! What can fail: a file that cannot be opened, a text that says nothing. Damaged captures fail nothing.

use std::io;
use std::path::PathBuf;

/// A capture file cannot be opened. What is wrong inside of a file is no error but a [`Problem`](crate::Problem).
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be opened: {source}", path.display())]
#[non_exhaustive]
pub struct OpenError {
    /// The file.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

/// A text is no codec as `a=rtpmap` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a codec is of the form VP8/90000 or opus/48000/2 (name/clock rate[/channels])")]
#[non_exhaustive]
pub struct ParseCodecError;

/// A text does not say what a payload type means.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePayloadTypeError {
    /// Not a number, `=` and a codec.
    #[error("{text:?} is not of the form 96=VP8/90000 (number=codec/clock rate)")]
    Form {
        /// What was to be read.
        text: String,
    },
    /// No payload type has this number.
    #[error("payload type {number} is not in 0..=127")]
    Range {
        /// The number that was given.
        number: u8,
    },
}

/// A text is no condition that a stream can be held against.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is none of loss>1%, loss>10, jitter>30ms, longest-run>5, reordered>10, reordered>1%, unrepaired>0.1%, \
     missing-rtcp"
)]
#[non_exhaustive]
pub struct ParseLimitError {
    /// What was to be read.
    pub text: String,
}
