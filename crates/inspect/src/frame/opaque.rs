//! What is known to carry packets that cannot be seen.

use std::fmt;

/// What packets were wrapped in that could not be looked into. [`Display`](fmt::Display) names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Encapsulation {
    /// IPsec (RFC 4303), over IP or UDP (RFC 3948).
    Esp,
    /// MACsec (IEEE 802.1AE).
    Macsec,
    /// `WireGuard`.
    WireGuard,
    /// L2TP (RFC 2661, RFC 3931).
    L2tp,
    /// GRE with source routes (RFC 1701).
    RoutedGre,
    /// Compressed or encrypted PPP (RFC 1962, RFC 1968).
    CompressedPpp,
    /// More tunnels in tunnels than are followed: eight.
    Nested,
}

impl fmt::Display for Encapsulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Esp => "IPsec (ESP)",
            Self::Macsec => "MACsec",
            Self::WireGuard => "WireGuard",
            Self::L2tp => "L2TP",
            Self::RoutedGre => "GRE with source routes",
            Self::CompressedPpp => "compressed or encrypted PPP",
            Self::Nested => "tunnels in more than eight others",
        })
    }
}
