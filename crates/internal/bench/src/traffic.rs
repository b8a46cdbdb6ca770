//! The packets that every contender gets: 1200-byte payload, a transport-wide number on arrival, 90 kHz, four a millisecond.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use interceptor_core::packet::{RtcpPacket, RtpPacket};

/// The header extension that incoming packets carry: their transport-wide number.
pub const EXTENSION_ID: u8 = 5;
/// What it is negotiated by.
pub const TRANSPORT_WIDE: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// The payload type of the media.
pub const PAYLOAD_TYPE: u8 = 96;
/// The payload type of retransmissions.
pub const RTX_PAYLOAD_TYPE: u8 = 97;
/// Units of the RTP timestamp a second.
pub const CLOCK_RATE: u32 = 90_000;
/// Payload bytes of each packet.
pub const PAYLOAD_LEN: usize = 1200;
/// Virtual time between packets: 1 ms for four.
pub const SPACING: Duration = Duration::from_micros(250);

static PAYLOAD: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(vec![0x5a; PAYLOAD_LEN]).slice(..));

/// SSRC of a stream.
#[must_use]
pub const fn ssrc(stream: u32) -> u32 {
    0x1000_0000 + stream * 0x1_0001
}

/// SSRC of a stream's retransmissions.
#[must_use]
pub const fn rtx_ssrc(stream: u32) -> u32 {
    0x8000_0000 + stream
}

/// The payload of a packet: reference-counted, as an application shares it between receivers.
#[must_use]
pub fn payload() -> Bytes {
    PAYLOAD.clone()
}

/// Where a packet stands in the traffic.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Which stream, from 0.
    pub stream: u32,
    /// Its sequence number.
    pub sequence_number: u16,
    /// Its timestamp.
    pub timestamp: u32,
    /// Its transport-wide number.
    pub transport_number: u16,
    /// When it is handled.
    pub at: Instant,
}

/// The `number`th packet of a stream, at an instant, as the first stream's packets are numbered.
#[must_use]
pub const fn place(stream: u32, number: u32, at: Instant) -> Place {
    Place {
        stream,
        sequence_number: number as u16,
        timestamp: number.wrapping_mul(3000),
        transport_number: number as u16,
        at,
    }
}

impl Place {
    /// The header extension of the packet as it arrives.
    #[must_use]
    pub const fn extension(&self) -> [u8; 2] {
        self.transport_number.to_be_bytes()
    }
}

/// An endless sequence of packets, the streams in turn.
#[derive(Clone, Debug)]
pub struct Traffic {
    streams: u32,
    next: u64,
    start: Instant,
    spacing: Duration,
    /// Of so many packets one is left out, at random but the same in each run; 0 for none.
    loss_one_in: u64,
    /// Of so many packets one comes twice; 0 for none.
    duplicate_one_in: u64,
    again: Option<Place>,
    /// Timestamps run with the time at which packets are handled.
    in_time: bool,
}

impl Traffic {
    /// Traffic of so many streams that starts at an instant.
    #[must_use]
    pub const fn new(streams: u32, start: Instant) -> Self {
        Self {
            streams,
            next: 0,
            start,
            spacing: SPACING,
            loss_one_in: 0,
            duplicate_one_in: 0,
            again: None,
            in_time: false,
        }
    }

    /// With so much virtual time between packets.
    #[must_use]
    pub const fn spaced(mut self, spacing: Duration) -> Self {
        self.spacing = spacing;
        self
    }

    /// Timestamps are those of the time at which packets are handled: for who plays them.
    #[must_use]
    pub const fn in_time(mut self) -> Self {
        self.in_time = true;
        self
    }

    /// Leaves out one packet of `one_in`.
    #[must_use]
    pub const fn with_loss(mut self, one_in: u64) -> Self {
        self.loss_one_in = one_in;
        self
    }

    /// Brings one packet of `one_in` twice.
    #[must_use]
    pub const fn with_duplicates(mut self, one_in: u64) -> Self {
        self.duplicate_one_in = one_in;
        self
    }
}

