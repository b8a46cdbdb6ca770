//! `Marshal`, `MarshalSize` and `Unmarshal` of `webrtc-util` for RTCP packets.

use bytes::{Buf, Bytes};
use webrtc_util::marshal::{Marshal, MarshalSize, Unmarshal};
use webrtc_util::{Error, Result};

use crate::RtcpPacket;

impl MarshalSize for RtcpPacket {
    fn marshal_size(&self) -> usize {
        self.len()
    }
}

impl Marshal for RtcpPacket {
    fn marshal_to(&self, buf: &mut [u8]) -> Result<usize> {
        buf.get_mut(..self.len()).ok_or(Error::ErrBufferShort)?.copy_from_slice(self.as_bytes());
        Ok(self.len())
    }

    fn marshal(&self) -> Result<Bytes> {
        Ok(self.as_bytes().clone())
    }
}

impl Unmarshal for RtcpPacket {
    fn unmarshal<B: Buf>(buf: &mut B) -> Result<Self> {
        Self::parse(buf.copy_to_bytes(buf.remaining())).map_err(Error::from_std)
    }
}
