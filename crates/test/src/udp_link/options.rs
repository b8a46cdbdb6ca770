//! What a link between sockets does.

use interceptor_core::OptionsError;

use crate::LinkOptions;

/// Options of a [`UdpLink`](super::UdpLink). The default loses and delays nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UdpLinkOptions {
    /// Decides every chance of both ways. Default 1.
    pub seed: u64,
    /// What happens to what A sends, and to what B sends. Default: nothing.
    pub ways: [LinkOptions; 2],
    /// Only what this says is lost, queued, reordered and counted; everything else has the delay, and no more. Default: everything. With
    /// [`is_rtp`](Self::is_rtp) a test may count on checks, handshakes and feedback.
    pub subject: fn(&[u8]) -> bool,
    /// The most addresses that both ends may have together, 2..=4096. Default 64: a browser with some interfaces, and some of its reloads.
    pub max_addresses: usize,
}

impl Default for UdpLinkOptions {
    fn default() -> Self {
        Self { seed: 1, ways: Default::default(), subject: |_| true, max_addresses: 64 }
    }
}

impl UdpLinkOptions {
    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets [`ways`](Self::ways).
    #[must_use]
    pub fn with_ways(mut self, a: LinkOptions, b: LinkOptions) -> Self {
        self.ways = [a, b];
        self
    }

    /// Sets [`subject`](Self::subject).
    #[must_use]
    pub const fn with_subject(mut self, subject: fn(&[u8]) -> bool) -> Self {
        self.subject = subject;
        self
    }

    /// Sets [`max_addresses`](Self::max_addresses).
    #[must_use]
    pub const fn with_max_addresses(mut self, addresses: usize) -> Self {
        self.max_addresses = addresses;
        self
    }

    /// Is it RTP or SRTP, where others share the port (RFC 7983 §7, RFC 5761 §4)?
    #[must_use]
    pub fn is_rtp(datagram: &[u8]) -> bool {
        matches!(datagram, [128..=191, second, ..] if !(192..=223).contains(second))
    }

    pub(super) fn validate(&self) -> Result<(), OptionsError> {
        let holds = (2..=4096).contains(&self.max_addresses);
        OptionsError::unless(holds, "UdpLinkOptions", "max_addresses", self.max_addresses, "in 2..=4096")
    }
}
