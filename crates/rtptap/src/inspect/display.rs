//! What a user sees: how it stands while files are read, and the report.

use std::io::Write;
use std::time::{Duration, Instant};

use super::report::State;
use super::view::Surroundings;
use super::{InspectArgs, InspectError, Inspection, inspection_csv, inspection_table};
use crate::inspect::screen::Screen;

/// Between two tables in one place.
const FRAME: Duration = Duration::from_millis(40);

/// Writes reports in the form that was asked for.
pub(super) struct Display<'a> {
    args: &'a InspectArgs,
    surroundings: Surroundings,
    out: &'a mut dyn Write,
    screen: Screen,
    /// Nothing stands above, or an empty line.
    apart: bool,
    /// When the table was drawn last.
    drawn: Option<Instant>,
}

impl<'a> Display<'a> {
    pub(super) fn new(args: &'a InspectArgs, out: &'a mut dyn Write) -> Self {
        Self {
            args,
            surroundings: Surroundings::new(args),
            out,
            screen: Screen::default(),
            apart: true,
            drawn: None,
        }
    }

    /// Reports on the way show well enough that reading goes on.
    pub(super) const fn leaves_room_for_progress(&self) -> bool {
        self.args.every.is_none()
    }

    /// How a file stands that is being read.
    #[expect(clippy::disallowed_methods, reason = "the user's eyes are in real time")]
    pub(super) fn interim(&mut self, inspection: &Inspection) -> Result<(), InspectError> {
        let Some((view, size)) = self.surroundings.redrawn().filter(|_| !self.args.json) else {
            return self.append(inspection);
        };
        // A file is read in less time than it took: what no eye can follow is left out.
        let now = Instant::now();
        if self.drawn.is_some_and(|drawn| now.duration_since(drawn) < FRAME) {
            return Ok(());
        }
        self.drawn = Some(now);
        let text = inspection_table(inspection, &view);
        self.part()?;
        self.screen.draw(self.out, &text, size).map_err(InspectError::Write)
    }

    /// A file has been read, and those before it are shown already.
    ///
    /// After a Ctrl-C nothing is drawn over: the terminal has echoed it, and who fed the pipe has said its last words there.
    pub(super) fn settle(&mut self, inspection: &Inspection) -> Result<(), InspectError> {
        let size = self.surroundings.redrawn().map(|(_, size)| size).filter(|_| !self.args.json);
        let mut screen = std::mem::take(&mut self.screen);
        let Some(size) = size.filter(|_| screen.is_drawn()) else { return self.append(inspection) };
        self.apart = false;
        if inspection.state == State::Interrupted {
            return self.append(inspection);
        }
        let text = inspection_table(inspection, &self.surroundings.view());
        screen.settle(self.out, &text, size).map_err(InspectError::Write)
    }

    fn append(&mut self, inspection: &Inspection) -> Result<(), InspectError> {
        if self.args.json {
            return self.write(&(serde_json::to_string(inspection)? + "\n"));
        }
        self.part()?;
        self.apart = false;
        self.write(&inspection_table(inspection, &self.surroundings.view()))
    }

    /// An empty line below what stands above.
    fn part(&mut self) -> Result<(), InspectError> {
        if !std::mem::replace(&mut self.apart, true) {
            self.write("\n")?;
        }
        Ok(())
    }

    /// All files at once.
    pub(super) fn report(&mut self, inspections: &[&Inspection]) -> Result<(), InspectError> {
        let text = if self.args.json {
            let json = match inspections {
                [one] => serde_json::to_string_pretty(one)?,
                several => serde_json::to_string_pretty(several)?,
            };
            json + "\n"
        } else if self.args.csv {
            inspection_csv(inspections.iter().copied())
        } else {
            let view = self.surroundings.view();
            let tables: Vec<_> =
                inspections.iter().map(|inspection| inspection_table(inspection, &view)).collect();
            tables.join("\n")
        };
        self.write(&text)
    }

    fn write(&mut self, text: &str) -> Result<(), InspectError> {
        self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()).map_err(InspectError::Write)
    }
}
