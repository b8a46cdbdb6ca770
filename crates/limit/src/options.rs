//! What can be set, its defaults and its bounds.

use interceptor_core::OptionsError;
use interceptor_token_bucket::Rate;

use crate::Bounds;

/// Options of [`LimitFactory`](crate::LimitFactory) and [`RemoteLimitFactory`](crate::RemoteLimitFactory), checked when these are made. By
/// default nothing is limited.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitOptions {
    /// Bounds of each local stream: media, retransmissions and FEC together. Default `None`: none, and none can be set later.
    pub local: Option<Bounds>,
    /// Bounds of each remote stream. Default `None`: none, and none can be set later.
    pub remote: Option<Bounds>,
    /// Bounds of all RTP of a connection together, each way: of bound streams and of others. A packet needs tokens here as well as of its
    /// stream. Default `None`: none, and none can be set later.
    pub connection: Option<Bounds>,
    /// Bounds of all RTCP of a connection, each way: nothing else limits it. Default `None`: none, and none can be set later.
    pub rtcp: Option<Bounds>,
    /// Streams at a time, each way, 1..=1 048 576: what is bound beyond is refused ([`TooManyStreams`](crate::TooManyStreams)).
    /// Default `None`: as many as the chain takes ([`Limits::max_streams`](interceptor_core::Limits::max_streams)).
    pub max_streams: Option<usize>,
    /// Packets of all SSRCs together that no stream has, each way: what is over ends here. Default `None`: any number.
    pub max_unbound: Option<Rate>,
    /// Bytes of all packets that wait, each way, 1500..=4 GiB; what would go over ends here. Default 16 MiB: thirty-two full queues of
    /// [`Policy::wait`](crate::Policy::wait).
    pub max_waiting_bytes: usize,
}

impl Default for LimitOptions {
    fn default() -> Self {
        Self {
            local: None,
            remote: None,
            connection: None,
            rtcp: None,
            max_streams: None,
            max_unbound: None,
            max_waiting_bytes: 16 << 20,
        }
    }
}

impl LimitOptions {
    /// Bounds of each local stream. See [`local`](Self::local).
    #[must_use]
    pub const fn with_local(mut self, bounds: Bounds) -> Self {
        self.local = Some(bounds);
        self
    }

    /// Bounds of each remote stream. See [`remote`](Self::remote).
    #[must_use]
    pub const fn with_remote(mut self, bounds: Bounds) -> Self {
        self.remote = Some(bounds);
        self
    }

    /// Bounds of all streams together, each way. See [`connection`](Self::connection).
    #[must_use]
    pub const fn with_connection(mut self, bounds: Bounds) -> Self {
        self.connection = Some(bounds);
        self
    }

    /// Bounds of RTCP, each way. See [`rtcp`](Self::rtcp).
    #[must_use]
    pub const fn with_rtcp(mut self, bounds: Bounds) -> Self {
        self.rtcp = Some(bounds);
        self
    }

    /// Streams at a time, each way. See [`max_streams`](Self::max_streams).
    #[must_use]
    pub const fn with_max_streams(mut self, streams: usize) -> Self {
        self.max_streams = Some(streams);
        self
    }

    /// Packets that no stream has, each way. See [`max_unbound`](Self::max_unbound).
    #[must_use]
    pub const fn with_max_unbound(mut self, packets: Rate) -> Self {
        self.max_unbound = Some(packets);
        self
    }

    /// Bytes that wait, each way. See [`max_waiting_bytes`](Self::max_waiting_bytes).
    #[must_use]
    pub const fn with_max_waiting_bytes(mut self, bytes: usize) -> Self {
        self.max_waiting_bytes = bytes;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let bounds = [
            ("local", self.local),
            ("remote", self.remote),
            ("connection", self.connection),
            ("rtcp", self.rtcp),
        ];
        for (field, bounds) in bounds {
            bounds.map_or(Ok(()), |bounds| bounds.check(field))?;
        }
        let streams = self.max_streams.is_none_or(|most| (1..=1 << 20).contains(&most));
        ensure(streams, "max_streams", &self.max_streams, "None or in 1..=1048576")?;
        let waiting = (1500..=4 << 30).contains(&(self.max_waiting_bytes as u64));
        ensure(waiting, "max_waiting_bytes", &self.max_waiting_bytes, "in 1500..=4294967296")
    }
}

fn ensure(
    right: bool,
    field: &'static str,
    value: &dyn std::fmt::Debug,
    range: &'static str,
) -> Result<(), OptionsError> {
    OptionsError::unless(right, "LimitOptions", field, value, range)
}
