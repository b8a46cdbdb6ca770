//! What belongs to one connection: identity, clocks, seed and limits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use interceptor_packet::NtpTime;

use crate::OptionsError;

/// Everything about one connection that its chain and interceptors need to know.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChainConfig {
    /// Names the connection in logs, statistics and capture files: what connections share knows them by it. Chains of one
    /// name do not disturb each other, but who looks one of them up by it finds one of them; so make it unique.
    pub id: Arc<str>,
    /// The instant at which the chain is built: the anchor of [`ntp`](Self::ntp).
    pub now: Instant,
    /// Wall-clock time at [`now`](Self::now); the chain adds elapsed time to it and never reads a clock.
    pub ntp: NtpTime,
    /// Seeds every random choice of the chain: SSRCs, sequence numbers, report times, hash tables.
    /// Production code draws it from the operating system, tests fix it.
    pub seed: u64,
    /// The SDES CNAME of this end, 1..=255 bytes. Default: 96 bits from the seed in hexadecimal (RFC 7022:
    /// a name for this connection only).
    pub cname: Arc<str>,
    /// The SSRC that all feedback of the connection carries. Default: drawn from the seed, never 0.
    pub sender_ssrc: u32,
    /// The largest datagram to make, in bytes of UDP payload. Default 1200 (what QUIC and libwebrtc assume every path
    /// carries), 548..=65 507.
    pub mtu: usize,
    /// Bytes that the transport adds to each datagram below the chain and that [`mtu`](Self::mtu) has to hold as well, such
    /// as an SRTP authentication tag: 0..=256. Default 0.
    pub transport_overhead: usize,
    /// Can the transport set and report ECN marks (RFC 3168)? Default: no; who cannot be sure must not send what a router
    /// might mark.
    pub ecn: bool,
    /// Was reduced-size RTCP negotiated (RFC 5506)? Default: yes, as in WebRTC. Without it feedback leaves behind
    /// an SR or RR and an SDES, as RFC 3550 §6.1 wants.
    pub reduced_size_rtcp: bool,
    /// Catch an interceptor's panic, bypass it from then on and keep the call going. Default: yes.
    pub isolate_panics: bool,
    /// What a peer or an application may make the chain hold.
    pub limits: Limits,
}

impl ChainConfig {
    /// The smallest [`mtu`](Self::mtu): an IPv4 host's minimum reassembly size less IP and UDP headers.
    pub const MIN_MTU: usize = 576 - 28;

    /// The largest [`mtu`](Self::mtu): what a UDP datagram over IPv4 holds.
    pub const MAX_MTU: usize = 65_535 - 28;

    /// A connection called `id`, built at `now`, which is `ntp` on the wall clock. `seed` decides every random choice.
    #[must_use]
    pub fn new(id: impl Into<Arc<str>>, now: Instant, ntp: NtpTime, seed: u64) -> Self {
        Self {
            id: id.into(),
            now,
            ntp,
            seed,
            cname: format!("{:016x}{:08x}", derive(seed, 1), derive(seed, 4) as u32).into(),
            sender_ssrc: (derive(seed, 2) as u32).max(1),
            mtu: 1200,
            transport_overhead: 0,
            ecn: false,
            reduced_size_rtcp: true,
            isolate_panics: true,
            limits: Limits::default(),
        }
    }

    /// Sets the SDES CNAME; longer than 255 bytes is cut at a character boundary (RFC 3550 §6.5).
    #[must_use]
    pub fn with_cname(mut self, cname: &str) -> Self {
        let end = (0..=cname.len().min(255)).rev().find(|&end| cname.is_char_boundary(end));
        self.cname = cname.get(..end.unwrap_or(0)).unwrap_or_default().into();
        self
    }

    /// Sets the SSRC that feedback carries.
    #[must_use]
    pub const fn with_sender_ssrc(mut self, ssrc: u32) -> Self {
        self.sender_ssrc = ssrc;
        self
    }

    /// Sets the largest datagram, in bytes of UDP payload; raised to [`MIN_MTU`](Self::MIN_MTU) if below,
    /// lowered to [`MAX_MTU`](Self::MAX_MTU) if above.
    #[must_use]
    pub fn with_mtu(mut self, mtu: usize) -> Self {
        self.mtu = mtu.clamp(Self::MIN_MTU, Self::MAX_MTU);
        self
    }

    /// Sets the bytes that the transport adds to each datagram.
    #[must_use]
    pub const fn with_transport_overhead(mut self, bytes: usize) -> Self {
        self.transport_overhead = bytes;
        self
    }

    /// Can the transport set and report ECN marks?
    #[must_use]
    pub const fn with_ecn(mut self, ecn: bool) -> Self {
        self.ecn = ecn;
        self
    }

    /// Was reduced-size RTCP negotiated?
    #[must_use]
    pub const fn with_reduced_size_rtcp(mut self, negotiated: bool) -> Self {
        self.reduced_size_rtcp = negotiated;
        self
    }

    /// Catch interceptors' panics?
    #[must_use]
    pub const fn with_isolate_panics(mut self, isolate: bool) -> Self {
        self.isolate_panics = isolate;
        self
    }

