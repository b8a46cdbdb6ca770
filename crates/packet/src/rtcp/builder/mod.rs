//! Writing compounds.

mod feedback;
mod reports;

use std::ops::RangeInclusive;

#[cfg(feature = "rtcp-types")]
use rtcp_types::prelude::RtcpPacketWriter;

use super::RtcpPacket;
use super::buffer::Buffer;
#[cfg(feature = "rtcp-types")]
use super::buffer::MAX_PACKET_LEN;
use super::frame::Frames;
use crate::BuildError;

/// Five bits of count.
const MAX_COUNT: usize = 31;
/// An item or reason has one octet of length.
pub(crate) const MAX_TEXT: usize = 255;

/// Writes RTCP packets one behind the other into one buffer.
///
/// An error is kept until [`build`](Self::build); what comes after it is not written. The order is the caller's: a
/// compound in the sense of RFC 3550 §6.1 starts with a report and has the canonical name.
///
/// ```
/// # use interceptor_packet::{Rtcp, RtcpPacket};
/// let packet = RtcpPacket::builder().receiver_report(1, &[]).sdes_cname(1, "user").pli(1, 2).build()?;
/// assert!(packet.is_compound());
/// assert!(matches!(packet.packets().last(), Some(Rtcp::Pli(pli)) if pli.media_ssrc() == 2));
/// # Ok::<(), interceptor_packet::BuildError>(())
/// ```
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build`"]
pub struct RtcpBuilder {
    buffer: Buffer,
    error: Option<BuildError>,
}

impl RtcpBuilder {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// A builder with room for this many bytes. One that is used again and again writes packet after packet into it, and
    /// has it back when they are gone: then it allocates no more. When it is full before they are gone, it takes twice as
    /// much, up to 64 KiB, so that a burst that comes again and again fits in the end.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { buffer: Buffer::with_capacity(bytes), error: None }
    }

    /// Adds ready-made packets: whole, of version 2, with lengths and padding that fit. Content is not checked.
    pub fn raw(&mut self, packets: &[u8]) -> &mut Self {
        if let Some(error) = Frames::new(packets).find_map(Result::err) {
            return self.fail(error.into());
        }
        if self.error.is_none() {
            self.buffer.put(packets);
        }
        self
    }

    /// Adds bytes as they are, malformed or not. Nothing can follow an end that is no packet.
    pub fn verbatim(&mut self, bytes: &[u8]) -> &mut Self {
        if self.error.is_none() {
            self.buffer.put(bytes);
        }
        self
    }

    /// Adds what a writer of `rtcp-types` writes: packets that have no method here, as application-defined ones.
    #[cfg(feature = "rtcp-types")]
    pub fn writer(&mut self, writer: &dyn RtcpPacketWriter) -> &mut Self {
        if self.error.is_some() {
            return self;
        }
        let len = match writer.calculate_size() {
            Ok(len) => len,
            Err(error) => return self.fail(error.into()),
        };
        if len > MAX_PACKET_LEN {
            return self.fail(too_many("bytes in an RTCP packet", len, MAX_PACKET_LEN));
        }
        writer.write_into_unchecked(self.buffer.put_zeros(len));
        self
    }

    /// Bytes so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Whether nothing has been written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buffer.len() == 0
    }

    /// The packet; the builder is empty again, and keeps what is left of its buffer.
    ///
    /// # Errors
    /// The first [`BuildError`] of what was added; nothing was added.
    pub fn build(&mut self) -> Result<RtcpPacket, BuildError> {
        let data = self.buffer.split();
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if data.is_empty() {
            return Err(BuildError::Empty("RTCP packet"));
        }
        Ok(RtcpPacket::parse(data)?)
    }

    /// Adds a packet with a count of at most 31 and a body of whole words.
    #[cfg(feature = "rtcp")]
    pub(crate) fn counted(&mut self, packet_type: u8, what: &'static str, count: usize, body: &[u8]) {
        if self.allows(what, count, 0..=MAX_COUNT) {
            self.packet((packet_type, count as u8), body.len(), |buffer| buffer.put(body));
        }
    }

    /// What has been written, to change in place.
    #[cfg(feature = "rtcp")]
    pub(crate) fn written(&mut self) -> &mut [u8] {
        self.buffer.as_mut()
    }

    fn packet(&mut self, kind: (u8, u8), body_len: usize, body: impl FnOnce(&mut Buffer)) -> &mut Self {
        if self.error.is_none() {
            self.error = self.buffer.packet(kind, body_len, body).err();
        }
        self
    }

    pub(crate) fn allows(&mut self, what: &'static str, count: usize, range: RangeInclusive<usize>) -> bool {
        if count < *range.start() {
            self.fail(BuildError::Empty(what));
        } else if count > *range.end() {
            self.fail(too_many(what, count, *range.end()));
        }
        self.error.is_none()
    }

    pub(crate) fn fail(&mut self, error: BuildError) -> &mut Self {
        self.error.get_or_insert(error);
        self
    }
}

const fn too_many(what: &'static str, count: usize, max: usize) -> BuildError {
    BuildError::TooMany { what, count, max }
}
