//! The two addresses that captured packets travel between.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use interceptor_core::OptionsError;

use crate::options::refused;

/// The two ends of a connection, as written into the capture.
///
/// A chain does not know addresses; its session does and sets them with
/// [`PcapDump::set_endpoints`](crate::PcapDump::set_endpoints). Until then the default stands in: `192.0.2.1:5004`
/// (local) and `192.0.2.2:5004` (remote), from the block kept for documentation (RFC 5737) so that nobody takes them
/// for real ones, and the port registered for RTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Endpoints {
    /// This end.
    pub local: SocketAddr,
    /// The peer.
    pub remote: SocketAddr,
}

impl Endpoints {
    /// Between `local` and `remote`; both IPv4 or both IPv6 (checked where they are used).
    #[must_use]
    pub const fn new(local: SocketAddr, remote: SocketAddr) -> Self {
        Self { local, remote }
    }

    /// The same ends with an IPv4-mapped IPv6 address (`::ffff:a.b.c.d`, what a dual-stack socket reports) as the
    /// IPv4 address that it stands for.
    pub(crate) fn checked(self) -> Result<Self, OptionsError> {
        let plain = |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
        let ends = Self { local: plain(self.local), remote: plain(self.remote) };
        if ends.local.is_ipv4() == ends.remote.is_ipv4() {
            return Ok(ends);
        }
        let value = format_args!("{} and {}", self.local, self.remote);
        Err(refused("endpoints", value, "two addresses of one family"))
    }
}

impl Default for Endpoints {
    fn default() -> Self {
        let at = |last| SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)), 5004);
        Self { local: at(1), remote: at(2) }
    }
}
