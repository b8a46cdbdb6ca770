//! `Marshal`, `MarshalSize` and `Unmarshal` of `webrtc-util` for our packets.

use bytes::{Buf, Bytes};
use webrtc_util::marshal::{Marshal, MarshalSize, Unmarshal};
use webrtc_util::{Error, Result};

use crate::{RtcpPacket, RtpPacket};

#[cfg(feature = "rtp")]
impl MarshalSize for RtpPacket {
    fn marshal_size(&self) -> usize {
        self.total_len()
    }
}

#[cfg(feature = "rtp")]
impl Marshal for RtpPacket {
    fn marshal_to(&self, buf: &mut [u8]) -> Result<usize> {
        let [header, payload] = self.as_slices();
        let (start, rest) = buf.split_at_mut_checked(header.len()).ok_or(Error::ErrBufferShort)?;
        let end = rest.get_mut(..payload.len()).ok_or(Error::ErrBufferShort)?;
        start.copy_from_slice(header);
        end.copy_from_slice(payload);
        Ok(self.total_len())
    }

    fn marshal(&self) -> Result<Bytes> {
        Ok(self.to_bytes())
    }
}

#[cfg(feature = "rtp")]
impl Unmarshal for RtpPacket {
    fn unmarshal<B: Buf>(buf: &mut B) -> Result<Self> {
        Self::parse(buf.copy_to_bytes(buf.remaining())).map_err(Error::from_std)
    }
}

#[cfg(feature = "rtcp")]
impl MarshalSize for RtcpPacket {
    fn marshal_size(&self) -> usize {
        self.len()
    }
}

#[cfg(feature = "rtcp")]
impl Marshal for RtcpPacket {
    fn marshal_to(&self, buf: &mut [u8]) -> Result<usize> {
        buf.get_mut(..self.len()).ok_or(Error::ErrBufferShort)?.copy_from_slice(self.as_bytes());
        Ok(self.len())
    }

    fn marshal(&self) -> Result<Bytes> {
        Ok(self.as_bytes().clone())
    }
}

#[cfg(feature = "rtcp")]
impl Unmarshal for RtcpPacket {
    fn unmarshal<B: Buf>(buf: &mut B) -> Result<Self> {
        Self::parse(buf.copy_to_bytes(buf.remaining())).map_err(Error::from_std)
    }
}
