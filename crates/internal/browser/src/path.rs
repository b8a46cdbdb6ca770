//! The path between the browser and the server: a link between their sockets, with a delay, a queue, and losses that are noted.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use interceptor_test::{Capacity, LinkOptions, QueueDepth, Side, UdpLink, UdpLinkOptions};

use crate::losses::{Losses, Lost};

/// One way, in each direction.
const DELAY: Duration = Duration::from_millis(25);
/// The longest that a packet waits where the rate is limited; what comes then is dropped (RFC 8867 §5).
const QUEUE: Duration = Duration::from_millis(300);
/// IPv4 and UDP take capacity as well.
const OVERHEAD_BYTES: usize = 28;

/// Who is at which end.
const BROWSER: Side = Side::A;
const SERVER: Side = Side::B;

/// The path as the test holds it: its rate and its losses may be changed, and what it does is counted. RTCP and connectivity
/// checks take their time and no more. It ends when this is dropped.
#[derive(Debug)]
pub struct Path {
    link: UdpLink,
    address: SocketAddr,
    lost_up: Losses,
    lost_down: Losses,
}

/// What a path has done with the browser's RTP since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PathReading {
    /// Bytes that the browser sent, with IP and UDP headers.
    pub offered_bytes: u64,
    /// Bytes that came out, with the same.
    pub delivered_bytes: u64,
    /// Packets of the browser's that found the queue full.
    pub queue_dropped: u64,
}

impl Path {
    /// A path to that server, without a limit to its rate.
    pub(crate) fn open(server: SocketAddr) -> Result<Self> {
        let options = UdpLinkOptions::default().with_ways(options(None), options(None));
        let link = UdpLink::new(options.with_subject(UdpLinkOptions::is_rtp))?;
        let [lost_up, lost_down] = [(BROWSER, 1), (SERVER, 2)].map(|(from, seed)| {
            let (losses, taken) = Losses::new(seed);
            link.drop_if(from, taken);
            losses
        });
        let address = link.stand_in(SERVER, server)?;
        Ok(Self { link, address, lost_up, lost_down })
    }

    /// Where the browser sends to.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Limits what the browser can send to this rate; `None`: not at all. What is queued already leaves at the new rate.
    pub fn set_capacity(&self, bits_per_second: Option<u64>) -> Result<()> {
        Ok(self.link.reconfigure(BROWSER, options(bits_per_second))?)
    }

    /// Loses so many of all RTP packets, each way, from now on.
    pub fn set_loss(&self, rate: f64) {
        self.lost_up.set_rate(rate);
        self.lost_down.set_rate(rate);
    }

    /// What of the browser's has been lost so far.
    #[must_use]
    pub fn lost_up(&self) -> Vec<Lost> {
        self.lost_up.so_far()
    }

    /// What of the server's has been lost so far.
    #[must_use]
    pub fn lost_down(&self) -> Vec<Lost> {
        self.lost_down.so_far()
    }

    /// The browser has another address from now on, as the server sees it, and nothing comes by the old one: a router that was
    /// started anew, or another network.
    pub fn change_network(&self) {
        self.link.change_network(BROWSER);
    }

    /// How long a packet of the browser's waits for those before it.
    #[must_use]
    pub fn queue(&self) -> Duration {
        self.link.queue_delay(BROWSER).unwrap_or_default()
    }

    /// What it has done so far.
    #[must_use]
    pub fn read(&self) -> PathReading {
        let counters = self.link.counters(BROWSER);
        let with_headers = |bytes, packets| bytes + packets * OVERHEAD_BYTES as u64;
        PathReading {
            offered_bytes: with_headers(counters.offered_bytes, counters.offered),
            delivered_bytes: with_headers(counters.delivered_bytes, counters.delivered),
            queue_dropped: counters.queue_dropped,
        }
    }
}

fn options(bits_per_second: Option<u64>) -> LinkOptions {
    let options = LinkOptions::default().with_delay(DELAY).with_overhead_bytes(OVERHEAD_BYTES);
    options.with_capacity(bits_per_second.map(Capacity::constant)).with_queue_limit(QueueDepth::Time(QUEUE))
}
