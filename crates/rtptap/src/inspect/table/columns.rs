//! The columns of the report, in the forms that they have, and which of them counts for most.

use interceptor_inspect::{RecoveryMs, Repair, SpreadMs, StreamSummary};

use super::column::{Cell, Form};
use super::way::{WayForm, way};
use super::wide;
use super::words::{jitter_tone, loss_tone, lost, never_came, percent, rtt_tone, words};
use super::{Tone, printable};

/// From left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Ssrc,
    Way,
    Codec,
    Packets,
    Lost,
    Repair,
    Recovery,
    Jitter,
    Rtt,
    Skew,
    Delta,
    Rtcp,
    Words,
}

/// What a line shows, the most important first: a column, and in which of its forms. Each is shown if there is room for it
/// besides those before it.
pub(super) const STEPS: [(Column, usize); 25] = [
    (Column::Ssrc, 0),
    (Column::Lost, 0),
    (Column::Packets, 0),
    (Column::Codec, 0),
    (Column::Way, 0),
    (Column::Words, 0),
    (Column::Repair, 0),
    (Column::Jitter, 0),
    (Column::Rtt, 0),
    (Column::Words, 1),
    (Column::Way, 1),
    (Column::Lost, 1),
    (Column::Repair, 1),
    (Column::Recovery, 0),
    (Column::Words, 2),
    (Column::Way, 2),
    (Column::Codec, 1),
    (Column::Jitter, 1),
    (Column::Codec, 2),
    (Column::Way, 3),
    (Column::Words, 3),
    (Column::Rtcp, 0),
    (Column::Skew, 0),
    (Column::Delta, 0),
    (Column::Delta, 1),
];

/// A codec's name is not shown beyond this: a session description may say anything.
const SHORT_CODEC: usize = 8;
const LONG_CODEC: usize = 24;
/// Room for words, from a hint to most of what there ever is.
const WORDS: [usize; 4] = [12, 18, 36, 120];

impl Column {
    pub(super) const ALL: [Self; 13] = [
        Self::Ssrc,
        Self::Way,
        Self::Codec,
        Self::Packets,
        Self::Lost,
        Self::Repair,
        Self::Recovery,
        Self::Jitter,
        Self::Rtt,
        Self::Skew,
        Self::Delta,
        Self::Rtcp,
        Self::Words,
    ];
    /// The level of the longest form of all columns.
    pub(super) const LONGEST: usize = WORDS.len() - 1;

    /// This column of all streams; `None`: no stream has anything in it, or it has no such form.
    pub(super) fn form(self, level: usize, streams: &[StreamSummary]) -> Option<Form> {
        let cells = |cell: fn(&StreamSummary) -> Cell| streams.iter().map(cell);
        match (self, level) {
            (Self::Ssrc, 0) => Form::new("SSRC", cells(|s| Cell::new(format!("{:08x}", s.ssrc)))),
            (Self::Ssrc, _) => Form::new("SSRC", cells(|s| Cell::new(wide::hex(s.ssrc)))),
            (Self::Way, 0) => {
                Form::new("to", cells(|s| Cell::new(way(s.src, s.dst, WayForm::DestinationPort))))
            }
            (Self::Way, 1) => Form::new("way", cells(|s| Cell::new(way(s.src, s.dst, WayForm::Ports)))),
            (Self::Way, 2) => Form::new("way", cells(|s| Cell::new(way(s.src, s.dst, WayForm::Short)))),
            (Self::Way, _) => Form::new("way", cells(|s| Cell::new(way(s.src, s.dst, WayForm::Full)))),
            (Self::Codec, 0) => Some(Form::new("codec", cells(short_codec))?.at_most(SHORT_CODEC)),
            (Self::Codec, 1) => Some(Form::new("codec", cells(short_codec))?.at_most(LONG_CODEC)),
            (Self::Codec, _) => {
                Some(Form::new("payload", cells(|s| Cell::new(wide::payload(s))))?.at_most(LONG_CODEC))
            }
            (Self::Packets, _) => Form::number("packets", cells(|s| Cell::new(s.packets.to_string()))),
            (Self::Lost, 0) => Form::number("lost", cells(lost_percent)),
            (Self::Lost, _) => Form::number("lost", cells(lost_packets)),
            (Self::Repair, 0) => Form::new("back", cells(back)),
            (Self::Repair, _) => Form::new("repair", cells(repair)),
            (Self::Recovery, _) => Form::number("back after\nms", cells(recovery)),
            (Self::Jitter, 0) => Form::number("jitter\nms", cells(mean_jitter)),
            (Self::Jitter, _) => Form::number("jitter ms\nmean/max", cells(jitter)),
            (Self::Rtt, _) => Form::number("RTT\nms", cells(rtt)),
            (Self::Skew, _) => Form::number("skew\nms", cells(|s| number(s.skew_ms, 1))),
            (Self::Delta, 0) => {
                Form::number("delta\nms max", cells(|s| number(s.delta_ms.map(|d| d.max), 1)))
            }
            (Self::Delta, _) => Form::number("delta ms\nmean/max", cells(|s| mean_and_max(s.delta_ms))),
            (Self::Rtcp, _) => Form::new("RTCP", cells(|s| Cell::new(wide::rtcp(&s.rtcp)))),
            (Self::Words, level) => {
                let most = *WORDS.get(level)?;
                Some(Form::new("problems", cells(in_words))?.at_most(most))
            }
        }
    }
}

