//! `Debug` by fields.

use std::fmt::{self, Debug, Formatter};

use super::{MAX_ENTRIES, MAX_FIELDS, MAX_NUMBERS};
use crate::rtcp::{
    App, Bye, Ccfb, CcfbArrival, CcfbBlock, CcfbMetric, Dlrr, DlrrEntry, Feedback, Fir, FirEntry, Frame,
    Nack, ReceiverReport, Remb, ReportBlock, Rpsi, Rtcp, RtcpPacket, Sdes, SdesChunk, SdesItem, SenderReport,
    Sli, Tmmb, TmmbEntry, Twcc, Xr, XrBlock,
};
use crate::short_to_duration;
use crate::text::{Hex, MiddleNtp, More, Ssrc, Text, limited};

/// What a function iterates over, as a list of so many at most.
struct List<F>(usize, F);

impl<I: Iterator<Item: Debug>, F: Fn() -> I> Debug for List<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut items = (self.1)();
        let mut list = f.debug_list();
        list.entries(items.by_ref().take(self.0));
        match items.count() {
            0 => list.finish(),
            more => list.entry(&More(more)).finish(),
        }
    }
}

impl Debug for RtcpPacket {
    /// At most 16 packets, with at most 16 numbers or 8 entries each, and about 8 KiB.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let fields = Fields(self);
        if f.alternate() {
            return limited(f, MAX_FIELDS, format_args!("{fields:#?}"));
        }
        limited(f, MAX_FIELDS, format_args!("{fields:?}"))
    }
}

/// Without a limit to the whole.
struct Fields<'a>(&'a RtcpPacket);

impl Debug for Fields<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(packet) = self;
        f.debug_struct("RtcpPacket")
            .field("packets", &List(MAX_NUMBERS, || packet.packets()))
            .field("malformed", &packet.malformed())
            .field("info", packet.info())
            .finish()
    }
}

impl Debug for Rtcp<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::SenderReport(view) => view.fmt(f),
            Self::ReceiverReport(view) => view.fmt(f),
            Self::Sdes(view) => view.fmt(f),
            Self::Bye(view) => view.fmt(f),
            Self::App(view) => view.fmt(f),
            Self::Nack(view) => view.fmt(f),
            Self::Tmmbr(view) => limits("Tmmbr", view, f),
            Self::Tmmbn(view) => limits("Tmmbn", view, f),
            Self::Ccfb(view) => view.fmt(f),
            Self::Twcc(view) => view.fmt(f),
            Self::Pli(view) => feedback("Pli", view, f).finish(),
            Self::Sli(view) => view.fmt(f),
            Self::Rpsi(view) => view.fmt(f),
            Self::Fir(view) => view.fmt(f),
            Self::Remb(view) => view.fmt(f),
            Self::Xr(view) => view.fmt(f),
            Self::Other(frame) => frame.fmt(f),
        }
    }
}

impl Debug for Frame<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("packet_type", &self.packet_type())
            .field("count", &self.count())
            .field("body", &Hex(self.body()))
            .finish()
    }
}

impl Debug for SenderReport<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut report = f.debug_struct("SenderReport");
        report
            .field("ssrc", &Ssrc(self.ssrc()))
            .field("ntp", &format_args!("{}", self.ntp()))
            .field("rtp", &self.rtp_timestamp())
            .field("packets", &self.packet_count())
            .field("octets", &self.octet_count())
            .field("blocks", &List(MAX_ENTRIES, || self.report_blocks()));
        if !self.profile_extension().is_empty() {
            report.field("profile_extension", &Hex(self.profile_extension()));
        }
        report.finish()
    }
}

impl Debug for ReceiverReport<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut report = f.debug_struct("ReceiverReport");
        report.field("ssrc", &Ssrc(self.ssrc()));
        report.field("blocks", &List(MAX_ENTRIES, || self.report_blocks()));
        if !self.profile_extension().is_empty() {
            report.field("profile_extension", &Hex(self.profile_extension()));
        }
        report.finish()
    }
}

impl Debug for ReportBlock<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReportBlock")
            .field("ssrc", &Ssrc(self.ssrc()))
            .field("fraction_lost", &self.fraction_lost())
            .field("cumulative_lost", &self.cumulative_lost())
            .field("highest", &self.extended_sequence_number())
            .field("jitter", &self.jitter())
            .field("last_sr", &MiddleNtp(self.last_sr()))
            .field("delay_since_last_sr", &short_to_duration(self.delay_since_last_sr()))
            .finish()
    }
}

impl Debug for Sdes<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sdes").field("chunks", &List(MAX_ENTRIES, || self.chunks())).finish()
    }
}

impl Debug for SdesChunk<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("SdesChunk")
            .field("ssrc", &Ssrc(self.ssrc()))
            .field("items", &List(MAX_ENTRIES, || self.items()))
            .finish()
    }
}

impl Debug for SdesItem<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("SdesItem").field("kind", &self.kind).field("value", &Text(self.value)).finish()
    }
}

