//! What can be wrong with bytes from the wire, and with what a caller asks to be written.

/// Why a datagram is not a packet. A peer can cause every one of these, so nothing here is a fault of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The datagram ends before the part that it announces.
    #[error("{what} needs {needed} bytes, the packet has {actual}")]
    Truncated {
        /// The part that does not fit.
        what: &'static str,
        /// Bytes from the start of the packet to the end of that part.
        needed: usize,
        /// Bytes in the packet.
        actual: usize,
    },
    /// The version field is not 2 (RFC 3550 §5.1, §6.4.1).
    #[error("version {0} is not 2")]
    Version(u8),
    /// The padding count is 0 or larger than what follows the header (RFC 3550 §5.1).
    #[error("{padding} bytes of padding in {available} bytes of payload")]
    Padding {
        /// The count, from the packet's last byte; 0 also when there is no last byte.
        padding: u8,
        /// Bytes that follow the header.
        available: usize,
    },
}

/// Why a packet could not be written. Always the caller's fault.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A list is longer than its count field can say.
    #[error("{count} {what}, at most {max} fit")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many were given.
        count: usize,
        /// The most that the wire format can carry.
        max: usize,
    },
    /// A list that the format wants at least one entry of is empty, or nothing was written at all.
    #[error("no {0}")]
    Empty(&'static str),
    /// A value does not fit its field.
    #[error("{what} is {value}, outside {min}..={max}")]
    OutOfRange {
        /// The field.
        what: &'static str,
        /// The value that was asked for.
        value: u64,
        /// The smallest value allowed.
        min: u64,
        /// The largest value allowed.
        max: u64,
    },
    /// A header extension could not be added.
    #[error(transparent)]
    Extension(#[from] ExtensionError),
    /// Bytes given as a ready-made packet are not one.
    #[error(transparent)]
    Raw(#[from] ParseError),
    /// A writer of `rtcp-types` that was given refused.
    #[cfg(feature = "rtcp-types")]
    #[error("RTCP writer: {0}")]
    Rtcp(#[from] rtcp_types::RtcpWriteError),
    /// A packet of the `rtcp` crate, or of the user's own implementing its trait, could not be written.
    #[error("foreign RTCP packet: {0}")]
    Foreign(String),
}

/// Why a header extension element could not be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtensionError {
    /// Identifier 0 is padding (RFC 8285 §4.2) and can carry nothing.
    #[error("header extension identifier 0 is reserved")]
    ReservedId,
    /// The value is longer than the two-byte form can carry (255 bytes).
    #[error("header extension value of {0} bytes, at most 255 fit")]
    TooLong(usize),
    /// The packet has an extension block that is neither form of RFC 8285; it has no elements, and is left alone.
    #[error("header extension block has profile {0:#06x}, not one of RFC 8285")]
    ForeignProfile(u16),
    /// The block would be longer than its 16-bit word count can say (262 140 bytes).
    #[error("header extension block would have {0} bytes, at most 262140 fit")]
    BlockTooLong(usize),
}