    /// Sets the limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Is every field within its range? [`Registry::build`](crate::Registry::build) asks.
    ///
    /// # Errors
    /// The first field that is not.
    pub fn check(&self) -> Result<(), OptionsError> {
        let unless = |right, field, value: usize, range| {
            OptionsError::unless(right, "ChainConfig", field, value, range)
        };
        let cname = self.cname.len();
        unless((1..=255).contains(&cname), "cname.len()", cname, "in 1..=255 bytes")?;
        let mtu = Self::MIN_MTU..=Self::MAX_MTU;
        unless(mtu.contains(&self.mtu), "mtu", self.mtu, "in 548..=65507")?;
        let overhead = self.transport_overhead;
        unless(overhead <= 256, "transport_overhead", overhead, "in 0..=256")?;
        self.limits.check()
    }

    /// Nanoseconds from [`now`](Self::now) to `at`.
    #[inline]
    pub(crate) fn nanos_at(&self, at: Instant) -> u64 {
        at.saturating_duration_since(self.now).as_nanos() as u64
    }

    pub(crate) fn ntp_at(&self, now: Instant) -> NtpTime {
        self.ntp + now.saturating_duration_since(self.now)
    }
}

/// One of the independent values that a connection's seed stands for (SplitMix64's finaliser).
pub(crate) const fn derive(seed: u64, salt: u64) -> u64 {
    let mut z = seed.wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What a peer or an application may make a chain hold. Whatever goes over a limit is counted in
/// [`Counters`](crate::Counters).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Streams in each direction, 1..=1 048 576. Default 16 384: an SFU's largest calls; each costs a few hundred bytes.
    pub max_streams: usize,
    /// Packets that interceptors may emit for one input (a packet, a timeout), 1..=1 048 576. Default 4096: sixteen
    /// NACK answers of 256 packets; what goes over is dropped.
    pub max_emitted_per_input: usize,
    /// Facts that may be told for one input, 1..=65 536. Default 256: what a compound of many reports has to say; those that
    /// go over are kept, but told to nobody.
    pub max_facts_per_input: usize,
    /// Packets waiting in [`poll_wire`](crate::Chain::poll_wire), and as many in
    /// [`poll_app`](crate::Chain::poll_app), for an owner that does not poll. Default 8192; the oldest are dropped, with 0 all.
    pub max_queued: usize,
    /// Events waiting in [`poll_event`](crate::Chain::poll_event). Default 1024; the oldest are dropped.
    pub max_events: usize,
    /// A timer that fires and asks at once to fire again waits at least this long, 1 µs..=1 s. Default 1 ms: a
    /// driver never spins.
    pub min_rearm: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_streams: 16_384,
            max_emitted_per_input: 4096,
            max_facts_per_input: 256,
            max_queued: 8192,
            max_events: 1024,
            min_rearm: Duration::from_millis(1),
        }
    }
}

impl Limits {
    /// Streams in each direction.
    #[must_use]
    pub const fn with_max_streams(mut self, streams: usize) -> Self {
        self.max_streams = streams;
        self
    }

    /// Packets emitted for one input.
    #[must_use]
    pub const fn with_max_emitted_per_input(mut self, packets: usize) -> Self {
        self.max_emitted_per_input = packets;
        self
    }

    /// Facts told for one input.
    #[must_use]
    pub const fn with_max_facts_per_input(mut self, facts: usize) -> Self {
        self.max_facts_per_input = facts;
        self
    }

    /// Packets waiting to be polled, each way.
    #[must_use]
    pub const fn with_max_queued(mut self, packets: usize) -> Self {
        self.max_queued = packets;
        self
    }

    /// The shortest wait of a timer that asks to fire again at once.
    #[must_use]
    pub const fn with_min_rearm(mut self, wait: Duration) -> Self {
        self.min_rearm = wait;
        self
    }

    /// Events waiting to be polled.
    #[must_use]
    pub const fn with_max_events(mut self, events: usize) -> Self {
        self.max_events = events;
        self
    }

    fn check(&self) -> Result<(), OptionsError> {
        let within = |field, value: usize, most: usize, range| {
            OptionsError::unless((1..=most).contains(&value), "Limits", field, value, range)
        };
        within("max_streams", self.max_streams, 1 << 20, "in 1..=1048576")?;
        within("max_emitted_per_input", self.max_emitted_per_input, 1 << 20, "in 1..=1048576")?;
        within("max_facts_per_input", self.max_facts_per_input, 1 << 16, "in 1..=65536")?;
        let wait = self.min_rearm;
        let right = (Duration::from_micros(1)..=Duration::from_secs(1)).contains(&wait);
        OptionsError::unless(right, "Limits", "min_rearm", wait, "in 1us..=1s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_a_long_cname_at_a_character() {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let config = ChainConfig::new("a", Instant::now(), NtpTime::default(), 1);
        assert_eq!(config.cname.len(), 24, "96 bits in hexadecimal");
        let long = "é".repeat(200);
        assert_eq!(config.with_cname(&long).cname.len(), 254);
    }
}
