//! `Marshal`, `MarshalSize` and `Unmarshal` of `webrtc-util` for RTP packets.

use bytes::{Buf, Bytes};
use webrtc_util::marshal::{Marshal, MarshalSize, Unmarshal};
use webrtc_util::{Error, Result};

use crate::RtpPacket;

impl MarshalSize for RtpPacket {
    fn marshal_size(&self) -> usize {
        self.total_len()
    }
}

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

impl Unmarshal for RtpPacket {
    fn unmarshal<B: Buf>(buf: &mut B) -> Result<Self> {
        Self::parse(buf.copy_to_bytes(buf.remaining())).map_err(Error::from_std)
    }
}
