//! What can be set, its defaults and its bounds.

use interceptor_core::OptionsError;

/// Options of [`CongestionFactory`](crate::CongestionFactory), checked when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CongestionOptions {
    /// The rate to begin with, in bits per second, `min_bitrate..=max_bitrate`. Default 300 kbit/s: libwebrtc. Probes soon find out
    /// whether there is more; a higher one fills the queue of a slow link in the first second.
    pub start_bitrate: u64,
    /// The least that the target may be, in bits per second, 5000..=1 Gbit/s and not over `max_bitrate`. Default 30 kbit/s: what audio and RTCP take. It wins
    /// over what the peer asks for.
    pub min_bitrate: u64,
    /// The most that the target may be, in bits per second, up to 10 Gbit/s. Default 50 Mbit/s: pion. `b=AS` and `b=TIAS` of
    /// SDP go here.
    pub max_bitrate: u64,
    /// Which feedback is used where a peer offers several. Default [`FeedbackChoice::Auto`].
    pub feedback: FeedbackChoice,
    /// Mark packets ECN-capable when the controller wants it, feedback tells of marks (RFC 8888) and the transport can set them
    /// ([`ChainConfig::ecn`](interceptor_core::ChainConfig::ecn))? Default: yes.
    pub ecn: bool,
    /// Do caps of the peer (REMB, TMMBR) hold? Default: yes.
    pub peer_limits: bool,
    /// Watch for a peer or a path that takes nothing (RFC 8083), whatever the controller says? Default: yes.
    pub circuit_breaker: bool,
    /// Share the target among the streams that say which bit rates they can use
    /// ([`StreamInfo::bitrate`](interceptor_core::StreamInfo::bitrate))? Default: yes.
    pub stream_targets: bool,
    /// Bytes of headers below RTP: 20..=256. Default 28: IPv4 and UDP; 48 for IPv6.
    /// [`ChainConfig::transport_overhead`](interceptor_core::ChainConfig::transport_overhead) comes on top.
    pub datagram_overhead: u16,
    /// Packets that are remembered until feedback tells of them, a power of two, 2048..=32 768; 16 bytes each, set aside as they are
    /// needed. Default 32 768: two seconds of 150 Mbit/s.
    pub max_packets: usize,
    /// Peers whose TMMBR are remembered for each stream, 1..=64. Default 8.
    pub max_tmmbr_owners: usize,
}

/// Which of the peer's feedback is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FeedbackChoice {
    /// RFC 8888 where ECN is of use, that is where the controller wants marks and the transport can set them, and where there is nothing
    /// else; transport-wide feedback otherwise, as it takes half the bytes.
    #[default]
    Auto,
    /// Transport-wide feedback where it is offered.
    Twcc,
    /// RFC 8888 where it is offered.
    Ccfb,
}

const KILO: u64 = 1000;

impl Default for CongestionOptions {
    fn default() -> Self {
        Self {
            start_bitrate: 300 * KILO,
            min_bitrate: 30 * KILO,
            max_bitrate: 50_000 * KILO,
            feedback: FeedbackChoice::Auto,
            ecn: true,
            peer_limits: true,
            circuit_breaker: true,
            stream_targets: true,
            datagram_overhead: 28,
            max_packets: 32_768,
            max_tmmbr_owners: 8,
        }
    }
}

impl CongestionOptions {
    /// The rate to begin with. See [`start_bitrate`](Self::start_bitrate).
    #[must_use]
    pub const fn with_start_bitrate(mut self, bits_per_second: u64) -> Self {
        self.start_bitrate = bits_per_second;
        self
    }

    /// The least target. See [`min_bitrate`](Self::min_bitrate).
    #[must_use]
    pub const fn with_min_bitrate(mut self, bits_per_second: u64) -> Self {
        self.min_bitrate = bits_per_second;
        self
    }

    /// The highest target. See [`max_bitrate`](Self::max_bitrate).
    #[must_use]
    pub const fn with_max_bitrate(mut self, bits_per_second: u64) -> Self {
        self.max_bitrate = bits_per_second;
        self
    }

    /// Which feedback is used. See [`feedback`](Self::feedback).
    #[must_use]
    pub const fn with_feedback(mut self, feedback: FeedbackChoice) -> Self {
        self.feedback = feedback;
        self
    }

    /// Mark packets ECN-capable? See [`ecn`](Self::ecn).
    #[must_use]
    pub const fn with_ecn(mut self, ecn: bool) -> Self {
        self.ecn = ecn;
        self
    }

    /// Do the peer's caps hold? See [`peer_limits`](Self::peer_limits).
    #[must_use]
    pub const fn with_peer_limits(mut self, limits: bool) -> Self {
        self.peer_limits = limits;
        self
    }

    /// Watch for a path that takes nothing? See [`circuit_breaker`](Self::circuit_breaker).
    #[must_use]
    pub const fn with_circuit_breaker(mut self, breaker: bool) -> Self {
        self.circuit_breaker = breaker;
        self
    }

    /// Share the target among streams? See [`stream_targets`](Self::stream_targets).
    #[must_use]
    pub const fn with_stream_targets(mut self, targets: bool) -> Self {
        self.stream_targets = targets;
        self
    }

    /// Bytes of headers below RTP. See [`datagram_overhead`](Self::datagram_overhead).
    #[must_use]
    pub const fn with_datagram_overhead(mut self, bytes: u16) -> Self {
        self.datagram_overhead = bytes;
        self
    }

    /// Packets that are remembered. See [`max_packets`](Self::max_packets).
    #[must_use]
    pub const fn with_max_packets(mut self, packets: usize) -> Self {
        self.max_packets = packets;
        self
    }

    /// Peers whose TMMBR are remembered. See [`max_tmmbr_owners`](Self::max_tmmbr_owners).
    #[must_use]
    pub const fn with_max_tmmbr_owners(mut self, owners: usize) -> Self {
        self.max_tmmbr_owners = owners;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let unless = |right, field, value: u64, range| {
            OptionsError::unless(right, "CongestionOptions", field, value, range)
        };
        let (start, min, max) = (self.start_bitrate, self.min_bitrate, self.max_bitrate);
        unless(max <= 10_000_000 * KILO, "max_bitrate", max, "at most 10000000000")?;
        let right = (5 * KILO..=max.min(1_000_000 * KILO)).contains(&min);
        unless(right, "min_bitrate", min, "in 5000..=1000000000 and not over max_bitrate")?;
        let right = (min..=max).contains(&start);
        unless(right, "start_bitrate", start, "in min_bitrate..=max_bitrate")?;
        let overhead = self.datagram_overhead;
        unless((20..=256).contains(&overhead), "datagram_overhead", overhead.into(), "in 20..=256")?;
        let packets = self.max_packets;
        let right = (2048..=32_768).contains(&packets) && packets.is_power_of_two();
        unless(right, "max_packets", packets as u64, "a power of two in 2048..=32768")?;
        let owners = self.max_tmmbr_owners;
        unless((1..=64).contains(&owners), "max_tmmbr_owners", owners as u64, "in 1..=64")
    }
}
