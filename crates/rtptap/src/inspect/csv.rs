//! One line for each stream, for spreadsheets.

use interceptor_inspect::{FecFormat, Repair, SpreadMs, StreamSummary};

use super::Inspection;

/// The names of the columns.
const COLUMNS: &str = "file,ssrc,src,dst,payload_type,codec,clock_rate,packets,lost,lost_pct,duplicates,reordered,\
loss_runs,longest_run,jitter_min_ms,jitter_mean_ms,jitter_max_ms,delta_min_ms,delta_mean_ms,delta_max_ms,start,end,\
skew_ms,drift_ppm,rtx_of,fec_of,sr,rr,nack,pli,fir,twcc,remb,xr,ccfb,rtt_ms,\
repair_lost,repair_rtx,repair_fec,repair_repeat,repair_missing,repair_repeats,recovery_p50_ms,recovery_p95_ms,\
drift_error_ppm,timestamp_jumps,largest_jump_ms,fec";

/// The line of column names, then a line for each stream of each capture (RFC 4180, lines end with a line feed).
/// What is not known is empty.
#[must_use]
pub fn inspection_csv<'a>(inspections: impl IntoIterator<Item = &'a Inspection>) -> String {
    let mut text = format!("{COLUMNS}\n");
    for inspection in inspections {
        for stream in &inspection.summary.streams {
            text += &line(&inspection.file, stream);
            text.push('\n');
        }
    }
    text
}

fn line(file: &str, stream: &StreamSummary) -> String {
    let StreamSummary { rtcp, loss_runs, .. } = stream;
    let texts = [file.to_owned(), hex(stream.ssrc), stream.src.to_string(), stream.dst.to_string()];
    let texts = texts.map(|text| quoted(&text));
    let kind = [
        stream.payload_type.to_string(),
        quoted(stream.codec.as_deref().unwrap_or_default()),
        stream.clock_rate.map(|rate| rate.to_string()).unwrap_or_default(),
    ];
    let counts = [
        stream.packets.to_string(),
        stream.lost.to_string(),
        format!("{:.4}", stream.lost_pct),
        stream.duplicates.to_string(),
        stream.reordered.to_string(),
        loss_runs.count.to_string(),
        loss_runs.longest.to_string(),
    ];
    let times = [
        number(stream.start_seconds),
        number(stream.end_seconds),
        number(stream.skew_ms),
        number(stream.drift_ppm),
        stream.rtx_of.map(hex).unwrap_or_default(),
        stream.fec_of.map(hex).unwrap_or_default(),
    ];
    let rtcp = [rtcp.sr, rtcp.rr, rtcp.nack, rtcp.pli, rtcp.fir, rtcp.twcc, rtcp.remb, rtcp.xr, rtcp.ccfb];
    let cells: Vec<String> = texts
        .into_iter()
        .chain(kind)
        .chain(counts)
        .chain(spread(stream.jitter_ms))
        .chain(spread(stream.delta_ms))
        .chain(times)
        .chain(rtcp.map(|count| count.to_string()))
        .chain([number(stream.rtt_ms)])
        .chain(repair(stream))
        .chain(clock(stream))
        .chain([stream.fec.map(FecFormat::name).unwrap_or_default().to_owned()])
        .collect();
    cells.join(",")
}

/// Empty for streams that repair others.
fn repair(stream: &StreamSummary) -> [String; 8] {
    let Some(repair) = stream.repair else { return Default::default() };
    let Repair { lost, by_rtx, by_fec, by_repeat, missing, repeats, recovery_ms, .. } = repair;
    let [lost, rtx, fec, repeat, missing, repeats] =
        [lost, by_rtx, by_fec, by_repeat, missing, repeats].map(|count| count.to_string());
    let (p50, p95) = (number(recovery_ms.map(|times| times.p50)), number(recovery_ms.map(|times| times.p95)));
    [lost, rtx, fec, repeat, missing, repeats, p50, p95]
}

/// What is there to trust a clock's figures by.
fn clock(stream: &StreamSummary) -> [String; 3] {
    let jumps = &stream.timestamp_jumps;
    [number(stream.drift_error_ppm), jumps.count.to_string(), number(Some(jumps.largest_ms))]
}

/// `0x11223344`.
pub(super) fn hex(ssrc: u32) -> String {
    format!("{ssrc:#010x}")
}

fn spread(spread: Option<SpreadMs>) -> [String; 3] {
    [spread.map(|s| s.min), spread.map(|s| s.mean), spread.map(|s| s.max)].map(number)
}

fn number(value: Option<f64>) -> String {
    value.map(|value| format!("{value:.6}")).unwrap_or_default()
}

/// RFC 4180: in quotes when there is anything that could be taken for structure.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_could_be_taken_for_structure() {
        assert_eq!(quoted("a b"), "a b");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
