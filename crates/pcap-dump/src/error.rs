//! Why a capture stops.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a capture stopped. Media goes on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// A file could not be made, written, named or synchronised (disk full, no permission, …).
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// `create`, `write`, `rename` or `synchronise`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// [`max_total_bytes`](crate::PcapDumpOptions::max_total_bytes) is reached and no complete file is left to delete.
    #[error("all captures together would be larger than {limit} bytes")]
    TotalReached {
        /// The limit in force, in bytes.
        limit: u64,
    },
    /// The user's [`PacketSink`](crate::PacketSink) failed.
    #[error("the packet sink failed: {0}")]
    Sink(io::Error),
    /// The user's [`PacketSink`](crate::PacketSink) panicked.
    #[error("the packet sink panicked")]
    SinkPanicked,
    /// The writer thread is gone.
    #[error("the capture writer is gone")]
    WriterGone,
    /// The writer did not finish within [`close_timeout`](crate::PcapDumpOptions::close_timeout); it goes on in the
    /// background, and what it writes after the process has ended is lost.
    #[error("the capture was not complete in time")]
    TimedOut,
}

/// The event that a [`PcapDump`](crate::PcapDump) raises once, when its capture stops before the connection does:
/// at the first packet that it can no longer write, at the latest when the chain closes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CaptureStopped {
    /// The connection.
    pub connection: Arc<str>,
    /// Why.
    pub error: Arc<CaptureError>,
}
