//! `Display` on one line.

use std::fmt::{self, Display, Formatter};

use super::{MAX_ENTRIES, MAX_LINE, MAX_NUMBERS};
use crate::rtcp::{
    App, Bye, Ccfb, CcfbBlock, DlrrEntry, Feedback, Fir, FirEntry, Remb, ReportBlock, Rpsi, Rtcp, RtcpPacket,
    Sdes, SdesChunk, SdesItem, SenderReport, Sli, SliEntry, Tmmb, TmmbEntry, Twcc, Xr, XrBlock,
};
use crate::short_to_duration;
use crate::text::{MiddleNtp, More, Ssrc, Text, limited};

/// RFC 3550 §12.2; other kinds have no name here.
const SDES_KINDS: [&str; 9] = ["end", "cname", "name", "email", "phone", "loc", "tool", "note", "priv"];

impl Display for RtcpPacket {
    /// The length and each packet, as in `RTCP 40 bytes: RR 0x00000001; NACK 0x00000001 > 0x00000007 3, 4; 1 malformed`:
    /// at most 16 packets, with at most 16 numbers or 8 entries each, and about 2 KiB.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        limited(f, MAX_LINE, format_args!("{}", Datagram(self)))
    }
}

impl Display for Rtcp<'_> {
    /// The type's usual abbreviation, who sends it, `>` and whom it is about where there is one, and what it says: at most
    /// 16 numbers or 8 entries, and about 2 KiB.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        limited(f, MAX_LINE, format_args!("{}", Packet(self)))
    }
}

/// Without a limit to the whole.
struct Datagram<'a>(&'a RtcpPacket);

impl Display for Datagram<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(datagram) = self;
        write!(f, "RTCP {} bytes", datagram.len())?;
        let mut packets = datagram.packets();
        let mut separator = ": ";
        for packet in packets.by_ref().take(MAX_NUMBERS) {
            write!(f, "{separator}{}", Packet(&packet))?;
            separator = "; ";
        }
        let more = packets.count();
        if more > 0 {
            write!(f, "{separator}{}", More(more))?;
        }
        match datagram.malformed() {
            0 => Ok(()),
            malformed => write!(f, "{separator}{malformed} malformed"),
        }
    }
}

/// Without a limit to the whole.
struct Packet<'a>(&'a Rtcp<'a>);

impl Display for Packet<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Rtcp::SenderReport(report) => sender_report(f, report),
            Rtcp::ReceiverReport(report) => {
                write!(f, "RR {}", Ssrc(report.ssrc()))?;
                list(f, ", ", MAX_ENTRIES, report.report_blocks(), report_block)
            }
            Rtcp::Sdes(sdes) => source_description(f, sdes),
            Rtcp::Bye(bye) => goodbye(f, bye),
            Rtcp::App(app) => application(f, app),
            Rtcp::Nack(nack) => {
                feedback(f, "NACK", nack)?;
                list(f, " ", MAX_NUMBERS, nack.sequence_numbers(), |f, number| write!(f, "{number}"))
            }
            Rtcp::Tmmbr(limits) => bit_rate_limits(f, "TMMBR", limits),
            Rtcp::Tmmbn(limits) => bit_rate_limits(f, "TMMBN", limits),
            Rtcp::Ccfb(ccfb) => congestion_control(f, ccfb),
            Rtcp::Twcc(twcc) => transport_wide(f, twcc),
            Rtcp::Pli(pli) => feedback(f, "PLI", pli),
            Rtcp::Sli(sli) => slices(f, sli),
            Rtcp::Rpsi(rpsi) => reference_picture(f, rpsi),
            Rtcp::Fir(fir) => intra_requests(f, fir),
            Rtcp::Remb(remb) => estimated_bit_rate(f, remb),
            Rtcp::Xr(xr) => extended_report(f, xr),
            Rtcp::Other(frame) => {
                let (packet_type, count, len) = (frame.packet_type(), frame.count(), frame.body().len());
                write!(f, "type {packet_type} count {count}, {len} bytes")
            }
        }
    }
}

/// Writes at most `max` items: `first` before the first, `, ` before each other; then how many are left out.
fn list<T>(
    f: &mut Formatter<'_>,
    first: &str,
    max: usize,
    items: impl IntoIterator<Item = T>,
    write: impl Fn(&mut Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    let mut items = items.into_iter();
    let mut separator = first;
    for item in items.by_ref().take(max) {
        f.write_str(separator)?;
        write(f, item)?;
        separator = ", ";
    }
    match items.count() {
        0 => Ok(()),
        more => write!(f, "{separator}{}", More(more)),
    }
}

fn ssrc(f: &mut Formatter<'_>, ssrc: u32) -> fmt::Result {
    Ssrc(ssrc).fmt(f)
}

fn sender_report(f: &mut Formatter<'_>, report: &SenderReport<'_>) -> fmt::Result {
    let (ssrc, ntp, rtp) = (Ssrc(report.ssrc()), report.ntp(), report.rtp_timestamp());
    let (packets, octets) = (report.packet_count(), report.octet_count());
    write!(f, "SR {ssrc} ntp {ntp} rtp {rtp} packets {packets} octets {octets}")?;
    list(f, ", ", MAX_ENTRIES, report.report_blocks(), report_block)
}

fn report_block(f: &mut Formatter<'_>, block: ReportBlock<'_>) -> fmt::Result {
    let (ssrc, lost, fraction) = (Ssrc(block.ssrc()), block.cumulative_lost(), block.fraction_lost());
    let (highest, jitter) = (block.extended_sequence_number(), block.jitter());
    write!(f, "{ssrc} lost {lost} ({fraction}/256) highest {highest} jitter {jitter}")?;
    if block.last_sr() == 0 {
        return Ok(());
    }
    let delay = short_to_duration(block.delay_since_last_sr());
    write!(f, " lsr {} dlsr {delay:?}", MiddleNtp(block.last_sr()))
}

fn source_description(f: &mut Formatter<'_>, sdes: &Sdes<'_>) -> fmt::Result {
    f.write_str("SDES")?;
    list(f, " ", MAX_ENTRIES, sdes.chunks(), |f, chunk: SdesChunk<'_>| {
        Ssrc(chunk.ssrc()).fmt(f)?;
        list(f, " ", MAX_ENTRIES, chunk.items(), source_description_item)
    })
}

