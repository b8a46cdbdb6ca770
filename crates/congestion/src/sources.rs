//! Small numbers for the SSRCs of local streams, by which a packet's entry in the history names its stream.

use interceptor_core::StreamKey;

/// Which stream each number stands for.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// With the index of the first packet that may be its: those before are of a stream that had the number and has ended.
    streams: Vec<Option<(StreamKey, u64)>>,
    free: Vec<u16>,
}

impl Sources {
    /// A number for an SSRC of this stream, whose packets have indices from `first` on; `None` when there are 65 536.
    pub(crate) fn take(&mut self, stream: StreamKey, first: u64) -> Option<u16> {
        let number = self.free.pop().or_else(|| u16::try_from(self.streams.len()).ok())?;
        match self.streams.get_mut(usize::from(number)) {
            Some(slot) => *slot = Some((stream, first)),
            None => self.streams.push(Some((stream, first))),
        }
        Some(number)
    }

    /// The number's stream has ended.
    pub(crate) fn free(&mut self, number: u16) {
        if let Some(slot) = self.streams.get_mut(usize::from(number)) {
            *slot = None;
            self.free.push(number);
        }
    }

    /// The stream that a number stands for in the packet with this index.
    #[inline]
    pub(crate) fn stream(&self, number: u16, index: u64) -> Option<StreamKey> {
        let (stream, first) = (*self.streams.get(usize::from(number))?)?;
        (index >= first).then_some(stream)
    }
}
