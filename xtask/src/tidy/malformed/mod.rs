//! Every row of a malformed-input table names the counter that counts it, and a test that reads this counter.

mod tests_of;

use std::collections::{BTreeMap, BTreeSet};

use self::tests_of::Tests;
use super::files::TextFile;
use super::readme::crate_docs;
use super::tokens::{Source, Token};
use super::{Finding, text_of};
use crate::workspace::Crate;

const HEAD: &str = "| input | what happens | counter | test |";

/// Published crates that read nothing off the network.
const EXEMPT: [&str; 3] = ["interceptor-stack", "interceptor-test", "interceptor-token-bucket"];

/// What may stand between `pub` and the name of a counter.
const QUALIFIERS: [&str; 3] = ["fn", "const", "unsafe"];

/// Rows without a counter or a test, names that do not exist, tests that do not read the counter of their row.
pub(super) fn check(crates: &[Crate], sources: &[Source<'_>], files: &[TextFile]) -> Vec<Finding> {
    let counters = counters(sources);
    let check = |krate| check_crate(krate, crates, &counters, sources, files);
    crates.iter().filter(|krate| krate.publish).flat_map(check).collect()
}

fn check_crate(
    krate: &Crate,
    crates: &[Crate],
    counters: &Counters<'_>,
    sources: &[Source<'_>],
    files: &[TextFile],
) -> Vec<Finding> {
    let Some((path, text)) = krate.docs.as_ref().and_then(|path| Some((path, text_of(files, path)?))) else {
        return Vec::new();
    };
    let tests = Tests::of(krate, sources);
    let docs = crate_docs(text);
    let Some(rows) = rows(&docs) else {
        let needed = (krate.name.starts_with("interceptor-") || tests.exist())
            && !EXEMPT.contains(&krate.name.as_str());
        let finding = format!("has no table `{HEAD}` under a heading that begins with `Malformed`");
        return if needed { vec![Finding::new(path, finding)] } else { Vec::new() };
    };
    let known = Known { counters, read: counters_read_by(krate, crates, counters), tests };
    let mut named = BTreeSet::new();
    let broken = rows.iter().flat_map(|(line, row)| {
        let twice = quoted(row.get(3).unwrap_or(&"")).into_iter().filter(|test| !named.insert(*test));
        let twice: Vec<String> = twice.map(|test| format!("`{test}` is the test of another row")).collect();
        let broken = known.check(row).into_iter().chain(twice);
        broken.map(|message| Finding::at(path, *line, message)).collect::<Vec<_>>()
    });
    broken.collect()
}

/// Public names by the folder of their crate.
type Counters<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// What the rows of a crate can name.
struct Known<'a> {
    counters: &'a Counters<'a>,
    /// The names that the crate's tests can reach.
    read: BTreeSet<&'a str>,
    tests: Tests<'a>,
}

impl Known<'_> {
    /// What is wrong with a row.
    fn check(&self, row: &[&str]) -> Vec<String> {
        let [_, _, counter, test] = row else {
            return vec![format!("a row has the cells of `{HEAD}`")];
        };
        let (counters, tests) = (quoted(counter), quoted(test));
        if counters.is_empty() {
            return vec![format!("`{counter}` names no counter: write it in backquotes")];
        }
        if tests.is_empty() {
            return vec![format!("`{test}` names no test: write it in backquotes")];
        }
        let unknown = counters.iter().filter(|name| !self.counters.values().any(|all| all.contains(*name)));
        let mut broken: Vec<String> =
            unknown.map(|name| format!("`{name}` is no public name of any crate")).collect();
        for test in tests {
            let Some(words) = self.tests.words(test) else {
                broken.push(format!("there is no test `{test}` in {}", self.tests.path()));
                continue;
            };
            let unread = counters.iter().filter(|name| self.read.contains(*name) && !words.contains(*name));
            broken.extend(unread.map(|name| format!("`{test}` does not read `{name}`")));
        }
        broken
    }
}

/// The names in the sources of a crate and of those that it depends on.
fn counters_read_by<'a>(krate: &Crate, crates: &[Crate], counters: &Counters<'a>) -> BTreeSet<&'a str> {
    let depended = |other: &&Crate| krate.dependencies.iter().any(|dependency| dependency.name == other.name);
    let others = crates.iter().filter(depended).map(|other| other.dir.as_str());
    let dirs = others.chain([krate.dir.as_str()]);
    dirs.filter_map(|dir| counters.get(dir)).flatten().copied().collect()
}

