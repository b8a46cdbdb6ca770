//! How large a description may become: what lines say once, every section or stream may have to repeat.

use sdp_types::Attribute;

use crate::error::Reason;
use crate::section::Section;

/// How many times longer than the longest text. The largest conferences of browsers need a tenth of it.
const MAX_GROWTH: usize = 64;

/// What an entry takes beside its text, in bytes.
const ENTRY: usize = 96;

/// What is left of the bytes that a description may become.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
    max: usize,
}

impl Budget {
    pub(super) const fn new(max_bytes: usize) -> Self {
        let max = max_bytes.saturating_mul(MAX_GROWTH);
        Self { left: max, max }
    }

    /// Each section has these lines as well.
    pub(super) fn spend_on_sections(&mut self, sections: usize, lines: &[Attribute]) -> Result<(), Reason> {
        self.spend(weight(lines).saturating_mul(sections))
    }

    /// Each stream has what the lines of its section say.
    pub(super) fn spend_on_streams(&mut self, section: &Section, lines: &[Attribute]) -> Result<(), Reason> {
        let grouped: usize = section.source_groups.iter().map(|group| group.ssrcs.len()).sum();
        let streams = section.sources.len() + grouped + section.rids.len();
        self.spend((weight(lines) + section.formats.len() * ENTRY).saturating_mul(streams))
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Reason> {
        let left = self.left.checked_sub(bytes);
        self.left =
            left.ok_or(Reason::TooMany { what: "bytes in the streams of all sections", max: self.max })?;
        Ok(())
    }
}

fn weight(lines: &[Attribute]) -> usize {
    lines.iter().map(|line| ENTRY + line.value.as_ref().map_or(0, String::len)).sum()
}
