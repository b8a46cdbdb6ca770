//! Takes the Rust out of `docs/writing-an-interceptor.md`, whose blocks continue each other: once step by step for the
//! doc tests, once as a whole for the tests that it holds.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const GUIDE: &str = "../../../docs/writing-an-interceptor.md";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={GUIDE}");
    let text = fs::read_to_string(
        Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join(GUIDE),
    )?;
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    let blocks = rust_blocks(&text);
    if blocks.is_empty() {
        return Err(io::Error::other("the guide has no Rust in it"));
    }
    fs::write(out.join("writing_an_interceptor.rs"), blocks.concat())?;
    fs::write(out.join("writing_an_interceptor_steps.rs"), steps(&blocks))
}

/// What stands between "```rust" and "```".
fn rust_blocks(markdown: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in markdown.lines() {
        match &mut open {
            None if line == "```rust" => open = Some(String::new()),
            None => {}
            Some(_) if line == "```" => blocks.extend(open.take()),
            Some(block) => {
                block.push_str(line);
                block.push('\n');
            }
        }
    }
    blocks
}

/// A documented item for each block, with that block and all before it as the example.
fn steps(blocks: &[String]) -> String {
    let mut source = String::new();
    let mut example = String::new();
    for (number, block) in blocks.iter().enumerate() {
        example.push_str(block);
        // A `String` takes every write.
        let _ = writeln!(source, "#[doc = {:?}]\nstruct Step{};", format!("```\n{example}```"), number + 1);
    }
    source
}
