//! A chain under attack, which checks after every step what must hold.

use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::{Chain, ChainConfig, Incoming, Outgoing, Registry};
use interceptor_nack::Nack;
use interceptor_packet::{Kind, NtpTime, Origin, RtcpPacket, RtpPacket, classify};
use interceptor_rtx::Rtx;
use interceptor_test::{PairOptions, Side};

use crate::arrivals::{Arrivals, Consumed};
use crate::ledger::{Ledger, Totals};
use crate::streams::{LOCAL, MEDIA_PAYLOAD, REMOTE, rtx_ssrc, streams};

/// The longest time that timers are run through; a longer one is a leap, as of a machine that slept.
const LONGEST_PASS: Duration = Duration::from_secs(3);
/// Calls of `handle_timeout` that may be due at one instant: one an interceptor, and some that follow from these.
const MAX_TIMEOUTS_AT_ONCE: u32 = 8;
/// No clock of ours goes further: `Instant` ends somewhere.
const LAST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// A chain with streams in both directions. Panics in hooks are not caught, so that they end the test.
#[derive(Debug)]
pub struct Victim {
    chain: Chain,
    start: Instant,
    now: Instant,
    /// Wall-clock time at the start.
    ntp: NtpTime,
    /// Next sequence number and timestamp of each local stream.
    media: [(u16, u32); 3],
    payload: Bytes,
    /// Timeouts handled at the present instant.
    timeouts: u32,
    arrivals: Arrivals,
    ledger: Ledger,
}

