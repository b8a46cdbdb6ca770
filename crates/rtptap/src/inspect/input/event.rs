//! What the threads around a pipe tell its reader.

use std::io;

/// What happens while a pipe is read.
#[derive(Debug)]
pub(super) enum Event {
    /// The file is open, or cannot be opened.
    Opened(io::Result<()>),
    /// So many of these bytes were read.
    Bytes(Vec<u8>, usize),
    /// There is nothing more, or reading failed.
    End(Option<io::Error>),
    /// A signal: what there is shall be shown.
    Stop,
}
