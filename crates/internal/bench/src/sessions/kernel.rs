//! What the kernel tells of sockets, and how many it allows.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Packets that found no room in the receive buffers of UDP sockets with these ports, since they were opened.
pub(super) fn drops(ports: &[u16]) -> anyhow::Result<u64> {
    Ok(count(&std::fs::read_to_string("/proc/net/udp")?, ports))
}

/// A line a socket: the local address is the second word, the number of drops the last.
fn count(table: &str, ports: &[u16]) -> u64 {
    let of = |line: &str| {
        let mut words = line.split_whitespace();
        let (_, port) = words.nth(1)?.split_once(':')?;
        let port = u16::from_str_radix(port, 16).ok().filter(|port| ports.contains(port))?;
        let dropped: u64 = words.next_back()?.parse().ok()?;
        (port != 0).then_some(dropped)
    };
    table.lines().filter_map(of).sum()
}

/// Lets this process and those that it starts open so many files, as far as it may; how many they may.
pub(super) fn files(wanted: u64) -> anyhow::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft >= wanted {
        return Ok(soft);
    }
    // Beyond the hard limit for who may.
    let raised = setrlimit(Resource::RLIMIT_NOFILE, wanted, hard.max(wanted));
    if raised.is_err() {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    Ok(getrlimit(Resource::RLIMIT_NOFILE)?.0)
}

#[cfg(test)]
mod tests {
    use super::count;

    const TABLE: &str = "\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1234: 0100007F:1F90 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12345 2 0000000000000000 17
 1235: 00000000:1F91 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 12346 2 0000000000000000 4
 1236: 00000000:1F92 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12347 2 0000000000000000 100
";

    #[test]
    fn drops_are_those_of_the_sockets_that_are_asked_about() {
        assert_eq!(count(TABLE, &[0x1f90]), 17);
        assert_eq!(count(TABLE, &[0x1f91, 0x1f90]), 21);
        assert_eq!(count(TABLE, &[0xc350, 0]), 0, "where they send to is no port of theirs");
        assert_eq!(count("", &[1]), 0);
    }
}
