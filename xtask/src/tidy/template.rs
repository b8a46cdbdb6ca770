//! What the documentation of every published interceptor tells, and in which order.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::files::TextFile;
use super::readme::crate_docs;
use super::{Finding, text_of};
use crate::workspace::Crate;

/// Published libraries that are no interceptors of packets: what these stand on, what drives them, what tests them, what reads captures and
/// descriptions, and what is about other things that flow.
const NO_INTERCEPTORS: [&str; 13] = [
    "interceptor-core",
    "interceptor-grpc",
    "interceptor-inspect",
    "interceptor-packet",
    "interceptor-parity",
    "interceptor-rewriter",
    "interceptor-sdp",
    "interceptor-stack",
    "interceptor-stream",
    "interceptor-test",
    "interceptor-token-bucket",
    "interceptor-tokio",
    "interceptor-webrtc",
];

/// Words of the headings, in order. One heading may have several of them, and others may stand between.
const SUBJECTS: [&str; 7] = [
    "place in the chain",
    "behaviour",
    "options",
    "malformed and hostile input",
    "memory",
    "timers",
    "counters",
];

/// Interceptor crates whose documentation lacks a part, or has it at another place.
pub(super) fn check(crates: &[Crate], files: &[TextFile]) -> Vec<Finding> {
    let interceptors = crates.iter().filter(|krate| is_interceptor(krate));
    let docs = interceptors.filter_map(|krate| {
        let path = krate.docs.as_ref()?;
        Some((path, crate_docs(text_of(files, path)?)))
    });
    docs.flat_map(|(path, docs)| missing(&docs).into_iter().map(move |message| Finding::new(path, message)))
        .collect()
}

fn is_interceptor(krate: &Crate) -> bool {
    krate.publish && krate.name.starts_with("interceptor-") && !NO_INTERCEPTORS.contains(&krate.name.as_str())
}

/// What is not where the template has it.
fn missing(docs: &str) -> Vec<String> {
    let outline = Outline::of(docs);
    let mut missing = Vec::new();
    if outline.opening_paragraphs < 2 {
        missing.push(
            "does not say in a paragraph below the first line what it does to which packets".to_owned(),
        );
    }
    if !outline.example_asserts {
        missing.push("has no example before the first heading that asserts its result".to_owned());
    }
    let places = SUBJECTS
        .map(|subject| outline.headings.iter().position(|heading| heading.to_lowercase().contains(subject)));
    for (subject, _) in SUBJECTS.iter().zip(places).filter(|(_, place)| place.is_none()) {
        missing.push(format!("has no heading that says \"{subject}\""));
    }
    if !places.iter().flatten().is_sorted() {
        missing.push(format!("has its headings in another order than {}", SUBJECTS.join(", ")));
    }
    missing
}

/// What a documentation's parts are, without their text.
#[derive(Default)]
struct Outline {
    /// Paragraphs before the first heading, the line that sums up included.
    opening_paragraphs: usize,
    /// A code block before the first heading asserts something.
    example_asserts: bool,
    headings: Vec<String>,
}

impl Outline {
    fn of(docs: &str) -> Self {
        let mut outline = Self::default();
        let (mut in_heading, mut in_code) = (false, false);
        for event in Parser::new_ext(docs, Options::ENABLE_TABLES) {
            let opening = outline.headings.is_empty();
            match event {
                Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => {
                    in_heading = true;
                    outline.headings.push(String::new());
                }
                Event::End(TagEnd::Heading(_)) => in_heading = false,
                Event::Start(Tag::Paragraph) => outline.opening_paragraphs += usize::from(opening),
                Event::Start(Tag::CodeBlock(_)) => in_code = opening,
                Event::End(TagEnd::CodeBlock) => in_code = false,
                Event::Text(text) if in_code => outline.example_asserts |= text.contains("assert"),
                Event::Text(text) | Event::Code(text) if in_heading => {
                    outline.headings.last_mut().into_iter().for_each(|heading| heading.push_str(&text));
                }
                _ => {}
            }
        }
        outline
    }
}

#[cfg(test)]
mod tests {
    use super::{SUBJECTS, check};
    use crate::tidy::files::TextFile;
    use crate::workspace::Crate;

    const OPENING: &str =
        "//! Limits rates.\n//!\n//! Of outgoing streams.\n//!\n//! ```\n//! assert!(true);\n//! ```\n";

    fn krate(name: &str, publish: bool) -> Crate {
        Crate { name: name.to_owned(), publish, docs: Some("lib.rs".to_owned()), ..Crate::default() }
    }

    fn found_in(krate: Crate, text: String) -> Vec<String> {
        let file = TextFile { path: "lib.rs".to_owned(), text };
        check(&[krate], &[file]).iter().map(ToString::to_string).collect()
    }

    fn found(opening: &str, headings: &[&str]) -> Vec<String> {
        let headings: String = headings.iter().map(|heading| format!("//!\n//! # {heading}\n")).collect();
        found_in(krate("interceptor-limit", true), opening.to_owned() + &headings)
    }

    #[test]
    fn what_has_every_part_in_order_is_fine() {
        assert_eq!(found(OPENING, &SUBJECTS), Vec::<String>::new());
        let joined = [
            "Place in the chain",
            "Wire format",
            "Behaviour",
            "Options",
            "Malformed and hostile input",
            "Memory, timers, counters",
        ];
        assert_eq!(found(OPENING, &joined), Vec::<String>::new());
    }

    #[test]
    fn each_missing_heading_is_found() {
        for subject in SUBJECTS {
            let others: Vec<&str> = SUBJECTS.into_iter().filter(|other| *other != subject).collect();
            assert_eq!(found(OPENING, &others), [format!("lib.rs: has no heading that says \"{subject}\"")]);
        }
    }

    #[test]
    fn another_order_is_found() {
        let mut subjects = SUBJECTS;
        subjects.swap(1, 2);
        let findings = found(OPENING, &subjects);
        assert!(findings.len() == 1 && findings[0].contains("another order"), "{findings:?}");
    }

    #[test]
    fn an_opening_without_a_paragraph_or_an_example_is_found() {
        let bare = found("//! Limits rates.\n", &SUBJECTS);
        assert!(bare.len() == 2 && bare[0].contains("paragraph") && bare[1].contains("example"), "{bare:?}");
        let idle = found(&OPENING.replace("assert!(true);", "limit();"), &SUBJECTS);
        assert!(idle.len() == 1 && idle[0].contains("asserts"), "{idle:?}");
        let late = format!("//! Limits rates.\n//!\n//! Of streams.\n//!\n//! # {}\n{OPENING}", SUBJECTS[0]);
        assert!(found(&late, &SUBJECTS)[0].contains("example before the first heading"));
    }

    #[test]
    fn what_is_no_published_interceptor_is_free() {
        for krate in
            [krate("interceptor-core", true), krate("rtptap", true), krate("interceptor-mine", false)]
        {
            assert_eq!(found_in(krate, "//! A.\n".to_owned()), Vec::<String>::new());
        }
    }
}
