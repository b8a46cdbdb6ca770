//! A column in one of its forms: what stands above it and in it, and how wide that is.

use console::measure_text_width;

use super::tone::Tone;
use super::wrap::printable;

/// What stands in a line of a column.
#[derive(Clone, Debug, Default)]
pub(in crate::inspect) struct Cell {
    pub(in crate::inspect) text: String,
    pub(in crate::inspect) tone: Tone,
}

impl Cell {
    pub(super) fn new(text: impl AsRef<str>) -> Self {
        Self { text: printable(text.as_ref()).into_owned(), tone: Tone::Plain }
    }

    pub(super) const fn with_tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

/// A column as it may be shown.
#[derive(Clone, Debug)]
pub(in crate::inspect) struct Form {
    /// Of one line, or of two: the figure and its unit.
    head: &'static str,
    cells: Vec<Cell>,
    is_number: bool,
    /// What is longer is cut.
    most: usize,
}

impl Form {
    /// `None`: there is nothing in it.
    pub(super) fn new(head: &'static str, cells: impl Iterator<Item = Cell>) -> Option<Self> {
        let cells: Vec<Cell> = cells.collect();
        let any = cells.iter().any(|cell| !cell.text.is_empty());
        any.then_some(Self { head, cells, is_number: false, most: usize::MAX })
    }

    /// Aligned to the right.
    pub(super) fn number(head: &'static str, cells: impl Iterator<Item = Cell>) -> Option<Self> {
        Some(Self { is_number: true, ..Self::new(head, cells)? })
    }

    /// Not wider than this.
    pub(super) fn at_most(mut self, width: usize) -> Self {
        self.most = width;
        self
    }

    pub(super) fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| measure_text_width(&cell.text)).max().unwrap_or_default();
        let head = self.head.lines().map(measure_text_width).max().unwrap_or_default();
        cells.min(self.most).max(head)
    }

    /// The lines of the head, from the last up.
    pub(super) fn head_from_below(&self, line: usize) -> &'static str {
        self.head.lines().rev().nth(line).unwrap_or_default()
    }

    pub(in crate::inspect) fn head_in_a_line(&self) -> String {
        self.head.replace('\n', " ")
    }

    pub(in crate::inspect) fn cell(&self, row: usize) -> Option<&Cell> {
        self.cells.get(row)
    }

    pub(in crate::inspect) const fn is_number(&self) -> bool {
        self.is_number
    }
}
