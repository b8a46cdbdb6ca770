//! What a session description says about streams (RFC 8866): ports, payload types, groups of SSRCs.

use interceptor_sdp::{Description, ReadOptions, SdpError, Section};

use super::payload_types::{Codec, PayloadType, PayloadTypes};

/// SSRCs that a description may group; more are ignored.
const MAX_GROUPS: usize = 1024;

/// The longest description that is read from the wire: as much as a body of RTSP, and more than a datagram has.
const MAX_BYTES: usize = 64 << 10;

/// Stands for a port that ICE will choose (RFC 8840 §4.1.1).
const PLACEHOLDER_PORT: u16 = 9;

/// What a session description says, as far as it helps to tell streams apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// The payload types with a meaning, with the port of the media section that they stand in; 0 in bundled sections with port 9
    /// (RFC 8840).
    pub payload_types: Vec<(u16, PayloadType)>,
    /// The ports of the media sections.
    pub ports: Vec<u16>,
    /// `a=ssrc-group:FID` (RFC 5576 §4.2): media SSRC, then the SSRC of its retransmissions.
    pub retransmissions: Vec<(u32, u32)>,
    /// `a=ssrc-group:FEC-FR` (RFC 5956 §4.3): media SSRC, then the SSRC of its repair packets.
    pub repairs: Vec<(u32, u32)>,
}

impl Session {
    /// Reads a description as it was seen on the wire. Attributes that make no sense say nothing, and neither does what is no
    /// description.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let lenient = ReadOptions::default().with_max_bytes(MAX_BYTES).with_skip_malformed(true);
        Description::parse_with(text, &lenient).map(|description| Self::of(&description)).unwrap_or_default()
    }

    /// Reads a description that somebody gives.
    ///
    /// # Errors
    /// The first line that makes no sense, with the reason.
    pub fn read(text: &str) -> Result<Self, SdpError> {
        Description::parse(text).map(|description| Self::of(&description))
    }

    /// Reads the description in a session announcement (RFC 2974), or one that stands alone; `None` when it is none, is encrypted or
    /// compressed.
    #[must_use]
    pub fn from_announcement(packet: &[u8]) -> Option<Self> {
        if packet.starts_with(b"v=0") {
            return Some(Self::parse(&String::from_utf8_lossy(packet)));
        }
        let [flags, auth_len, ..] = *packet else { return None };
        // Version 1, not encrypted, not compressed; a deletion announces nothing.
        if flags >> 5 != 1 || flags & 0b0000_0111 != 0 {
            return None;
        }
        let origin_len = if flags & 0b0001_0000 == 0 { 4 } else { 16 };
        let rest = packet.get(4 + origin_len + 4 * usize::from(auth_len)..)?;
        let sdp = if rest.starts_with(b"v=0") { rest } else { rest.strip_prefix(b"application/sdp\0")? };
        Some(Self::parse(&String::from_utf8_lossy(sdp)))
    }

    fn of(description: &Description) -> Self {
        let mut session = Self::default();
        description.sections().iter().for_each(|section| session.add(section));
        session
    }

    fn add(&mut self, section: &Section) {
        let port = Some(section.port).filter(|port| *port != PLACEHOLDER_PORT).unwrap_or(0);
        if port != 0 && !self.ports.contains(&port) {
            self.ports.push(port);
        }
        let known = section.formats.iter().filter(|format| !format.name.is_empty());
        let known =
            known.map(|format| PayloadType::new(format.number, Codec::new(&*format.name, format.clock_rate)));
        self.payload_types.extend(known.map(|payload_type| (port, payload_type)));
        for group in &section.source_groups {
            let [media, other] = group.ssrcs[..] else { continue };
            let list = match group {
                group if group.is("FID") => &mut self.retransmissions,
                group if group.is("FEC-FR") => &mut self.repairs,
                _ => continue,
            };
            if list.len() < MAX_GROUPS {
                list.push((media, other));
            }
        }
    }

    /// Takes over which SSRCs another description groups; what was said before counts for more.
    pub(crate) fn group_as(&mut self, other: &Self) {
        let lists =
            [(&mut self.retransmissions, &other.retransmissions), (&mut self.repairs, &other.repairs)];
        for (mine, others) in lists {
            for &(media, ssrc) in others {
                if mine.len() < MAX_GROUPS && !mine.iter().any(|(_, known)| *known == ssrc) {
                    mine.push((media, ssrc));
                }
            }
        }
    }

    /// Adds what the description says of payload types.
    pub fn describe(&self, types: &mut PayloadTypes) {
        self.describe_for(0, types);
    }

    /// As [`describe`](Self::describe); what is said of no port holds for `port`, 0 for all.
    pub(super) fn describe_for(&self, port: u16, types: &mut PayloadTypes) {
        for (said, payload_type) in &self.payload_types {
            match if *said == 0 { port } else { *said } {
                0 => types.add(payload_type.clone()),
                port => types.add_for_port(port, payload_type.clone()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ports_payload_types_and_groups() {
        let sdp = "v=0\r\nm=audio 5004 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n\
            a=rtpmap:96 VP8/90000\r\na=rtpmap:200 no/1\r\na=ssrc-group:FID 10 11\r\na=ssrc-group:FEC-FR 10 12\r\n\
            a=ssrc-group:FID 1\r\na=ssrc-group:FID 1 x\r\n";
        let session = Session::parse(sdp);
        assert_eq!(session.ports, [5004]);
        assert_eq!((session.retransmissions, session.repairs), (vec![(10, 11)], vec![(10, 12)]));
        let types: Vec<_> = session.payload_types.iter().map(|(port, pt)| (*port, pt.number)).collect();
        assert_eq!(types, [(5004, 111), (0, 96)]);
    }

    #[test]
    fn reads_announcements_and_nothing_else() {
        let sdp = &b"v=0\r\nm=video 5004 RTP/AVP 96\r\n"[..];
        let with =
            |start: &[u8]| Session::from_announcement(&[start, sdp].concat()).map(|session| session.ports);
        assert_eq!(with(&[0x20, 0, 0, 1, 1, 2, 3, 4]), Some(vec![5004]));
        assert_eq!(
            with(&[&[0x20, 1, 0, 1, 1, 2, 3, 4, 0, 0, 0, 0][..], b"application/sdp\0"].concat()),
            Some(vec![5004])
        );
        for other in [0x22, 0x21, 0x24, 0x80] {
            assert_eq!(with(&[other, 0, 0, 1, 1, 2, 3, 4]), None);
        }
        assert_eq!(Session::from_announcement(&[0x20, 255, 0, 0]), None);
    }
}
