//! From where to where a stream goes, in the room that there is.

use std::net::SocketAddr;

/// How much is said of a stream's way. From the shortest to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WayForm {
    /// `→ :7002`
    DestinationPort,
    /// `:7000 → :7002`
    Ports,
    /// `10.0.0.1:7000 → …2:7002`: of the destination only what differs, hosts of IPv6 without their middle.
    Short,
    /// `10.0.0.1:7000 → 10.0.0.2:7002`
    Full,
}

/// Hosts longer than this lose their middle; no address of IPv4 is.
const LONG_HOST: usize = 17;

pub(super) fn way(src: SocketAddr, dst: SocketAddr, form: WayForm) -> String {
    match form {
        WayForm::DestinationPort => format!("→ :{}", dst.port()),
        WayForm::Ports => format!(":{} → :{}", src.port(), dst.port()),
        WayForm::Short if src.ip() == dst.ip() => format!("{} → :{}", short(src), dst.port()),
        WayForm::Short => format!("{} → {}", short(src), short(dst)),
        WayForm::Full => format!("{src} → {dst}"),
    }
}

/// `[2001:db8…:1]:5004`.
fn short(address: SocketAddr) -> String {
    let host = address.ip().to_string();
    let host = match (host.get(..8), host.get(host.len().saturating_sub(6)..)) {
        (Some(start), Some(end)) if host.len() > LONG_HOST => format!("{start}…{end}"),
        _ => host,
    };
    if address.is_ipv6() {
        format!("[{host}]:{}", address.port())
    } else {
        format!("{host}:{}", address.port())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_said_in_the_room_that_there_is() {
        let all = |src: &str, dst: &str| {
            let (src, dst) = (src.parse().unwrap(), dst.parse().unwrap());
            [WayForm::DestinationPort, WayForm::Ports, WayForm::Short, WayForm::Full]
                .map(|form| way(src, dst, form))
        };
        assert_eq!(
            all("10.0.0.1:7000", "10.0.0.2:7002"),
            ["→ :7002", ":7000 → :7002", "10.0.0.1:7000 → 10.0.0.2:7002", "10.0.0.1:7000 → 10.0.0.2:7002"]
        );
        assert_eq!(all("127.0.0.1:7000", "127.0.0.1:7002")[2], "127.0.0.1:7000 → :7002");
        assert_eq!(
            all("[2001:db8:1234:5678::abcd:1]:5004", "[fe80::1]:5006")[2],
            "[2001:db8…abcd:1]:5004 → [fe80::1]:5006"
        );
    }
}
