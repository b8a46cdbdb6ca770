//! One line for each stream, as long as the line may be.

use console::{Alignment, measure_text_width, pad_str, truncate_str};
use interceptor_inspect::StreamSummary;

use super::column::{Cell, Form};
use super::columns::{Column, STEPS};

const GAP: usize = 2;

/// Head, rule, and a line for each stream, none wider than `width`.
pub(super) fn table(streams: &[StreamSummary], width: usize, colour: bool) -> Vec<String> {
    let columns = choose(streams, width);
    let widths = widths(&columns, width);
    let mut lines = Vec::with_capacity(streams.len() + 3);
    let tall = columns.iter().any(|form| !form.head_from_below(1).is_empty());
    for line in (0..=usize::from(tall)).rev() {
        let heads = columns.iter().map(|form| Cell::new(form.head_from_below(line)));
        lines.push(join(heads, &columns, &widths, false));
    }
    let longest = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
    lines.push("─".repeat(longest.min(width)));
    for row in 0..streams.len() {
        let cells = columns.iter().map(|form| form.cell(row).cloned().unwrap_or_default());
        lines.push(join(cells, &columns, &widths, colour));
    }
    lines
}

/// From the most important on, every column or longer form of one for which there is room.
fn choose(streams: &[StreamSummary], width: usize) -> Vec<Form> {
    let mut chosen: Vec<(Column, Form)> = Vec::new();
    for (column, form) in
        STEPS.iter().filter_map(|(column, level)| Some((*column, column.form(*level, streams)?)))
    {
        let place = chosen.iter().position(|(other, _)| *other >= column).unwrap_or(chosen.len());
        let replaced = chosen.get(place).is_some_and(|(other, _)| *other == column);
        let others = chosen.iter().filter(|(other, _)| *other != column);
        let total: usize = others.map(|(_, form)| form.width() + GAP).sum();
        if total + form.width() > width && !chosen.is_empty() {
            continue;
        }
        chosen.splice(place..place + usize::from(replaced), [(column, form)]);
    }
    chosen.into_iter().map(|(_, form)| form).collect()
}

/// What each column gets; the last one, which is in words, all that is left.
fn widths(columns: &[Form], width: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = columns.iter().map(Form::width).collect();
    let used = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
    if let (Some(last), Some(form)) = (widths.last_mut(), columns.last()) {
        *last = (*last + width.saturating_sub(used)).min(form.clone().at_most(usize::MAX).width());
    }
    widths.iter().map(|own| (*own).min(width)).collect()
}

fn join(cells: impl Iterator<Item = Cell>, columns: &[Form], widths: &[usize], colour: bool) -> String {
    let mut line = String::new();
    for ((cell, form), width) in cells.zip(columns).zip(widths) {
        if !line.is_empty() {
            line.push_str(&" ".repeat(GAP));
        }
        let text = truncate_str(&cell.text, *width, "…");
        let side = if form.is_number() { Alignment::Right } else { Alignment::Left };
        let padded = pad_str(&text, *width, side, None);
        // The blanks stay without colour.
        let blank = width.saturating_sub(measure_text_width(&text));
        let painted = cell.tone.paint(&text, colour);
        match side {
            Alignment::Right => line.push_str(&(" ".repeat(blank) + &painted)),
            _ if painted == text => line.push_str(&padded),
            _ => line.push_str(&(painted + &" ".repeat(blank))),
        }
    }
    line.truncate(line.trim_end().len());
    line
}
