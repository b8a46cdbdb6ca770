//! How much room there is for a report, and whether it may have colours.

use std::io::IsTerminal;

use clap::ValueEnum;
use console::Term;

use super::InspectArgs;

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always, also into files and pipes, and whatever `NO_COLOR` says.
    Always,
    /// Never.
    Never,
}

/// How a report is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct View {
    /// No line is longer, in columns of a terminal. `None`: all columns in full, however long a line gets. Default: `None`.
    pub width: Option<usize>,
    /// No more lines than this. Default: `None`, as many as there are streams and problems.
    pub height: Option<usize>,
    /// Escape sequences for colours. Default: none.
    pub colour: bool,
}

impl View {
    /// What fits in lines of this width.
    #[must_use]
    pub const fn fitting(width: usize) -> Self {
        Self { width: Some(width), height: None, colour: false }
    }

    /// Sets [`height`](Self::height).
    #[must_use]
    pub const fn with_height(mut self, height: usize) -> Self {
        self.height = Some(height);
        self
    }

    /// Sets [`colour`](Self::colour).
    #[must_use]
    pub const fn with_colour(mut self, colour: bool) -> Self {
        self.colour = colour;
        self
    }
}

/// What standard output is, and what the user wants of it.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    /// Named with `--width` or `COLUMNS`.
    width: Option<usize>,
    wide: bool,
    colour: bool,
    terminal: Option<Term>,
}

impl Surroundings {
    /// Looks about. `COLUMNS` counts for more than the terminal, as it does for `ps` and `ls`.
    pub(super) fn new(args: &InspectArgs) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let terminal = std::io::stdout().is_terminal().then(Term::stdout);
        let columns = variable("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|width| *width > 0);
        let colour = match args.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal.is_some() && variable("NO_COLOR").is_none() && !is_dumb(),
        };
        Self { width: args.width.or(columns), wide: args.wide, colour, terminal }
    }

    /// How a report that stays is laid out.
    pub(super) fn view(&self) -> View {
        let width = self.width.or_else(|| self.size().map(|(_, width)| width)).filter(|_| !self.wide);
        View { width, height: None, colour: self.colour }
    }

    /// How a report that is drawn over again and again is laid out, and the terminal's height and width: where it may be.
    pub(super) fn redrawn(&self) -> Option<(View, (usize, usize))> {
        let size = self.size().filter(|_| !is_dumb())?;
        // The cursor stands in the line below.
        Some((self.view().with_height(size.0.saturating_sub(1)), size))
    }

    /// Rows and columns.
    fn size(&self) -> Option<(usize, usize)> {
        let (rows, columns) = self.terminal.as_ref()?.size_checked()?;
        (rows > 0 && columns > 0).then_some((rows.into(), columns.into()))
    }
}

/// A terminal that knows no escape sequences.
fn is_dumb() -> bool {
    std::env::var("TERM").is_ok_and(|term| term == "dumb")
}
