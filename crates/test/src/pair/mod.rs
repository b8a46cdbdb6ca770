//! Two chains joined by two links, on one virtual clock.

mod end;
mod feed;
mod options;
mod run;

use std::time::{Duration, Instant};

use interceptor_core::{Chain, ChainError, Event, Registry, StreamInfo};
use interceptor_packet::{RtcpPacket, RtpPacket};

pub use self::end::{Received, Sent};
pub use self::options::{PairError, PairOptions};

use self::end::End;
use self::feed::Feed;
use crate::{Clock, Datagram, Link};

/// One of the two ends of a [`Pair`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

impl Side {
    /// The other end.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// Two chains joined by two [`Link`]s and driven on virtual time: packets leave one chain as serialised
/// datagrams and enter the other through [`Chain::read_datagram_ecn`].
///
/// The two ends share the clock that the test moves, and not the wall clock: B's is 3.25 s ahead of A's, as two machines'
/// clocks are never the same. [`PairOptions::with_clock_offset`] says otherwise.
///
/// ```
/// use interceptor_core::Registry;
/// use interceptor_test::{LinkOptions, Loss, Pair, PairOptions, Side, rtp, stream_info};
/// use std::time::Duration;
///
/// let ms = Duration::from_millis;
/// let link = LinkOptions::default().with_delay(ms(50)).with_loss(Loss::packets([2]));
/// let registry = Registry::new(); // with the interceptors under test
/// let mut pair = Pair::new(&registry, &registry, PairOptions::default().with_links(link))?;
///
/// pair.bind(Side::A, stream_info::video(1))?;
/// pair.feed(Side::A, rtp(1).payload_len(1200).stream().every(ms(10)).take(5));
/// assert!(pair.run_until_quiet(Duration::from_secs(10)));
///
/// let arrived: Vec<u16> = pair.received_rtp(Side::B).map(|packet| packet.sequence_number()).collect();
/// assert_eq!(arrived, [0, 1, 3, 4]);
/// assert_eq!(pair.clock().elapsed(), ms(90));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Pair {
    clock: Clock,
    a: End,
    b: End,
    feeds: Vec<Feed>,
}

impl Pair {
    /// A pair whose chains are built from the registries `a` and `b`, which may be the same one, with
    /// [`PairOptions::config`].
    ///
    /// # Errors
    /// If a factory fails or an option of a link is outside its range.
    pub fn new(a: &Registry, b: &Registry, options: PairOptions) -> Result<Self, PairError> {
        let a = a.build(options.config(Side::A))?;
        let b = b.build(options.config(Side::B))?;
        Self::between(a, b, options)
    }

    /// A pair of chains made by the caller, at the base instant of [`Clock`]; begin their configuration with
    /// [`PairOptions::config`].
    ///
    /// # Errors
    /// If an option of a link is outside its range.
    pub fn between(a: Chain, b: Chain, options: PairOptions) -> Result<Self, PairError> {
        let clock = Clock::new();
        let link_seeds = [options.link_seed(Side::A), options.link_seed(Side::B)];
        let a_to_b = Link::new(clock.now(), link_seeds[0], options.a_to_b)?;
        let b_to_a = Link::new(clock.now(), link_seeds[1], options.b_to_a)?;
        let record_sent = options.record_sent;
        Ok(Self {
            clock,
            a: End::new(a, a_to_b, record_sent),
            b: End::new(b, b_to_a, record_sent),
            feeds: Vec::new(),
        })
    }

    /// The clock of both ends.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The instant at which both ends are.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// A stream from `from` to the other end: local there, remote here.
    ///
    /// # Errors
    /// If a chain refuses it.
    pub fn bind(&mut self, from: Side, info: StreamInfo) -> Result<(), ChainError> {
        self.with_chain(from, |chain, now| chain.bind_local(info.clone(), now))?;
        self.with_chain(from.other(), |chain, now| chain.bind_remote(info, now))
    }

