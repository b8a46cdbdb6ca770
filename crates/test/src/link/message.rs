//! What a link asks of the things that it carries.

use bytes::Bytes;

/// Something that can travel over a [`Link`](super::Link).
///
/// A clone of it is what arrives when the link duplicates, so it should be cheap to clone.
pub trait Message: Clone {
    /// Its length in bytes, without what the link adds by
    /// [`overhead_bytes`](super::LinkOptions::overhead_bytes).
    fn len_bytes(&self) -> usize;

    /// Sets "congestion experienced" (RFC 3168 §5) if the sender declared it ECN-capable. Returns whether the
    /// mark was newly set.
    ///
    /// The default is a message that is not ECN-capable: nothing is set.
    fn mark_congestion(&mut self) -> bool {
        false
    }
}

impl Message for Bytes {
    fn len_bytes(&self) -> usize {
        self.len()
    }
}

impl Message for Vec<u8> {
    fn len_bytes(&self) -> usize {
        self.len()
    }
}
