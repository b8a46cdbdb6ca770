//! What the send histories of a connection take together.

use crate::answering::LocalStream;

/// What is set aside for a stream beyond what it takes, in bytes, besides an eighth: few of its packets have to ask for more.
const MARGIN: usize = 1024;

/// Memory is set aside for each stream, somewhat more than it takes; all of that together is bounded.
#[derive(Debug, Default)]
pub(crate) struct Total {
    set_aside: u64,
    streams: u64,
}

impl Total {
    pub(crate) const fn add_stream(&mut self) {
        self.streams += 1;
    }

    pub(crate) fn remove_stream(&mut self, stream: &LocalStream) {
        self.streams = self.streams.saturating_sub(1);
        self.set_aside = self.set_aside.saturating_sub(stream.set_aside as u64);
    }

    /// A stream has been swept: what it may do without is there for others.
    pub(crate) fn settle(&mut self, stream: &mut LocalStream) {
        if with_margin(stream.memory()) < stream.set_aside {
            self.change(stream, with_margin(stream.memory()));
        }
    }

    /// A stream takes more than is set aside for it. Afterwards `most` or less is set aside for all together, or the stream takes
    /// no more than its share of it.
    #[cold]
    pub(crate) fn grow(&mut self, most: u64, stream: &mut LocalStream) {
        self.change(stream, with_margin(stream.memory()));
        let Some(over) = self.set_aside.checked_sub(most).filter(|over| *over > 0) else { return };
        let share = most / self.streams.max(1);
        let fitting = (stream.set_aside as u64).saturating_sub(over);
        stream.cut_to(usize::try_from(share.max(fitting)).unwrap_or(usize::MAX));
        self.change(stream, stream.memory());
    }

    fn change(&mut self, stream: &mut LocalStream, set_aside: usize) {
        let others = self.set_aside.saturating_sub(stream.set_aside as u64);
        (self.set_aside, stream.set_aside) = (others + set_aside as u64, set_aside);
    }
}

const fn with_margin(memory: usize) -> usize {
    memory + memory / 8 + MARGIN
}

#[cfg(test)]
#[path = "total_tests.rs"]
mod tests;
