//! Why a packet is not sent.

/// Why a packet of a source is not part of the outgoing stream. None of these leaves a gap in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Its source is not the one that is sent, nor to be.
    #[error("its source is not the one that is sent")]
    NotSelected,
    /// Its source is the one that was sent before the last switch, or before a pause.
    #[error("its source was sent before the switch")]
    OldSource,
    /// Its source is to be sent, and no key frame has begun yet.
    #[error("its source waits for a key frame")]
    WaitingForKeyFrame,
    /// It is older than what is remembered, or from before the first packet of its source that was sent.
    #[error("it comes too late")]
    TooLate,
    /// Its number was left out before: it has none in the outgoing stream.
    #[error("its number was left out")]
    LeftOut,
    /// It has no payload, and was left out.
    #[error("it is padding only")]
    Padding,
}
