//! Writes the table of `docs/repair.md` and the pictures beside it; with `--check` says whether they are as they would be written.
//!
//! ```sh
//! cargo run --release -p e2e --example repair [-- --check]
//! ```

use std::error::Error;
use std::path::Path;

use e2e::repair::{self, PACKETS};

fn main() -> Result<(), Box<dyn Error>> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs");
    let rows = repair::table(PACKETS);
    print!("{}", repair::block(&rows));
    if std::env::args().any(|argument| argument == "--check") {
        if !repair::is_current(&docs, &rows)? {
            return Err(
                "docs/repair.md shows other figures: cargo run --release -p e2e --example repair".into()
            );
        }
    } else {
        repair::write(&docs, &rows)?;
    }
    Ok(())
}
