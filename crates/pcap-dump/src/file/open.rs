//! One file while it is being written: under a name with `.part` behind, renamed when it is complete.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::template::suffixed;
use crate::announce::Announcement;
use crate::encode::{Encoder, Tally};
use crate::{CaptureError, Record};

/// Names tried before giving up: `call`, `call-2`, … .
const MAX_NAMES: u32 = 10_000;

pub(crate) struct OpenFile {
    pub(crate) file: File,
    /// Where it is now.
    pub(crate) part: PathBuf,
    /// Where it will be.
    pub(crate) path: PathBuf,
    pub(crate) encoder: Box<dyn Encoder>,
    /// Bytes on disk; always whole blocks.
    pub(crate) written: u64,
    /// Time of the first packet.
    pub(crate) start: Duration,
    /// By direction: what it holds and misses.
    pub(crate) tally: Tally,
}

impl OpenFile {
    /// Makes a file that did not exist, at `wanted` or the next free name, and its directories. With `overwrite` a
    /// name is free unless its file is being written.
    pub(crate) fn create(
        wanted: &Path,
        overwrite: bool,
        encoder: Box<dyn Encoder>,
        start: Duration,
    ) -> Result<Self, CaptureError> {
        let failed = |source| CaptureError::File { action: "create", path: wanted.to_path_buf(), source };
        if let Some(directory) = wanted.parent() {
            fs::create_dir_all(directory).map_err(failed)?;
        }
        let (file, part, path) = reserve(wanted, overwrite).map_err(failed)?;
        Ok(Self { file, part, path, encoder, written: 0, start, tally: Tally::new(start) })
    }

    /// Its size when everything encoded is written.
    pub(crate) fn size(&mut self) -> u64 {
        self.written + self.encoder.buffer().len() as u64
    }

    /// Encodes an announcement; one that does not fit is not there.
    pub(crate) fn announce(&mut self, said: &Announcement) {
        let before = self.encoder.buffer().len();
        if let Err(error) = self.encoder.announce(said) {
            tracing::debug!(path = %self.part.display(), %error, "no announcement in a capture file");
            self.encoder.buffer().truncate(before);
        }
    }

    /// Encodes a packet; when the format cannot hold it, nothing has changed.
    pub(crate) fn encode(&mut self, record: &Record<'_>) -> io::Result<usize> {
        let before = self.encoder.buffer().len();
        let encoded = self.encoder.packet(record);
        if encoded.is_err() {
            self.encoder.buffer().truncate(before);
        }
        encoded.map(|()| before)
    }

    /// Writes what is encoded. On failure the file is cut back to its last whole block.
    pub(crate) fn write(&mut self) -> Result<usize, CaptureError> {
        let buffer = self.encoder.buffer();
        let bytes = buffer.len();
        let written = self.file.write_all(buffer);
        buffer.clear();
        if let Err(source) = written {
            // The disk is full or gone: what cannot be cut stays a file that is cut inside its last block.
            let _ = self.file.set_len(self.written);
            return Err(CaptureError::File { action: "write", path: self.part.clone(), source });
        }
        self.written += bytes as u64;
        Ok(bytes)
    }

    pub(crate) fn rename(&self) -> Result<(), CaptureError> {
        fs::rename(&self.part, &self.path).map_err(|source| CaptureError::File {
            action: "rename",
            path: self.part.clone(),
            source,
        })
    }
}

/// The `.part` file is made first and the final name looked at second: whoever holds the `.part` owns the name, also
/// against other processes.
fn reserve(wanted: &Path, overwrite: bool) -> io::Result<(File, PathBuf, PathBuf)> {
    for attempt in 1..=MAX_NAMES {
        let path = if attempt == 1 { wanted.to_path_buf() } else { suffixed(wanted, &format!("-{attempt}")) };
        let mut part = OsString::from(&path);
        part.push(".part");
        let part = PathBuf::from(part);
        match File::create_new(&part) {
            Ok(file) if overwrite || !path.try_exists()? => return Ok((file, part, path)),
            Ok(_) => fs::remove_file(&part)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{MAX_NAMES} files of this name exist")))
}
