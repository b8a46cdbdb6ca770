//! RTCP compounds (RFC 3550 §6.1) and borrowed views of the packets in them.

mod app;
mod bandwidth;
mod buffer;
mod builder;
mod bye;
mod ccfb;
mod ccfb_metric;
mod ccfb_write;
mod feedback;
mod fmt;
pub(crate) mod frame;
mod keyframe;
mod nack;
mod report;
mod sdes;
mod twcc;
mod twcc_packets;
mod view;
mod xr;

use bytes::Bytes;

pub use app::App;
pub use bandwidth::{Remb, Tmmb, TmmbEntry};
#[cfg(feature = "rtcp")]
pub(crate) use builder::MAX_TEXT;
pub use builder::RtcpBuilder;
pub use bye::Bye;
pub use ccfb::{Ccfb, CcfbBlock};
pub use ccfb_metric::{CcfbArrival, CcfbMetric};
pub use ccfb_write::CcfbStream;
pub use feedback::Feedback;
pub use frame::Frame;
pub use keyframe::{Fir, FirEntry, Rpsi, Sli, SliEntry};
pub use nack::{Nack, NackPair, NackPairs, nack_pairs};
pub use report::{ReceiverReport, ReportBlock, ReportBlockData, SenderReport};
pub use sdes::{Sdes, SdesChunk, SdesItem};
pub use twcc::Twcc;
pub use twcc_packets::{TwccPackets, TwccStatus};
pub use view::Rtcp;
pub use xr::{Dlrr, DlrrEntry, Xr, XrBlock};

use crate::{PacketInfo, ParseError};
use frame::Frames;

/// One RTCP datagram: the bytes of a compound or reduced-size packet, its chain of sub-packets checked once.
///
/// What is malformed does not hide what is not: a sub-packet whose length field is sane but whose content is not is
/// skipped and counted, a tail that is no sub-packet is counted, and everything else is seen. The bytes stay as they
/// came, malformed parts included.
///
/// Two packets are equal when their bytes are; [`PacketInfo`] does not count. The default packet is empty.
#[derive(Clone, Default)]
pub struct RtcpPacket {
    data: Bytes,
    malformed: usize,
    info: PacketInfo,
}

impl RtcpPacket {
    /// Checks `data` and takes it over.
    ///
    /// # Errors
    /// [`ParseError`] when `data` does not start with a sub-packet of version 2 whose length field fits. `data` is
    /// dropped then; [`parse_or_return`](Self::parse_or_return) gives it back.
    pub fn parse(data: Bytes) -> Result<Self, ParseError> {
        Self::parse_or_return(data).map_err(|(error, _)| error)
    }

    /// Like [`parse`](Self::parse), but an error comes with the bytes, to pass them on or to count them.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_or_return(data: Bytes) -> Result<Self, (ParseError, Bytes)> {
        if let Err(error) = Frame::split_first(&data) {
            return Err((error, data));
        }
        let malformed = Frames::new(&data)
            .filter(|frame| !frame.as_ref().is_ok_and(|frame| Rtcp::of(*frame).is_some()))
            .count();
        Ok(Self { data, malformed, info: PacketInfo::default() })
    }

    /// Starts a compound.
    pub fn builder() -> RtcpBuilder {
        RtcpBuilder::new()
    }

    /// The well-formed sub-packets in order, as views into the packet.
    pub fn packets(&self) -> impl Iterator<Item = Rtcp<'_>> + '_ {
        Frames::new(&self.data).filter_map(|frame| Rtcp::of(frame.ok()?))
    }

    /// How many sub-packets were skipped, plus one when the end is no sub-packet.
    #[inline]
    #[must_use]
    pub const fn malformed(&self) -> usize {
        self.malformed
    }

    /// Whether it is a compound in the sense of RFC 3550 §6.1: the first sub-packet is a sender or receiver report.
    /// Otherwise it is reduced-size (RFC 5506).
    #[must_use]
    pub fn is_compound(&self) -> bool {
        matches!(self.packets().next(), Some(Rtcp::SenderReport(_) | Rtcp::ReceiverReport(_)))
    }

    /// The bytes on the wire.
    #[inline]
    #[must_use]
    pub const fn as_bytes(&self) -> &Bytes {
        &self.data
    }

    /// The bytes on the wire.
    #[inline]
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.data
    }

    /// Bytes on the wire.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether there are no bytes; true of the default packet only.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// What is known about the packet besides its bytes.
    #[inline]
    #[must_use]
    pub const fn info(&self) -> &PacketInfo {
        &self.info
    }

    /// What is known about the packet besides its bytes, to change.
    #[inline]
    pub const fn info_mut(&mut self) -> &mut PacketInfo {
        &mut self.info
    }

    /// Takes the packet and leaves the default, empty one.
    #[inline]
    #[must_use]
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }
}

impl PartialEq for RtcpPacket {
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data
    }
}

impl Eq for RtcpPacket {}
