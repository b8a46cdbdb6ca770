//! What is kept of a stream: the numbers of its media, and of what repairs that.

use std::time::Instant;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{StreamInfo, StreamKey};

use crate::PathReport;
use crate::held::Held;
use crate::liveness::Liveness;
use crate::merging::Merging;

/// What [`Merge`](crate::Merge) keeps of a stream.
#[derive(Debug)]
pub struct MergedStream {
    pub(crate) ssrc: u32,
    pub(crate) key: StreamKey,
    start: Instant,
    pub(crate) media: Merging,
    pub(crate) liveness: Liveness,
    /// Retransmissions and FEC have numbers of their own, by SSRC.
    repair: Vec<(u32, Merging)>,
    /// SSRCs that the media's copies come on.
    duplicates: Vec<u32>,
    pub(crate) held: Option<Held>,
}

impl MergedStream {
    /// `start` is when the chain began.
    pub(crate) fn new(info: &StreamInfo, key: StreamKey, start: Instant, holds: bool) -> Self {
        let mut stream = Self {
            ssrc: info.ssrc,
            key,
            start,
            media: Merging::default(),
            liveness: Liveness::default(),
            repair: Vec::new(),
            duplicates: Vec::new(),
            held: holds.then(Held::default),
        };
        stream.amend(info);
        stream
    }

    /// What is known of SSRCs that stay, stays.
    pub(crate) fn amend(&mut self, info: &StreamInfo) {
        self.duplicates.clone_from(&info.duplicates);
        let ssrcs = || info.rtx.iter().map(|rtx| rtx.ssrc).chain(info.fec.and_then(|fec| fec.ssrc));
        self.repair.retain(|(ssrc, _)| ssrcs().any(|other| other == *ssrc));
        for ssrc in ssrcs() {
            if !self.repair.iter().any(|(other, _)| *other == ssrc) {
                self.repair.push((ssrc, Merging::default()));
            }
        }
    }

    /// Gives a packet that came on the SSRC of copies (RFC 7104 §3) that of the media.
    #[cold]
    pub(crate) fn renumber(&self, packet: &mut RtpPacket) -> bool {
        let renumbers = self.duplicates.contains(&packet.ssrc());
        if renumbers {
            packet.set_ssrc(self.ssrc);
        }
        renumbers
    }

    /// The numbers of an SSRC that is not the media's. A FEC SSRC may be shared: its packets take the way of the first stream that names it.
    #[cold]
    pub(crate) fn repair_mut(&mut self, ssrc: u32) -> Option<&mut Merging> {
        self.repair.iter_mut().find(|(other, _)| *other == ssrc).map(|(_, merging)| merging)
    }

    /// How a path does; all zero before anything has come over it.
    #[must_use]
    pub fn path(&self, path: u8) -> PathReport {
        let path = self.media.paths().get(usize::from(path));
        path.map(|path| path.report(self.start)).unwrap_or_default()
    }

    /// The paths over which anything has come, and how they do.
    pub fn paths(&self) -> impl Iterator<Item = (u8, PathReport)> + '_ {
        let begun = (0_u8..).zip(self.media.paths()).filter(|(_, path)| path.has_begun());
        begun.map(|(at, path)| (at, path.report(self.start)))
    }

    /// Packets that wait for those before them ([`Order::Held`](crate::Order::Held)), and their bytes.
    #[must_use]
    pub fn held(&self) -> (usize, usize) {
        self.held.as_ref().map_or((0, 0), |held| (held.len(), held.bytes()))
    }
}