impl Victim {
    /// A chain of `registry` with the streams [`LOCAL`] and [`REMOTE`].
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        Self::with_config(registry, |config| config)
    }

    /// The same for a connection that is not as it comes.
    pub fn with_config(registry: &Registry, configure: impl FnOnce(ChainConfig) -> ChainConfig) -> Self {
        let config = configure(PairOptions::default().config(Side::A));
        let mut ledger = Ledger::default();
        if !config.reduced_size_rtcp {
            ledger.expect_compounds();
        }
        let (start, ntp) = (config.now, config.ntp);
        let mut victim = Self {
            chain: registry.build(config).expect("the factories build"),
            start,
            now: start,
            ntp,
            media: [(65_000, 0), (0, u32::MAX - 90_000), (32_000, 7)],
            payload: vec![0x5a; MEDIA_PAYLOAD].into(),
            timeouts: 0,
            arrivals: Arrivals::default(),
            ledger,
        };
        for (local, remote) in streams(LOCAL).into_iter().zip(streams(REMOTE)) {
            victim.chain.bind_local(local, start).expect("binds");
            victim.chain.bind_remote(remote, start).expect("binds");
        }
        victim
    }

    /// The chain.
    #[must_use]
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// What has crossed the wire.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.ledger.totals()
    }

    /// The sequence number that local stream `index` sends next.
    #[must_use]
    pub fn next_number(&self, index: usize) -> u16 {
        self.media[index].0
    }

    /// What the chain's clock shows: a peer knows it from sender reports.
    #[must_use]
    pub fn wall_clock(&self) -> NtpTime {
        self.ntp + (self.now - self.start)
    }

    /// A datagram comes.
    pub fn read(&mut self, datagram: &Bytes) {
        self.ledger.received(datagram.len(), classify(datagram) == Kind::Rtp);
        self.chain.read_datagram(datagram.clone(), self.now);
        let delivered = self.chain.poll_app();
        match &delivered {
            Some(packet) => assert!(is_unchanged(packet, datagram), "{packet:?} was {datagram:02x?}"),
            None => {
                let packet = RtpPacket::parse(datagram.clone());
                let explained = packet.is_ok_and(|packet| self.arrivals.explain(&packet));
                assert!(explained, "{datagram:02x?} was lost");
            }
        }
        if let Some(Incoming::Rtp(packet)) = &delivered {
            self.arrivals.delivered(packet);
        }
        self.check();
    }

    /// The application sends the next packet of local stream `index`, with this many bytes of payload.
    pub fn send(&mut self, index: usize, payload_len: usize) {
        let (seq, timestamp) = self.media[index];
        self.media[index] = (seq.wrapping_add(1), timestamp.wrapping_add(3000));
        let mut packet = RtpPacket::default();
        packet.set_ssrc(LOCAL[index]);
        packet.set_payload_type(if index == 2 { 111 } else { 96 });
        packet.set_sequence_number(seq);
        packet.set_timestamp(timestamp);
        // Shared, as when it is cut off a buffer that packets of many streams come in.
        packet.set_payload(self.payload.slice(..payload_len.min(MEDIA_PAYLOAD)));
        if self.chain.local_stream(LOCAL[index]).is_some() {
            self.ledger.media(index, packet.total_len());
        }
        self.chain.write_rtp(packet, self.now);
        self.check();
    }

    /// Time passes, and timers run when they are due. After more than three seconds they run once, late.
    pub fn pass(&mut self, time: Duration) {
        let end = (self.now + time).min(self.start + LAST);
        if time <= LONGEST_PASS {
            while let Some(at) = self.chain.next_timeout().filter(|at| *at <= end) {
                self.set_clock(at.max(self.now));
                self.run_timers();
            }
            self.set_clock(end);
        } else {
            self.set_clock(end);
            self.run_timers();
        }
    }

    /// Timers are run at the present instant, due or not.
    pub fn run_timers(&mut self) {
        self.timeouts += u32::from(self.chain.next_timeout().is_some_and(|at| at <= self.now));
        assert!(self.timeouts <= MAX_TIMEOUTS_AT_ONCE, "a timer spins");
        self.chain.handle_timeout(self.now);
        self.check();
    }

    /// The caller's clock goes back by `time` for one call.
    pub fn glitch(&mut self, time: Duration) {
        let earlier = self.now.checked_sub(time).unwrap_or(self.start);
        self.chain.handle_timeout(earlier);
        self.check();
    }

    /// Ends and starts a stream: local ones are 0 to 2, remote ones 3 to 5.
    pub fn rebind(&mut self, index: usize) {
        self.ledger.unbound();
        let (chain, now) = (&mut self.chain, self.now);
        if index < 3 {
            chain.unbind_local(LOCAL[index], now).expect("was bound");
            chain.bind_local(streams(LOCAL)[index].clone(), now).expect("binds again");
        } else {
            self.arrivals.forget_if(index == 3);
            chain.unbind_remote(REMOTE[index - 3], now).expect("was bound");
            chain.bind_remote(streams(REMOTE)[index - 3].clone(), now).expect("binds again");
        }
        self.check();
    }

    /// The call goes on after the attack: media passes both ways. Then the chain is closed.
    pub fn finish(mut self) -> Totals {
        self.pass(Duration::from_secs(1));
        for (index, ssrc) in REMOTE.into_iter().enumerate() {
            let mut packet = RtpPacket::default();
            packet.set_ssrc(ssrc);
            packet.set_sequence_number(self.arrivals.vacant());
            self.chain.read_datagram(packet.to_bytes(), self.now);
            assert_eq!(self.chain.poll_app(), Some(Incoming::Rtp(packet)));
            self.send(index, 100);
        }
        self.chain.close(self.now).expect("closes");
        self.check();
        self.close_books();
        self.ledger.totals()
    }

    /// What did not reach the application was counted, each for its reason.
    fn close_books(&mut self) {
        let rtx = self.chain.with_streams::<Rtx, _>(|rtx, streams| rtx.counters(&streams).received);
        let nack = self.chain.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams).asking);
        let (rtx, nack) = (rtx.unwrap_or_default(), nack.unwrap_or_default());
        let counted = Consumed {
            probes: rtx.padding,
            unknown_types: rtx.unknown_payload_type + rtx.before_media,
            copies: nack.restored_duplicates,
        };
        assert_eq!(self.arrivals.consumed(), counted);
    }

    fn set_clock(&mut self, now: Instant) {
        if now > self.now {
            (self.now, self.timeouts) = (now, 0);
            self.ledger.pass((now - self.start).as_secs());
        }
    }

    /// Takes everything that the last call has made, and checks it.
    fn check(&mut self) {
        assert_eq!(self.chain.poll_app(), None, "the application gets what nobody sent");
        while self.chain.poll_event().is_some() {}
        while let Some(packet) = self.chain.poll_wire() {
            match packet {
                Outgoing::Rtp(packet) => self.check_rtp(&packet),
                Outgoing::Rtcp(packet) => self.check_rtcp(packet),
            }
        }
        let counters = self.chain.counters();
        assert_eq!((counters.hook_errors, counters.panics, counters.dropped_queued), (0, 0, 0));
    }

    fn check_rtp(&mut self, packet: &RtpPacket) {
        let bytes = packet.to_bytes();
        self.ledger.sent(&bytes);
        assert_eq!(RtpPacket::parse(bytes).as_ref(), Ok(packet));
        if packet.info().origin != Origin::Retransmission {
            return;
        }
        let of = |ssrc: &u32| [*ssrc, rtx_ssrc(*ssrc)].contains(&packet.ssrc());
        let index = LOCAL.iter().position(of).expect("a repair of a local stream");
        let added = if LOCAL.contains(&packet.ssrc()) { 0 } else { 2 };
        self.ledger.resent(index, packet.total_len() - added);
    }

    fn check_rtcp(&mut self, packet: RtcpPacket) {
        let (len, mtu) = (packet.len(), 1200);
        assert!(len <= mtu, "{len} bytes of RTCP");
        self.ledger.sent(packet.as_bytes());
        let again = RtcpPacket::parse(packet.into_bytes());
        assert!(again.as_ref().is_ok_and(|packet| packet.malformed() == 0), "{again:?}");
        self.ledger.feedback(len);
    }
}

/// Does the application get what came?
fn is_unchanged(packet: &Incoming, datagram: &Bytes) -> bool {
    match packet {
        Incoming::Rtp(packet) if packet.info().recovered_by.is_some() => {
            REMOTE.contains(&packet.ssrc()) && packet.total_len() <= datagram.len()
        }
        Incoming::Rtp(packet) | Incoming::UnboundRtp(packet) => packet.as_slices().concat() == *datagram,
        Incoming::Rtcp(packet) => packet.as_bytes() == datagram,
        Incoming::Raw(bytes) => bytes == datagram,
        _ => false,
    }
}
