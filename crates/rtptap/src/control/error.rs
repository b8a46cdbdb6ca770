//! What can go wrong when a relay is asked.

use std::io;
use std::net::SocketAddr;

/// What can go wrong when a relay is asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// Nobody answers there.
    #[error("cannot reach a relay at {address}: {}; was it started with --control {address}?", root(error))]
    Connect {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        error: tonic::transport::Error,
    },
    /// The relay says no, or goodbye.
    #[error("{}", .0.message())]
    Refused(Box<tonic::Status>),
    /// Told to end a second time.
    #[error("ended at once: what was still to come is not there")]
    Hurried,
    /// The file, or standard output.
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
    /// JSON of what the relay said.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl From<tonic::Status> for ControlError {
    fn from(status: tonic::Status) -> Self {
        Self::Refused(Box::new(status))
    }
}

/// What tonic's errors say is inside them.
fn root(error: &tonic::transport::Error) -> String {
    let mut root: &dyn std::error::Error = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}
