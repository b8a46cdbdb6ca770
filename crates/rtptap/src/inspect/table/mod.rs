//! The report as a person reads it.

mod column;
mod columns;
mod fit;
mod tone;
mod way;
mod wide;
mod words;
mod wrap;

use interceptor_inspect::{StreamSummary, Summary};

use self::column::Form;
use self::columns::Column;
use self::tone::Tone;
pub(super) use self::words::{lost, never_came};
use self::wrap::{printable, shorten_start, wrap};
use super::report::{State, advise};
use super::{Inspection, View};

/// Names are not shortened below this.
const SHORT_NAME: usize = 20;

/// The streams of a capture, one in a line, and what else a reader has to know.
///
/// With a [`width`](View::width), columns shorten and go, the least important first, until a line fits; without one, there
/// are Wireshark's columns and then all that it does not have. Control characters of names and files show as `\u{fffd}`.
#[must_use]
pub fn inspection_table(inspection: &Inspection, view: &View) -> String {
    let Inspection { file, state, summary } = inspection;
    let width = view.width.unwrap_or(usize::MAX);
    let mut lines = head(&printable(file), state, summary, width);
    let mut below = problems(inspection, width, view.colour);
    if !summary.streams.is_empty() {
        lines.push(String::new());
        match view.width {
            Some(width) => lines.extend(fit::table(&summary.streams, width, view.colour)),
            None => lines.extend(wide::tables(&summary.streams)),
        }
    }
    if let Some(height) = view.height {
        bound(&mut lines, &mut below, height);
    }
    if !below.is_empty() {
        lines.push(String::new());
        lines.extend(below);
    }
    lines.truncate(view.height.unwrap_or(usize::MAX));
    lines.push(String::new());
    lines.join("\n")
}

/// All columns that any stream has something in, in their longest forms.
pub(super) fn full_columns(streams: &[StreamSummary]) -> Vec<Form> {
    Column::ALL.iter().filter_map(|column| column.form(Column::LONGEST, streams)).collect()
}

/// What a stream is: its payload, and what it is there for.
pub(super) fn role(stream: &StreamSummary) -> String {
    let (payload, repairs) = (wide::payload(stream), wide::repairs(stream));
    if repairs.is_empty() { payload } else { format!("{payload}, {repairs}") }
}

/// What is more than a screen is counted: problems first, as they change the least, then streams.
fn bound(lines: &mut Vec<String>, below: &mut Vec<String>, height: usize) {
    let gap = usize::from(!below.is_empty());
    let room = height.saturating_sub(lines.len() + gap).max(1);
    if below.len() > room {
        let hidden = below.len() - (room - 1);
        below.truncate(room - 1);
        below.push(format!("{hidden} more {} about problems", if hidden == 1 { "line" } else { "lines" }));
    }
    let room = height.saturating_sub(below.len() + gap).max(1);
    if lines.len() > room {
        let hidden = lines.len() - (room - 1);
        lines.truncate(room - 1);
        lines.push(format!("{hidden} more {}", if hidden == 1 { "stream" } else { "streams" }));
    }
}

/// The file in a line: what it is, how far it was read, how much is in it.
fn head(file: &str, state: &State, summary: &Summary, width: usize) -> Vec<String> {
    let Summary { link_type, packets, streams, .. } = summary;
    let noun = if streams.len() == 1 { "stream" } else { "streams" };
    let link = if link_type.is_empty() { String::new() } else { format!("{link_type}, ") };
    let found = format!("{link}{packets} packets, {} RTP {noun}", streams.len());
    let rest = match state {
        State::Complete => found,
        State::Reading(elapsed) => format!("{found} after {:.1} s", elapsed.as_secs_f64()),
        State::Interrupted => format!("{found} until interrupted"),
        State::Unread => "not read, a signal came first".to_owned(),
        State::Failed(reason) => return wrap(&printable(reason), width),
    };
    let room = width.saturating_sub(console::measure_text_width(&rest) + 2);
    // A name that says nothing any more is worth a line of its own.
    let room = room.max(SHORT_NAME.min(width.saturating_sub(1)));
    wrap(&format!("{}: {rest}", shorten_start(file, room)), width)
}

/// A line or more for each problem.
fn problems(inspection: &Inspection, width: usize, colour: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for problem in &inspection.summary.problems {
        let tone = if problem.is_damage() { Tone::Bad } else { Tone::Plain };
        let text = format!("{}: {}", problem.kind(), advise(problem));
        lines.extend(wrap(&printable(&text), width).iter().map(|line| tone.paint(line, colour)));
    }
    lines
}
