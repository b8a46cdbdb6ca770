//! How much of a description is read.

/// What a peer may make a [`Description`](crate::Description) hold, and what becomes of lines that make no sense.
///
/// ```
/// use interceptor_sdp::{Description, ReadOptions};
/// let options = ReadOptions::default().with_max_bytes(10_000).with_skip_malformed(true);
/// let text = "v=0\r\nm=video 5004 RTP/AVP 96 97\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 what\r\n";
/// let description = Description::parse_with(text, &options)?;
/// assert_eq!(description.skipped()[0].line(), Some(4));
/// # Ok::<(), interceptor_sdp::SdpError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The longest text in bytes. Default 1 MiB: some hundred times the largest that browsers write.
    pub max_bytes: usize,
    /// Media sections. Default 1024: a conference of 500 with sound and picture.
    pub max_sections: usize,
    /// Entries of one kind in one section (SSRCs, feedback lines, candidates, …), and lines that are skipped. Default 1024. Reading takes time
    /// with its square.
    pub max_entries: usize,
    /// Go on behind an attribute that makes no sense, as if it were not there? It is listed in
    /// [`Description::skipped`](crate::Description::skipped). Default: no, it is an error. For who looks on; who negotiates should
    /// know what was said.
    pub skip_malformed: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { max_bytes: 1 << 20, max_sections: 1024, max_entries: 1024, skip_malformed: false }
    }
}

impl ReadOptions {
    /// The longest text in bytes.
    #[must_use]
    pub const fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// The most media sections.
    #[must_use]
    pub const fn with_max_sections(mut self, sections: usize) -> Self {
        self.max_sections = sections;
        self
    }

    /// The most entries of one kind in one section.
    #[must_use]
    pub const fn with_max_entries(mut self, entries: usize) -> Self {
        self.max_entries = entries;
        self
    }

    /// Go on behind an attribute that makes no sense?
    #[must_use]
    pub const fn with_skip_malformed(mut self, skip: bool) -> Self {
        self.skip_malformed = skip;
        self
    }
}
