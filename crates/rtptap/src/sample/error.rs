//! Why a media sample cannot be used.

/// Why a media sample cannot be read or packetised.
///
/// None of these happens with the embedded sample, which the crate's tests read in full; they are for other files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// The file is not an IVF file of VP8, or its 32-byte header is damaged.
    #[error("not a VP8 IVF file: {0}")]
    Ivf(&'static str),
    /// The file ends within a frame.
    #[error("IVF frame {index} is cut short: {needed} bytes announced, {left} left")]
    IvfTruncated {
        /// Which frame, counted from 0.
        index: usize,
        /// How many bytes its header announces.
        needed: usize,
        /// How many bytes are left in the file.
        left: usize,
    },
    /// The file is not an Ogg stream.
    #[error("not an Ogg file: {0}")]
    Ogg(#[from] ogg::OggReadError),
    /// The Ogg stream does not carry Opus as RFC 7845 says.
    #[error("not an Ogg Opus file: {0}")]
    Opus(&'static str),
    /// There are no frames, or one has no bytes.
    #[error("the sample has no frames, or an empty one")]
    Empty,
    /// [`MediaSourceOptions::max_payload`](super::MediaSourceOptions::max_payload) is out of its range.
    #[error("max_payload is {value}, which is not in 16..=65000 bytes")]
    MaxPayload {
        /// The value given.
        value: usize,
    },
}
