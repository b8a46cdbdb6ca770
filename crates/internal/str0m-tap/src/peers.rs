//! Two str0m peers in one process, in virtual time: ICE, DTLS and SRTP over two simulated ways.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use interceptor_core::packet::{Kind, classify};
use interceptor_test::{Link, LinkCounters, LinkOptions};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

/// One of the two peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that asks: ICE-controlling, DTLS client.
    Left,
    /// The other.
    Right,
}

impl Side {
    /// The peer at the other end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// Who is told what str0m reports, and when that was.
pub type OnEvent<'a> = dyn FnMut(Side, Event, Instant) + 'a;

/// Two peers that know each other, and the ways between them.
#[derive(Debug)]
pub struct Peers {
    now: Instant,
    peers: [Peer; 2],
}

#[derive(Debug)]
struct Peer {
    rtc: Rtc,
    address: SocketAddr,
    wake_at: Instant,
    /// What leaves here as RTP. By itself, so that its counters count RTP and its losses cost no handshake.
    rtp: Link<Bytes>,
    /// All else that leaves here: STUN, DTLS, RTCP.
    rest: Link<Bytes>,
}

/// str0m wants to be called again at once at times; nothing is due sooner than that.
const STEP: Duration = Duration::from_millis(1);

impl Peers {
    /// Peers of these configurations that have exchanged what signalling would have told them. RTP that leaves one fares as
    /// `ways` says (left, right); all else takes as long and is never lost.
    ///
    /// # Errors
    /// An option of a way outside its range, or what str0m says.
    pub fn new(configs: [RtcConfig; 2], ways: [LinkOptions; 2], seed: u64, now: Instant) -> Result<Self> {
        let [left, right] = configs;
        let [to_right, to_left] = ways;
        let left = Peer::new(left, 1, to_right, seed, now)?;
        let right = Peer::new(right, 2, to_left, seed + 2, now)?;
        let mut peers = Self { now, peers: [left, right] };
        for side in [Side::Left, Side::Right] {
            peers.introduce(side)?;
        }
        Ok(peers)
    }

    /// A peer. What is changed takes effect at the next [`run`](Self::run).
    pub fn rtc(&mut self, side: Side) -> &mut Rtc {
        let now = self.now;
        let peer = self.peer(side);
        peer.wake_at = now;
        &mut peer.rtc
    }

    /// The instant up to which all has happened.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// What the way from `side` has done to RTP.
    pub fn rtp(&mut self, side: Side) -> LinkCounters {
        self.peer(side).rtp.counters()
    }

    /// Which RTP from `side` is lost.
    pub fn lose_if(&mut self, side: Side, lost: impl FnMut(u64, &Bytes) -> bool + Send + 'static) {
        self.peer(side).rtp.drop_if(lost);
    }

    /// Lets all happen that happens until then.
    ///
    /// # Errors
    /// What str0m says.
    pub fn run(&mut self, until: Instant, on_event: &mut OnEvent<'_>) -> Result<()> {
        while let Some(at) = self.next().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            for side in [Side::Left, Side::Right] {
                self.receive(side, on_event)?;
                self.wake(side, on_event)?;
            }
        }
        self.now = self.now.max(until);
        Ok(())
    }

    const fn peer(&mut self, side: Side) -> &mut Peer {
        let [left, right] = &mut self.peers;
        match side {
            Side::Left => left,
            Side::Right => right,
        }
    }

    /// Tells `side` of the other.
    fn introduce(&mut self, side: Side) -> Result<()> {
        let other = self.peer(side.other());
        let remote = Candidate::host(other.address, "udp")?;
        let fingerprint = other.rtc.direct_api().local_dtls_fingerprint().clone();
        let credentials = other.rtc.direct_api().local_ice_credentials();

        let Peer { rtc, address, .. } = self.peer(side);
        rtc.add_local_candidate(Candidate::host(*address, "udp")?);
        rtc.add_remote_candidate(remote);
        let mut api = rtc.direct_api();
        api.set_remote_fingerprint(fingerprint);
        api.set_remote_ice_credentials(credentials);
        api.set_ice_controlling(side == Side::Left);
        api.start_dtls(side == Side::Left).context("DTLS")
    }

    fn next(&self) -> Option<Instant> {
        self.peers.iter().filter_map(Peer::next).min()
    }

    /// Hands `side` what has arrived from the other.
    fn receive(&mut self, side: Side, on_event: &mut OnEvent<'_>) -> Result<()> {
        let now = self.now;
        let source = self.peer(side.other()).address;
        while let Some(datagram) = self.peer(side.other()).pop(now) {
            let peer = self.peer(side);
            let received = Receive::new(Protocol::Udp, source, peer.address, &datagram)?;
            peer.rtc.handle_input(Input::Receive(now, received))?;
            peer.poll(now, &mut |event| on_event(side, event, now))?;
        }
        Ok(())
    }

    fn wake(&mut self, side: Side, on_event: &mut OnEvent<'_>) -> Result<()> {
        let now = self.now;
        let peer = self.peer(side);
        if peer.wake_at > now {
            return Ok(());
        }
        peer.rtc.handle_input(Input::Timeout(now))?;
        peer.poll(now, &mut |event| on_event(side, event, now))
    }
}

impl Peer {
    fn new(config: RtcConfig, host: u8, way: LinkOptions, seed: u64, now: Instant) -> Result<Self> {
        let rest = way.clone().without_loss();
        Ok(Self {
            rtc: config.build(now),
            address: SocketAddr::from((Ipv4Addr::new(192, 0, 2, host), 5004)),
            wake_at: now,
            rtp: Link::new(now, seed, way)?,
            rest: Link::new(now, seed + 1, rest)?,
        })
    }

    fn next(&self) -> Option<Instant> {
        let deliveries = [self.rtp.next_delivery(), self.rest.next_delivery()];
        deliveries.into_iter().flatten().chain([self.wake_at]).min()
    }

    /// What has arrived at the other end.
    fn pop(&mut self, now: Instant) -> Option<Bytes> {
        self.rest.pop(now).or_else(|| self.rtp.pop(now)).map(|(_, datagram)| datagram)
    }

    fn poll(&mut self, now: Instant, on_event: &mut dyn FnMut(Event)) -> Result<()> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => {
                    self.wake_at = at.max(now + STEP);
                    return Ok(());
                }
                Output::Transmit(sent) => {
                    let datagram = Bytes::copy_from_slice(&sent.contents);
                    let way = if classify(&datagram) == Kind::Rtp { &mut self.rtp } else { &mut self.rest };
                    way.push(now, datagram);
                }
                Output::Event(event) => on_event(event),
            }
        }
    }
}
