//! `rtptap inspect`: opens files, prints, and decides on the exit code.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use interceptor_inspect::sdp::Session;
use interceptor_inspect::{InspectOptions, Inspector};
use interceptor_sdp::SdpError;

use super::display::Display;
use super::input::{Input, Interrupt};
use super::page::{PageError, PageFile, inspect_html};
use super::report::State;
use super::timeline::Timeline;
use super::watch::Watch;
use super::{InspectArgs, Inspection};

/// Nothing could be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// A file cannot be opened, and no other one could be read.
    #[error("{} cannot be opened: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The session description cannot be read.
    #[error("the session description {} cannot be read: {source}", path.display())]
    Sdp {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The session description makes no sense.
    #[error("the session description {}: {mistake}", path.display())]
    Mistake {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        mistake: SdpError,
    },
    /// Signals cannot be heard.
    #[error("signals cannot be heard: {0}")]
    Signals(io::Error),
    /// Nothing can be printed.
    #[error("the report cannot be written: {0}")]
    Write(io::Error),
    /// The page cannot be written.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The report cannot be put into JSON.
    #[error("the report cannot be put into JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// How an inspection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All was read, to its end or to a signal, no limit exceeded.
    Fine,
    /// A `--fail-if` condition holds.
    LimitExceeded,
    /// A file is cut off, damaged, no capture, or could not be opened while others could.
    Damaged,
}

impl Verdict {
    /// The exit code for it.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::LimitExceeded => 2,
            Self::Damaged => 3,
        }
    }
}

/// Inspects all files, each by itself, and prints what was asked for: the report to `out`; progress, failures and exceeded
/// limits to standard error. SIGINT or SIGTERM ends the reading, and what was read is reported; another one ends the
/// process.
///
/// # Errors
/// [`InspectError`] when no file can be opened or the report cannot be written.
pub fn run(args: &InspectArgs, out: &mut impl Write) -> Result<Verdict, InspectError> {
    let options = options(args)?;
    let page = args.html.as_deref().map(PageFile::open).transpose()?;
    let interrupt = Interrupt::listen().map_err(InspectError::Signals)?;
    let mut display = Display::new(args, out);
    let watch =
        Watch { options: &options, interrupt: &interrupt, every: args.every, with_course: page.is_some() };
    let (mut files, mut failures) = (Vec::new(), Vec::new());
    for path in &args.files {
        let (inspection, timeline) = match inspect(path, &watch, &mut display) {
            Err(error @ InspectError::Open { .. }) => {
                let failed = Inspection::failed(path.display().to_string(), error.to_string());
                failures.push(error);
                (failed, None)
            }
            result => result?,
        };
        if args.every.is_some() && args.files.len() > failures.len() {
            display.settle(&inspection)?;
        }
        files.push((inspection, timeline));
    }
    if failures.len() == args.files.len()
        && let Some(last) = failures.pop()
    {
        failures.iter().for_each(|failure| eprintln!("error: {failure}"));
        return Err(last);
    }
    let inspections: Vec<&Inspection> = files.iter().map(|(inspection, _)| inspection).collect();
    if args.every.is_none() {
        display.report(&inspections)?;
    }
    failures.iter().for_each(|failure| eprintln!("error: {failure}"));
    let verdict = judge(args, &inspections);
    if let Some(page) = page {
        page.write(&inspect_html(&files))?;
    }
    Ok(verdict)
}

fn inspect(
    path: &Path,
    watch: &Watch<'_>,
    display: &mut Display<'_>,
) -> Result<(Inspection, Option<Timeline>), InspectError> {
    let name = path.display().to_string();
    match Input::open(path, watch.interrupt) {
        Ok(Some(input)) => watch.inspect(&name, input, display),
        Ok(None) => {
            let unread = Inspection::new(name, Inspector::default().summary()).with_state(State::Unread);
            Ok((unread, None))
        }
        Err(source) => Err(InspectError::Open { path: path.to_owned(), source }),
    }
}

/// Says on standard error what a report does not say, or what has to be heard even if nobody looks at it.
fn judge(args: &InspectArgs, inspections: &[&Inspection]) -> Verdict {
    for Inspection { file, state, summary } in inspections {
        if *state == State::Unread {
            eprintln!("warning: {file} was not read, a signal came first");
        } else if summary.damaged {
            eprintln!("warning: {file} could not be read in full, the figures are of what could");
        }
    }
    let mut exceeded = false;
    let read = inspections.iter().filter(|inspection| inspection.state.is_read());
    for Inspection { file, summary, .. } in read {
        for excess in args.fail_if.iter().flat_map(|limit| limit.exceeded_by(summary)) {
            exceeded = true;
            eprintln!("failed: {file}: {excess}");
        }
    }
    if inspections.iter().any(|inspection| inspection.is_partial()) {
        Verdict::Damaged
    } else if exceeded {
        Verdict::LimitExceeded
    } else {
        Verdict::Fine
    }
}

fn options(args: &InspectArgs) -> Result<InspectOptions, InspectError> {
    let mut options = InspectOptions::default();
    if let Some(path) = &args.sdp {
        let text = std::fs::read(path).map_err(|source| InspectError::Sdp { path: path.clone(), source })?;
        let session = Session::read(&String::from_utf8_lossy(&text));
        let session = session.map_err(|mistake| InspectError::Mistake { path: path.clone(), mistake })?;
        options = options.with_session(session);
    }
    options = args.port.iter().fold(options, |options, port| options.with_port(*port));
    Ok(args.pt.iter().fold(options, |options, pt| options.with_payload_type(pt.clone())))
}
