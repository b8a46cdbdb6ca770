//! Results as a table, as JSON and as a page of documentation.

mod page;
mod refresh;
mod table;

use crate::results::Results;

pub use page::{PAGE, page, section_of};
pub use refresh::refresh;
pub use table::table;

/// One JSON object.
///
/// # Errors
/// None that the values can cause.
pub fn json(results: &Results) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(results)?)
}
