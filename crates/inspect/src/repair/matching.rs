//! Packets that may bring back what other streams of their flow have lost.

use std::time::Duration;

use super::fec::{flexfec, ulpfec};
use super::{Copied, Presence, micros};
use crate::Endpoints;
use crate::flow::Flow;
use crate::header::Header;
use crate::related::Evidence;
use crate::summary::FecFormat;

impl Flow {
    /// A packet is there: repair packets may have waited for it.
    #[cold]
    pub(crate) fn came(&mut self, ssrc: u32, seq: u16, at: Duration) {
        for (source, ssrc, seq) in self.waiting.came(ssrc, seq) {
            self.recover(source, ssrc, seq, at);
        }
    }

    /// A media stream's packet may be ULPFEC in RED, which protects packets before it.
    #[inline]
    pub(crate) fn protect(&mut self, header: &Header, data: &[u8], at: Duration) {
        let Some(len) = header.payload_len() else { return };
        if let Some(seqs) = ulpfec(header.seq(), header.payload(data), len) {
            let ssrc = header.ssrc();
            if let Some(stream) = self.streams.get_mut(&ssrc) {
                stream.has_ulpfec = true;
            }
            self.repair(ssrc, seqs.into_iter().map(|seq| (ssrc, seq)), at);
        }
    }

    /// Compares a packet with the other streams: it may be a retransmission, or a repair packet.
    #[cold]
    pub(crate) fn compare(&mut self, header: &Header, data: &[u8], at: Duration) {
        // RFC 4588 §4: without an original number it is padding.
        let Some(original) = header.lead() else { return };
        let ssrc = header.ssrc();
        let Some(stream) = self.streams.get_mut(&ssrc) else { return };
        let mut clues = std::mem::take(&mut stream.clues);
        let is_open = clues.is_open();
        if is_open {
            clues.tried();
        }
        let known = clues.retransmitted();
        let packet = Copied { seq: original, timestamp: header.timestamp(), at: micros(at) };
        let mut back = Vec::new();
        for other in self.compared.iter().filter(|other| **other != ssrc) {
            let Some(stream) = self.streams.get_mut(other) else { continue };
            let is_known = known == Some(*other);
            // RFC 4588 §8.6: in one session a retransmission has a payload type of its own.
            if (!is_open && !is_known) || stream.meter.has_payload_type(header.payload_type()) {
                continue;
            }
            let evidence = stream.losses.retransmission(ssrc, packet, stream.recent.as_ref(), is_known);
            if is_open {
                clues.retransmission(*other, original, evidence);
            }
            if evidence != Evidence::Against && stream.losses.presence(original) == Presence::There {
                back.push(*other);
            }
        }
        if is_open || clues.has_repairs() {
            let protects = self.flexfec(header, data, at);
            // The draft names what it protects in its own header, the RFC in the RTP header.
            let is_draft = header.csrcs(data).is_empty();
            let format = if is_draft { FecFormat::FlexFec03 } else { FecFormat::FlexFec };
            protects.into_iter().filter(|_| is_open).for_each(|media| clues.repair(media, format));
        }
        if let Some(stream) = self.streams.get_mut(&ssrc) {
            stream.clues = clues;
        }
        back.into_iter().for_each(|media| self.came(media, original, at));
    }

    /// The streams that a packet of FlexFEC protects; what that lets a receiver recover is recovered.
    fn flexfec(&mut self, header: &Header, data: &[u8], at: Duration) -> Vec<u32> {
        let Some(protected) = flexfec(&header.csrcs(data), header.payload(data)) else { return Vec::new() };
        let mut ssrcs: Vec<u32> = protected.iter().map(|(ssrc, _)| *ssrc).collect();
        ssrcs.dedup();
        let is_media = |ssrc: &u32| {
            let stream = self.streams.get(ssrc).filter(|_| *ssrc != header.ssrc());
            stream.is_some_and(|stream| !stream.meter.has_payload_type(header.payload_type()))
        };
        if !ssrcs.iter().all(is_media)
            || protected.iter().all(|packet| self.presence(*packet) == Presence::Unknown)
        {
            return Vec::new();
        }
        self.repair(header.ssrc(), protected.into_iter(), at);
        ssrcs
    }

    /// A repair packet of stream `source` came.
    fn repair(&mut self, source: u32, protected: impl Iterator<Item = (u32, u16)>, at: Duration) {
        let mut wanted = Vec::new();
        for packet in protected {
            match self.presence(packet) {
                Presence::There => {}
                Presence::Wanted => wanted.push(packet),
                // Nobody can tell what is missing.
                Presence::Unknown => return,
            }
        }
        match wanted[..] {
            [] => {}
            [(ssrc, seq)] => self.recover(source, ssrc, seq, at),
            _ => self.waiting.add(source, wanted),
        }
    }

    /// A packet can be recovered, and then perhaps others.
    fn recover(&mut self, source: u32, ssrc: u32, seq: u16, at: Duration) {
        let mut recoverable = vec![(source, ssrc, seq)];
        while let Some((source, ssrc, seq)) = recoverable.pop() {
            if self.presence((ssrc, seq)) == Presence::Wanted
                && let Some(stream) = self.streams.get_mut(&ssrc)
            {
                stream.losses.recovered(seq, source, micros(at));
                recoverable.extend(self.waiting.came(ssrc, seq));
            }
        }
    }

    fn presence(&self, (ssrc, seq): (u32, u16)) -> Presence {
        self.streams.get(&ssrc).map_or(Presence::Unknown, |stream| stream.losses.presence(seq))
    }

    /// A request for numbers of a stream, in the flow `by`.
    pub(super) fn asked(&mut self, ssrc: u32, seqs: impl Iterator<Item = u16>, by: Endpoints) {
        if let Some(stream) = self.streams.get_mut(&ssrc) {
            let ports = u32::from(by.src.port()) << 16 | u32::from(by.dst.port());
            seqs.for_each(|seq| stream.losses.asked(seq, ports));
        }
    }
}
