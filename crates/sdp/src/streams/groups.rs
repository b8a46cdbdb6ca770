//! Which of a section's SSRCs are media, and which repair them (RFC 5576 §4.2, RFC 5956 §4.3).

use std::collections::{BTreeMap, BTreeSet};

use interceptor_core::StreamInfo;

use super::StreamTemplate;
use crate::section::Section;

/// A stream for each SSRC that carries media, in the order in which they are announced.
pub(super) fn announced(section: &Section, template: &StreamTemplate) -> Vec<StreamInfo> {
    let groups = Groups::of(section);
    let grouped = section.source_groups.iter().flat_map(|group| &group.ssrcs);
    let mut seen = BTreeSet::new();
    let named = section.sources.iter().map(|source| source.ssrc).chain(grouped.copied());
    let media = named.filter(|ssrc| !groups.repairs(*ssrc) && seen.insert(*ssrc));
    media.map(|ssrc| groups.complete(template.stream(ssrc), template)).collect()
}

/// The SSRCs that repair, by the SSRC of the media.
struct Groups {
    rtx: BTreeMap<u32, u32>,
    fec: BTreeMap<u32, u32>,
    repairs: BTreeSet<u32>,
}

impl Groups {
    fn of(section: &Section) -> Self {
        let mut groups = Self { rtx: BTreeMap::new(), fec: BTreeMap::new(), repairs: BTreeSet::new() };
        for group in &section.source_groups {
            match group.ssrcs.as_slice() {
                [media, rtx, ..] if group.is("FID") && media != rtx => groups.add_rtx(*media, *rtx),
                // The last repairs all others: a repair stream may protect several.
                [media @ .., fec] if group.is("FEC-FR") => groups.add_fec(media, *fec),
                _ => {}
            }
        }
        groups
    }

    /// The first group that names an SSRC counts.
    fn add_rtx(&mut self, media: u32, rtx: u32) {
        if !self.repairs.contains(&rtx) && !self.repairs.contains(&media) && !self.is_repaired(rtx) {
            self.rtx.entry(media).or_insert(rtx);
            self.repairs.insert(rtx);
        }
    }

    fn add_fec(&mut self, media: &[u32], fec: u32) {
        let is_rtx = self.rtx.values().any(|rtx| *rtx == fec);
        if is_rtx || self.is_repaired(fec) || media.is_empty() || media.contains(&fec) {
            return;
        }
        for ssrc in media {
            self.fec.entry(*ssrc).or_insert(fec);
        }
        self.repairs.insert(fec);
    }

    /// Has a group named it as media?
    fn is_repaired(&self, ssrc: u32) -> bool {
        self.rtx.contains_key(&ssrc) || self.fec.contains_key(&ssrc)
    }

    fn repairs(&self, ssrc: u32) -> bool {
        self.repairs.contains(&ssrc)
    }

    fn complete(&self, stream: StreamInfo, template: &StreamTemplate) -> StreamInfo {
        let ssrc = stream.ssrc;
        let stream = match self.rtx.get(&ssrc) {
            Some(rtx) => template.with_rtx(stream, *rtx),
            None => stream,
        };
        match self.fec.get(&ssrc) {
            Some(fec) => template.with_fec(stream, *fec),
            None => stream,
        }
    }
}
