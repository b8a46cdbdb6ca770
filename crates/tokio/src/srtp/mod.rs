//! SRTP around another transport.

mod counters;
mod decrypt;
mod encrypt;
mod keys;
mod numbers;
mod options;
mod seal;
mod shape;

use std::fmt;

use interceptor_core::OptionsError;

use crate::transport::Transport;
pub use counters::{SrtpCounters, SrtpMeter};
pub use decrypt::SrtpReceiver;
pub use encrypt::SrtpSender;
pub use keys::{SrtpKeys, SrtpMaster, SrtpProfile};
pub use options::SrtpOptions;
use seal::{Opener, Sealer};

/// SRTP and SRTCP (RFC 3711, RFC 7714) around another transport: encrypts what leaves with one key, and lets in what the peer's key has
/// protected. Interceptors and captures see plain packets. The keys are the caller's: from a DTLS handshake (RFC 5764), from SDES, or
/// out of band. What is neither RTP nor RTCP passes as it is, both ways: STUN and DTLS share the port.
///
/// Nothing that comes ends the session: what is not the peer's, or has come before, is dropped and counted
/// ([`SrtpMeter`]). Interceptors are told how many bytes are added
/// ([`ChainConfig::transport_overhead`](interceptor_core::ChainConfig::transport_overhead)): 14 with counter mode, 20 with GCM, the
/// most that a datagram grows by; RTP alone grows by 4, 10 or 16 ([`SrtpProfile::rtp_overhead`]).
///
/// A stream begins with a rollover counter of 0 (RFC 3711 §3.3.1): one that has wrapped before this end hears of it is not understood.
/// There is one master key a direction, without MKI; SRTCP is always encrypted, as WebRTC's is.
///
/// ```
/// use interceptor_tokio::{SrtpKeys, SrtpMaster, SrtpOptions, SrtpProfile, SrtpTransport, UdpTransport};
///
/// # async fn run(socket: tokio::net::UdpSocket) -> Result<(), Box<dyn std::error::Error>> {
/// let local = SrtpMaster { key: vec![1; 16], salt: vec![2; 14] };
/// let remote = SrtpMaster { key: vec![3; 16], salt: vec![4; 14] };
/// let keys = SrtpKeys::new(SrtpProfile::Aes128CmHmacSha1_80, local, remote);
/// let transport = SrtpTransport::new(UdpTransport::connected(socket)?, keys, SrtpOptions::default())?;
/// let meter = transport.meter(); // stays here when a session takes the transport
/// # let _ = meter;
/// # Ok(())
/// # }
/// ```
pub struct SrtpTransport<T> {
    inner: T,
    profile: SrtpProfile,
    sealer: Sealer,
    opener: Opener,
    meter: SrtpMeter,
}

/// Why there is no SRTP.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SrtpError {
    /// An option lies outside its range.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// A key, a salt or what DTLS exported has not the length that the profile wants.
    #[error("keys of {found} bytes, the profile wants {expected}")]
    KeyLength {
        /// The length that it has.
        found: usize,
        /// The length that it has to have.
        expected: usize,
    },
    /// The library that encrypts does not take them.
    #[error("SRTP cannot be set up: {0}")]
    Setup(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl<T: Transport> SrtpTransport<T> {
    /// Around `inner`, with these keys.
    ///
    /// # Errors
    /// Keys of another length than the profile's, or an option outside its range.
    pub fn new(inner: T, keys: SrtpKeys, options: SrtpOptions) -> Result<Self, SrtpError> {
        options.validate()?;
        let sealer = Sealer::new(keys.profile, &keys.local)?;
        let opener = Opener::new(keys.profile, keys.remote, &options)?;
        Ok(Self { inner, profile: keys.profile, sealer, opener, meter: SrtpMeter::default() })
    }

    /// Reads the counters, also once a session has the transport.
    #[must_use]
    pub fn meter(&self) -> SrtpMeter {
        self.meter.clone()
    }
}

impl<T: Transport> Transport for SrtpTransport<T> {
    type Sender = SrtpSender<T::Sender>;
    type Receiver = SrtpReceiver<T::Receiver>;

    fn split(self) -> (Self::Sender, Self::Receiver) {
        let (sender, receiver) = self.inner.split();
        let sender = SrtpSender::new(sender, self.sealer, self.meter.clone());
        (sender, SrtpReceiver::new(receiver, self.opener, self.meter))
    }

    fn overhead(&self) -> usize {
        self.inner.overhead() + self.profile.rtcp_overhead()
    }
}

impl<T> fmt::Debug for SrtpTransport<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SrtpTransport").field("profile", &self.profile).finish_non_exhaustive()
    }
}
