//! RTP for people: `Debug` by fields, `Display` on one line. Never the payload; lists are cut short.

use std::fmt::{self, Debug, Display, Formatter};

use super::RtpPacket;
use crate::text::{Hex, Ssrc};

/// Header extension elements that are shown.
const MAX_ELEMENTS: usize = 16;

impl Debug for RtpPacket {
    /// Header fields and sizes; CSRCs and extension elements where there are any.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut packet = f.debug_struct("RtpPacket");
        packet
            .field("ssrc", &Ssrc(self.ssrc()))
            .field("sequence_number", &self.sequence_number())
            .field("timestamp", &self.timestamp())
            .field("payload_type", &self.payload_type())
            .field("marker", &self.marker());
        if self.csrcs().next().is_some() {
            packet.field("csrcs", &Csrcs(self));
        }
        if self.extension_block().is_some() {
            packet.field("extensions", &Extensions(self));
        }
        packet
            .field("header_len", &self.header_len())
            .field("payload_len", &self.payload_len())
            .field("padding_len", &self.padding_len())
            .field("info", self.info())
            .finish()
    }
}

struct Csrcs<'a>(&'a RtpPacket);

impl Debug for Csrcs<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        self.0.csrcs().for_each(|csrc| _ = list.entry(&Ssrc(csrc)));
        list.finish()
    }
}

struct Extensions<'a>(&'a RtpPacket);

impl Debug for Extensions<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut elements = self.0.extensions();
        let mut map = f.debug_map();
        map.entries(elements.by_ref().take(MAX_ELEMENTS).map(|(id, value)| (id, Hex(value))));
        match elements.count() {
            0 => map.finish(),
            _ => map.finish_non_exhaustive(),
        }
    }
}

impl Display for RtpPacket {
    /// The fields that tell packets apart, as in `RTP 0x11223344 pt 96 seq 7 ts 21000 marker, 1200 bytes`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (ssrc, pt, seq) = (Ssrc(self.ssrc()), self.payload_type(), self.sequence_number());
        write!(f, "RTP {ssrc} pt {pt} seq {seq} ts {}", self.timestamp())?;
        f.write_str(if self.marker() { " marker" } else { "" })?;
        write!(f, ", {} bytes", self.payload_len())?;
        match self.padding_len() {
            0 => Ok(()),
            padding => write!(f, ", {padding} of padding"),
        }
    }
}
