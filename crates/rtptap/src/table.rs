//! Tables for a terminal or a file: no colours, no control characters.

use comfy_table::{CellAlignment, ContentLineStyle, LineStyle, Table, TableStyle};

/// Columns held apart by blanks, with one line below the header.
pub(crate) fn plain_table() -> Table {
    let blank = ContentLineStyle::none().junction(' ');
    let rule = LineStyle::none().fill('─').junction('─');
    let style = TableStyle::new().header_lines(blank).header_separator(rule).content_lines(blank);
    let mut table = Table::new();
    table.load_style(style);
    table
}

/// Aligns the figures; the first `labels` columns are text.
pub(crate) fn align_right(table: &mut Table, labels: usize) {
    table.column_iter_mut().skip(labels).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
}
