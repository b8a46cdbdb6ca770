//! Facts about key frames: who needs one, and who was asked for one.

/// A receiver at this end cannot go on with a remote stream without a new key frame: its sender is to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyframeNeeded {
    /// The media SSRC of the remote stream.
    pub ssrc: u32,
}

/// A key frame of a local stream is wanted: the peer asked for one, or one was lost before the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyframeRequested {
    /// The media SSRC of the local stream.
    pub ssrc: u32,
}
