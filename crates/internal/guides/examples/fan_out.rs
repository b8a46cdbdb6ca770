//! An SFU's fan-out: one source, a hundred subscribers, each with a chain and a history of its own, one copy of the media.
//!
//! `cargo run -p guides --example fan_out`

use std::collections::BTreeSet;
use std::time::Instant;

use bytes::Bytes;
use interceptor_core::packet::{NtpTime, RtcpPacket, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Incoming, Outgoing, Registry, StreamInfo};
use interceptor_nack::NackFactory;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const SOURCE_SSRC: u32 = 0x1122_3344;
const SUBSCRIBERS: u32 = 100;
const PACKETS: u16 = 250;
const PAYLOAD_BYTES: usize = 1200;

fn video(ssrc: u32) -> StreamInfo {
    StreamInfo::new(ssrc, 96, 90_000).with_mime_type("video/VP8").with_feedback("nack", "")
}

/// One source and those who watch it.
struct Room {
    source: Chain,
    subscribers: Vec<Subscriber>,
}

struct Subscriber {
    chain: Chain,
    ssrc: u32,
}

impl Room {
    fn new(now: Instant) -> Result<Self> {
        // One registry for every connection.
        let registry = Registry::new().with(NackFactory::default());
        let config = |id: &str, seed| ChainConfig::new(id, now, NtpTime::default(), seed);
        let mut source = registry.build(config("source", 1))?;
        source.bind_remote(video(SOURCE_SSRC), now)?;
        let mut subscribers = Vec::new();
        for number in 0..SUBSCRIBERS {
            let (id, ssrc) = (format!("subscriber-{number}"), 0x5000_0000 + number);
            let mut chain = registry.build(config(&id, 2 + u64::from(number)))?;
            chain.bind_local(video(ssrc), now)?;
            subscribers.push(Subscriber { chain, ssrc });
        }
        Ok(Self { source, subscribers })
    }

    /// A datagram of the source; what leaves for the subscribers.
    fn forward(&mut self, datagram: Bytes, now: Instant) -> Vec<RtpPacket> {
        self.source.read_datagram(datagram, now);
        let mut sent = Vec::new();
        while let Some(incoming) = self.source.poll_app() {
            let Incoming::Rtp(packet) = incoming else { continue };
            for subscriber in &mut self.subscribers {
                // The header is this subscriber's own, the payload is a reference to the datagram that came.
                let mut copy = packet.clone();
                copy.set_ssrc(subscriber.ssrc);
                subscriber.chain.write_rtp(copy, now);
                sent.extend(subscriber.drain());
            }
        }
        sent
    }
}

impl Subscriber {
    /// What a socket would send: `RtpPacket::as_slices`, vectored, so that nothing is copied here either.
    fn drain(&mut self) -> impl Iterator<Item = RtpPacket> + '_ {
        std::iter::from_fn(|| self.chain.poll_wire()).filter_map(|outgoing| match outgoing {
            Outgoing::Rtp(packet) => Some(packet),
            Outgoing::Rtcp(_) => None,
        })
    }

    /// The subscriber asks for this packet again; what it gets out of its history.
    fn ask_again(&mut self, number: u16, now: Instant) -> Result<Vec<RtpPacket>> {
        let nack = RtcpPacket::builder().nack(1, self.ssrc, &[number]).build()?;
        self.chain.read_rtcp(nack, now);
        Ok(self.drain().collect())
    }
}

/// Where a packet's payload lies.
fn address(packet: &RtpPacket) -> usize {
    packet.payload().as_ptr() as usize
}

#[derive(Debug, PartialEq)]
struct Outcome {
    sent: usize,
    /// Places in memory that all payloads sent lie in, those sent again included.
    buffers: usize,
    /// Payload bytes that the subscribers' histories refer to, each for itself.
    referred: usize,
    /// Payload bytes that there are.
    held: usize,
}

fn run(now: Instant) -> Result<Outcome> {
    let mut room = Room::new(now)?;
    let mut sent = Vec::new();
    for number in 0..PACKETS {
        let packet = RtpPacket::builder().ssrc(SOURCE_SSRC).payload_type(96).sequence_number(number);
        sent.extend(room.forward(packet.payload(vec![0; PAYLOAD_BYTES]).build()?.to_bytes(), now));
    }
    for subscriber in &mut room.subscribers {
        sent.extend(subscriber.ask_again(PACKETS / 2, now)?);
    }
    let buffers = sent.iter().map(address).collect::<BTreeSet<_>>().len();
    let referred = usize::from(PACKETS) * PAYLOAD_BYTES * room.subscribers.len();
    Ok(Outcome { sent: sent.len(), buffers, referred, held: buffers * PAYLOAD_BYTES })
}

fn main() -> Result {
    #[expect(clippy::disallowed_methods, reason = "the program's own clock")]
    let outcome = run(Instant::now())?;
    let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    println!("{PACKETS} packets in, {} out to {SUBSCRIBERS} subscribers", outcome.sent);
    println!("their payloads lie in {} buffers: the ones that they came in", outcome.buffers);
    println!(
        "the histories refer to {:.1} MiB of payload and hold {:.1} MiB: {:.1} MiB saved",
        mib(outcome.referred),
        mib(outcome.held),
        mib(outcome.referred - outcome.held)
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{Outcome, PACKETS, PAYLOAD_BYTES, SUBSCRIBERS, run};

    #[test]
    fn every_subscriber_and_every_repeat_shares_the_payload_that_came() {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let outcome = run(Instant::now()).unwrap();
        let (packets, subscribers) = (usize::from(PACKETS), SUBSCRIBERS as usize);
        let expected = Outcome {
            sent: packets * subscribers + subscribers,
            buffers: packets,
            referred: packets * subscribers * PAYLOAD_BYTES,
            held: packets * PAYLOAD_BYTES,
        };
        assert_eq!(outcome, expected);
    }
}
