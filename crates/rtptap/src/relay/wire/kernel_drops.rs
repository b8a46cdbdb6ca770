//! Datagrams that the system dropped because nobody took them out of a socket in time.
//!
//! Linux counts them for each socket. It would hand the count out with each datagram (`SO_RXQ_OVFL`), or on demand
//! (`SO_MEMINFO`), but neither without unsafe code or another way of receiving; the table of all sockets has the same number,
//! and is read only when somebody asks.

use std::sync::{Mutex, PoisonError};

use interceptor_tokio::BatchSocket;

/// The count of a leg's sockets, which does not keep them open.
#[derive(Debug, Default)]
pub(in crate::relay) struct KernelDrops {
    inodes: Vec<String>,
    /// The last that was read, for when they are closed.
    last: Mutex<Option<u64>>,
}

impl KernelDrops {
    pub(super) fn of<'a>(sockets: impl IntoIterator<Item = &'a BatchSocket>) -> Self {
        Self { inodes: sockets.into_iter().filter_map(inode).collect(), last: Mutex::default() }
    }

    /// Of all its sockets together; `None` where the system does not say.
    pub(in crate::relay) fn read(&self) -> Option<u64> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = self.look_up().or(*last);
        *last
    }

    #[cfg(target_os = "linux")]
    fn look_up(&self) -> Option<u64> {
        let tables = ["/proc/self/net/udp", "/proc/self/net/udp6"].map(std::fs::read_to_string);
        let lines = tables.iter().flatten().flat_map(|table| table.lines());
        let own = |(inode, _): &(&str, u64)| self.inodes.iter().any(|own| own == inode);
        let counts = lines.filter_map(parse).filter(own).map(|(_, drops)| drops);
        counts.fold(None, |sum, drops| Some(sum.unwrap_or(0) + drops))
    }

    #[cfg(not(target_os = "linux"))]
    fn look_up(&self) -> Option<u64> {
        None
    }
}

/// What a socket is called in the table.
#[cfg(target_os = "linux")]
fn inode(socket: &BatchSocket) -> Option<String> {
    use std::os::fd::{AsFd as _, AsRawFd as _};
    let link = std::fs::read_link(format!("/proc/self/fd/{}", socket.as_fd().as_raw_fd())).ok()?;
    Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
}

#[cfg(not(target_os = "linux"))]
fn inode(_: &BatchSocket) -> Option<String> {
    None
}

/// Inode and drops of a line of the table: its tenth and its last field (`Documentation/networking/proc_net_tcp.rst`).
#[cfg(target_os = "linux")]
fn parse(line: &str) -> Option<(&str, u64)> {
    let mut fields = line.split_ascii_whitespace();
    let inode = fields.nth(9)?;
    Some((inode, fields.last()?.parse().ok()?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::future::poll_fn;
    use std::task::{Context, Poll};

    use tokio::net::UdpSocket;

    use super::*;

    #[test]
    fn a_line_of_the_table_is_read() {
        let line = "  415: 0100007F:1F90 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 912345 2 0000000000000000 17";
        assert_eq!(parse(line), Some(("912345", 17)));
        assert_eq!(
            parse(
                "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops"
            ),
            None
        );
    }

    #[tokio::test]
    async fn what_finds_no_room_in_a_socket_is_counted() {
        let socket = async || BatchSocket::new(UdpSocket::bind("127.0.0.1:0").await.unwrap()).unwrap();
        let (full, other) = (socket().await, socket().await);
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = full.local_addr().unwrap();
        let (drops, of_both) = (KernelDrops::of([&full]), KernelDrops::of([&other, &full]));
        assert_eq!(drops.read(), Some(0));
        for _ in 0..20_000 {
            sender.send_to(&[0; 1000], address).unwrap();
        }
        let mut read = 0;
        let mut take = |cx: &mut Context<'_>| {
            full.poll_recv(cx, |message, _| read += message.datagrams().count() as u64)
        };
        poll_fn(&mut take).await.unwrap();
        while poll_fn(|cx| Poll::Ready(take(cx).is_ready())).await {}
        assert_eq!((drops.read(), KernelDrops::of([&other]).read()), (Some(20_000 - read), Some(0)));
        drop(full);
        assert_eq!(drops.read(), Some(20_000 - read), "it is remembered");
        assert_eq!(of_both.read(), Some(0), "nobody had looked");
    }
}
