//! What a capture holds besides streams: enough to say why none was found.

use std::collections::{BTreeMap, HashMap};

use interceptor_packet::{Kind, classify};

use super::Endpoints;
use super::frame::{Datagram, Encapsulation};
use super::header::Header;
use super::problem::Problem;
use super::sequence::Sequence;

/// UDP ports that are counted, and flows that are watched beside the named ports.
const MAX_KEPT: usize = 256;
/// Ports that are named.
const MAX_NAMED: usize = 4;
/// RTP's fixed header (RFC 3550 §5.1).
const RTP_HEADER: usize = 12;

/// Counts of what is no stream.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    udp: u64,
    rtcp: u64,
    tcp: u64,
    pub(super) other: u64,
    /// Datagrams by the lower of their ports: the higher one is mostly a client's.
    ports: BTreeMap<u16, u64>,
    opaque: BTreeMap<Encapsulation, u64>,
    /// Datagrams that begin like RTP and end within its header.
    cut_rtp: u64,
    /// Frames that end before one could tell.
    cut_before: u64,
    /// The longest of these frames.
    snaplen: usize,
    /// What comes in flows that nobody has named: the newest SSRC of each, and its numbers.
    elsewhere: HashMap<Endpoints, (u32, Sequence), foldhash::fast::FixedState>,
}

impl Traffic {
    /// A datagram came, before any stream was found.
    pub(super) fn datagram(&mut self, datagram: &Datagram<'_>) {
        self.udp += 1;
        self.rtcp += u64::from(classify(datagram.payload) == Kind::Rtcp);
        let Endpoints { src, dst } = datagram.endpoints;
        let port = src.port().min(dst.port());
        if let Some(count) = self.ports.get_mut(&port) {
            *count += 1;
        } else if self.ports.len() < MAX_KEPT {
            self.ports.insert(port, 1);
        }
    }

    /// Something came that carries packets which cannot be seen.
    pub(super) fn opaque(&mut self, encapsulation: Encapsulation) {
        *self.opaque.entry(encapsulation).or_default() += 1;
    }

    /// A frame of `captured` bytes ends within its headers.
    #[cold]
    pub(super) fn cut_frame(&mut self, captured: usize) {
        self.cut_before += 1;
        self.snaplen = self.snaplen.max(captured);
    }

    /// A datagram in a frame of `captured` bytes ends where an RTP header would not.
    #[cold]
    pub(super) fn cut_datagram(&mut self, datagram: &Datagram<'_>, captured: usize) {
        let counter = if datagram.payload.is_empty() { &mut self.cut_before } else { &mut self.cut_rtp };
        *counter += 1;
        self.snaplen = self.snaplen.max(captured);
    }

    /// RTP, perhaps, on a port that was not named.
    #[cold]
    pub(super) fn elsewhere(&mut self, datagram: &Datagram<'_>) {
        let Some(header) = Header::parse(datagram.payload, datagram.wire_len) else { return };
        if self.elsewhere.len() == MAX_KEPT && !self.elsewhere.contains_key(&datagram.endpoints) {
            return;
        }
        let (ssrc, sequence) = self.elsewhere.entry(datagram.endpoints).or_default();
        if sequence.is_recognised() {
            return;
        }
        if *ssrc != header.ssrc() {
            (*ssrc, *sequence) = (header.ssrc(), Sequence::default());
        }
        sequence.add(header.seq());
    }

    /// A TCP segment came.
    pub(super) fn segment(&mut self) {
        self.tcp += 1;
    }

    /// What there is to say beside the streams that were found.
    pub(super) fn among_streams(&self) -> Option<Problem> {
        self.cut(self.cut_rtp)
    }

    /// Why no stream was found; `ports` are those that were named.
    pub(super) fn reasons(&self, ports: &[u16]) -> Vec<Problem> {
        let mut reasons: Vec<Problem> = self.cut(self.cut_rtp + self.cut_before).into_iter().collect();
        let opaque = self.opaque.iter();
        reasons.extend(opaque.map(|(encapsulation, frames)| Problem::Encapsulated {
            encapsulation: *encapsulation,
            frames: *frames,
        }));
        if !ports.is_empty() && self.udp > 0 {
            reasons.push(Problem::PortUnused { ports: ports.to_vec(), elsewhere: self.steady_ports() });
        }
        reasons
    }

    /// What there was, when nothing explains why no stream was found.
    pub(super) fn described(&self) -> Option<Problem> {
        let Self { udp, rtcp, tcp, other, .. } = *self;
        let mut ports: Vec<(u16, u64)> = self.ports.iter().map(|(port, count)| (*port, *count)).collect();
        ports.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let ports = ports.into_iter().take(MAX_NAMED).map(|(port, _)| port).collect();
        (udp + tcp + other > 0).then_some(Problem::NoRtp { udp, rtcp, tcp, other, ports })
    }

    fn cut(&self, datagrams: u64) -> Option<Problem> {
        (datagrams > 0).then_some(Problem::CutOff { datagrams, snaplen: self.snaplen })
    }

    /// Where what looks like RTP goes to.
    fn steady_ports(&self) -> Vec<u16> {
        let steady = self.elsewhere.iter().filter(|(_, (_, sequence))| sequence.is_recognised());
        let mut ports: Vec<u16> = steady.map(|(endpoints, _)| endpoints.dst.port()).collect();
        ports.sort_unstable();
        ports.dedup();
        ports.truncate(MAX_NAMED);
        ports
    }
}

/// Whether the capture cut a datagram before the end of an RTP header, as far as that can be told.
#[inline]
pub(super) fn is_cut_off(datagram: &Datagram<'_>) -> bool {
    datagram.payload.len() < RTP_HEADER
        && datagram.wire_len >= RTP_HEADER
        && datagram.payload.len() < datagram.wire_len
        && match classify(datagram.payload) {
            Kind::Rtp => true,
            Kind::Rtcp => false,
            // One byte tells RTP from what is neither, but not from RTCP.
            Kind::Other => {
                datagram.payload.len() < 2 && datagram.payload.first().is_none_or(|first| first >> 6 == 2)
            }
        }
}
