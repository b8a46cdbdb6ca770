//! A camera over two networks at once: each packet leaves by both, one of them dies in the middle, and nothing is lost.
//!
//! `cargo run -p interceptor-tokio --example two_paths`

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Event, Registry, StreamInfo};
use interceptor_merge::{DuplicateFactory, Merge, MergeFactory, PathChange, PathReport};
use interceptor_report::ReportFactory;
use interceptor_tokio::{Session, UdpTransport};
use tokio::net::UdpSocket;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const SSRC: u32 = 0x1122_3344;
const PACKETS: u16 = 500;

fn video() -> StreamInfo {
    StreamInfo::new(SSRC, 96, 90_000).with_mime_type("video/VP8")
}

/// A network in between: carries what comes to its first port on to `to`, until it is dropped.
struct Network {
    address: SocketAddr,
    carrying: tokio::task::JoinHandle<()>,
}

impl Network {
    async fn to(to: SocketAddr) -> Result<Self> {
        let (near, far) = (socket().await?, socket().await?);
        let address = near.local_addr()?;
        let carrying = tokio::spawn(async move {
            let mut buffer = [0; 2048];
            while let Ok(len) = near.recv(&mut buffer).await {
                // What cannot be sent on is lost, as in any network.
                let _ = far.send_to(buffer.get(..len).unwrap_or_default(), to).await;
            }
        });
        Ok(Self { address, carrying })
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

async fn socket() -> Result<UdpSocket> {
    Ok(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?)
}

/// What the call came to.
struct Outcome {
    /// Sequence numbers as the application read them.
    numbers: Vec<u16>,
    changes: Vec<PathChange>,
    paths: [PathReport; 2],
}

async fn call() -> Result<Outcome> {
    // The studio has two sockets, and hears whoever sends media first.
    let ports = [socket().await?, socket().await?];
    let first = Network::to(ports[0].local_addr()?).await?;
    let second = Network::to(ports[1].local_addr()?).await?;
    let [port, other_port] = ports;
    let merging = Registry::new().with(MergeFactory::default()).with(ReportFactory::default());
    let studio = Session::builder(&merging, "studio")
        .path(0, UdpTransport::latching(port)?)
        .path(1, UdpTransport::latching(other_port)?)
        .spawn()?;
    let copying = Registry::new().with(DuplicateFactory::default()).with(ReportFactory::default());
    let camera = Session::builder(&copying, "camera")
        .path(0, UdpTransport::with_peer(socket().await?, first.address)?)
        .path(1, UdpTransport::with_peer(socket().await?, second.address)?)
        .spawn()?;
    let mut stream = studio.bind_remote_stream(video())?;
    let mut events = studio.events();
    let sending = tokio::spawn(send(camera.clone(), second));
    let mut numbers = Vec::new();
    while numbers.len() < usize::from(PACKETS) {
        numbers.push(stream.read().await?.sequence_number());
    }
    sending.await??;
    let reports = studio.with_chain(|chain, _| {
        chain.with_streams::<Merge, _>(|_, streams| {
            streams.peek_remote(SSRC).map(|stream| [0, 1].map(|path| stream.path(path)))
        })
    });
    camera.close().await?;
    studio.close().await?;
    let mut changes = Vec::new();
    while let Ok(event) = events.read().await {
        changes.extend(Event::raised::<PathChange>(&event).copied());
    }
    Ok(Outcome { numbers, changes, paths: reports.flatten().unwrap_or_default() })
}

/// Sends the stream; the network dies after a fifth of it.
async fn send(camera: Session, dies: Network) -> Result {
    let stream = camera.bind_local_stream(video())?;
    let mut dies = Some(dies);
    let mut pace = tokio::time::interval(Duration::from_millis(2));
    for number in 0..PACKETS {
        pace.tick().await;
        if number == PACKETS / 5 {
            dies = None;
        }
        let packet = RtpPacket::builder().ssrc(SSRC).payload_type(96).sequence_number(number);
        stream.write(packet.timestamp(180 * u32::from(number)).payload(vec![0; 1000]).build()?).await?;
    }
    drop(dies);
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let Outcome { numbers, changes, paths } = call().await?;
    println!("{PACKETS} packets sent over two networks, {} read", numbers.len());
    changes.iter().for_each(|change| println!("{change:?}"));
    for (path, report) in (0..).zip(paths) {
        println!("path {path}: {} packets, {} that only it brought", report.received, report.unique);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Duration, PACKETS, PathChange, call};

    #[tokio::test]
    async fn nothing_is_lost_and_the_owner_hears_of_the_death() {
        let outcome = tokio::time::timeout(Duration::from_secs(60), call()).await.unwrap().unwrap();
        let mut numbers = outcome.numbers;
        numbers.sort_unstable();
        assert_eq!(numbers, (0..PACKETS).collect::<Vec<_>>());
        assert!(matches!(outcome.changes[..], [PathChange::Died { path: 1, .. }]), "{:?}", outcome.changes);
        let [first, second] = outcome.paths;
        assert!(second.dead && second.received >= 90 && first.unique >= 390, "{first:?} {second:?}");
    }
}
