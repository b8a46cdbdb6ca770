//! Which errors of a transport pass and which end the session.

use std::io::{self, ErrorKind};

/// `EMSGSIZE` and `ENOBUFS`, which std does not name.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNNAMED: [i32; 2] = [90, 105];
#[cfg(any(target_vendor = "apple", target_os = "freebsd", target_os = "openbsd", target_os = "netbsd"))]
const UNNAMED: [i32; 2] = [40, 55];
#[cfg(windows)]
const UNNAMED: [i32; 2] = [10040, 10055];
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "openbsd",
    target_os = "netbsd",
    windows
)))]
const UNNAMED: [i32; 0] = [];

/// Does the connection outlive this error? The peer is not there yet or any more (ICMP, RFC 1122 §4.1.3.3: a host
/// that restarts answers the same way), a firewall says no, one packet is too long, or there is no room just now.
pub(crate) fn is_passing(error: &io::Error) -> bool {
    let named = matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::PermissionDenied
            | ErrorKind::Interrupted
            | ErrorKind::WouldBlock
    );
    named || error.raw_os_error().is_some_and(|code| UNNAMED.contains(&code))
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::is_passing;

    #[test]
    fn icmp_passes_and_a_closed_pipe_does_not() {
        assert!(is_passing(&ErrorKind::ConnectionRefused.into()));
        assert!(is_passing(&ErrorKind::HostUnreachable.into()));
        assert!(!is_passing(&ErrorKind::UnexpectedEof.into()));
        assert!(!is_passing(&ErrorKind::BrokenPipe.into()));
        assert!(!is_passing(&Error::other("use of closed connection")));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_message_that_is_too_long_passes() {
        assert!(is_passing(&Error::from_raw_os_error(90)));
        assert!(!is_passing(&Error::from_raw_os_error(9)));
    }
}
