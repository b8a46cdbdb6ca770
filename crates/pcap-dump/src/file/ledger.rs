//! What all captures of a factory have on disk, and what must go to keep within the limits.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::CaptureError;
use crate::handle::Capture;

/// Complete files, oldest first, and the bytes of all files.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    limit: Option<u64>,
    used: u64,
    complete: VecDeque<Complete>,
}

#[derive(Debug)]
struct Complete {
    /// Whose file.
    key: u64,
    capture: Arc<Capture>,
    path: PathBuf,
    bytes: u64,
}

impl Ledger {
    pub(crate) fn new(limit: Option<u64>) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Room for `bytes` more, made by deleting the oldest complete files.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), CaptureError> {
        let bytes = bytes as u64;
        if let Some(limit) = self.limit {
            while self.used.saturating_add(bytes) > limit {
                let Some(oldest) = self.complete.pop_front() else {
                    return Err(CaptureError::TotalReached { limit });
                };
                self.delete(&oldest);
            }
        }
        self.used = self.used.saturating_add(bytes);
        Ok(())
    }

    /// `bytes` that `grow` made room for were not written.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        self.used = self.used.saturating_sub(bytes as u64);
    }

    /// A file is complete and may be deleted when room is needed. `keep`: how many complete files of this capture stay.
    pub(crate) fn complete(
        &mut self,
        key: u64,
        capture: &Arc<Capture>,
        path: PathBuf,
        bytes: u64,
        keep: Option<usize>,
    ) {
        if self.limit.is_none() && keep.is_none() {
            return;
        }
        if let Some(at) = self.complete.iter().position(|file| file.path == path) {
            // Overwritten: its bytes are gone, and its name is another file's.
            let replaced = self.complete.remove(at).map_or(0, |file| file.bytes);
            self.used = self.used.saturating_sub(replaced);
        }
        self.complete.push_back(Complete { key, capture: Arc::clone(capture), path, bytes });
        let Some(keep) = keep else { return };
        while self.complete.iter().filter(|file| file.key == key).count() > keep {
            let Some(at) = self.complete.iter().position(|file| file.key == key) else { return };
            if let Some(oldest) = self.complete.remove(at) {
                self.delete(&oldest);
            }
        }
    }

    /// A capture has ended: its ring turns no more. The total still counts its files.
    pub(crate) fn end(&mut self, key: u64) {
        if self.limit.is_none() {
            self.complete.retain(|file| file.key != key);
        }
    }

    fn delete(&mut self, file: &Complete) {
        self.used = self.used.saturating_sub(file.bytes);
        file.capture.file_deleted(&file.path);
        match fs::remove_file(&file.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(path = %file.path.display(), %error, "cannot delete an old capture file");
            }
            _ => {}
        }
    }
}
