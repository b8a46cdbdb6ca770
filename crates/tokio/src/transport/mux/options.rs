//! What a mux may hold and how often it asks.

use std::ops::RangeInclusive;

use interceptor_core::OptionsError;

use crate::receive_budget::ReceiveBudget;

/// Bounds of a [`UdpMux`](crate::UdpMux).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MuxOptions {
    /// Datagrams that wait for one session, 1..=65 536. Default 512: two seconds of 2.5 Mbit/s video, as
    /// [`receive_queue`](crate::SessionOptions::receive_queue). A session whose task does not come to take them loses the oldest,
    /// and nobody else notices.
    pub session_queue: usize,
    /// Their bytes, 65 536..=1 073 741 824. Default 1 MiB: the default number of 1200-byte datagrams with room to spare.
    pub session_queue_bytes: usize,
    /// Bytes that wait for all sessions together. Default: none is shared, the mux has a budget of its own of 64 MiB, which is half a second
    /// of 1 Gbit/s. Muxes, and [sessions](crate::SessionOptions::receive_budget), that are given clones of one have it together.
    pub receive_budget: Option<ReceiveBudget>,
    /// Addresses that belong to one session, 2..=1024. Default 16: the pairs that a browser with some networks checks with one
    /// candidate of ours. Of more, the one named first goes, but never the peer's; datagrams from it are unknown again.
    pub session_addresses: usize,
    /// Datagrams of unknown addresses a second about which the callback is asked, 1..=1 000 000, and as many at once. Default
    /// 20 000: a few percent of a core for parsing, and for an HMAC too. More are dropped and counted. Nothing is kept of
    /// unknown addresses in any case. Of STUN binding requests of addresses that a session has, as many: more go to that session
    /// without a question.
    pub unknown_per_second: u32,
}

impl Default for MuxOptions {
    fn default() -> Self {
        Self {
            session_queue: 512,
            session_queue_bytes: 1 << 20,
            receive_budget: None,
            session_addresses: 16,
            unknown_per_second: 20_000,
        }
    }
}

impl MuxOptions {
    /// Datagrams that wait for one session.
    #[must_use]
    pub const fn with_session_queue(mut self, datagrams: usize) -> Self {
        self.session_queue = datagrams;
        self
    }

    /// Bytes that wait for one session.
    #[must_use]
    pub const fn with_session_queue_bytes(mut self, bytes: usize) -> Self {
        self.session_queue_bytes = bytes;
        self
    }

    /// Bytes that wait for all sessions.
    #[must_use]
    pub fn with_receive_budget(mut self, budget: ReceiveBudget) -> Self {
        self.receive_budget = Some(budget);
        self
    }

    /// Addresses that belong to one session.
    #[must_use]
    pub const fn with_session_addresses(mut self, addresses: usize) -> Self {
        self.session_addresses = addresses;
        self
    }

    /// Datagrams of unknown addresses a second about which the callback is asked.
    #[must_use]
    pub const fn with_unknown_per_second(mut self, datagrams: u32) -> Self {
        self.unknown_per_second = datagrams;
        self
    }

    /// Checks every bound.
    pub(super) fn validate(&self) -> Result<(), OptionsError> {
        let unknown = self.unknown_per_second as usize;
        check("session_queue", self.session_queue, 1..=65_536, "in 1..=65536")?;
        check("session_queue_bytes", self.session_queue_bytes, 65_536..=1 << 30, "in 65536..=1073741824")?;
        check("session_addresses", self.session_addresses, 2..=1024, "in 2..=1024")?;
        check("unknown_per_second", unknown, 1..=1_000_000, "in 1..=1000000")
    }
}

fn check(
    field: &'static str,
    value: usize,
    allowed: RangeInclusive<usize>,
    range: &'static str,
) -> Result<(), OptionsError> {
    OptionsError::unless(allowed.contains(&value), "MuxOptions", field, value, range)
}

#[cfg(test)]
mod tests {
    use super::MuxOptions;

    #[test]
    fn an_error_names_field_value_and_range() {
        let options = MuxOptions::default;
        assert!(options().validate().is_ok());
        for (options, text) in [
            (options().with_session_queue(0), "MuxOptions::session_queue is 0, it has to be in 1..=65536"),
            (
                options().with_session_queue_bytes(1500),
                "MuxOptions::session_queue_bytes is 1500, it has to be in 65536..=1073741824",
            ),
            (
                options().with_session_addresses(1025),
                "MuxOptions::session_addresses is 1025, it has to be in 2..=1024",
            ),
            (
                options().with_unknown_per_second(0),
                "MuxOptions::unknown_per_second is 0, it has to be in 1..=1000000",
            ),
        ] {
            assert_eq!(options.validate().unwrap_err().to_string(), text);
        }
    }
}
