//! How a section's packets travel: ICE, DTLS, RTCP.

use std::fmt;
use std::net::IpAddr;

/// What a section, or the description around it, says of ICE and DTLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connectivity {
    /// `a=ice-ufrag`; empty when there is none.
    pub ufrag: String,
    /// `a=ice-pwd`; empty when there is none.
    pub password: String,
    /// The values of `a=candidate`, verbatim (RFC 8839 §5.1).
    pub candidates: Vec<String>,
    /// The values of `a=fingerprint`, verbatim (RFC 8122 §5).
    pub fingerprints: Vec<String>,
    /// `a=setup` (RFC 4145 §4): `active`, `passive`, `actpass` or `holdconn`; empty when there is none.
    pub setup: String,
}

impl Connectivity {
    /// Takes what it does not say itself from what holds for all sections.
    pub(crate) fn inherit(&mut self, common: &Self) {
        let lines = [
            (&mut self.ufrag, &common.ufrag),
            (&mut self.password, &common.password),
            (&mut self.setup, &common.setup),
        ];
        for (own, common) in lines.into_iter().filter(|(own, _)| own.is_empty()) {
            own.clone_from(common);
        }
        let lists =
            [(&mut self.fingerprints, &common.fingerprints), (&mut self.candidates, &common.candidates)];
        for (own, common) in lists.into_iter().filter(|(own, _)| own.is_empty()) {
            own.clone_from(common);
        }
    }
}

/// Where RTCP is wanted, `a=rtcp` (RFC 3605).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtcpAddress {
    /// The port.
    pub port: u16,
    /// The address; `None` when it is that of the media.
    pub address: Option<IpAddr>,
}

impl RtcpAddress {
    /// `5005`, `5005 IN IP4 192.0.2.1`.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let rtcp: sdp_types::Rtcp = value.trim().parse().ok()?;
        let address = rtcp.try_address().and_then(Result::ok).map(|address| address.ip);
        Some(Self { port: rtcp.port, address })
    }
}

impl fmt::Display for RtcpAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) => sdp_types::Rtcp::with_ip_addr(self.port, address).fmt(f),
            None => self.port.fmt(f),
        }
    }
}