/// True for one packet of `one_in`, pseudo-randomly.
const fn chosen(index: u64, one_in: u64) -> bool {
    one_in > 0 && (index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).is_multiple_of(one_in)
}

impl Iterator for Traffic {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        if let Some(place) = self.again.take() {
            return Some(place);
        }
        while chosen(self.next, self.loss_one_in) {
            self.next += 1;
        }
        let index = self.next;
        self.next += 1;
        let (stream, number) = (index % u64::from(self.streams), index / u64::from(self.streams));
        let at = self.start + self.spacing * (index as u32);
        let mut place = Place { transport_number: index as u16, ..place(stream as u32, number as u32, at) };
        if self.in_time {
            place.timestamp =
                (index * self.spacing.as_micros() as u64 * u64::from(CLOCK_RATE) / 1_000_000) as u32;
        }
        self.again = chosen(index, self.duplicate_one_in).then_some(place);
        Some(place)
    }
}

/// A packet as it comes off the wire, in our form.
#[must_use]
pub fn received(place: &Place) -> RtpPacket {
    packet(place, true)
}

/// A packet as an application sends it, in our form.
#[must_use]
pub fn sent(place: &Place) -> RtpPacket {
    packet(place, false)
}

fn packet(place: &Place, extension: bool) -> RtpPacket {
    let mut builder = RtpPacket::builder()
        .ssrc(ssrc(place.stream))
        .payload_type(PAYLOAD_TYPE)
        .sequence_number(place.sequence_number)
        .timestamp(place.timestamp)
        .payload(payload());
    if extension {
        builder = builder.extension(EXTENSION_ID, &place.extension());
    }
    builder.build().unwrap_or_default()
}

/// Packets as they come off the wire, in one buffer: what a batched receive gives, so that nobody's figures hold the
/// freeing of a buffer a packet.
pub fn datagrams(places: impl Iterator<Item = Place>, count: usize, into: &mut Vec<(Bytes, Place)>) {
    let mut buffer = BytesMut::with_capacity(count * (PAYLOAD_LEN + 20));
    for place in places.take(count) {
        received(&place).write_to(&mut buffer);
        into.push((buffer.split().freeze(), place));
    }
}

/// NACKs at a time in S4: what they ask for fits into everybody's history.
pub const NACKS: usize = 32;
/// Packets that each NACK asks for, which are one PID and its bit mask.
pub const PACKETS_A_NACK: u16 = 10;
/// Packets for each NACK: half of them are asked for, since a careful sender does not let repairs outgrow the media.
const PACKETS_FOR_NACK: u16 = 2 * PACKETS_A_NACK;

/// Packets of one stream, half of which NACKs then ask for.
#[derive(Clone, Debug)]
pub struct NackTraffic(Traffic);

impl Default for NackTraffic {
    fn default() -> Self {
        Self(Traffic::new(1, start()))
    }
}

impl NackTraffic {
    /// Sends the packets of `nacks` NACKs, then makes the NACKs.
    pub fn next(&mut self, nacks: usize, into: &mut Vec<(Bytes, Instant)>, mut send: impl FnMut(&Place)) {
        let count = nacks * usize::from(PACKETS_FOR_NACK);
        let places: Vec<Place> = self.0.by_ref().take(count).collect();
        places.iter().for_each(&mut send);
        let Some(last) = places.last() else { return };
        let first = last.sequence_number.wrapping_sub(count as u16 - 1);
        for nack in 0..nacks as u16 {
            let pid = first.wrapping_add(nack * PACKETS_FOR_NACK);
            let wanted: Vec<u16> = (0..PACKETS_A_NACK).map(|offset| pid.wrapping_add(offset)).collect();
            let mut rtcp = RtcpPacket::builder();
            rtcp.nack(0x0bad_cafe, ssrc(last.stream), &wanted);
            let Ok(rtcp) = rtcp.build() else { continue };
            into.push((rtcp.as_bytes().clone(), last.at));
        }
    }
}

/// The instant at which virtual time starts.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the base of the virtual clock")]
pub fn start() -> Instant {
    Instant::now()
}
