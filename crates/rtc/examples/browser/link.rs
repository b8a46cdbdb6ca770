//! The link between the browser and us: a bad network each way, in this program, through which everything of a call passes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use interceptor_core::OptionsError;
use interceptor_test::{Capacity, Jitter, Link, LinkCounters, LinkOptions, Message, QueueDepth};
use serde::{Deserialize, Serialize};

use crate::ledger::{PacketId, SharedLedger};

/// How bad the link is, each way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Badness {
    /// The part of RTP packets that is lost, 0 to 1. What keeps the call alive (checks, handshakes, feedback) is not.
    pub(crate) loss: f64,
    /// One way, in milliseconds.
    pub(crate) delay_ms: u32,
    /// What comes on top at most, in milliseconds; order stays.
    pub(crate) jitter_ms: u32,
    /// Bits a second, with IP and UDP headers; `None` is no limit.
    pub(crate) rate: Option<u64>,
}

/// The longest that a packet waits where the rate is limited; what comes then is dropped (RFC 8867 §5).
const QUEUE: Duration = Duration::from_millis(300);
/// IPv4 and UDP take capacity as well.
const OVERHEAD_BYTES: usize = 28;

impl Badness {
    /// It comes from outside.
    pub(crate) fn check(self) -> anyhow::Result<Self> {
        anyhow::ensure!((0.0..=1.0).contains(&self.loss), "loss is {}, not in 0..=1", self.loss);
        anyhow::ensure!(self.delay_ms <= 10_000 && self.jitter_ms <= 10_000, "more than 10 s under way");
        self.options().validate()?;
        Ok(self)
    }

    fn options(self) -> LinkOptions {
        let ms = |ms| Duration::from_millis(u64::from(ms));
        // Jitter is to either side.
        let half = ms(self.jitter_ms) / 2;
        LinkOptions::default()
            .with_delay(ms(self.delay_ms) + half)
            .with_jitter((self.jitter_ms > 0).then(|| Jitter::uniform(half)))
            .with_capacity(self.rate.map(Capacity::constant))
            .with_queue_limit(QueueDepth::Time(QUEUE))
            .with_overhead_bytes(OVERHEAD_BYTES)
    }
}

/// Both ways.
#[derive(Debug)]
pub(crate) struct LossyLink {
    up: Link<Datagram>,
    down: Link<Datagram>,
    badness: Badness,
    ledger: SharedLedger,
    /// The payload type of retransmissions, once it is negotiated.
    rtx: Option<u8>,
    peak: Peak,
}

/// A datagram with the address of the browser, whichever way it goes.
#[derive(Clone, Debug)]
pub(crate) struct Datagram {
    pub(crate) browser: SocketAddr,
    pub(crate) bytes: BytesMut,
}

impl Message for Datagram {
    fn len_bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// What a way has done so far.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WayFigures {
    /// Datagrams of all kinds.
    offered: u64,
    offered_bytes: u64,
    delivered_bytes: u64,
    lost: u64,
    /// They found the queue full.
    queue_dropped: u64,
    /// The longest wait for others since the figures before.
    queue_ms: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Peak {
    up: Duration,
    down: Duration,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Up,
    Down,
}

impl LossyLink {
    pub(crate) fn new(
        now: Instant,
        seed: u64,
        badness: Badness,
        ledger: SharedLedger,
    ) -> Result<Self, OptionsError> {
        let (up, down) =
            (Link::new(now, seed, badness.options())?, Link::new(now, !seed, badness.options())?);
        let mut link = Self { up, down, badness, ledger, rtx: None, peak: Peak::default() };
        link.lose(seed);
        Ok(link)
    }

    pub(crate) const fn badness(&self) -> Badness {
        self.badness
    }

