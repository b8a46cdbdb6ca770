//! `rtptap inspect`: opens files, shows progress, prints, and decides on the exit code.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use interceptor_inspect::sdp::Session;
use interceptor_inspect::{InspectOptions, Inspector, Summary};

use super::{InspectArgs, Inspection, inspection_csv, inspection_table};

/// How long a file may take before progress is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// Nothing could be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// A file cannot be opened.
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
    /// Nothing can be printed.
    #[error("the report cannot be written: {0}")]
    Write(io::Error),
    /// The report cannot be put into JSON.
    #[error("the report cannot be put into JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// How an inspection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All was read, no limit exceeded.
    Fine,
    /// A `--fail-if` condition holds.
    LimitExceeded,
    /// A file is cut off, damaged or no capture.
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

/// Inspects all files and prints what was asked for: the report to `out`, progress and exceeded limits to standard error.
///
/// # Errors
/// [`InspectError`] when a file cannot be opened or the report cannot be written.
pub fn run(args: &InspectArgs, out: &mut impl Write) -> Result<Verdict, InspectError> {
    let options = options(args)?;
    let mut inspections = Vec::new();
    for path in &args.files {
        inspections.push(inspect_file(path, &options)?);
    }
    print(args, &inspections, out)?;
    let damaged = inspections.iter().any(|inspection| inspection.summary.damaged);
    for inspection in inspections.iter().filter(|inspection| inspection.summary.damaged) {
        eprintln!("warning: {} could not be read in full, the figures are of what could", inspection.file);
    }
    let mut met = Vec::new();
    for Inspection { file, summary } in &inspections {
        let excesses = args.fail_if.iter().flat_map(|limit| limit.exceeded_by(summary));
        met.extend(excesses.map(|excess| format!("failed: {file}: {excess}")));
    }
    met.iter().for_each(|sentence| eprintln!("{sentence}"));
    Ok(match (damaged, met.is_empty()) {
        (true, _) => Verdict::Damaged,
        (false, false) => Verdict::LimitExceeded,
        (false, true) => Verdict::Fine,
    })
}

fn options(args: &InspectArgs) -> Result<InspectOptions, InspectError> {
    let mut options = InspectOptions::default();
    if let Some(path) = &args.sdp {
        let text = std::fs::read(path).map_err(|source| InspectError::Sdp { path: path.clone(), source })?;
        options = options.with_session(Session::parse(&String::from_utf8_lossy(&text)));
    }
    options = args.port.iter().fold(options, |options, port| options.with_port(*port));
    Ok(args.pt.iter().fold(options, |options, pt| options.with_payload_type(pt.clone())))
}

fn inspect_file(path: &Path, options: &InspectOptions) -> Result<Inspection, InspectError> {
    let name = path.display().to_string();
    if path.as_os_str() == "-" {
        let summary = watch(&name, io::stdin().lock(), None, options);
        return Ok(Inspection::new(name, summary));
    }
    let open = |path: &Path| -> io::Result<(File, u64)> {
        let file = File::open(path)?;
        let data = file.metadata()?;
        if data.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        Ok((file, data.len()))
    };
    let (file, len) = open(path).map_err(|source| InspectError::Open { path: path.to_owned(), source })?;
    let summary = watch(&name, file, Some(len), options);
    Ok(Inspection::new(name, summary))
}

/// Inspects with a progress bar on standard error, if that is a terminal and it takes long.
#[expect(clippy::disallowed_methods, reason = "the user's patience is in real time")]
fn watch(name: &str, reader: impl Read, len: Option<u64>, options: &InspectOptions) -> Summary {
    let mut inspector = Inspector::new(options.clone());
    if !io::stderr().is_terminal() {
        inspector.read(reader);
        return inspector.summary();
    }
    let bar = ProgressBar::with_draw_target(len, ProgressDrawTarget::hidden());
    let template = "{msg} {bytes} of {total_bytes} {wide_bar} {eta}";
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(name.to_owned());
    let began = Instant::now();
    let mut shown = false;
    inspector.read_with_progress(reader, |bytes| {
        if !shown && began.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            shown = true;
        }
        bar.set_position(bytes);
    });
    bar.finish_and_clear();
    inspector.summary()
}

fn print(args: &InspectArgs, inspections: &[Inspection], out: &mut impl Write) -> Result<(), InspectError> {
    let text = if args.json {
        let json = match inspections {
            [one] => serde_json::to_string_pretty(one)?,
            several => serde_json::to_string_pretty(several)?,
        };
        format!("{json}\n")
    } else if args.csv {
        inspection_csv(inspections)
    } else {
        inspections.iter().map(inspection_table).collect::<Vec<_>>().join("\n")
    };
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(InspectError::Write)
}
