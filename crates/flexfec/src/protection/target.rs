//! Where a stream's repair packets go, and in which format.

use interceptor_core::packet::{Origin, ParseError, RtpPacket};
use interceptor_core::{FecScheme, StreamInfo};

use bytes::Bytes;

/// The formats that local streams are protected in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Draft03,
    Rfc8627,
}

/// SSRC, payload type and format of repair packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) scheme: Scheme,
    pub(crate) ssrc: u32,
    payload_type: u8,
}

/// The most that a repair packet is longer than the longest packet that it covers: its header, less the fixed RTP header that sums
/// leave out, and the protected SSRC that RFC 8627 lists in the RTP header.
const fn most_added(scheme: Scheme, span: u8) -> u16 {
    match (scheme, span) {
        (Scheme::Draft03, ..=15) => 20,
        (Scheme::Draft03, ..=46) => 24,
        (Scheme::Draft03, _) => 32,
        (Scheme::Rfc8627, ..=15) => 4 + 12,
        (Scheme::Rfc8627, ..=46) => 4 + 16,
        (Scheme::Rfc8627, _) => 4 + 24,
    }
}

impl Target {
    /// That of a stream; `None` if its repair packets have another format, or no SSRC of their own.
    pub(crate) fn of(info: &StreamInfo) -> Option<Self> {
        let fec = info.fec.as_ref()?;
        let scheme = match fec.scheme {
            FecScheme::FlexFec03 => Scheme::Draft03,
            FecScheme::FlexFec => Scheme::Rfc8627,
            _ => return None,
        };
        let ssrc = fec.ssrc.filter(|ssrc| *ssrc != info.ssrc)?;
        Some(Self { scheme, ssrc, payload_type: fec.payload_type })
    }

    /// What has to be left free in each packet for a mask that reaches so far.
    pub(crate) const fn headroom(self, span: u8) -> u16 {
        most_added(self.scheme, span)
    }

    /// A repair packet (draft 03 and RFC 8627, each §4.2.1): the newest covered packet's timestamp, no marker.
    pub(crate) fn packet(
        self,
        number: u16,
        timestamp: u32,
        protected: u32,
        payload: Bytes,
    ) -> Result<RtpPacket, ParseError> {
        let ([n0, n1], [t0, t1, t2, t3]) = (number.to_be_bytes(), timestamp.to_be_bytes());
        let ([s0, s1, s2, s3], [p0, p1, p2, p3]) = (self.ssrc.to_be_bytes(), protected.to_be_bytes());
        let pt = self.payload_type & 0x7f;
        let mut packet = match self.scheme {
            Scheme::Draft03 => {
                RtpPacket::from_parts(&[0x80, pt, n0, n1, t0, t1, t2, t3, s0, s1, s2, s3], payload)?
            }
            Scheme::Rfc8627 => RtpPacket::from_parts(
                &[0x81, pt, n0, n1, t0, t1, t2, t3, s0, s1, s2, s3, p0, p1, p2, p3],
                payload,
            )?,
        };
        packet.info_mut().origin = Origin::FecRepair;
        Ok(packet)
    }
}

#[cfg(test)]
mod tests {
    use interceptor_core::FecInfo;

    use super::*;

    fn video(fec: FecInfo) -> StreamInfo {
        StreamInfo::new(1, 96, 90_000).with_fec(fec)
    }

    #[test]
    fn only_flexfec_on_an_ssrc_of_its_own_is_a_target() {
        let target = |scheme, ssrc: Option<u32>| {
            let fec = FecInfo::new(scheme, 49);
            Target::of(&video(ssrc.map_or(fec, |ssrc| fec.with_ssrc(ssrc))))
        };
        assert_eq!(target(FecScheme::FlexFec03, Some(2)).map(|target| target.ssrc), Some(2));
        assert_eq!(target(FecScheme::FlexFec, Some(2)).map(|target| target.scheme), Some(Scheme::Rfc8627));
        for (scheme, ssrc) in
            [(FecScheme::UlpFec, Some(2)), (FecScheme::FlexFec03, None), (FecScheme::FlexFec, Some(1))]
        {
            assert_eq!(target(scheme, ssrc), None);
        }
        assert_eq!(Target::of(&StreamInfo::new(1, 96, 90_000)), None);
    }
}
