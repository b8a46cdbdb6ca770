//! RTCP each way: every sub-packet of a compound is read and credited to the stream that it is about.

use std::time::Duration;

use interceptor_core::{Context, Streams};
use interceptor_packet::rtcp::{ReportBlock, Xr};
use interceptor_packet::{Rtcp, RtcpPacket, round_trip_time};

use crate::Stats;
use crate::connection::Connection;
use crate::reporters::Reporters;

/// Feedback that this end sends is about remote streams.
pub(crate) fn sent(
    packet: &RtcpPacket,
    streams: &mut Streams<'_, Stats>,
    connection: &Connection,
    reporters: &mut Reporters,
) {
    for part in packet.packets() {
        match part {
            Rtcp::SenderReport(report) => {
                report.report_blocks().for_each(|block| note_reporter(&block, report.ssrc(), streams));
            }
            Rtcp::ReceiverReport(report) => {
                report.report_blocks().for_each(|block| note_reporter(&block, report.ssrc(), streams));
            }
            Rtcp::Nack(nack) => with_remote(streams, nack.media_ssrc(), |stream| stream.cells.count_nack()),
            Rtcp::Pli(pli) => with_remote(streams, pli.media_ssrc(), |stream| stream.cells.count_pli()),
            // RFC 5104 §4.3.1.2: the media SSRC is 0, the entries name the streams.
            Rtcp::Fir(fir) => {
                for entry in fir.entries() {
                    with_remote(streams, entry.ssrc, |stream| stream.cells.count_fir());
                }
            }
            Rtcp::Remb(remb) => connection.estimated_incoming(remb.bitrate()),
            Rtcp::Xr(xr) if xr.receiver_reference_time().is_some() => reporters.add(xr.ssrc()),
            _ => {}
        }
    }
}

fn note_reporter(block: &ReportBlock<'_>, reporter: u32, streams: &mut Streams<'_, Stats>) {
    with_remote(streams, block.ssrc(), |stream| {
        if stream.cells.identity.ssrc == block.ssrc() {
            stream.reporter = Some(reporter);
        }
    });
}

/// Feedback that comes in is about local streams; sender reports and answers to our clock are about remote ones.
pub(crate) fn received(
    packet: &RtcpPacket,
    streams: &mut Streams<'_, Stats>,
    connection: &Connection,
    reporters: &Reporters,
    cx: &Context<'_>,
) {
    let arrival = packet.info().arrival.unwrap_or_else(|| cx.now());
    let at = Moment { nanos: cx.nanos_at(arrival), short_ntp: cx.ntp(arrival).middle_32() };
    for part in packet.packets() {
        match part {
            Rtcp::SenderReport(report) => {
                // Only the sender's own stream: not those that its report blocks are about, not its RTX stream.
                match streams.remote(report.ssrc()) {
                    Some(stream) if stream.cells.identity.ssrc == report.ssrc() => {
                        stream.cells.sender.report(&report, at.nanos);
                    }
                    Some(_) => {}
                    None => connection.rtcp.about_unknown(),
                }
                report.report_blocks().for_each(|block| read_block(&block, streams, connection, at));
            }
            Rtcp::ReceiverReport(report) => {
                report.report_blocks().for_each(|block| read_block(&block, streams, connection, at));
            }
            Rtcp::Nack(nack) => {
                with_local(streams, nack.media_ssrc(), connection, |stream| stream.cells.count_nack());
            }
            Rtcp::Pli(pli) => {
                with_local(streams, pli.media_ssrc(), connection, |stream| stream.cells.count_pli());
            }
            Rtcp::Fir(fir) => {
                for entry in fir.entries() {
                    with_local(streams, entry.ssrc, connection, |stream| stream.cells.count_fir());
                }
            }
            Rtcp::Xr(xr) if xr.dlrr_entries().next().is_some() => {
                let ours = read_answers(&xr, streams, at, reporters, cx);
                if !ours {
                    connection.rtcp.about_unknown();
                }
            }
            _ => {}
        }
    }
}

/// When a datagram came.
#[derive(Clone, Copy)]
struct Moment {
    /// Since the connection's start.
    nanos: u64,
    short_ntp: u32,
}

impl Moment {
    /// RFC 3550 §6.4.1, RFC 3611 §4.5; `None` when the far end has not heard our clock.
    const fn round_trip(self, last: u32, delay: u32) -> Option<Duration> {
        round_trip_time(self.short_ntp, last, delay)
    }
}

fn read_block(
    block: &ReportBlock<'_>,
    streams: &mut Streams<'_, Stats>,
    connection: &Connection,
    at: Moment,
) {
    let rtt = at.round_trip(block.last_sr(), block.delay_since_last_sr());
    with_local(streams, block.ssrc(), connection, |stream| {
        // A block about the RTX stream says nothing of the media.
        if stream.cells.identity.ssrc == block.ssrc() {
            stream.reported(block, rtt, at.nanos);
        }
    });
}

/// DLRR entries in an extended report of a remote stream's sender. `false`: none of them is for us.
///
/// Of several entries for us, that counts for the stream which answers the SSRC that reports on the stream, if that has
/// told its clock: a browser reports on audio and on video under two SSRCs, and is answered for both in one block.
fn read_answers(
    xr: &Xr<'_>,
    streams: &mut Streams<'_, Stats>,
    at: Moment,
    reporters: &Reporters,
    cx: &Context<'_>,
) -> bool {
    let Some(stream) = streams.remote(xr.ssrc()) else { return false };
    let reporter = stream.reporter.filter(|ssrc| reporters.contains(*ssrc));
    let is_ours = |ssrc| match reporter {
        Some(reporter) => ssrc == reporter,
        None => ssrc == cx.sender_ssrc() || reporters.contains(ssrc) || cx.local_stream(ssrc).is_some(),
    };
    let Some(entry) = xr.dlrr_entries().find(|entry| is_ours(entry.ssrc)) else { return false };
    stream.cells.sender.round_trip(at.round_trip(entry.last_rr, entry.delay_since_last_rr), at.nanos);
    true
}

fn with_local(
    streams: &mut Streams<'_, Stats>,
    ssrc: u32,
    connection: &Connection,
    then: impl FnOnce(&mut crate::stream::LocalStream),
) {
    match streams.local(ssrc) {
        Some(stream) => then(stream),
        None => connection.rtcp.about_unknown(),
    }
}

fn with_remote(
    streams: &mut Streams<'_, Stats>,
    ssrc: u32,
    then: impl FnOnce(&mut crate::stream::RemoteStream),
) {
    if let Some(stream) = streams.remote(ssrc) {
        then(stream);
    }
}
