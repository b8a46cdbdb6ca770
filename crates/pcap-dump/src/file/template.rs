//! From a template to the names of a capture's files.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use interceptor_core::OptionsError;

/// The longest id in a name, in bytes: file systems take 255 for a whole name.
const MAX_ID: usize = 128;

/// A checked template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Id,
    Number,
    Start,
    Extension,
}

/// What stands for the placeholders.
pub(crate) struct Values<'a> {
    pub(crate) id: &'a str,
    /// The file's number in its capture, from 1.
    pub(crate) number: u64,
    /// Time of its first packet.
    pub(crate) start: Duration,
    pub(crate) extension: &'a str,
    /// Numbers belong into the names, asked for or not.
    pub(crate) numbered: bool,
}

impl Template {
    /// # Errors
    /// An unknown placeholder, a brace without its partner, or no file name.
    pub(crate) fn parse(template: &str) -> Result<Self, OptionsError> {
        let bad = |range| OptionsError::new("PcapDumpOptions", "path", template, range);
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some((text, more)) = rest.split_once('{') {
            let (name, more) = more.split_once('}').ok_or_else(|| bad("closed by } where it opens a {"))?;
            parts.push(Part::Text(text.into()));
            parts.push(match name {
                "id" => Part::Id,
                "n" => Part::Number,
                "start" => Part::Start,
                "ext" => Part::Extension,
                _ => return Err(bad("of the placeholders {id}, {n}, {start} and {ext} only")),
            });
            rest = more;
        }
        parts.push(Part::Text(rest.into()));
        let stray = |part: &Part| matches!(part, Part::Text(text) if text.contains('}'));
        if parts.iter().any(stray) {
            return Err(bad("without } that closes nothing"));
        }
        if template.is_empty()
            || template.ends_with(['/', std::path::MAIN_SEPARATOR])
            || template.ends_with("..")
        {
            return Err(bad("a file name, not empty and not a directory"));
        }
        Ok(Self(parts))
    }

    pub(crate) fn expand(&self, values: &Values<'_>) -> PathBuf {
        let mut name = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Id => name.push_str(&harmless(values.id)),
                Part::Number => name.push_str(&format!("{:05}", values.number)),
                Part::Start => name.push_str(&compact(values.start)),
                Part::Extension => name.push_str(values.extension),
            }
        }
        let path = PathBuf::from(name);
        if values.numbered && !self.0.contains(&Part::Number) {
            return suffixed(&path, &format!("_{:05}", values.number));
        }
        path
    }
}

/// `dir/call.pcapng` with `-2`: `dir/call-2.pcapng`.
pub(crate) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem}{suffix}.{}", extension.to_string_lossy()),
        None => format!("{stem}{suffix}"),
    };
    path.with_file_name(name)
}

/// An id that cannot leave its place in a path: ids may come from peers.
fn harmless(id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let mut name: String = id.chars().take(MAX_ID).map(plain).collect();
    // Neither `..` nor a hidden file nor nothing at all.
    if name.is_empty() || name.starts_with('.') {
        name.replace_range(..name.len().min(1), "_");
    }
    name
}

/// `20231114T221320Z`
fn compact(since_epoch: Duration) -> String {
    let time = humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since_epoch).to_string();
    time.replace(['-', ':'], "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expand(template: &str, id: &str, numbered: bool) -> String {
        let start = Duration::from_secs(1_700_000_000);
        let values = Values { id, number: 7, start, extension: "pcapng", numbered };
        Template::parse(template).unwrap().expand(&values).to_string_lossy().into_owned()
    }

    #[test]
    fn fills_every_placeholder() {
        assert_eq!(
            expand("d/{id}-{n}-{start}.{ext}", "call 1", false),
            "d/call_1-00007-20231114T221320Z.pcapng"
        );
        assert_eq!(expand("{id}.{ext}", "a", true), "a_00007.pcapng");
        assert_eq!(expand("plain", "a", true), "plain_00007");
        assert_eq!(expand("{n}.{ext}", "a", true), "00007.pcapng");
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for template in ["", "dir/", "{nope}", "{id", "id}", "a/.."] {
            assert_eq!(Template::parse(template).unwrap_err().field, "path", "{template}");
        }
    }

    #[test]
    fn suffixes_go_before_the_extension() {
        assert_eq!(suffixed(Path::new("a.b/c.pcapng"), "-2"), Path::new("a.b/c-2.pcapng"));
        assert_eq!(suffixed(Path::new("c"), "-2"), Path::new("c-2"));
    }

    proptest! {
        /// Whatever a peer calls its connection, the file stays in its directory.
        #[test]
        fn no_id_leaves_the_directory(id in any::<String>()) {
            for template in ["base/{id}", "base/{id}.{ext}"] {
                let path = PathBuf::from(expand(template, &id, false));
                prop_assert_eq!(path.parent(), Some(Path::new("base")));
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                prop_assert!(!name.starts_with('.') && name.len() <= MAX_ID + 7, "{}", name);
            }
        }
    }
}
