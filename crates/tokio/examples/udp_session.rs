//! Two sessions over UDP: video one way, reports, requests and repairs the other, and a link that loses every tenth packet.
//!
//! `cargo run -p interceptor-tokio --example udp_session`

use std::net::Ipv4Addr;
use std::time::Duration;

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Registry, Stage, StreamInfo,
};
use interceptor_nack::{AskCounters, Nack, NackFactory};
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_tokio::{LocalStream, Session, UdpTransport};
use tokio::net::UdpSocket;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const PACKETS: u16 = 100;

fn video() -> StreamInfo {
    StreamInfo::new(0x1122_3344, 96, 90_000)
        .with_mime_type("video/VP8")
        .with_feedback("nack", "")
        .with_rtx(0x5566_7788, 97)
}

/// The bad link: media packets ending in 5 do not leave. Loopback itself loses nothing.
struct BadLink;

impl Interceptor for BadLink {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> interceptor_core::Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(
        &mut self,
        (): &mut (),
        packet: &mut RtpPacket,
        _: &mut Context<'_>,
    ) -> interceptor_core::Result<Flow> {
        let lost = packet.info().origin == Origin::Media && packet.sequence_number() % 10 == 5;
        Ok(if lost { Flow::Consumed } else { Flow::Forward })
    }
}

struct BadLinkFactory;

impl Factory for BadLinkFactory {
    type Interceptor = BadLink;

    fn name(&self) -> &'static str {
        "bad-link"
    }

    fn stage(&self) -> Stage {
        Stage::CAPTURE
    }

    fn build(&self, _: &BuildContext<'_>) -> std::result::Result<BadLink, BuildError> {
        Ok(BadLink)
    }
}

/// Two sessions with the same interceptors, joined by a pair of sockets on loopback.
async fn sessions() -> Result<(Session, Session)> {
    let registry = Registry::new()
        .with(BadLinkFactory)
        .with(ReportFactory::default())
        .with(RtxFactory::default())
        .with(NackFactory::default());
    let (a, b) =
        (UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?, UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?);
    a.connect(b.local_addr()?).await?;
    b.connect(a.local_addr()?).await?;
    let alice = Session::builder(&registry, "alice").transport(UdpTransport::connected(a)?).spawn()?;
    let bob = Session::builder(&registry, "bob").transport(UdpTransport::connected(b)?).spawn()?;
    Ok((alice, bob))
}

async fn send(stream: LocalStream) -> Result<LocalStream> {
    let mut pace = tokio::time::interval(Duration::from_millis(2));
    for number in 0..PACKETS {
        pace.tick().await;
        let packet = RtpPacket::builder().ssrc(stream.ssrc()).payload_type(96).sequence_number(number);
        stream.write(packet.timestamp(180 * u32::from(number)).payload(vec![0; 1000]).build()?).await?;
    }
    // Dropping it would unbind it while packets may still be asked for.
    Ok(stream)
}

/// Sequence numbers as Bob's application reads them, and what his chain did for them.
async fn call() -> Result<(Vec<u16>, AskCounters)> {
    let (alice, bob) = sessions().await?;
    let mut stream = bob.bind_remote_stream(video())?;
    let sending = tokio::spawn(send(alice.bind_local_stream(video())?));
    let mut numbers = Vec::new();
    while numbers.len() < usize::from(PACKETS) {
        numbers.push(stream.read().await?.sequence_number());
    }
    let asked = bob
        .with_chain(|chain, _| chain.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams).asking));
    let stream = sending.await??;
    // Goodbyes leave, then the tasks are gone.
    alice.close().await?;
    bob.close().await?;
    drop(stream);
    Ok((numbers, asked.unwrap_or_default()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let (numbers, asked) = call().await?;
    println!("{PACKETS} packets sent, every tenth lost on the way, {} read", numbers.len());
    println!(
        "{} missing, {} requests, {} recovered by retransmission",
        asked.packets_missing, asked.requests_sent, asked.recovered_rtx
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Duration, PACKETS, call};

    #[tokio::test]
    async fn every_packet_is_read() {
        let (mut numbers, asked) =
            tokio::time::timeout(Duration::from_secs(60), call()).await.unwrap().unwrap();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..PACKETS).collect::<Vec<_>>());
        assert_eq!(asked.recovered_rtx, 10);
    }
}
