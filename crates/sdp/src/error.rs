//! Why a text is no description that can be worked with: the line, and the reason.

use std::fmt;

use sdp_types::ParserError;

/// The most of a malformed line that an error repeats, in characters.
const MAX_QUOTED: usize = 80;

/// A description that cannot be read: where, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdpError {
    line: Option<usize>,
    reason: Reason,
}

/// What is wrong with a description.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// It does not begin as one.
    #[error("no line `v=0` begins it; is this a session description?")]
    NoDescription,
    /// It is longer than [`ReadOptions::max_bytes`](crate::ReadOptions::max_bytes).
    #[error("it is longer than {max} bytes; is this a session description?")]
    TooLong {
        /// The most that is read.
        max: usize,
    },
    /// It has more of something than [`ReadOptions`](crate::ReadOptions) lets it have.
    #[error("more than {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most that is read.
        max: usize,
    },
    /// A line is not of the form that RFC 8866 gives it.
    #[error("{0}")]
    Syntax(String),
    /// An attribute does not say what it has to.
    #[error("`{line}` is not {form}")]
    Attribute {
        /// The line, cut at 80 characters.
        line: String,
        /// What it should be, with an example.
        form: &'static str,
    },
}

impl SdpError {
    pub(crate) const fn new(line: Option<usize>, reason: Reason) -> Self {
        Self { line, reason }
    }

    /// The same of a text that has so many more lines before it.
    pub(crate) fn shifted(mut self, lines: usize) -> Self {
        self.line = self.line.map(|line| line.saturating_add(lines));
        self
    }

    /// The line, counted from 1; `None` when no single line is to blame, or when what was read was no text.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        self.line
    }

    /// What is wrong.
    #[must_use]
    pub const fn reason(&self) -> &Reason {
        &self.reason
    }
}

impl Reason {
    /// A line that is not of this form.
    pub(crate) fn attribute(line: &str, form: &'static str) -> Self {
        let mut line: String = line.chars().take(MAX_QUOTED + 1).collect();
        if let Some((end, _)) = line.char_indices().nth(MAX_QUOTED) {
            line.truncate(end);
            line.push('…');
        }
        Self::Attribute { line, form }
    }
}

impl fmt::Display for SdpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.reason),
            None => fmt::Display::fmt(&self.reason, f),
        }
    }
}

impl std::error::Error for SdpError {}

impl From<ParserError> for SdpError {
    fn from(error: ParserError) -> Self {
        use ParserError as P;
        let (line, words) = match &error {
            P::InvalidLineFormat(line, what) => (*line, (*what).to_owned()),
            P::InvalidFieldEncoding(line, field) => (*line, format!("{field} is not UTF-8")),
            P::InvalidFieldFormat(line, field) => (*line, format!("{field} is malformed")),
            P::MissingField(line, field) => (*line, format!("{field} is missing")),
            P::FieldTrailingData(line, field) => (*line, format!("more than {field} has room for")),
            P::InvalidVersion(line, _) => (*line, "the version is not 0".to_owned()),
            P::RepeatWithoutTime(line) => (*line, "`r=` without a `t=` before it".to_owned()),
            P::MultipleVersions(line)
            | P::MultipleOrigins(line)
            | P::MultipleSessionNames(line)
            | P::MultipleSessionDescription(line)
            | P::MultipleUris(line)
            | P::MultipleConnections(line)
            | P::MultipleTimeZones(line)
            | P::MultipleMediaTitles(line)
            | P::MultipleKeys(line) => (*line, "a line that may be there only once".to_owned()),
            _ => return Self::new(None, Reason::NoDescription),
        };
        Self::new(Some(line), Reason::Syntax(words))
    }
}
