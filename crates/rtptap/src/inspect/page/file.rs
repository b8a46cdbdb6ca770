//! The file that a page is written to, checked before anything is read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// The page cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the page {} cannot be written: {reason}", path.display())]
#[non_exhaustive]
pub struct PageError {
    /// Where it was to go.
    pub path: PathBuf,
    /// Why not.
    pub reason: String,
}

/// A file that may be written.
#[derive(Debug)]
pub(in crate::inspect) struct PageFile {
    path: PathBuf,
    file: File,
    /// It was not there before, and goes again if no page is written.
    is_new: bool,
}

/// How every page begins.
const START: &[u8] = b"<!DOCTYPE html>";

impl PageFile {
    /// Opens it and leaves it as it is. A file that is no page is not replaced: `--html *.pcap` would name a capture.
    pub(in crate::inspect) fn open(path: &Path) -> Result<Self, PageError> {
        let error = |reason: String| PageError { path: path.to_owned(), reason };
        let is_new = !path.exists();
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = options.map_err(|source| error(source.to_string()))?;
        let mut start = Vec::new();
        let is_file = file.metadata().is_ok_and(|data| data.is_file());
        if is_file {
            (&mut file)
                .take(START.len() as u64)
                .read_to_end(&mut start)
                .map_err(|source| error(source.to_string()))?;
        }
        if !start.is_empty() && !start.eq_ignore_ascii_case(START) {
            return Err(error("there is a file that is no page; name another".to_owned()));
        }
        Ok(Self { path: path.to_owned(), file, is_new })
    }

    /// Writes the page in place of an older one.
    pub(in crate::inspect) fn write(mut self, page: &str) -> Result<(), PageError> {
        self.is_new = false;
        let result = self.replace(page.as_bytes());
        result.map_err(|source| PageError { path: self.path.clone(), reason: source.to_string() })
    }

    fn replace(&mut self, page: &[u8]) -> io::Result<()> {
        if self.file.metadata()?.is_file() {
            self.file.rewind()?;
            self.file.set_len(0)?;
        }
        self.file.write_all(page)?;
        self.file.flush()
    }
}

impl Drop for PageFile {
    fn drop(&mut self) {
        if self.is_new {
            // An empty file is all that would be left: nothing is lost if it stays.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