fn in_words(stream: &StreamSummary) -> Cell {
    let (text, tone) = words(stream);
    Cell::new(text).with_tone(tone)
}

fn short_codec(stream: &StreamSummary) -> Cell {
    match &stream.codec {
        Some(codec) => Cell::new(printable(codec)),
        None => Cell::new(format!("PT {}", stream.payload_type)),
    }
}

fn lost_percent(stream: &StreamSummary) -> Cell {
    Cell::new(match lost(stream) {
        0 => "0".to_owned(),
        lost => format!("{:.1}%", percent(lost, stream)),
    })
    .with_tone(loss_tone(stream))
}

fn lost_packets(stream: &StreamSummary) -> Cell {
    Cell::new(match lost(stream) {
        0 => "0".to_owned(),
        lost => format!("{lost} ({:.1}%)", percent(lost, stream)),
    })
    .with_tone(loss_tone(stream))
}

/// How many of the lost came back, or for which stream this one is there.
fn back(stream: &StreamSummary) -> Cell {
    match (stream.rtx_of, stream.fec_of, stream.repair) {
        (Some(_), _, _) => Cell::new("RTX"),
        (_, Some(_), _) => Cell::new("FEC"),
        (_, _, Some(Repair { lost, missing, .. })) if lost > 0 => {
            Cell::new(format!("{}/{lost}", lost - missing.min(lost))).with_tone(loss_tone(stream))
        }
        _ => Cell::default(),
    }
}

/// By what the lost came back, and how many did not.
fn repair(stream: &StreamSummary) -> Cell {
    let text = wide::repairs(stream);
    Cell::new(text).with_tone(if never_came(stream) > 0 { loss_tone(stream) } else { Tone::Plain })
}

fn recovery(stream: &StreamSummary) -> Cell {
    let times = stream.repair.and_then(|repair| repair.recovery_ms);
    Cell::new(times.map(|RecoveryMs { p50, p95, .. }| format!("{p50:.0}/{p95:.0}")).unwrap_or_default())
}

fn mean_jitter(stream: &StreamSummary) -> Cell {
    number(stream.jitter_ms.map(|jitter| jitter.mean), 1).with_tone(jitter_tone(stream).unwrap_or_default())
}

fn jitter(stream: &StreamSummary) -> Cell {
    mean_and_max(stream.jitter_ms).with_tone(jitter_tone(stream).unwrap_or_default())
}

fn rtt(stream: &StreamSummary) -> Cell {
    number(stream.rtt_ms, 1).with_tone(rtt_tone(stream).unwrap_or_default())
}

fn mean_and_max(spread: Option<SpreadMs>) -> Cell {
    let text = spread.map(|SpreadMs { mean, max, .. }| format!("{mean:.1}/{max:.1}"));
    Cell::new(text.unwrap_or_default())
}

fn number(value: Option<f64>, digits: usize) -> Cell {
    Cell::new(value.map(|value| format!("{value:.digits$}")).unwrap_or_default())
}
