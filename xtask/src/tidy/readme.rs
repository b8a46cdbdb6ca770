//! A crate's README is its crate documentation, rendered for readers outside rustdoc.

use std::collections::BTreeMap;
use std::ops::Range;

use pulldown_cmark::{BrokenLink, CowStr, Event, Options, Parser, Tag, TagEnd};

use super::files::TextFile;
use super::{Finding, text_of};
use crate::workspace::Crate;

const LICENCE: &str = "## License\n\nMIT OR Apache-2.0, at your option: see [LICENSE-MIT](LICENSE-MIT) and [LICENSE-APACHE](LICENSE-APACHE).\n";

/// READMEs that differ from the documentation they are made of.
pub(super) fn check(crates: &[Crate], files: &[TextFile]) -> Vec<Finding> {
    let stale =
        derive(crates, files).into_iter().filter(|readme| text_of(files, &readme.path) != Some(&readme.text));
    stale
        .map(|readme| {
            Finding::new(
                readme.path,
                "differs from the crate's documentation: run `cargo xtask tidy --write`",
            )
        })
        .collect()
}

/// The README of each published crate.
pub(super) fn derive(crates: &[Crate], files: &[TextFile]) -> Vec<TextFile> {
    let published = crates.iter().filter(|krate| krate.publish);
    published
        .filter_map(|krate| {
            let docs = krate.docs.as_ref()?;
            let text = render(&krate.name, docs, &crate_docs(text_of(files, docs)?));
            Some(TextFile { path: format!("{}/README.md", krate.dir), text })
        })
        .collect()
}

/// The `//!` block that opens a source file, as Markdown.
pub(super) fn crate_docs(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned() + "\n").collect()
}

fn render(name: &str, source: &str, docs: &str) -> String {
    let file = source.rsplit_once("/src/").map_or(source, |(_, file)| file);
    let body = blocks(&plain_links(docs));
    format!(
        "<!-- Made of src/{file} by `cargo xtask tidy --write`. -->\n\n# {name}\n\n{}\n\n{LICENCE}",
        body.trim()
    )
}

/// Takes rustdoc's links to items apart: their text stays, addresses of pages stay links.
fn plain_links(docs: &str) -> String {
    let accept =
        |link: BrokenLink<'_>| is_item(&link.reference).then(|| (CowStr::from("item"), CowStr::from("")));
    let parser = Parser::new_with_broken_link_callback(docs, Options::ENABLE_TABLES, Some(accept));
    let definitions = parser.reference_definitions().iter();
    let mut edits: BTreeMap<usize, (Range<usize>, String)> = definitions
        .filter(|(_, definition)| is_item(&definition.dest))
        .map(|(_, definition)| {
            (definition.span.start, (whole_line(docs, definition.span.clone()), String::new()))
        })
        .collect();
    // The link being read: where its text begins and ends.
    let mut text: Option<Range<usize>> = None;
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                text = is_item(&dest_url).then_some(range.end..range.start)
            }
            Event::End(TagEnd::Link) => {
                let words = text.take().and_then(|text| docs.get(text));
                if let Some(words) = words {
                    edits.insert(range.start, (range, words.to_owned()));
                }
            }
            _ => text = text.map(|text| text.start.min(range.start)..text.end.max(range.end)),
        }
    }
    apply(docs, edits.into_values())
}

/// True for a link target that rustdoc resolves (`Chain`, `crate::Chain::poll_wire`, `fn@f`, `struct.Chain.html`), false for an address.
fn is_item(target: &str) -> bool {
    let address = target.contains('/') || target.starts_with('#') || target.starts_with("mailto:");
    let path = target.trim_matches('`').rsplit('@').next().unwrap_or_default();
    let path = path.trim_end_matches("()").trim_end_matches('!');
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '<' | '>' | ',' | ' ');
    !address && path.starts_with(|c: char| c.is_alphabetic() || c == '_') && path.chars().all(word)
}

fn whole_line(text: &str, range: Range<usize>) -> Range<usize> {
    let rest = text.get(range.end..).unwrap_or_default();
    let end = range.end + rest.find('\n').map_or(rest.len(), |newline| newline + 1);
    range.start..end
}

