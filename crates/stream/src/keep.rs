//! A value that lives as long as a stream is open.

use crate::{Ending, MessageInterceptor, StreamStats};

/// Keeps a value as long as the stream is open: a permit of a semaphore, an entry in a table, a buffer of a pool.
///
/// It is dropped when the stream ends, on every path, even if whoever holds the ended stream keeps it; at the latest with the stream itself.
#[derive(Clone, Debug)]
pub struct Keep<T>(Option<T>);

impl<T> Keep<T> {
    /// Keeps `value`.
    pub const fn new(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T, M, E> MessageInterceptor<M, E> for Keep<T> {
    fn ended(&mut self, _: &Ending<'_, E>, _: &StreamStats) {
        self.0 = None;
    }
}
