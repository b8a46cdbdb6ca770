//! Loops that forward and do nothing else: what a packet costs at the least. They run in a process of their own.

use std::net::{SocketAddrV4, UdpSocket};

use anyhow::bail;
use nix::sys::socket::{setsockopt, sockopt};

use crate::loopback::{Inbox, send};

/// As much as the relay asks for.
const BUFFER_BYTES: usize = 1 << 20;

/// Prints where it listens, and forwards from there to all of `to` until it is killed.
///
/// # Errors
/// There is no such way, or a socket fails.
pub fn run(way: &str, to: &[SocketAddrV4]) -> anyhow::Result<()> {
    let (listen, out) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
    setsockopt(&listen, sockopt::RcvBuf, &BUFFER_BYTES)?;
    println!("{}", listen.local_addr()?);
    match way {
        "batches" => {
            let mut inbox = Inbox::new();
            loop {
                inbox.receive(&listen)?;
                send(&out, &inbox, to)?;
            }
        }
        "one-by-one" => {
            let mut buffer = vec![0; 65_535];
            loop {
                let datagram = listen.recv(&mut buffer)?;
                for to in to {
                    out.send_to(buffer.get(..datagram).unwrap_or_default(), to)?;
                }
            }
        }
        _ => bail!("bare loops go in `batches` or `one-by-one`, not {way:?}"),
    }
}
