//! How a relay stands, as a table for people.

use std::time::Duration;

use interceptor_stats::{ConnectionStats, InboundRtp, OutboundRtp, RemoteInboundRtp};

use super::{LegStats, RelayStats, RepairStats, Role};
use crate::table::{align_right, plain_table};

const ABSENT: &str = "–";

/// Stands behind a stream that has ended.
const ENDED: &str = "†";

/// Streams that have ended and are shown all the same, on all legs together.
const ENDED_ROWS: usize = 10;

/// A line a stream and leg, and a line a leg on repair: no colours, no control characters.
#[must_use]
pub fn relay_table(stats: &RelayStats) -> String {
    let mut table = plain_table();
    table.set_header([
        "leg",
        "stream",
        "packets",
        "kbit/s",
        "lost",
        "jitter ms",
        "rtt ms",
        "NACKs",
        "resent",
    ]);
    let shown = ended_rows(stats);
    for leg in &stats.legs {
        let rows = rows(leg, shown);
        if rows.is_empty() {
            table.add_row([leg.id.as_str(), ABSENT]);
        }
        rows.into_iter().for_each(|row| _ = table.add_row(row));
    }
    align_right(&mut table, 2);
    // One blank between columns: it fits a terminal of 80.
    table.column_iter_mut().for_each(|column| _ = column.set_padding((0, 0)));
    let repair = stats.legs.iter().map(|leg| repair(leg, &leg.repair));
    let repair: String = repair.fold(String::new(), |text, line| text + "\n" + &line);
    let rows = table.trim_fmt();
    let ended = if rows.contains(ENDED) { format!("{ENDED} has ended\n") } else { String::new() };
    format!("{rows}\n{ended}{}{repair}\n", not_shown(stats, shown))
}

/// Ended streams that each leg may show.
fn ended_rows(stats: &RelayStats) -> usize {
    let rows = |each| stats.legs.iter().map(|leg| leg.ended.len().min(each)).sum::<usize>();
    (0..=ENDED_ROWS).rev().find(|each| rows(*each) <= ENDED_ROWS).unwrap_or(0)
}

/// How many streams that have ended are left out.
fn not_shown(stats: &RelayStats, shown: usize) -> String {
    let count: usize = stats.legs.iter().map(|leg| leg.ended.len().saturating_sub(shown)).sum();
    match count {
        0 => String::new(),
        1 => "1 more stream has ended\n".to_owned(),
        count => format!("{count} more streams have ended\n"),
    }
}

/// The newest streams that have ended, then those that live.
fn rows(leg: &LegStats, ended: usize) -> Vec<[String; 9]> {
    let mut rows = Vec::new();
    for ended in leg.ended.iter().skip(leg.ended.len().saturating_sub(ended)) {
        rows.extend(ended.inbound_rtp.iter().map(|stream| inbound(leg, stream, true)));
        let remote = ended.remote_inbound_rtp.as_ref();
        rows.extend(ended.outbound_rtp.iter().map(|stream| outbound(leg, stream, remote, true)));
    }
    if let Some(stats) = &leg.stats {
        rows.extend(stats.inbound_rtp.iter().map(|stream| inbound(leg, stream, false)));
        rows.extend(
            stats.outbound_rtp.iter().map(|stream| outbound(leg, stream, remote(stats, stream), false)),
        );
    }
    rows
}

fn remote<'a>(stats: &'a ConnectionStats, stream: &OutboundRtp) -> Option<&'a RemoteInboundRtp> {
    stats.remote_inbound_rtp.iter().find(|remote| remote.ssrc == stream.ssrc)
}

fn inbound(leg: &LegStats, stream: &InboundRtp, ended: bool) -> [String; 9] {
    let rtt = leg.stats.as_ref().and_then(|stats| stats.current_round_trip_time);
    [
        leg.id.clone(),
        name(stream.ssrc, &stream.name, ended),
        stream.packets_received.to_string(),
        kilobits(stream.bits_per_second),
        stream.packets_lost.to_string(),
        ms(Some(stream.jitter)),
        ms(rtt),
        stream.nack_count.to_string(),
        stream.retransmitted_packets_received.to_string(),
    ]
}

fn outbound(
    leg: &LegStats,
    stream: &OutboundRtp,
    remote: Option<&RemoteInboundRtp>,
    ended: bool,
) -> [String; 9] {
    [
        leg.id.clone(),
        name(stream.ssrc, &stream.name, ended),
        stream.packets_sent.to_string(),
        kilobits(stream.bits_per_second),
        remote.map_or_else(|| ABSENT.to_owned(), |remote| remote.packets_lost.to_string()),
        ms(remote.map(|remote| remote.jitter)),
        ms(remote.and_then(|remote| remote.round_trip_time)),
        stream.nack_count.to_string(),
        stream.retransmitted_packets_sent.to_string(),
    ]
}

fn name(ssrc: u32, name: &str, ended: bool) -> String {
    format!("{ssrc:08x} {name}{}", if ended { ENDED } else { "" })
}

fn ms(time: Option<Duration>) -> String {
    time.map_or_else(|| ABSENT.to_owned(), |time| format!("{:.1}", time.as_secs_f64() * 1000.0))
}

fn kilobits(bits: Option<f64>) -> String {
    bits.map_or_else(|| ABSENT.to_owned(), |bits| format!("{:.0}", bits / 1000.0))
}

fn repair(leg: &LegStats, repair: &RepairStats) -> String {
    let lost = leg.book.losses().map_or_else(String::new, |losses| format!("; {losses}"));
    let RepairStats {
        packets_missing,
        packets_recovered,
        packets_given_up,
        packets_requested,
        packets_resent,
        resets,
        rtx_fallbacks,
    } = repair;
    let unless_none = |count: &u64, what: &str| match count {
        0 => String::new(),
        count => format!(", {count} {what}"),
    };
    match leg.role {
        Role::Source => format!(
            "{}: {packets_missing} missing, {packets_recovered} came after all, {packets_given_up} given up{}{}{lost}",
            leg.id,
            unless_none(resets, "left alone all at once"),
            unless_none(&leg.fec.as_ref().map_or(0, |fec| fec.packets_recovered), "recovered by FEC"),
        ),
        Role::Target => {
            let plain = unless_none(rtx_fallbacks, "streams without RTX, which the target ignores");
            let made = unless_none(&leg.fec.as_ref().map_or(0, |fec| fec.packets_made), "repair packets");
            format!(
                "{}: {packets_requested} asked for, {packets_resent} sent again{plain}{made}{lost}",
                leg.id
            )
        }
    }
}
