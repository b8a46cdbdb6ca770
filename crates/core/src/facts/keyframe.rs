//! Facts about key frames: who needs one, who was asked for one, and who sees to it.

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

/// An interceptor of this chain asks the peer for key frames whenever one is [needed](KeyframeNeeded), once for all who need it:
/// who finds that one is needed says so, and sends no request of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyframeAsking {
    /// Does it still? It says so when it is removed.
    pub active: bool,
}
