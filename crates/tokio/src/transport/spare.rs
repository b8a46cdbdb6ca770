//! Buffers that a thread's send queues take turns with.
//!
//! A queue is filled and emptied in one go as a rule. With a buffer of its own each of a thousand sessions would write its packets where
//! no cache has been for long; so they all write where the last one did, and an idle session has none.

use std::cell::RefCell;

/// Bytes that a thread keeps: many sessions may fill their queues before any is emptied.
const MAX_BYTES: usize = 4 << 20;

/// What nobody uses now.
#[derive(Debug)]
struct Spare {
    buffers: Vec<Vec<u8>>,
    /// Of all of them.
    bytes: usize,
}

thread_local! {
    static SPARE: RefCell<Spare> = const { RefCell::new(Spare { buffers: Vec::new(), bytes: 0 }) };
}

/// The buffer that was given back last, or a new one.
#[inline]
pub(super) fn take() -> Vec<u8> {
    // None is left while the thread ends.
    SPARE.try_with(|spare| spare.borrow_mut().take()).ok().flatten().unwrap_or_default()
}

/// Gives back a buffer, whatever is in it.
#[inline]
pub(super) fn give(buffer: Vec<u8>) {
    let _ended = SPARE.try_with(|spare| spare.borrow_mut().give(buffer));
}

impl Spare {
    fn take(&mut self) -> Option<Vec<u8>> {
        let buffer = self.buffers.pop()?;
        self.bytes -= buffer.capacity();
        Some(buffer)
    }

    fn give(&mut self, mut buffer: Vec<u8>) {
        let bytes = self.bytes + buffer.capacity();
        if buffer.capacity() > 0 && bytes <= MAX_BYTES {
            buffer.clear();
            self.buffers.push(buffer);
            self.bytes = bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, Spare};

    #[test]
    fn the_last_comes_first_and_bytes_are_bounded() {
        let mut spare = Spare { buffers: Vec::new(), bytes: 0 };
        let size = 100_000;
        spare.give(Vec::new());
        (0..1000).for_each(|_| spare.give(Vec::with_capacity(size)));
        assert_eq!(spare.buffers.len(), MAX_BYTES / size);
        assert_eq!(spare.bytes, spare.buffers.iter().map(Vec::capacity).sum());
        spare.take();
        spare.give(vec![1, 2, 3]);
        assert_eq!(spare.take().map(|buffer| (buffer.len(), buffer.capacity())), Some((0, 3)));
        while spare.take().is_some() {}
        assert_eq!(spare.bytes, 0);
    }
}
