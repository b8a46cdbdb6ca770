//! What a header extension costs that is written as a packet leaves: into room that was left for it, or into a packet that has none.

use std::hint::black_box;
use std::time::Instant;

use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::RtpPacket;
use interceptor_core::packet::ext::{AbsSendTime, TransportSequenceNumber};
use interceptor_core::{Chain, Registry};
use interceptor_hdrext::AbsSendTimeFactory;
use interceptor_twcc::{TwccFactory, TwccOptions};

use super::set_up::{config, plain_stream};
use super::{pass_through, plain};
use crate::contender::{Case, Contender, Role};
use crate::traffic::{Traffic, sent};

/// What `--scenario` calls it.
pub(crate) const NAME: &str = "stamps";

const SEND_TIME: u8 = 2;
const NUMBER: u8 = 5;

/// What packets have room for when they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Both stamps.
    Both,
    /// Nothing, and no header extension at all.
    Nothing,
    /// Nothing, but they have another extension.
    Beside,
}

/// Who stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamper {
    /// Nobody: a chain of one interceptor that counts.
    Counting,
    /// `interceptor-hdrext`, the send time.
    SendTime,
    /// `interceptor-twcc`, the number.
    Number,
    /// The one above the other.
    Both,
}

fn packets(traffic: &mut Traffic, room: Room, items: usize) -> Vec<(RtpPacket, Instant)> {
    let made = traffic.take(items).map(|place| {
        let mut packet = sent(&place);
        let elements: &[(u8, usize)] = match room {
            Room::Both => &[(1, 1), (NUMBER, 2), (SEND_TIME, 3)],
            Room::Nothing => &[],
            Room::Beside => &[(1, 1)],
        };
        for (id, len) in elements {
            // Small elements always fit.
            let _ = packet.set_extension(*id, [0; 3].get(..*len).unwrap_or_default());
        }
        (packet, place.at)
    });
    made.collect()
}

/// Writes a send time into packets, without any chain.
#[derive(Debug)]
pub struct Stamp {
    traffic: Traffic,
    room: Room,
    prepared: Vec<(RtpPacket, Instant)>,
}

impl Stamp {
    /// Into packets with this room.
    #[must_use]
    pub fn new(room: Room) -> Self {
        Self { traffic: plain(1), room, prepared: Vec::new() }
    }
}

impl Contender for Stamp {
    fn prepare(&mut self, items: usize) {
        self.prepared = packets(&mut self.traffic, self.room, items);
    }

    fn run(&mut self) {
        let mut time = 0;
        for (packet, _) in &mut self.prepared {
            time += 100;
            let written = packet.write(SEND_TIME, &AbsSendTime::from_bits(time));
            let _ = black_box(written);
            black_box(packet);
        }
    }
}

/// Writes packets with some room through a chain.
#[derive(Debug)]
pub struct StampedSend {
    chain: Chain,
    traffic: Traffic,
    room: Room,
    prepared: Vec<(RtpPacket, Instant)>,
}

impl StampedSend {
    /// Through a chain of this stamper.
    ///
    /// # Errors
    /// A chain that cannot be built.
    pub fn new(stamper: Stamper, room: Room) -> anyhow::Result<Self> {
        let mut registry = Registry::new();
        if matches!(stamper, Stamper::SendTime | Stamper::Both) {
            registry = registry.with(AbsSendTimeFactory::default());
        }
        if matches!(stamper, Stamper::Number | Stamper::Both) {
            registry = registry.with(TwccFactory::new(TwccOptions::default())?);
        }
        let mut chain =
            if stamper == Stamper::Counting { pass_through::chain(1)? } else { registry.build(config())? };
        let info = plain_stream(0)
            .with_extension(SEND_TIME, AbsSendTime::URI)
            .with_extension(NUMBER, TransportSequenceNumber::URI);
        let now = chain.config().now;
        chain.bind_local(info, now)?;
        Ok(Self { chain, traffic: plain(1), room, prepared: Vec::new() })
    }
}

impl Contender for StampedSend {
    fn prepare(&mut self, items: usize) {
        self.prepared = packets(&mut self.traffic, self.room, items);
    }

    fn run(&mut self) {
        for (packet, now) in &mut self.prepared {
            let _ = black_box(self.chain.write_rtp_in_place(packet, *now));
            black_box(packet);
        }
    }
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (room, alone, chained) in [
        (Room::Both, "packet, in place", "chain, in place"),
        (Room::Nothing, "packet, growing", "chain, growing"),
        (Room::Beside, "packet, beside another", "chain, beside another"),
    ] {
        cases.push(Case::timed((NAME, alone, 1), super::PLAIN, move || Ok(Stamp::new(room))));
        for (stamper, who) in [
            (Stamper::Counting, (Role::Variant, "one that counts")),
            (Stamper::SendTime, (Role::Subject, "interceptor-hdrext, abs-send-time")),
            (Stamper::Number, (Role::Variant, "interceptor-twcc")),
            (Stamper::Both, (Role::Variant, "both")),
        ] {
            cases.push(Case::timed((NAME, chained, 1), who, move || StampedSend::new(stamper, room)));
        }
    }
    cases
}
