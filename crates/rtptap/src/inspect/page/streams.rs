//! All streams of a capture as a table, with the words and figures of the terminal's.

use interceptor_inspect::StreamSummary;
use maud::{Markup, html};

use crate::inspect::table::full_columns;
pub(super) use crate::inspect::table::{lost, never_came};

pub(super) fn table(streams: &[StreamSummary]) -> Markup {
    let columns = full_columns(streams);
    html! {
        section {
            h2 { "All streams" }
            div.scroll {
                table.streams {
                    thead { tr {
                        @for column in &columns { th.text[!column.is_number()] scope="col" { (column.head_in_a_line()) } }
                    } }
                    tbody {
                        @for row in 0..streams.len() {
                            tr {
                                @for column in &columns {
                                    @if let Some(cell) = column.cell(row) {
                                        td class={ (cell.tone.as_str()) @if !column.is_number() { " text" } } { (cell.text) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
