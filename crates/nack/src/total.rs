//! What the send histories of a connection take together.

use crate::answering::LocalStream;

/// Kept up to date by whoever changes a history: [`Before::of`] before, [`Total::settle`] after.
#[derive(Debug, Default)]
pub(crate) struct Total {
    bytes: u64,
    streams: u64,
}

/// What a stream took before it was changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before(usize);

impl Before {
    #[inline]
    pub(crate) const fn of(stream: &LocalStream) -> Self {
        Self(stream.memory())
    }
}

impl Total {
    pub(crate) const fn add_stream(&mut self) {
        self.streams += 1;
    }

    pub(crate) const fn remove_stream(&mut self, stream: &LocalStream) {
        self.streams = self.streams.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(stream.memory() as u64);
    }

    /// A stream has been changed.
    #[inline]
    pub(crate) const fn settle(&mut self, before: Before, stream: &LocalStream) {
        self.bytes = (self.bytes + stream.memory() as u64).saturating_sub(before.0 as u64);
    }

    /// [`settle`](Self::settle), after which all together take at most `most`, or the stream no more than its share of it.
    #[inline]
    pub(crate) fn settle_within(&mut self, most: u64, before: Before, stream: &mut LocalStream) {
        self.settle(before, stream);
        if self.bytes > most {
            self.cut(most, stream);
        }
    }

    #[cold]
    fn cut(&mut self, most: u64, stream: &mut LocalStream) {
        let before = Before::of(stream);
        let share = most / self.streams.max(1);
        let fitting = (before.0 as u64).saturating_sub(self.bytes - most);
        stream.cut_to(usize::try_from(share.max(fitting)).unwrap_or(usize::MAX));
        self.settle(before, stream);
    }
}