    /// Makes it better or worse; what is on its way is not touched, what is queued leaves at the new rate.
    pub(crate) fn reconfigure(&mut self, now: Instant, badness: Badness) -> Result<(), OptionsError> {
        self.up.reconfigure(now, badness.options())?;
        self.down.reconfigure(now, badness.options())?;
        self.badness = badness;
        self.lose(self.up.counters().offered);
        Ok(())
    }

    fn lose(&mut self, seed: u64) {
        let loss = self.badness.loss;
        for (link, seed) in [(&mut self.up, seed), (&mut self.down, !seed)] {
            link.drop_if(move |index, datagram| is_rtp(&datagram.bytes) && chance(seed, index) < loss);
        }
    }

    pub(crate) fn set_rtx(&mut self, payload_type: Option<u8>) {
        self.rtx = payload_type;
    }

    /// Something from the browser.
    pub(crate) fn push_up(&mut self, now: Instant, datagram: Datagram) {
        self.push(Way::Up, now, datagram);
    }

    /// Something for the browser.
    pub(crate) fn push_down(&mut self, now: Instant, datagram: Datagram) {
        self.push(Way::Down, now, datagram);
    }

    fn push(&mut self, way: Way, now: Instant, datagram: Datagram) {
        let packet = packet(&datagram.bytes);
        let (link, peak) = match way {
            Way::Up => (&mut self.up, &mut self.peak.up),
            Way::Down => (&mut self.down, &mut self.peak.down),
        };
        *peak = (*peak).max(link.queue_delay(now).unwrap_or_default());
        let before = gone(link.counters());
        link.push(now, datagram);
        let dropped = gone(link.counters()) > before;
        let Some((payload_type, id)) = packet else { return };
        if self.rtx == Some(payload_type) {
            self.ledger.lock().repeat(id, dropped);
        } else {
            self.ledger.lock().media(id, dropped);
        }
    }

    /// What has come to us by now.
    pub(crate) fn pop_up(&mut self, now: Instant) -> Option<Datagram> {
        self.up.pop(now).map(|(_, datagram)| datagram)
    }

    /// What has come to the browser's side by now.
    pub(crate) fn pop_down(&mut self, now: Instant) -> Option<Datagram> {
        self.down.pop(now).map(|(_, datagram)| datagram)
    }

    pub(crate) fn next_delivery(&self) -> Option<Instant> {
        [self.up.next_delivery(), self.down.next_delivery()].into_iter().flatten().min()
    }

    /// Up and down.
    pub(crate) fn figures(&mut self) -> [WayFigures; 2] {
        let Peak { up, down } = std::mem::take(&mut self.peak);
        [figures(self.up.counters(), up), figures(self.down.counters(), down)]
    }
}

fn figures(counters: LinkCounters, queue: Duration) -> WayFigures {
    WayFigures {
        offered: counters.offered,
        offered_bytes: counters.offered_bytes + counters.offered * OVERHEAD_BYTES as u64,
        delivered_bytes: counters.delivered_bytes + counters.delivered * OVERHEAD_BYTES as u64,
        lost: counters.lost,
        queue_dropped: counters.queue_dropped,
        queue_ms: queue.as_secs_f64() * 1e3,
    }
}

const fn gone(counters: LinkCounters) -> u64 {
    counters.lost + counters.queue_dropped
}

/// RTP or SRTP, where others share the port (RFC 7983 §7, RFC 5761 §4).
const fn is_rtp(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, second, ..] if *second < 192 || *second > 223)
}

/// Encryption leaves the header as it is (RFC 3711 §3.1).
fn packet(datagram: &[u8]) -> Option<(u8, PacketId)> {
    let [_, second, high, low, _, _, _, _, a, b, c, d, ..] = *datagram else { return None };
    let id = PacketId { ssrc: u32::from_be_bytes([a, b, c, d]), seq: u16::from_be_bytes([high, low]) };
    is_rtp(datagram).then_some((second & 0x7f, id))
}

/// A number in 0..1 for each index: the finaliser of SplitMix64.
fn chance(seed: u64, index: u64) -> f64 {
    let mut bits = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