/// Fields, functions and variants: what follows `pub`, or a documentation comment.
fn counters<'a>(sources: &'a [Source<'_>]) -> Counters<'a> {
    let mut counters = Counters::new();
    for source in sources {
        let Some((dir, _)) = source.path.rsplit_once("/src/") else { continue };
        let names = counters.entry(dir).or_default();
        let places = source.tokens.iter().enumerate();
        let public = places.filter(|(at, token)| {
            let before = source.tokens.get(..*at).unwrap_or_default();
            !token.in_test && !token.in_attribute && is_public(before)
        });
        names.extend(public.map(|(_, token)| token.text.as_str()));
    }
    counters
}

fn is_public(before: &[Token]) -> bool {
    let mut before = before.iter().rev();
    let token = before.find(|token| !QUALIFIERS.contains(&token.text.as_str()));
    token.is_some_and(|token| token.text == "pub" || (token.text == "]" && token.in_attribute))
}

/// Line and cells of each row of the table under the heading; `None`: there is none.
fn rows(docs: &str) -> Option<Vec<(usize, Vec<&str>)>> {
    let is_heading = |line: &str| line.trim_start_matches('#').starts_with(" Malformed");
    let mut lines =
        docs.lines().zip(1..).skip_while(|(line, _)| !(line.starts_with('#') && is_heading(line)));
    lines.next()?;
    let mut table =
        lines.take_while(|(line, _)| !line.starts_with('#')).skip_while(|(line, _)| *line != HEAD);
    table.next()?;
    let rows = table.skip(1).map_while(|(line, number)| Some((number, cells(line)?)));
    Some(rows.collect())
}

fn cells(line: &str) -> Option<Vec<&str>> {
    Some(line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect())
}

/// The names in backquotes, without the path before them.
fn quoted(cell: &str) -> Vec<&str> {
    let quoted = cell.split('`').skip(1).step_by(2).filter(|name| !name.contains('-'));
    quoted.filter_map(|name| name.trim_end_matches("()").rsplit(['.', ':']).next()).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::files::TextFile;
    use crate::tidy::tokens::Source;
    use crate::workspace::{Crate, Dependency};

    const TESTS: &str = "//! T.\n#[test]\nfn too_short() { seen(1); }\n#[tokio::test(start_paused = true)]\n\
                         async fn far_off() { assert_eq!(counters.lost, 1); }\nfn helper() {}\n\
                         fn seen(n: u64) { assert_eq!(counters().short, n) }\n";

    fn krate(name: &str, dir: &str) -> Crate {
        let docs = Some(format!("{dir}/src/lib.rs"));
        Crate { name: name.to_owned(), dir: dir.to_owned(), publish: true, docs, ..Crate::default() }
    }

    fn found_with(docs: &str, tests: &str) -> Vec<String> {
        let core = krate("interceptor-core", "crates/core");
        let dependency = Dependency { name: core.name.clone(), ..Dependency::default() };
        let nack = Crate { dependencies: vec![dependency], ..krate("interceptor-nack", "crates/nack") };
        let file = |path: &str, text: String| TextFile { path: path.to_owned(), text };
        let docs: String = docs.lines().map(|line| format!("//! {line}\n")).collect();
        let files = [
            file(
                "crates/nack/src/lib.rs",
                docs + "pub struct Counters {\n /// Short.\n short: u64, hidden: u64 }\n",
            ),
            file("crates/nack/tests/it/malformed.rs", tests.to_owned()),
            file(
                "crates/core/src/io.rs",
                "//! I.\nimpl A { pub const fn lost(&self) -> u64 { 0 } }\n".to_owned(),
            ),
        ];
        let sources: Vec<_> = files.iter().map(|file| Source::parse(file).unwrap()).collect();
        check(&[core, nack], &sources, &files).iter().map(ToString::to_string).collect()
    }

    fn found(rows: &str) -> Vec<String> {
        let head = "Asks.\n# Malformed and hostile input\n\n| input | what happens | counter | test |\n|---|---|---|---|\n";
        found_with(&format!("{head}{rows}\n# Next\n"), TESTS)
    }

    #[test]
    fn rows_with_their_counter_and_their_test_are_fine() {
        let rows =
            "| a | goes | [`Counters::short`] | `too_short` |\n| b | goes | the chain's `lost` | `far_off` |";
        assert_eq!(found(rows), Vec::<String>::new());
    }

    #[test]
    fn a_row_without_a_counter_or_a_test_is_found() {
        assert_eq!(
            found("| a | goes | | `too_short` |\n| a | goes | `short` | none |\n| a | goes |"),
            [
                "crates/nack/src/lib.rs:6: a row has the cells of `| input | what happens | counter | test |`",
                "crates/nack/src/lib.rs:7: `none` names no test: write it in backquotes",
                "crates/nack/src/lib.rs:8: a row has the cells of `| input | what happens | counter | test |`",
            ]
        );
    }

    #[test]
    fn names_that_do_not_exist_are_found() {
        let found = found("| a | goes | `hidden`, `short` | `helper` |\n| b | goes | `short` | `gone` |");
        assert_eq!(
            found,
            [
                "crates/nack/src/lib.rs:6: `hidden` is no public name of any crate",
                "crates/nack/src/lib.rs:6: there is no test `helper` in crates/nack/tests/it/malformed.rs",
                "crates/nack/src/lib.rs:7: there is no test `gone` in crates/nack/tests/it/malformed.rs",
            ]
        );
    }

    #[test]
    fn a_test_that_reads_another_counter_is_found() {
        assert_eq!(
            found("| a | goes | `short` | `far_off` |"),
            ["crates/nack/src/lib.rs:6: `far_off` does not read `short`"]
        );
    }

    #[test]
    fn a_test_belongs_to_one_row() {
        let found = found("| a | goes | `short` | `too_short` |\n| b | goes | `short` | `too_short` |");
        assert_eq!(found, ["crates/nack/src/lib.rs:7: `too_short` is the test of another row"]);
    }

    #[test]
    fn a_crate_without_the_table_is_found() {
        let found = found_with(
            "Asks.\n# Malformed input\n\n| input | what happens |\n|---|---|\n| a | goes |\n",
            TESTS,
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/nack/src/lib.rs: has no table"), "{found:?}");
    }
}