fn source_description_item(f: &mut Formatter<'_>, item: SdesItem<'_>) -> fmt::Result {
    match SDES_KINDS.get(usize::from(item.kind)) {
        Some(kind) => write!(f, "{kind} {}", Text(item.value)),
        None => write!(f, "item {} {}", item.kind, Text(item.value)),
    }
}

fn goodbye(f: &mut Formatter<'_>, bye: &Bye<'_>) -> fmt::Result {
    f.write_str("BYE")?;
    list(f, " ", MAX_ENTRIES, bye.ssrcs(), ssrc)?;
    bye.reason().map_or(Ok(()), |reason| write!(f, " {}", Text(reason)))
}

fn application(f: &mut Formatter<'_>, app: &App<'_>) -> fmt::Result {
    let (ssrc, subtype, len) = (Ssrc(app.ssrc()), app.subtype(), app.data().len());
    write!(f, "APP {ssrc} {} subtype {subtype}, {len} bytes", Text(&app.name()))
}

/// Who sends it, and whom it is about; nobody, if the message names its streams itself.
fn feedback(f: &mut Formatter<'_>, name: &str, message: &Feedback<'_>) -> fmt::Result {
    write!(f, "{name} {}", Ssrc(message.sender_ssrc()))?;
    match message.media_ssrc() {
        0 => Ok(()),
        media => write!(f, " > {}", Ssrc(media)),
    }
}

fn bit_rate_limits(f: &mut Formatter<'_>, name: &str, limits: &Tmmb<'_>) -> fmt::Result {
    feedback(f, name, limits)?;
    list(f, ", ", MAX_ENTRIES, limits.entries(), |f, entry: TmmbEntry| {
        write!(f, "{} {} bit/s overhead {}", Ssrc(entry.ssrc), entry.bitrate, entry.overhead)
    })
}

fn congestion_control(f: &mut Formatter<'_>, ccfb: &Ccfb<'_>) -> fmt::Result {
    write!(f, "CCFB {} at {}", Ssrc(ccfb.sender_ssrc()), MiddleNtp(ccfb.report_timestamp()))?;
    list(f, ", ", MAX_ENTRIES, ccfb.blocks(), |f, block: CcfbBlock<'_>| {
        let received = block.metrics().filter(|(_, metric)| metric.is_received()).count();
        let (ssrc, begin, len) = (Ssrc(block.ssrc()), block.begin_sequence(), block.len());
        write!(f, "{ssrc} from {begin} received {received} of {len}")
    })
}

fn transport_wide(f: &mut Formatter<'_>, twcc: &Twcc<'_>) -> fmt::Result {
    feedback(f, "TWCC", twcc)?;
    let (number, base) = (twcc.feedback_count(), twcc.base_sequence_number());
    let (count, reference) = (twcc.packet_status_count(), i64::from(twcc.reference_time()) * 64);
    write!(f, " feedback {number} from {base} count {count} reference {reference} ms")
}

fn slices(f: &mut Formatter<'_>, sli: &Sli<'_>) -> fmt::Result {
    feedback(f, "SLI", sli)?;
    list(f, " ", MAX_ENTRIES, sli.entries(), |f, entry: SliEntry| {
        write!(f, "first {} number {} picture {}", entry.first, entry.number, entry.picture_id)
    })
}

fn reference_picture(f: &mut Formatter<'_>, rpsi: &Rpsi<'_>) -> fmt::Result {
    feedback(f, "RPSI", rpsi)?;
    write!(f, " pt {}, {} bytes", rpsi.payload_type(), rpsi.bit_string().0.len())
}

fn intra_requests(f: &mut Formatter<'_>, fir: &Fir<'_>) -> fmt::Result {
    feedback(f, "FIR", fir)?;
    list(f, ", ", MAX_ENTRIES, fir.entries(), |f, entry: FirEntry| {
        write!(f, "{} seq {}", Ssrc(entry.ssrc), entry.sequence_number)
    })
}

fn estimated_bit_rate(f: &mut Formatter<'_>, remb: &Remb<'_>) -> fmt::Result {
    feedback(f, "REMB", remb)?;
    write!(f, " {} bit/s", remb.bitrate())?;
    list(f, ", ", MAX_ENTRIES, remb.ssrcs(), ssrc)
}

fn extended_report(f: &mut Formatter<'_>, xr: &Xr<'_>) -> fmt::Result {
    write!(f, "XR {}", Ssrc(xr.ssrc()))?;
    list(f, ", ", MAX_ENTRIES, xr.blocks(), |f, block| match block {
        XrBlock::ReceiverReferenceTime(ntp) => write!(f, "rrtr {ntp}"),
        XrBlock::Dlrr(dlrr) => {
            f.write_str("dlrr")?;
            list(f, " ", MAX_ENTRIES, dlrr.entries(), |f, entry: DlrrEntry| {
                let delay = short_to_duration(entry.delay_since_last_rr);
                write!(f, "{} lrr {} delay {delay:?}", Ssrc(entry.ssrc), MiddleNtp(entry.last_rr))
            })
        }
        XrBlock::Other { block_type, content, .. } => {
            write!(f, "block {block_type}, {} bytes", content.len())
        }
    })
}
