//! How large a message is.

/// Tells a message's size in bytes: any function `Fn(&M) -> u64`, such as `|message: &Request| message.encoded_len() as u64` with prost.
pub trait MessageSize<M: ?Sized> {
    /// Bytes of a message.
    fn size(&self, message: &M) -> u64;
}

impl<M: ?Sized, F: Fn(&M) -> u64> MessageSize<M> for F {
    #[inline]
    fn size(&self, message: &M) -> u64 {
        self(message)
    }
}

/// Every message has no bytes: limits of bytes have nothing to count.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSize;

impl<M: ?Sized> MessageSize<M> for NoSize {
    #[inline]
    fn size(&self, _: &M) -> u64 {
        0
    }
}