impl Debug for Bye<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bye")
            .field("ssrcs", &List(MAX_ENTRIES, || self.ssrcs().map(Ssrc)))
            .field("reason", &self.reason().map(Text))
            .finish()
    }
}

impl Debug for App<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("ssrc", &Ssrc(self.ssrc()))
            .field("subtype", &self.subtype())
            .field("name", &Text(&self.name()))
            .field("data", &Hex(self.data()))
            .finish()
    }
}

/// Sender and media of a feedback message; the rest is the caller's.
fn feedback<'f, 'a>(
    name: &str,
    message: &Feedback<'_>,
    f: &'f mut Formatter<'a>,
) -> fmt::DebugStruct<'f, 'a> {
    let mut shown = f.debug_struct(name);
    shown.field("sender", &Ssrc(message.sender_ssrc())).field("media", &Ssrc(message.media_ssrc()));
    shown
}

fn limits(name: &str, message: &Tmmb<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    feedback(name, message, f).field("entries", &List(MAX_ENTRIES, || message.entries())).finish()
}

impl Debug for Feedback<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        feedback("Feedback", self, f).field("fci", &Hex(self.fci())).finish()
    }
}

impl Debug for Nack<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        feedback("Nack", self, f).field("lost", &List(MAX_NUMBERS, || self.sequence_numbers())).finish()
    }
}

impl Debug for Tmmb<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        limits("Tmmb", self, f)
    }
}

impl Debug for TmmbEntry {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("TmmbEntry")
            .field("ssrc", &Ssrc(self.ssrc))
            .field("bitrate", &self.bitrate)
            .field("overhead", &self.overhead)
            .finish()
    }
}

impl Debug for Twcc<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        feedback("Twcc", self, f)
            .field("base", &self.base_sequence_number())
            .field("status_count", &self.packet_status_count())
            .field("reference_time", &self.reference_time())
            .field("feedback_count", &self.feedback_count())
            .field("payload", &Hex(self.payload()))
            .finish()
    }
}

impl Debug for Sli<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        feedback("Sli", self, f).field("entries", &List(MAX_ENTRIES, || self.entries())).finish()
    }
}

impl Debug for Rpsi<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (bits, unused) = self.bit_string();
        feedback("Rpsi", self, f)
            .field("payload_type", &self.payload_type())
            .field("bits", &Hex(bits))
            .field("unused_bits", &unused)
            .finish()
    }
}

impl Debug for Fir<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        feedback("Fir", self, f).field("entries", &List(MAX_ENTRIES, || self.entries())).finish()
    }
}

impl Debug for FirEntry {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirEntry")
            .field("ssrc", &Ssrc(self.ssrc))
            .field("sequence_number", &self.sequence_number)
            .finish()
    }
}

impl Debug for Remb<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        feedback("Remb", self, f)
            .field("bitrate", &self.bitrate())
            .field("ssrcs", &List(MAX_ENTRIES, || self.ssrcs().map(Ssrc)))
            .finish()
    }
}

impl Debug for Ccfb<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ccfb")
            .field("sender", &Ssrc(self.sender_ssrc()))
            .field("report_timestamp", &MiddleNtp(self.report_timestamp()))
            .field("blocks", &List(MAX_ENTRIES, || self.blocks()))
            .finish()
    }
}

impl Debug for CcfbBlock<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("CcfbBlock")
            .field("ssrc", &Ssrc(self.ssrc()))
            .field("begin", &self.begin_sequence())
            .field("metrics", &List(MAX_NUMBERS, || self.metrics().map(|(_, metric)| metric)))
            .finish()
    }
}

impl Debug for CcfbMetric {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (Some(arrival), Some(ecn)) = (self.arrival(), self.ecn()) else { return f.write_str("lost") };
        match arrival {
            CcfbArrival::Before(before) => write!(f, "-{before:?} {ecn:?}"),
            CcfbArrival::OverRange => write!(f, "-8s… {ecn:?}"),
            CcfbArrival::Unavailable => write!(f, "received {ecn:?}"),
        }
    }
}

impl Debug for Xr<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Xr")
            .field("ssrc", &Ssrc(self.ssrc()))
            .field("blocks", &List(MAX_ENTRIES, || self.blocks()))
            .finish()
    }
}

impl Debug for XrBlock<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReceiverReferenceTime(ntp) => write!(f, "ReceiverReferenceTime({ntp})"),
            Self::Dlrr(dlrr) => f.debug_tuple("Dlrr").field(dlrr).finish(),
            Self::Other { block_type, type_specific, content } => f
                .debug_struct("Other")
                .field("block_type", block_type)
                .field("type_specific", type_specific)
                .field("content", &Hex(content))
                .finish(),
        }
    }
}

impl Debug for Dlrr<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        List(MAX_ENTRIES, || self.entries()).fmt(f)
    }
}

impl Debug for DlrrEntry {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("DlrrEntry")
            .field("ssrc", &Ssrc(self.ssrc))
            .field("last_rr", &MiddleNtp(self.last_rr))
            .field("delay_since_last_rr", &short_to_duration(self.delay_since_last_rr))
            .finish()
    }
}
