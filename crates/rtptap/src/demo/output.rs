//! The folder that a demo writes its files to.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Outcome, report_html};

/// A file or folder could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}; choose another folder with --out", path.display())]
#[non_exhaustive]
pub struct OutputError {
    /// Which.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// The folder of `call.pcapng`, `stats.json` and `report.html`.
#[derive(Clone, Debug)]
pub struct OutputFolder {
    path: PathBuf,
}

impl OutputFolder {
    /// Makes the folder and its parents where they are missing. Files of an earlier demo are replaced as new ones come.
    ///
    /// # Errors
    /// [`OutputError`] when the folder cannot be made.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, OutputError> {
        let path = path.into();
        match std::fs::create_dir_all(&path) {
            Ok(()) => Ok(Self { path }),
            Err(source) => Err(OutputError { path, source }),
        }
    }

    /// Where the capture goes.
    #[must_use]
    pub fn capture_path(&self) -> PathBuf {
        self.path.join("call.pcapng")
    }

    /// Where the statistics go.
    #[must_use]
    pub fn stats_path(&self) -> PathBuf {
        self.path.join("stats.json")
    }

    /// Where the page goes.
    #[must_use]
    pub fn report_path(&self) -> PathBuf {
        self.path.join("report.html")
    }

    /// Writes `stats.json`, indented.
    ///
    /// # Errors
    /// [`OutputError`] when the file cannot be written or `stats` cannot be said in JSON.
    pub fn write_stats(&self, stats: &impl Serialize) -> Result<(), OutputError> {
        let path = self.stats_path();
        match serde_json::to_string_pretty(stats) {
            Ok(json) => write(&path, &(json + "\n")),
            Err(error) => Err(OutputError { path, source: error.into() }),
        }
    }

    /// Writes `report.html`.
    ///
    /// # Errors
    /// [`OutputError`] when the file cannot be written.
    pub fn write_report(&self, outcome: &Outcome) -> Result<(), OutputError> {
        write(&self.report_path(), &report_html(outcome))
    }
}

fn write(path: &Path, text: &str) -> Result<(), OutputError> {
    std::fs::write(path, text).map_err(|source| OutputError { path: path.to_owned(), source })
}
