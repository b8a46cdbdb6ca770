//! A chain driven by hand over `std::net::UdpSocket`: two ends, every tenth packet lost, all of them repaired.
//!
//! `cargo run -p guides --example udp_loop`

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Incoming, Outgoing, Registry, StreamInfo};
use interceptor_nack::{Nack, NackCounters, NackFactory};
use interceptor_rtx::RtxFactory;

type Error = Box<dyn std::error::Error + Send + Sync>;

const SSRC: u32 = 0x1122_3344;
const PACKETS: u16 = 100;
const PACE: Duration = Duration::from_millis(2);
/// When the receiver stops waiting for what does not come.
const PATIENCE: Duration = Duration::from_secs(10);

/// One end of the call: a chain, a socket, and the loop that drives the one with the other.
struct End {
    chain: Chain,
    socket: UdpSocket,
    buffer: Vec<u8>,
}

impl End {
    fn new(name: &str, socket: UdpSocket) -> Result<Self, Error> {
        let registry = Registry::new().with(RtxFactory::default()).with(NackFactory::default());
        let (instant, wall) = now();
        // A real program draws the seed from the operating system.
        let chain = registry.build(ChainConfig::new(name, instant, wall, 7))?;
        Ok(Self { chain, socket, buffer: vec![0; 2048] })
    }

    /// The whole of it: send what the chain wants sent, wait for a datagram, the chain's deadline or `until`.
    /// Returns what the application gets.
    fn turn(&mut self, until: Instant) -> io::Result<Vec<Incoming>> {
        let deadline = self.chain.next_timeout().map_or(until, |timeout| timeout.min(until));
        // A timeout of zero would mean to wait for ever.
        let wait = deadline.saturating_duration_since(now().0).max(Duration::from_micros(1));
        self.socket.set_read_timeout(Some(wait))?;
        match self.socket.recv(&mut self.buffer) {
            Ok(len) => {
                let datagram = Bytes::copy_from_slice(self.buffer.get(..len).unwrap_or_default());
                self.chain.read_datagram(datagram, now().0);
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
        let now = now().0;
        if self.chain.next_timeout().is_some_and(|timeout| timeout <= now) {
            self.chain.handle_timeout(now);
        }
        self.send(|_| false)?;
        Ok(std::iter::from_fn(|| self.chain.poll_app()).collect())
    }

    /// Puts everything that the chain has for the wire on the wire, but for what `lost` picks.
    fn send(&mut self, lost: impl Fn(&RtpPacket) -> bool) -> io::Result<()> {
        while let Some(outgoing) = self.chain.poll_wire() {
            if !matches!(&outgoing, Outgoing::Rtp(packet) if lost(packet)) {
                self.socket.send(&outgoing.to_bytes())?;
            }
        }
        Ok(())
    }

    fn counters(&mut self) -> NackCounters {
        self.chain.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams)).unwrap_or_default()
    }
}

/// What the two ends saw.
struct Outcome {
    /// Sequence numbers in the order in which the application got them.
    received: Vec<u16>,
    receiver: NackCounters,
    sender: NackCounters,
}

/// Sends [`PACKETS`] over loopback. The packets that `lost` picks never reach the socket; what is sent again does.
fn call(lost: fn(&RtpPacket) -> bool) -> Result<Outcome, Error> {
    let video = StreamInfo::new(SSRC, 96, 90_000).with_feedback("nack", "").with_rtx(SSRC + 1, 97);
    let (left, right) =
        (UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?, UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?);
    left.connect(right.local_addr()?)?;
    right.connect(left.local_addr()?)?;
    let (mut sender, mut receiver) = (End::new("sender", left)?, End::new("receiver", right)?);
    sender.chain.bind_local(video.clone(), now().0)?;
    receiver.chain.bind_remote(video, now().0)?;

    let receiving = std::thread::spawn(move || receive(receiver));
    let start = now().0;
    for number in 0..PACKETS {
        let due = start + PACE * u32::from(number);
        while now().0 < due {
            sender.turn(due)?;
        }
        let packet = RtpPacket::builder().ssrc(SSRC).payload_type(96).sequence_number(number);
        sender
            .chain
            .write_rtp(packet.timestamp(u32::from(number) * 180).payload(vec![0; 1000]).build()?, now().0);
        sender.send(lost)?;
    }
    while !receiving.is_finished() {
        sender.turn(now().0 + PACE)?;
    }
    let (received, receiver) = receiving.join().map_err(|_| "the receiver panicked")??;
    Ok(Outcome { received, receiver, sender: sender.counters() })
}

/// Until every packet has come.
fn receive(mut end: End) -> io::Result<(Vec<u16>, NackCounters)> {
    let (mut received, give_up) = (Vec::new(), now().0 + PATIENCE);
    while received.len() < usize::from(PACKETS) && now().0 < give_up {
        for incoming in end.turn(give_up)? {
            if let Incoming::Rtp(packet) = incoming {
                received.push(packet.sequence_number());
            }
        }
    }
    Ok((received, end.counters()))
}

#[expect(clippy::disallowed_methods, reason = "whoever drives a chain reads the clocks")]
fn now() -> (Instant, NtpTime) {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (Instant::now(), NtpTime::from_unix(since_epoch))
}

/// The packets ending in 5: never the last one, whose loss nothing would show.
fn every_tenth(packet: &RtpPacket) -> bool {
    packet.sequence_number() % 10 == 5
}

fn main() -> Result<(), Error> {
    let Outcome { received, receiver, sender } = call(every_tenth)?;
    println!("{PACKETS} packets sent, every tenth lost on the way, {} received", received.len());
    println!(
        "{} missing, {} requests, {} sent again, {} recovered",
        receiver.asking.packets_missing,
        receiver.asking.requests_sent,
        sender.answering.packets_resent,
        receiver.asking.recovered_rtx
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{PACKETS, call, every_tenth};

    #[test]
    fn every_lost_packet_comes_back() {
        let mut outcome = call(every_tenth).unwrap();
        outcome.received.sort_unstable();
        assert_eq!(outcome.received, (0..PACKETS).collect::<Vec<_>>());
        assert_eq!(outcome.receiver.asking.recovered_rtx, 10);
        assert!(outcome.sender.answering.packets_resent >= 10);
    }
}
