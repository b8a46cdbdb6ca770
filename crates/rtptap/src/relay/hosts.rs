//! Hosts that are believed: addresses and networks.

use std::fmt;
use std::net::{IpAddr, ToSocketAddrs};
use std::str::FromStr;

/// Addresses (`192.0.2.7`), networks (`192.0.2.0/24`), and names, which are looked up once; several with commas between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts(Vec<Network>);

/// All addresses that begin as this one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    /// Bits that count.
    prefix: u8,
}

impl Hosts {
    /// Is it one of them?
    #[must_use]
    pub fn contains(&self, host: IpAddr) -> bool {
        let host = host.to_canonical();
        self.0.iter().any(|network| network.contains(host))
    }
}

impl Network {
    fn contains(self, host: IpAddr) -> bool {
        match (self.address, host) {
            (IpAddr::V4(own), IpAddr::V4(host)) => {
                shared(own.to_bits().into(), host.to_bits().into(), 32, self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(host)) => shared(own.to_bits(), host.to_bits(), 128, self.prefix),
            _ => false,
        }
    }

    const fn of(address: IpAddr) -> Self {
        Self { address, prefix: bits(address) }
    }
}

const fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Do two addresses of so many bits share the first `prefix`?
const fn shared(a: u128, b: u128, bits: u32, prefix: u8) -> bool {
    prefix == 0 || (a ^ b) >> (bits - prefix as u32) == 0
}

impl FromStr for Hosts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut networks = Vec::new();
        for host in text.split(',').map(str::trim) {
            if let Some((address, prefix)) = host.split_once('/') {
                let wrong = || format!("{host:?} is not ADDRESS/BITS, such as 192.0.2.0/24");
                let address = address.parse::<IpAddr>().map_err(|_| wrong())?.to_canonical();
                let prefix =
                    prefix.parse().ok().filter(|prefix| *prefix <= bits(address)).ok_or_else(wrong)?;
                networks.push(Network { address, prefix });
                continue;
            }
            if let Ok(address) = host.parse::<IpAddr>() {
                networks.push(Network::of(address.to_canonical()));
                continue;
            }
            let found = (host, 0).to_socket_addrs().map_err(|error| {
                format!("{host:?}: {error}; a host is an address, a network such as 192.0.2.0/24, or a name")
            })?;
            networks.extend(found.map(|address| Network::of(address.ip().to_canonical())));
        }
        Ok(Self(networks))
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Network { address, prefix }) in self.0.iter().enumerate() {
            f.write_str(if at > 0 { ", " } else { "" })?;
            match *prefix == bits(*address) {
                true => write!(f, "{address}")?,
                false => write!(f, "{address}/{prefix}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(hosts: &str, host: &str) -> bool {
        hosts.parse::<Hosts>().unwrap().contains(host.parse().unwrap())
    }

    #[test]
    fn addresses_networks_and_names_are_hosts() {
        assert!(contains("192.0.2.7", "192.0.2.7") && !contains("192.0.2.7", "192.0.2.8"));
        assert!(contains("192.0.2.7", "::ffff:192.0.2.7") && contains("::ffff:192.0.2.7", "192.0.2.7"));
        assert!(contains("192.0.2.0/25", "192.0.2.127") && !contains("192.0.2.0/25", "192.0.2.128"));
        assert!(
            contains("2001:db8::/33", "2001:db8:7fff::1") && !contains("2001:db8::/33", "2001:db8:8000::1")
        );
        assert!(contains("0.0.0.0/0", "203.0.113.1") && !contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("198.51.100.1, 192.0.2.0/24", "192.0.2.9") && contains("::1/128", "::1"));
        assert!(contains("localhost", "127.0.0.1") || contains("localhost", "::1"));
    }

    #[test]
    fn what_is_no_host_is_refused_with_advice() {
        for (text, advice) in
            [("192.0.2.0/33", "/24"), ("192.0.2/24", "/24"), ("::1/129", "/24"), ("", "192.0.2.0/24")]
        {
            let error = text.parse::<Hosts>().unwrap_err();
            assert!(error.contains(advice), "{error}");
        }
        assert_eq!(
            "192.0.2.7,2001:db8::/32".parse::<Hosts>().unwrap().to_string(),
            "192.0.2.7, 2001:db8::/32"
        );
    }
}
