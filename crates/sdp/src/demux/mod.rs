//! Whose a packet is of which only the transport is known (RFC 8843 §9.2).

mod index;
mod options;

use std::collections::BTreeMap;

use interceptor_core::StreamInfo;
use interceptor_packet::RtpPacket;

use self::index::{Claim, Index, Owner};
pub use self::options::DemuxOptions;
use crate::MediaStreams;

/// Finds the stream of a packet whose SSRC nobody has bound: by its MID, else by its SSRC, else by its payload type, in the order
/// of RFC 8843 §9.2; within a section by its RID.
///
/// It is pure: packets in, descriptions out. What it has found it remembers, so give it the first packet of each SSRC that is
/// unknown, as `interceptor-tokio`'s `IncomingStream::first_packet` has it, and do what it says.
///
/// ```
/// use interceptor_packet::RtpPacket;
/// use interceptor_sdp::{Demux, Description, Found};
///
/// let offer: Description = "v=0\r\nm=video 9 RTP/AVPF 96 97\r\na=mid:cam\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n\
///     a=fmtp:97 apt=96\r\na=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid\r\n".parse()?;
/// let mut demux = Demux::new(&offer.sends());
/// let packet = RtpPacket::builder().ssrc(7).payload_type(96).extension(9, b"cam").build()?;
/// let Some(Found::Stream(stream)) = demux.find(&packet) else { panic!("the section is known") };
/// assert_eq!((stream.ssrc, &*stream.mid), (7, "cam"));
///
/// // Retransmissions of it come on an SSRC that nobody has announced.
/// let repeat = RtpPacket::builder().ssrc(8).payload_type(97).extension(9, b"cam").build()?;
/// let Some(Found::Amended(stream)) = demux.find(&repeat) else { panic!("the section has one stream") };
/// assert_eq!((stream.ssrc, stream.rtx.map(|rtx| rtx.ssrc)), (7, Some(8)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Demux {
    index: Index,
    streams: BTreeMap<u32, StreamInfo>,
    owners: BTreeMap<u32, Owner>,
    learnt: usize,
    options: DemuxOptions,
    counters: DemuxCounters,
}

/// What a packet is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Of this stream: bind it. The packet's SSRC is the media's, or one that repairs it.
    Stream(StreamInfo),
    /// It repairs a stream that was found before, which is now this: amend it.
    Amended(StreamInfo),
}

/// Packets of which no stream was found, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DemuxCounters {
    /// Their MID names no section.
    pub unknown_mid: u64,
    /// Their RID names no encoding of the section.
    pub unknown_rid: u64,
    /// Their payload type is none of their section's.
    pub wrong_payload_type: u64,
    /// They say nothing, and their payload type is no section's, or that of several.
    pub ambiguous: u64,
    /// They repair a stream that has not been found yet, or one of several.
    pub orphaned: u64,
    /// [`max_ssrcs`](DemuxOptions::max_ssrcs) have been found.
    pub over_limit: u64,
}

impl Demux {
    /// For what comes in over one transport: [`Description::sends`](crate::Description::sends) of the peer's description, or
    /// [`Answered::remote`](crate::Answered::remote).
    #[must_use]
    pub fn new(sections: &[MediaStreams]) -> Self {
        Self::with_options(sections, DemuxOptions::default())
    }

    /// The same, with options.
    #[must_use]
    pub fn with_options(sections: &[MediaStreams], options: DemuxOptions) -> Self {
        let index = Index::of(sections);
        let mut demux = Self {
            index,
            streams: BTreeMap::new(),
            owners: BTreeMap::new(),
            learnt: 0,
            options,
            counters: DemuxCounters::default(),
        };
        for (section, streams) in sections.iter().enumerate() {
            for stream in &streams.announced {
                for ssrc in stream.ssrcs() {
                    demux.owners.entry(ssrc).or_insert(Owner { section, media: stream.ssrc });
                }
                demux.streams.entry(stream.ssrc).or_insert_with(|| stream.clone());
            }
        }
        demux
    }

    /// What a packet of an unbound SSRC is of; `None` when that cannot be known, which [`counters`](Self::counters) explain.
    pub fn find(&mut self, packet: &RtpPacket) -> Option<Found> {
        let found = self.look_up(packet);
        found.map_err(|reason| *reason.counter(&mut self.counters) += 1).ok()
    }

