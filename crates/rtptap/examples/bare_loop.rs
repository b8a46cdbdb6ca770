//! What `rtptap relay` costs is measured beside this: a loop that receives a datagram and sends it on, and nothing else.
//!
//! `cargo run -p rtptap --example bare_loop -- TO [--tokio]` prints where it listens. With `--tokio` the loop is a task on
//! the runtime that the relay runs on, else a thread that waits in the system call.

use std::error::Error;
use std::net::SocketAddr;

/// The largest datagram.
const LARGEST: usize = 65_535;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (to, on_tokio) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [to] => (to.parse::<SocketAddr>()?, false),
        [to, "--tokio"] => (to.parse::<SocketAddr>()?, true),
        _ => return Err("usage: bare_loop TO [--tokio]".into()),
    };
    let (listen, out) =
        (std::net::UdpSocket::bind("127.0.0.1:0")?, std::net::UdpSocket::bind("127.0.0.1:0")?);
    // As much as the relay asks for.
    socket2::SockRef::from(&listen).set_recv_buffer_size(1 << 20)?;
    println!("{}", listen.local_addr()?);
    let mut buffer = vec![0; LARGEST];
    if on_tokio {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        return runtime.block_on(async { tokio::spawn(forward(listen, out, to)).await? });
    }
    loop {
        let (len, _) = listen.recv_from(&mut buffer)?;
        out.send_to(buffer.get(..len).unwrap_or_default(), to)?;
    }
}

async fn forward(
    listen: std::net::UdpSocket,
    out: std::net::UdpSocket,
    to: SocketAddr,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    listen.set_nonblocking(true)?;
    out.set_nonblocking(true)?;
    let (listen, out) = (tokio::net::UdpSocket::from_std(listen)?, tokio::net::UdpSocket::from_std(out)?);
    let mut buffer = vec![0; LARGEST];
    loop {
        let (len, _) = listen.recv_from(&mut buffer).await?;
        out.send_to(buffer.get(..len).unwrap_or_default(), to).await?;
    }
}
