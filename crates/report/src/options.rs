//! What of the reports can be chosen, checked once when the factory is made.

use std::fmt::Debug;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use interceptor_packet::rfc3550::JitterRule;

use crate::interval::SHORTEST;
use interceptor_core::OptionsError;

/// How reports are made. Every field has a default; [`ReportFactory::new`](crate::ReportFactory::new) checks the ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportOptions {
    /// When reports leave. Default: [`RtcpInterval::Fixed`] of 1 s, libwebrtc's interval for video, so losses are known
    /// within about a second. A longer interval saves datagrams.
    pub interval: RtcpInterval,
    /// Which packets the jitter is computed from. Default: [`JitterRule::Rfc3550`], every packet.
    pub jitter: JitterRule,
    /// How many packets in sequence a remote source must send before it counts, 0..=100. Default 0, because streams are
    /// announced by signalling. RFC 3550 A.1 uses 2 to keep strays out; losses are then counted from the second packet on.
    pub probation: u8,
    /// Whether to send BYE for a local stream that ends, and for all of them at close (RFC 3550 §6.6). Default: yes.
    pub bye: bool,
    /// Whether this end measures the round trip by extended reports (RFC 3611). Default: [`RttReports::Auto`], while it
    /// sends no media.
    pub rtt_reports: RttReports,
    /// Whether to report on retransmission and FEC SSRCs, each under its own number (RFC 4588 §6). Default: yes, as
    /// GStreamer and libwebrtc do. Costs 24 bytes a report for each remote SSRC and 28 for each local one.
    pub repair_streams: bool,
    /// The canonical name, 1..=255 bytes. Default: the connection's, [`ChainConfig::cname`](interceptor_core::ChainConfig).
    pub cname: Option<Arc<str>>,
    /// A remote source that was silent for this long, 100 ms..=1 h, starts afresh with its jitter: the gap itself is not
    /// taken for jitter. Its other sums stay. Default 8 s, libwebrtc's. (Membership ends after five intervals, RFC 3550
    /// §6.3.5, whatever is set here.)
    pub forget_after: Duration,
    /// How many datagrams one round of reports may take, 1..=1024. Default 32: some 1500 streams in 1200 bytes each.
    /// Streams that find no room come first in the next round. [`RtcpInterval::Rfc3550`] always takes a single datagram, as
    /// its bandwidth budget demands.
    pub max_datagrams: usize,
}

/// When reports leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RtcpInterval {
    /// This long apart on average, 10 ms..=1 h. Each wait is drawn between half and one and a half of it; the first wait
    /// is half as long. This is what WebRTC ends do.
    Fixed(Duration),
    /// Computed from the number of members as in RFC 3550 §6.2 and §6.3, for multicast and other large sessions: 5 % of
    /// the bandwidth goes to RTCP, a quarter of that to the senders while they are at most a quarter of the members.
    /// Includes timer reconsideration; one datagram leaves per interval.
    Rfc3550 {
        /// The session's bandwidth in bits a second, 1 000..=10¹².
        session_bandwidth: u64,
        /// Use 360 s divided by the bandwidth in kbit/s (§6.2), kept within 10 ms..=5 s, as the shortest interval instead
        /// of 5 s.
        reduced_minimum: bool,
    },
}

/// Whether this end asks for round-trip times by extended reports (RFC 3611).
///
/// An end that sends media learns the round trip from the blocks about it. One that only receives gets no blocks: it puts
/// its clock into its reports (a receiver reference time block, §4.4), the peer answers (DLRR, §4.5), and the answer tells
/// the round trip.
///
/// Signalling may announce this as `a=rtcp-xr:rcvr-rtt=all` or `a=rtcp-fb:* rrtr`, but it need not: an end that does
/// not know extended reports skips them (RFC 3550 §6.1). Such a peer costs 20 bytes a report and gives no round-trip time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RttReports {
    /// Ask while no local stream sends, as libwebrtc does, and answer peers that ask. With [`RtcpInterval::Rfc3550`] and more than
    /// 16 other members, where this would take a good part of everybody's bandwidth, do not ask, and answer only while
    /// a local stream sends.
    #[default]
    Auto,
    /// Ask in every round, even while sending and whatever the number of members. Answer as with `Auto`.
    Always,
    /// Neither ask nor answer: no extended report leaves, and those that come are ignored.
    Never,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            interval: RtcpInterval::default(),
            jitter: JitterRule::default(),
            probation: 0,
            bye: true,
            rtt_reports: RttReports::default(),
            repair_streams: true,
            cname: None,
            forget_after: Duration::from_secs(8),
            max_datagrams: 32,
        }
    }
}