fn apply(text: &str, edits: impl Iterator<Item = (Range<usize>, String)>) -> String {
    let mut out = String::new();
    let mut done = 0;
    for (range, replacement) in edits.filter(|(range, _)| range.end <= text.len()) {
        out.push_str(text.get(done..range.start).unwrap_or_default());
        out.push_str(&replacement);
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Rust examples become what one can copy; headings go one level down, under the crate's name.
fn blocks(docs: &str) -> String {
    let mut out = String::new();
    let mut lines = docs.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        let Some(info) = trimmed.strip_prefix("```") else {
            out.push_str(if line.starts_with('#') { "#" } else { "" });
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let indent = line.strip_suffix(trimmed).unwrap_or_default();
        let inside: Vec<&str> =
            lines.by_ref().take_while(|line| !line.trim_start().starts_with("```")).collect();
        if is_rust(info) {
            out.push_str(&format!("{indent}```rust\n{}{indent}```\n", example(&inside)));
        } else {
            out.push_str(&format!("{line}\n{}{indent}```\n", joined(&inside)));
        }
    }
    out
}

/// The hidden last line of an example that rustdoc wraps into a `main` which can fail.
const WRAPPED: &str = "# Ok::<(), Box<dyn std::error::Error>>(())";

/// An example without the lines that rustdoc hides, and with the `main` that rustdoc would wrap around it.
fn example(lines: &[&str]) -> String {
    let hidden = |line: &&&str| matches!(line.trim_start(), "#") || line.trim_start().starts_with("# ");
    let wrapped = lines.iter().filter(hidden).eq([&WRAPPED]);
    let shown: Vec<String> = lines.iter().filter(|line| !hidden(line)).map(|line| unescaped(line)).collect();
    if !wrapped {
        return joined(&shown);
    }
    let imports = imports(&shown);
    let (imports, body) = shown.split_at(imports);
    let body = body.iter().skip_while(|line| line.is_empty());
    let body: Vec<String> =
        body.map(|line| if line.is_empty() { String::new() } else { format!("    {line}") }).collect();
    let main = "fn main() -> Result<(), Box<dyn std::error::Error>> {";
    format!("{}\n{main}\n{}    Ok(())\n}}\n", joined(imports), joined(&body))
}

/// How many of the first lines are `use` declarations.
fn imports(lines: &[String]) -> usize {
    let mut open = false;
    let import = |line: &&String| {
        let import = open || line.starts_with("use ");
        open = import && !line.ends_with(';');
        import
    };
    lines.iter().take_while(import).count()
}

/// `##` at the start of an example's line stands for `#`.
fn unescaped(line: &str) -> String {
    if line.trim_start().starts_with("##") { line.replacen("##", "#", 1) } else { line.to_owned() }
}

fn joined(lines: &[impl AsRef<str>]) -> String {
    lines.iter().flat_map(|line| [line.as_ref(), "\n"]).collect()
}

/// True if rustdoc would compile a fence with this info string.
fn is_rust(info: &str) -> bool {
    let flags =
        ["rust", "no_run", "should_panic", "compile_fail", "ignore", "standalone_crate", "test_harness"];
    let mut words = info.split([',', ' ']).filter(|word| !word.is_empty());
    words.all(|word| flags.contains(&word) || word.starts_with("edition") || word.starts_with("ignore-"))
}

#[cfg(test)]
mod tests {
    use super::{blocks, check, crate_docs, derive, plain_links};
    use crate::tidy::files::TextFile;
    use crate::workspace::Crate;

    #[test]
    fn the_documentation_ends_where_code_begins() {
        assert_eq!(crate_docs("//! One.\n//!\n//!  Two.\nmod a;\n//! no\n"), "One.\n\n Two.\n");
    }

    #[test]
    fn links_to_items_become_their_text() {
        let docs = "[`Chain`], [the chain](crate::Chain::new), [`read`](Chain::read()), [a *b* `c`][`Chain`] and [`vec!`].\n";
        assert_eq!(plain_links(docs), "`Chain`, the chain, `read`, a *b* `c` and `vec!`.\n");
    }

    #[test]
    fn links_to_pages_stay() {
        let docs = "[RFC](https://example.org/rfc), [below](#options), [guide][g] and [1], [0, 1]\n\n[g]: https://example.org\n";
        assert_eq!(plain_links(docs), docs);
    }

    #[test]
    fn definitions_of_items_go() {
        assert_eq!(plain_links("A [`Chain`].\n\n[`Chain`]: interceptor_core::Chain\n"), "A `Chain`.\n\n");
    }

    #[test]
    fn links_in_code_are_code() {
        let docs = "```\nlet a = [Chain];\n```\n\n| a |\n|---|\n| [`Chain`] |\n";
        assert_eq!(plain_links(docs), "```\nlet a = [Chain];\n```\n\n| a |\n|---|\n| `Chain` |\n");
    }

    #[test]
    fn rust_examples_hide_what_rustdoc_hides() {
        let docs = "```no_run\n# fn main() {\n#\n#[test]\n## kept\nlet a = 1;\n# }\n```\n";
        assert_eq!(blocks(docs), "```rust\n#[test]\n# kept\nlet a = 1;\n```\n");
    }

    #[test]
    fn an_example_that_can_fail_becomes_a_program() {
        let docs = "```\nuse a::{\n    b,\n};\nuse c;\n\nlet d = b()?;\n\nc(d);\n# Ok::<(), Box<dyn std::error::Error>>(())\n```\n";
        let program = "```rust\nuse a::{\n    b,\n};\nuse c;\n\nfn main() -> Result<(), Box<dyn std::error::Error>> {\n    let d = b()?;\n\n    c(d);\n    Ok(())\n}\n```\n";
        assert_eq!(blocks(docs), program);
    }

    #[test]
    fn other_fences_are_untouched_and_headings_go_down() {
        let docs = "# Options\n```text\n# not hidden\n```\n## More\n";
        assert_eq!(blocks(docs), "## Options\n```text\n# not hidden\n```\n### More\n");
    }

    #[test]
    fn a_readme_is_checked_against_its_source() {
        let krate = Crate {
            name: "interceptor-nack".to_owned(),
            dir: "crates/nack".to_owned(),
            publish: true,
            docs: Some("crates/nack/src/lib.rs".to_owned()),
            ..Crate::default()
        };
        let lib = TextFile {
            path: "crates/nack/src/lib.rs".to_owned(),
            text: "//! Asks again.\nmod a;\n".to_owned(),
        };
        let crates = [krate];
        let mut files = vec![lib];
        assert_eq!(check(&crates, &files).len(), 1);
        files.extend(derive(&crates, &files));
        assert!(
            files[1].text.contains("# interceptor-nack\n\nAsks again.\n\n## License"),
            "{}",
            files[1].text
        );
        assert!(check(&crates, &files).is_empty());
    }
}