    fn look_up(&mut self, packet: &RtpPacket) -> Result<Found, Miss> {
        let claim = self.index.claim(packet);
        let owner = self.owners.get(&packet.ssrc()).copied();
        let section =
            self.section(claim.mid.as_ref().map(|mid| mid.as_str()), owner, packet.payload_type())?;
        let owner = owner.filter(|owner| owner.section == section);
        if let Some(stream) = owner.and_then(|owner| self.streams.get_mut(&owner.media)) {
            if let (true, Some(rid)) = (stream.rid.is_empty(), claim.rid) {
                rid.as_str().clone_into(&mut stream.rid);
            }
            return Ok(Found::Stream(stream.clone()));
        }
        // An SSRC that moves to another section, or whose media was forgotten, has its place already.
        let is_new = !self.owners.contains_key(&packet.ssrc());
        if is_new && self.learnt >= self.options.max_ssrcs {
            return Err(Miss::OverLimit);
        }
        let found = if self.index.repairs(section, packet.payload_type()) {
            self.repair(section, &claim, packet)?
        } else {
            self.media(section, &claim, packet.ssrc())?
        };
        self.learnt += usize::from(is_new);
        Ok(found)
    }

    /// RFC 8843 §9.2: the MID before all, then what is known of the SSRC, then a payload type that only one section has.
    fn section(&self, mid: Option<&str>, owner: Option<Owner>, payload_type: u8) -> Result<usize, Miss> {
        let section = match (mid, owner) {
            (Some(mid), _) => self.index.by_mid(mid).ok_or(Miss::UnknownMid)?,
            (None, Some(owner)) => owner.section,
            (None, None) => self.index.by_payload_type(payload_type).ok_or(Miss::Ambiguous)?,
        };
        if self.index.has(section, payload_type) { Ok(section) } else { Err(Miss::WrongPayloadType) }
    }

    fn media(&mut self, section: usize, claim: &Claim, ssrc: u32) -> Result<Found, Miss> {
        let rid = claim.rid.as_ref().map_or("", |rid| rid.as_str());
        let template = self.index.template(section, rid).ok_or(Miss::UnknownRid)?;
        let stream = template.stream(ssrc);
        self.owners.insert(ssrc, Owner { section, media: ssrc });
        self.streams.insert(ssrc, stream.clone());
        Ok(Found::Stream(stream))
    }

    /// The stream with the RID that the packet says it repairs, else the only one of the section.
    fn repair(&mut self, section: usize, claim: &Claim, packet: &RtpPacket) -> Result<Found, Miss> {
        let rid = claim.repaired_rid.or(claim.rid);
        let of_section = |ssrc: &u32| self.owners.get(ssrc).is_some_and(|owner| owner.section == section);
        let named = |stream: &StreamInfo| rid.is_none_or(|rid| stream.rid == rid.as_str());
        let mut repaired = self
            .streams
            .values()
            .filter(|stream| of_section(&stream.ssrc) && named(stream))
            .map(|stream| stream.ssrc);
        let (Some(media), None) = (repaired.next(), repaired.next()) else { return Err(Miss::Orphaned) };
        let stream = self.streams.get_mut(&media).ok_or(Miss::Orphaned)?;
        *stream = self.index.amended(section, stream.clone(), packet).ok_or(Miss::Orphaned)?;
        self.owners.insert(packet.ssrc(), Owner { section, media });
        Ok(Found::Amended(stream.clone()))
    }

    /// An SSRC has ended: what was found of it is forgotten, so that others have room. Announced ones stay.
    pub fn forget(&mut self, ssrc: u32) {
        if self.index.is_announced(ssrc) {
            return;
        }
        self.streams.remove(&ssrc);
        let Some(owner) = self.owners.remove(&ssrc) else { return };
        self.learnt = self.learnt.saturating_sub(1);
        // Its media may be repaired on another SSRC from now on.
        let Some(stream) = self.streams.get_mut(&owner.media) else { return };
        stream.rtx = stream.rtx.take().filter(|rtx| rtx.ssrc != ssrc);
        if stream.fec.is_some_and(|fec| fec.ssrc == Some(ssrc)) {
            let template = self.index.template(owner.section, &stream.rid);
            stream.fec = template.and_then(|template| template.info().fec);
        }
    }

    /// Packets of which no stream was found.
    #[must_use]
    pub const fn counters(&self) -> DemuxCounters {
        self.counters
    }
}

/// Why no stream is found.
#[derive(Clone, Copy, Debug)]
enum Miss {
    UnknownMid,
    UnknownRid,
    WrongPayloadType,
    Ambiguous,
    Orphaned,
    OverLimit,
}

impl Miss {
    const fn counter(self, counters: &mut DemuxCounters) -> &mut u64 {
        match self {
            Self::UnknownMid => &mut counters.unknown_mid,
            Self::UnknownRid => &mut counters.unknown_rid,
            Self::WrongPayloadType => &mut counters.wrong_payload_type,
            Self::Ambiguous => &mut counters.ambiguous,
            Self::Orphaned => &mut counters.orphaned,
            Self::OverLimit => &mut counters.over_limit,
        }
    }
}