    /// Ends a stream from `from` to the other end, named by its media SSRC.
    ///
    /// # Errors
    /// If a chain has no such stream.
    pub fn unbind(&mut self, from: Side, ssrc: u32) -> Result<(), ChainError> {
        self.with_chain(from, |chain, now| chain.unbind_local(ssrc, now))?;
        self.with_chain(from.other(), |chain, now| chain.unbind_remote(ssrc, now))
    }

    /// The application of `from` sends RTP now.
    pub fn write_rtp(&mut self, from: Side, packet: RtpPacket) {
        self.with_chain(from, |chain, now| chain.write_rtp(packet, now));
    }

    /// The application of `from` sends RTCP now.
    pub fn write_rtcp(&mut self, from: Side, packet: RtcpPacket) {
        self.with_chain(from, |chain, now| chain.write_rtcp(packet, now));
    }

    /// The application of `from` sends these packets while the pair runs, each so long after now. Any number
    /// of feeds can run; times that go back count as now.
    pub fn feed<I>(&mut self, from: Side, packets: I)
    where
        I: IntoIterator<Item = (Duration, RtpPacket)>,
        I::IntoIter: Send + 'static,
    {
        self.feeds.push(Feed::new(from, self.now(), Box::new(packets.into_iter())));
    }

    /// Puts a datagram on the link that leads away from `from`, past its chain: what a stranger or a broken
    /// peer might send.
    pub fn inject(&mut self, from: Side, datagram: Datagram) {
        let now = self.now();
        self.end_mut(from).link.push(now, datagram);
    }

    /// Does something with a chain at the present instant, and takes what it makes of it to the link and to
    /// the application.
    pub fn with_chain<R>(&mut self, side: Side, act: impl FnOnce(&mut Chain, Instant) -> R) -> R {
        let now = self.now();
        let end = self.end_mut(side);
        let result = act(&mut end.chain, now);
        end.flush(now);
        result
    }

    /// The chain of an end; change it with [`Pair::with_chain`].
    #[must_use]
    pub fn chain(&self, side: Side) -> &Chain {
        &self.end(side).chain
    }

    /// The link that leads away from `from`.
    #[must_use]
    pub fn link(&self, from: Side) -> &Link<Datagram> {
        &self.end(from).link
    }

    /// The link that leads away from `from`, to change it.
    pub fn link_mut(&mut self, from: Side) -> &mut Link<Datagram> {
        &mut self.end_mut(from).link
    }

    /// Everything that the application of `side` got, in order.
    #[must_use]
    pub fn received(&self, side: Side) -> &[Received] {
        &self.end(side).received
    }

    /// The RTP of bound streams that the application of `side` got, in order.
    pub fn received_rtp(&self, side: Side) -> impl Iterator<Item = &RtpPacket> {
        self.received(side).iter().filter_map(Received::rtp)
    }

    /// Takes everything that the application of `side` got since the last time.
    pub fn take_received(&mut self, side: Side) -> Vec<Received> {
        std::mem::take(&mut self.end_mut(side).received)
    }

    /// Every datagram that `side` put on the wire, in order; empty with [`PairOptions::record_sent`] off.
    #[must_use]
    pub fn sent(&self, side: Side) -> &[Sent] {
        &self.end(side).sent
    }

    /// Takes every datagram that `side` put on the wire since the last time.
    pub fn take_sent(&mut self, side: Side) -> Vec<Sent> {
        std::mem::take(&mut self.end_mut(side).sent)
    }

    /// What the chain of `side` reported, with when.
    #[must_use]
    pub fn events(&self, side: Side) -> &[(Instant, Event)] {
        &self.end(side).events
    }

    fn end(&self, side: Side) -> &End {
        match side {
            Side::A => &self.a,
            Side::B => &self.b,
        }
    }

    fn end_mut(&mut self, side: Side) -> &mut End {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }
}
