//! What is wrong with a stream, in words, the worst first.

use interceptor_inspect::StreamSummary;

use super::tone::Tone;

/// More than this share missing is heard and seen, in percent.
const BAD_LOSS_PCT: f64 = 1.0;
/// More jitter than the playout buffers of telephones usually take (ITU-T Y.1541, class 0: 50 ms of delay variation).
const HIGH_JITTER_MS: f64 = 50.0;
/// Twice the one-way delay that people do not notice (ITU-T G.114: 150 ms).
const LONG_RTT_MS: f64 = 300.0;

/// A stream's problems: what to say, and how much the worst should alarm.
pub(super) fn words(stream: &StreamSummary) -> (String, Tone) {
    let mut all = vec![missing(stream), runs(stream)];
    all.push(jitter_tone(stream).map(|tone| (format!("jitter up to {:.0} ms", jitter_max(stream)), tone)));
    all.push(jumps(stream));
    all.push(rtt_tone(stream).map(|tone| ("long round trip".to_owned(), tone)));
    let counted = |count: u64, what: &str| (count > 0).then(|| (format!("{count} {what}"), Tone::Plain));
    all.push(counted(stream.reordered, "reordered"));
    all.push(counted(repeats(stream), if repeats(stream) == 1 { "repeat" } else { "repeats" }));
    if stream.rtx_of.is_none() && stream.fec_of.is_none() {
        let silent = stream.rtcp.sr == 0 && stream.rtcp.rr == 0;
        all.push(silent.then(|| ("no RTCP reports".to_owned(), Tone::Plain)));
        let unknown = stream.clock_rate.is_none();
        all.push(unknown.then(|| ("clock unknown".to_owned(), Tone::Plain)));
    }
    let all: Vec<(String, Tone)> = all.into_iter().flatten().collect();
    let worst = all.iter().map(|(_, tone)| *tone).max().unwrap_or_default();
    (all.into_iter().map(|(word, _)| word).collect::<Vec<_>>().join(", "), worst)
}

/// Packets lost on the path. Where copies came as well, RFC 3550's figure is too low, even below zero.
pub(in crate::inspect) fn lost(stream: &StreamSummary) -> u64 {
    stream.repair.map_or_else(|| u64::try_from(stream.lost).unwrap_or(0), |repair| repair.lost)
}

/// Packets that neither came nor came back.
pub(in crate::inspect) fn never_came(stream: &StreamSummary) -> u64 {
    stream.repair.map_or_else(|| lost(stream), |repair| repair.missing)
}

/// Copies of what was there already.
fn repeats(stream: &StreamSummary) -> u64 {
    stream.repair.map_or(stream.duplicates, |repair| repair.repeats)
}

/// In percent of the packets expected.
pub(super) fn percent(packets: u64, stream: &StreamSummary) -> f64 {
    100.0 * packets as f64 / stream.expected.max(1) as f64
}

/// How much a stream's losses should alarm: those that were repaired do not. Of RTX and FEC, a loss is one chance less.
pub(super) fn loss_tone(stream: &StreamSummary) -> Tone {
    let is_media = stream.rtx_of.is_none() && stream.fec_of.is_none();
    match never_came(stream) {
        0 => Tone::Plain,
        missing if is_media && percent(missing, stream) > BAD_LOSS_PCT => Tone::Bad,
        _ => Tone::Warn,
    }
}

/// Retransmissions have the timestamps of long ago: their jitter is what they are for.
pub(super) fn jitter_tone(stream: &StreamSummary) -> Option<Tone> {
    (stream.rtx_of.is_none() && jitter_max(stream) > HIGH_JITTER_MS).then_some(Tone::Warn)
}

pub(super) fn rtt_tone(stream: &StreamSummary) -> Option<Tone> {
    stream.rtt_ms.is_some_and(|rtt| rtt > LONG_RTT_MS).then_some(Tone::Warn)
}

fn jitter_max(stream: &StreamSummary) -> f64 {
    stream.jitter_ms.map_or(0.0, |jitter| jitter.max)
}

fn jumps(stream: &StreamSummary) -> Option<(String, Tone)> {
    match stream.timestamp_jumps.count {
        0 => None,
        1 => Some(("timestamps jump once".to_owned(), Tone::Warn)),
        times => Some((format!("timestamps jump {times} times"), Tone::Warn)),
    }
}

fn missing(stream: &StreamSummary) -> Option<(String, Tone)> {
    let missing = never_came(stream);
    // Where nothing came back, the losses are the column beside.
    (0 < missing && missing < lost(stream)).then(|| (format!("{missing} missing"), loss_tone(stream)))
}

fn runs(stream: &StreamSummary) -> Option<(String, Tone)> {
    let word = match (lost(stream), stream.loss_runs.longest) {
        (0, _) => return None,
        (1, _) => "one lost".to_owned(),
        (_, 0 | 1) => "lost one by one".to_owned(),
        (_, longest) => format!("lost {longest} in a row"),
    };
    Some((word, if never_came(stream) == lost(stream) { loss_tone(stream) } else { Tone::Plain }))
}