impl Default for RtcpInterval {
    /// Fixed, 1 s.
    fn default() -> Self {
        Self::Fixed(Duration::from_secs(1))
    }
}

impl ReportOptions {
    /// Sets when reports leave.
    #[must_use]
    pub const fn with_interval(mut self, interval: RtcpInterval) -> Self {
        self.interval = interval;
        self
    }

    /// Sets which packets the jitter is computed from.
    #[must_use]
    pub const fn with_jitter(mut self, rule: JitterRule) -> Self {
        self.jitter = rule;
        self
    }

    /// Sets how many packets in sequence a remote source must send before it counts, 0..=100.
    #[must_use]
    pub const fn with_probation(mut self, packets: u8) -> Self {
        self.probation = packets;
        self
    }

    /// Sets whether BYE is sent.
    #[must_use]
    pub const fn with_bye(mut self, bye: bool) -> Self {
        self.bye = bye;
        self
    }

    /// Sets whether this end measures the round trip by extended reports.
    #[must_use]
    pub const fn with_rtt_reports(mut self, rtt_reports: RttReports) -> Self {
        self.rtt_reports = rtt_reports;
        self
    }

    /// Sets whether retransmission and FEC SSRCs are reported on.
    #[must_use]
    pub const fn with_repair_streams(mut self, report: bool) -> Self {
        self.repair_streams = report;
        self
    }

    /// Sets a canonical name of 1..=255 bytes in place of the connection's.
    #[must_use]
    pub fn with_cname(mut self, cname: impl Into<Arc<str>>) -> Self {
        self.cname = Some(cname.into());
        self
    }

    /// Sets the silence after which a remote source starts afresh with its jitter, 100 ms..=1 h.
    #[must_use]
    pub const fn with_forget_after(mut self, silence: Duration) -> Self {
        self.forget_after = silence;
        self
    }

    /// Sets how many datagrams one round of reports may take, 1..=1024.
    #[must_use]
    pub const fn with_max_datagrams(mut self, datagrams: usize) -> Self {
        self.max_datagrams = datagrams;
        self
    }

    /// The first field that is out of its range.
    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        self.interval.check()?;
        let probation = usize::from(self.probation);
        within("probation", probation, &(0..=100), "in 0..=100")?;
        if let Some(cname) = &self.cname {
            within("cname", cname.len(), &(1..=255), "in 1..=255 bytes")?;
        }
        let silence = Duration::from_millis(100)..=Duration::from_secs(3600);
        within("forget_after", self.forget_after, &silence, "in 100ms..=1h")?;
        within("max_datagrams", self.max_datagrams, &(1..=1024), "in 1..=1024")
    }
}

impl RtcpInterval {
    /// RFC 3550's interval for a session of this many bits a second, with the reduced minimum.
    #[must_use]
    pub const fn rfc3550(session_bandwidth: u64) -> Self {
        Self::Rfc3550 { session_bandwidth, reduced_minimum: true }
    }

    fn check(self) -> Result<(), OptionsError> {
        match self {
            Self::Fixed(interval) => {
                let allowed = SHORTEST..=Duration::from_secs(3600);
                within("interval", interval, &allowed, "in 10ms..=1h")
            }
            Self::Rfc3550 { session_bandwidth: bits, .. } => {
                let allowed = 1_000..=1_000_000_000_000;
                within("session_bandwidth", bits, &allowed, "in 1000..=10^12")
            }
        }
    }
}

/// Refuses a field whose value is not in `allowed`, which `range` says in words.
fn within<T: PartialOrd + Debug>(
    field: &'static str,
    value: T,
    allowed: &RangeInclusive<T>,
    range: &'static str,
) -> Result<(), OptionsError> {
    OptionsError::unless(allowed.contains(&value), "ReportOptions", field, value, range)
}
