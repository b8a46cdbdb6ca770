//! What of the reports can be chosen, checked once when the factory is made.

use std::sync::Arc;
use std::time::Duration;

use interceptor_packet::rfc3550::JitterRule;

use crate::{OptionsError, RtcpInterval};

/// How reports are made. All of it has defaults; [`ReportFactory::new`](crate::ReportFactory::new) checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportOptions {
    /// When reports leave. Default: [`RtcpInterval::Fixed`] of 1 s, libwebrtc's for video: losses are known a second
    /// later at most; a longer interval saves datagrams.
    pub interval: RtcpInterval,
    /// Which packets make up the jitter. Default: [`JitterRule::Rfc3550`], every packet.
    pub jitter: JitterRule,
    /// Packets in sequence before a remote source counts, 0..=100. Default 0: streams are announced by signalling.
    /// RFC 3550 A.1 has 2, against strays; its loss then starts with the second packet.
    pub probation: u8,
    /// Say goodbye for a local stream that ends, and for all at close (RFC 3550 §6.6)? Default: yes.
    pub bye: bool,
    /// Were extended reports for receivers' round-trip times negotiated (`a=rtcp-xr:rcvr-rtt=all`, RFC 3611)?
    /// Default: no. With it, an end that sends no media measures the round trip too.
    pub xr: bool,
    /// Report on retransmission and FEC SSRCs, each under its own number (RFC 4588 §6)? Default: yes; GStreamer and
    /// libwebrtc send blocks about retransmissions as well. They cost 24 bytes a remote and 28 a local SSRC.
    pub repair_streams: bool,
    /// The canonical name, 1..=255 bytes. Default: the connection's, [`ChainConfig::cname`](interceptor_core::ChainConfig).
    pub cname: Option<Arc<str>>,
    /// A remote source silent this long, 100 ms..=1 h, makes no jitter with its first packet when it comes back; its sums
    /// stay. Default 8 s, libwebrtc's. (Membership ends after five intervals, RFC 3550 §6.3.5, whatever stands here.)
    pub forget_after: Duration,
    /// Datagrams that one round of reports may take, 1..=1024. Default 32: some 1500 streams in 1200 bytes each. Streams
    /// beyond it come first in the next round. [`RtcpInterval::Rfc3550`] takes one whatever this says, as its budget wants.
    pub max_datagrams: usize,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            interval: RtcpInterval::default(),
            jitter: JitterRule::default(),
            probation: 0,
            bye: true,
            xr: false,
            repair_streams: true,
            cname: None,
            forget_after: Duration::from_secs(8),
            max_datagrams: 32,
        }
    }
}

impl ReportOptions {
    /// When reports leave.
    #[must_use]
    pub const fn with_interval(mut self, interval: RtcpInterval) -> Self {
        self.interval = interval;
        self
    }

    /// Which packets make up the jitter.
    #[must_use]
    pub const fn with_jitter(mut self, rule: JitterRule) -> Self {
        self.jitter = rule;
        self
    }

    /// Packets in sequence before a remote source counts, 0..=100.
    #[must_use]
    pub const fn with_probation(mut self, packets: u8) -> Self {
        self.probation = packets;
        self
    }

    /// Say goodbye?
    #[must_use]
    pub const fn with_bye(mut self, bye: bool) -> Self {
        self.bye = bye;
        self
    }

    /// Were extended reports for receivers' round-trip times negotiated?
    #[must_use]
    pub const fn with_xr(mut self, xr: bool) -> Self {
        self.xr = xr;
        self
    }

    /// Report on retransmission and FEC SSRCs?
    #[must_use]
    pub const fn with_repair_streams(mut self, report: bool) -> Self {
        self.repair_streams = report;
        self
    }

    /// The canonical name, 1..=255 bytes, instead of the connection's.
    #[must_use]
    pub fn with_cname(mut self, cname: impl Into<Arc<str>>) -> Self {
        self.cname = Some(cname.into());
        self
    }

    /// A remote source silent this long is forgotten, 100 ms..=1 h.
    #[must_use]
    pub const fn with_forget_after(mut self, silence: Duration) -> Self {
        self.forget_after = silence;
        self
    }

    /// Datagrams that one round of reports may take, 1..=1024.
    #[must_use]
    pub const fn with_max_datagrams(mut self, datagrams: usize) -> Self {
        self.max_datagrams = datagrams;
        self
    }

    /// The first field that is out of its range.
    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        self.interval.check()?;
        let probation = usize::from(self.probation);
        OptionsError::check("probation", probation, &(0..=100), "0..=100 packets")?;
        if let Some(cname) = &self.cname {
            OptionsError::check("cname", cname.len(), &(1..=255), "1..=255 bytes")?;
        }
        let silence = Duration::from_millis(100)..=Duration::from_secs(3600);
        OptionsError::check("forget_after", self.forget_after, &silence, "100 ms..=1 h")?;
        OptionsError::check("max_datagrams", self.max_datagrams, &(1..=1024), "1..=1024 datagrams")
    }
}
