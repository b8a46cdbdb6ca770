//! One section of `docs/benchmarks.md` anew, the others as they are.

/// The page with this section in the place of its own, or before what closes the page if it has none yet. The line `run` says what it is from,
/// under its heading: the other sections are from the run that stands at the top, or under theirs.
///
/// `None` if the page has nothing that closes it.
#[must_use]
pub fn refresh(page: &str, section: &str, run: &str) -> Option<String> {
    let (heading, body) = section.split_once('\n')?;
    let section = format!("{heading}\n\nMeasured by itself: {run}\n{body}");
    let at = start_of(page, heading).or_else(|| start_of(page, LAST))?;
    let old = page.get(at..).filter(|rest| rest.lines().next() == Some(heading)).unwrap_or_default();
    // From behind its own heading to the next one.
    let end = old.find("\n## ").map_or(old.len(), |next| next + 1);
    Some(format!("{}{section}{}", page.get(..at)?, page.get(at + end..)?))
}

/// What closes the page.
const LAST: &str = "## Repeat it";

/// Where the line begins that is this heading.
fn start_of(page: &str, heading: &str) -> Option<usize> {
    let mut at = 0;
    page.split_inclusive('\n').find_map(|line| {
        let start = at;
        at += line.len();
        (line.trim_end() == heading).then_some(start)
    })
}

#[cfg(test)]
mod tests {
    use super::refresh;

    const PAGE: &str = "# B\n\n## S1\n\none\n\n## S10\n\nten\n\n## Repeat it\n\nend\n";

    #[test]
    fn only_its_own_section_is_replaced() {
        let page = refresh(PAGE, "## S1\n\nnew\n\n", "here, today.").unwrap();
        assert_eq!(
            page,
            "# B\n\n## S1\n\nMeasured by itself: here, today.\n\nnew\n\n## S10\n\nten\n\n## Repeat it\n\nend\n"
        );
        assert_eq!(refresh(&page, "## S1\n\nnew\n\n", "here, today."), Some(page), "again is the same");
    }

    #[test]
    fn one_that_is_not_there_comes_before_the_end() {
        let page = refresh(PAGE, "## S2\n\nnew\n\n", "here.").unwrap();
        assert!(
            page.contains("ten\n\n## S2\n\nMeasured by itself: here.\n\nnew\n\n## Repeat it\n"),
            "{page}"
        );
        assert_eq!(refresh("# B\n", "## S2\n\nnew\n\n", "here."), None);
    }
}
