//! On which lines of a text its sections and attributes stand: looked for only when one is to be blamed.

use super::At;

/// The lines of a text, counted from 1.
#[derive(Debug)]
pub(crate) struct Lines(Vec<Part>);

/// What stands before the first section, or a section.
#[derive(Debug, Default)]
struct Part {
    head: usize,
    attributes: Vec<usize>,
}

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let mut parts = vec![Part::default()];
        for (index, line) in text.split('\n').enumerate() {
            if line.starts_with("m=") {
                parts.push(Part { head: index + 1, attributes: Vec::new() });
            } else if let (true, Some(part)) = (line.starts_with("a="), parts.last_mut()) {
                part.attributes.push(index + 1);
            }
        }
        Self(parts)
    }

    pub(crate) fn find(&self, at: At) -> Option<usize> {
        let part = |section: Option<usize>| self.0.get(section.map_or(0, |index| index + 1));
        match at {
            At::Section(index) => part(Some(index)).map(|part| part.head),
            At::Attribute(section, number) => part(section)?.attributes.get(number).copied(),
        }
    }
}
