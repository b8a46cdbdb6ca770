//! How much a figure should alarm, in colours for those who see them; words say the same.

use console::Style;

/// From nothing to see, to something broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::inspect) enum Tone {
    #[default]
    Plain,
    /// Yellow.
    Warn,
    /// Red.
    Bad,
}

impl Tone {
    /// The class of a page's style sheet.
    pub(in crate::inspect) const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// The text in this tone's colour, where there may be any.
    pub(super) fn paint(self, text: &str, colour: bool) -> String {
        let style = match self {
            _ if !colour || text.is_empty() => return text.to_owned(),
            Self::Plain => return text.to_owned(),
            Self::Warn => Style::new().yellow(),
            Self::Bad => Style::new().red(),
        };
        style.force_styling(true).apply_to(text).to_string()
    }
}
