//! What a contender is started with, and what is known of it then.

use std::net::{SocketAddr, SocketAddrV4, UdpSocket};

use tempfile::NamedTempFile;

use crate::process::{Running, Tools};

/// What a contender is started for.
pub(super) struct Start<'a> {
    pub(super) tools: &'a Tools,
    pub(super) targets: &'a [SocketAddrV4],
    /// Where packets come from.
    pub(super) from: SocketAddr,
}

/// A contender that runs.
pub(super) struct Started {
    pub(super) running: Running,
    /// Where packets go.
    pub(super) to: SocketAddr,
    /// What it reads.
    pub(super) _file: Option<NamedTempFile>,
}

/// With an even port, for those that want one.
pub(super) fn free_address() -> anyhow::Result<SocketAddr> {
    loop {
        let address = UdpSocket::bind("127.0.0.1:0")?.local_addr()?;
        if address.port() % 2 == 0 {
            return Ok(address);
        }
    }
}
