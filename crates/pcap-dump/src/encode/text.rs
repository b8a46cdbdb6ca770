//! One line a packet, for people and `grep`.

use std::fmt::{self, Display, Write};
use std::io;
use std::time::{Duration, SystemTime};

use interceptor_packet::{Rtcp, RtcpPacket, RtpPacket};

use super::pcapng::{gap, remarks};
use super::{Encoder, Head, Tally};
use crate::{CaptureEnd, Direction, PacketView, Record};

pub(super) struct Text {
    buffer: Vec<u8>,
    line: String,
}

impl Text {
    pub(super) fn start(head: &Head<'_>) -> Self {
        Self { buffer: format!("# connection {}\n", head.connection).into_bytes(), line: String::new() }
    }

    fn end_line(&mut self) {
        self.line.push('\n');
        self.buffer.extend_from_slice(self.line.as_bytes());
        self.line.clear();
    }
}

impl Encoder for Text {
    fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    fn packet(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.line.clear();
        if record.missed > 0 {
            let _ = write!(self.line, "# {} {}", record.direction.name(), gap(record.missed));
            self.end_line();
        }
        // Writing to a `String` cannot fail.
        let _ = line(&mut self.line, record);
        self.end_line();
        Ok(())
    }

    fn finish(&mut self, _: &Tally, end: Option<&CaptureEnd>) -> io::Result<()> {
        for direction in Direction::ALL {
            let missed = end.map_or(0, |end| end.missed(direction));
            if missed > 0 {
                let _ = write!(self.line, "# {} {}", direction.name(), gap(missed));
                self.end_line();
            }
        }
        Ok(())
    }
}

fn line(out: &mut String, record: &Record<'_>) -> fmt::Result {
    let way = match record.direction {
        Direction::Incoming => "in ",
        Direction::Outgoing => "out",
    };
    write!(out, "{} {way} {} > {} ", time(record.timestamp), record.source(), record.destination())?;
    match record.packet {
        PacketView::Rtp(packet) => rtp(out, packet)?,
        PacketView::Rtcp(packet) => rtcp(out, packet)?,
    }
    out.write_str(remarks(record))
}

/// RFC 3339 in UTC, with nanoseconds. `Record` times end in the year 2104.
fn time(since_epoch: Duration) -> impl Display {
    humantime::format_rfc3339_nanos(SystemTime::UNIX_EPOCH + since_epoch)
}

fn rtp(out: &mut String, packet: &RtpPacket) -> fmt::Result {
    write!(
        out,
        "RTP len={} ssrc={:#010x} pt={} seq={} ts={} m={} payload={}",
        packet.total_len(),
        packet.ssrc(),
        packet.payload_type(),
        packet.sequence_number(),
        packet.timestamp(),
        u8::from(packet.marker()),
        packet.payload_len()
    )?;
    if packet.padding_len() > 0 {
        write!(out, " padding={}", packet.padding_len())?;
    }
    Ok(())
}

/// All sub-packets in order, each with who sent it and what it is about.
fn rtcp(out: &mut String, packet: &RtcpPacket) -> fmt::Result {
    write!(out, "RTCP len={}", packet.len())?;
    for sub in packet.packets() {
        write!(out, " {}", name(&sub))?;
        if let Some(sender) = sub.sender_ssrc() {
            write!(out, " from={sender:#010x}")?;
        }
        detail(out, &sub)?;
    }
    if packet.malformed() > 0 {
        write!(out, " malformed={}", packet.malformed())?;
    }
    Ok(())
}

fn detail(out: &mut String, rtcp: &Rtcp<'_>) -> fmt::Result {
    match rtcp {
        Rtcp::SenderReport(report) => blocks(out, report.report_blocks()),
        Rtcp::ReceiverReport(report) => blocks(out, report.report_blocks()),
        Rtcp::Nack(nack) => {
            write!(out, " about={:#010x} seq=", nack.media_ssrc())?;
            list(out, nack.sequence_numbers())
        }
        Rtcp::Pli(feedback) => write!(out, " about={:#010x}", feedback.media_ssrc()),
        Rtcp::Twcc(twcc) => write!(out, " about={:#010x}", twcc.media_ssrc()),
        Rtcp::Fir(fir) => {
            out.write_str(" about=")?;
            list(out, fir.entries().map(|entry| format!("{:#010x}", entry.ssrc)))
        }
        Rtcp::Remb(remb) => write!(out, " bitrate={}", remb.bitrate()),
        Rtcp::Other(frame) => write!(out, " type={} format={}", frame.packet_type(), frame.count()),
        _ => Ok(()),
    }
}

fn blocks<'a>(
    out: &mut String,
    blocks: impl Iterator<Item = interceptor_packet::ReportBlock<'a>>,
) -> fmt::Result {
    for block in blocks {
        write!(
            out,
            " about={:#010x} lost={}/{} jitter={}",
            block.ssrc(),
            block.fraction_lost(),
            block.cumulative_lost(),
            block.jitter()
        )?;
    }
    Ok(())
}

fn list(out: &mut String, items: impl Iterator<Item = impl Display>) -> fmt::Result {
    for (index, item) in items.enumerate() {
        write!(out, "{}{item}", if index > 0 { "," } else { "" })?;
    }
    Ok(())
}

const fn name(rtcp: &Rtcp<'_>) -> &'static str {
    match rtcp {
        Rtcp::SenderReport(_) => "SR",
        Rtcp::ReceiverReport(_) => "RR",
        Rtcp::Sdes(_) => "SDES",
        Rtcp::Bye(_) => "BYE",
        Rtcp::App(_) => "APP",
        Rtcp::Nack(_) => "NACK",
        Rtcp::Tmmbr(_) => "TMMBR",
        Rtcp::Tmmbn(_) => "TMMBN",
        Rtcp::Ccfb(_) => "CCFB",
        Rtcp::Twcc(_) => "TWCC",
        Rtcp::Pli(_) => "PLI",
        Rtcp::Sli(_) => "SLI",
        Rtcp::Rpsi(_) => "RPSI",
        Rtcp::Fir(_) => "FIR",
        Rtcp::Remb(_) => "REMB",
        Rtcp::Xr(_) => "XR",
        _ => "?",
    }
}
