//! What descriptions say by which a packet can be told: identifications, payload types, SSRCs.

use std::collections::{BTreeMap, BTreeSet};

use interceptor_core::StreamInfo;
use interceptor_packet::ext::{Mid, RepairedRid, Rid};
use interceptor_packet::{HeaderExtension, RtpPacket};

use crate::{MediaStreams, StreamTemplate};

/// Whose an SSRC is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) section: usize,
    /// The media SSRC; the same, unless it repairs.
    pub(super) media: u32,
}

/// What a packet says of whose it is.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) mid: Option<Mid>,
    pub(super) rid: Option<Rid>,
    pub(super) repaired_rid: Option<Rid>,
}

#[derive(Clone, Debug)]
pub(super) struct Index {
    sections: Vec<MediaStreams>,
    mids: BTreeMap<String, usize>,
    payload_types: BTreeMap<u8, Holder>,
    announced: BTreeSet<u32>,
    mid: Option<u8>,
    rid: Option<u8>,
    repaired_rid: Option<u8>,
}

/// Which sections have a payload type.
#[derive(Clone, Copy, Debug)]
enum Holder {
    One(usize),
    Several,
}

impl Index {
    pub(super) fn of(sections: &[MediaStreams]) -> Self {
        // Sections that share a transport give an identifier the same meaning (RFC 8843 §9.1, RFC 8285 §5).
        let id = |uri| sections.iter().find_map(|section| section.template.info().extension_id(uri));
        let mut index = Self {
            sections: sections.to_vec(),
            mids: BTreeMap::new(),
            payload_types: BTreeMap::new(),
            announced: sections
                .iter()
                .flat_map(|section| &section.announced)
                .flat_map(StreamInfo::ssrcs)
                .collect(),
            mid: id(Mid::URI),
            rid: id(Rid::URI),
            repaired_rid: id(RepairedRid::URI),
        };
        for (at, section) in sections.iter().enumerate() {
            index.mids.entry(section.mid.clone()).or_insert(at);
            for payload_type in section.template.payload_types() {
                index
                    .payload_types
                    .entry(payload_type)
                    .and_modify(|holder| holder.add(at))
                    .or_insert(Holder::One(at));
            }
        }
        index
    }

    pub(super) fn claim(&self, packet: &RtpPacket) -> Claim {
        Claim {
            mid: self.mid.and_then(|id| packet.read(id)),
            rid: self.rid.and_then(|id| packet.read(id)),
            repaired_rid: self
                .repaired_rid
                .and_then(|id| packet.read::<RepairedRid>(id))
                .map(|RepairedRid(rid)| rid),
        }
    }

    pub(super) fn by_mid(&self, mid: &str) -> Option<usize> {
        self.mids.get(mid).copied()
    }

    pub(super) fn by_payload_type(&self, payload_type: u8) -> Option<usize> {
        match self.payload_types.get(&payload_type)? {
            Holder::One(section) => Some(*section),
            Holder::Several => None,
        }
    }

    /// Is it one of the section's payload types?
    pub(super) fn has(&self, section: usize, payload_type: u8) -> bool {
        let section = self.sections.get(section);
        section.is_some_and(|section| section.template.payload_types().any(|known| known == payload_type))
    }

    /// Does the payload type travel on an SSRC of its own, to repair another?
    pub(super) fn repairs(&self, section: usize, payload_type: u8) -> bool {
        self.sections.get(section).is_some_and(|section| {
            let template = &section.template;
            template.is_rtx(payload_type) || template.is_flexfec(payload_type)
        })
    }

    /// `None`: the section has encodings, and none of this name.
    pub(super) fn template(&self, section: usize, rid: &str) -> Option<&StreamTemplate> {
        let section = self.sections.get(section)?;
        let layer = section.layers.iter().find(|layer| layer.rid() == rid);
        layer.or_else(|| (rid.is_empty() || section.layers.is_empty()).then_some(&section.template))
    }

    /// The stream with what this packet repairs it by; `None` when it has another such SSRC.
    pub(super) fn amended(
        &self,
        section: usize,
        stream: StreamInfo,
        packet: &RtpPacket,
    ) -> Option<StreamInfo> {
        let template = self.sections.get(section)?.template(&stream.rid);
        let ssrc = packet.ssrc();
        if template.is_rtx(packet.payload_type()) {
            return stream.rtx.is_none().then(|| template.with_rtx(stream, ssrc));
        }
        let is_free = stream.fec.is_none_or(|fec| fec.ssrc.is_none());
        is_free.then(|| template.with_fec(stream, ssrc))
    }

    pub(super) fn is_announced(&self, ssrc: u32) -> bool {
        self.announced.contains(&ssrc)
    }
}

impl Holder {
    fn add(&mut self, section: usize) {
        if !matches!(self, Self::One(known) if *known == section) {
            *self = Self::Several;
        }
    }
}
