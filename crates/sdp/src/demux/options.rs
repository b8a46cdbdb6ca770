//! How much a demultiplexer remembers.

/// What a peer may make a [`Demux`](crate::Demux) remember.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DemuxOptions {
    /// SSRCs that were not announced. Default 1024: some hundred times what calls have; of more, no stream is found.
    pub max_ssrcs: usize,
}

impl Default for DemuxOptions {
    fn default() -> Self {
        Self { max_ssrcs: 1024 }
    }
}

impl DemuxOptions {
    /// SSRCs that were not announced.
    #[must_use]
    pub const fn with_max_ssrcs(mut self, ssrcs: usize) -> Self {
        self.max_ssrcs = ssrcs;
        self
    }
}
