//! Who may become the peer of a latching transport.

use std::net::IpAddr;
use std::time::Duration;

/// Whom a [latching](crate::UdpTransport::latching) transport takes for its peer.
///
/// ```
/// use std::time::Duration;
/// use interceptor_tokio::LatchOptions;
/// // One host, on whatever port its NAT gives it, and again after a pause of ten seconds.
/// let options = LatchOptions::default()
///     .with_host("192.0.2.7".parse()?)
///     .with_relatch_after(Duration::from_secs(10));
/// # assert_eq!(options.relatch_after, Some(Duration::from_secs(10)));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LatchOptions {
    /// The only host that is believed, on any port: what signalling says of the peer. Default `None`: any host.
    pub host: Option<IpAddr>,
    /// How long the peer must be silent before another address may take its place. Default `None`: for ever, but for
    /// [`Latch::relatch`](crate::Latch::relatch) and [`Latch::set_peer`](crate::Latch::set_peer). A peer that moves to another port
    /// or network is heard again only so.
    pub relatch_after: Option<Duration>,
    /// Nobody becomes the peer by what it sends, only by [`Latch::set_peer`](crate::Latch::set_peer). Default `false`. With ICE:
    /// `true`, or whoever sends media before the handshake has shown who the peer is takes its place.
    pub told: bool,
}

impl LatchOptions {
    /// The only host that is believed.
    #[must_use]
    pub const fn with_host(mut self, host: IpAddr) -> Self {
        self.host = Some(host);
        self
    }

    /// How long the peer must be silent before another address may take its place.
    #[must_use]
    pub const fn with_relatch_after(mut self, silence: Duration) -> Self {
        self.relatch_after = Some(silence);
        self
    }

    /// Only [`Latch::set_peer`](crate::Latch::set_peer) says who the peer is?
    #[must_use]
    pub const fn with_told(mut self, told: bool) -> Self {
        self.told = told;
        self
    }
}
