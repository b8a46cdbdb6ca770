//! What a session may hold and how long it may take to close.

use std::time::Duration;

use crate::error::OptionsError;

/// Sizes of a session's queues. Each bounds what a slow application or a hostile peer can make the session hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionOptions {
    /// Packets that wait for the transport before [`write`](crate::LocalStream::write) waits, 1..=65 536. Default
    /// 256: 300 kB, a tenth of a second at 25 Mbit/s; more adds delay that congestion control does not see.
    /// Interceptors (retransmissions, feedback) may queue as much again; what goes over is dropped and counted.
    pub send_queue: usize,
    /// Packets that wait for the reader of one [`RemoteStream`](crate::RemoteStream), 1..=1 048 576; at least
    /// [`pending_packets`](Self::pending_packets). Default 512, two seconds of 2.5 Mbit/s video. The oldest go first.
    pub receive_queue: usize,
    /// RTCP compounds that wait for each [`RtcpReceiver`](crate::RtcpReceiver), 1..=65 536. Default 64: interceptors
    /// have seen them all, whoever reads them. The oldest go first.
    pub rtcp_queue: usize,
    /// Events that wait for each [`Events`](crate::Events), 1..=65 536. Default 256: state changes are few, a
    /// reader this far behind has stopped. The oldest go first.
    pub event_queue: usize,
    /// Datagrams of other protocols that wait for each [`RawReceiver`](crate::RawReceiver), 1..=65 536. Default 64:
    /// a handshake is a few datagrams. The oldest go first.
    pub raw_queue: usize,
    /// SSRCs that nobody has bound yet and whose first packets are kept for [`accept`](crate::Session::accept),
    /// 0..=1024. Default 16: a peer must not make a session remember more; the one silent longest makes room for a new one. 0 switches `accept` off.
    pub pending_streams: usize,
    /// Packets kept for each of them, 1..=65 536. Default 64, a second of audio or a key frame. The oldest go first.
    pub pending_packets: usize,
    /// How long closing may take to send what is queued, and again to close the transport. Default 1 s: ten
    /// times what a full default send queue takes at 25 Mbit/s.
    pub close_timeout: Duration,
    /// Close the transport when the session ends (`Conn::close`). Default: yes. A UDP socket is closed by dropping it
    /// in any case.
    pub close_transport: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            send_queue: 256,
            receive_queue: 512,
            rtcp_queue: 64,
            event_queue: 256,
            raw_queue: 64,
            pending_streams: 16,
            pending_packets: 64,
            close_timeout: Duration::from_secs(1),
            close_transport: true,
        }
    }
}

impl SessionOptions {
    /// Packets that wait for the transport before writing waits.
    #[must_use]
    pub const fn with_send_queue(mut self, packets: usize) -> Self {
        self.send_queue = packets;
        self
    }

    /// Packets that wait for each remote stream's reader.
    #[must_use]
    pub const fn with_receive_queue(mut self, packets: usize) -> Self {
        self.receive_queue = packets;
        self
    }

    /// RTCP compounds that wait for each reader.
    #[must_use]
    pub const fn with_rtcp_queue(mut self, compounds: usize) -> Self {
        self.rtcp_queue = compounds;
        self
    }

    /// Events that wait for each reader.
    #[must_use]
    pub const fn with_event_queue(mut self, events: usize) -> Self {
        self.event_queue = events;
        self
    }

    /// Datagrams of other protocols that wait for each reader.
    #[must_use]
    pub const fn with_raw_queue(mut self, datagrams: usize) -> Self {
        self.raw_queue = datagrams;
        self
    }

    /// Unbound SSRCs whose first packets are kept.
    #[must_use]
    pub const fn with_pending_streams(mut self, streams: usize) -> Self {
        self.pending_streams = streams;
        self
    }

    /// Packets kept for each unbound SSRC.
    #[must_use]
    pub const fn with_pending_packets(mut self, packets: usize) -> Self {
        self.pending_packets = packets;
        self
    }

    /// How long closing may take.
    #[must_use]
    pub const fn with_close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// Close the transport when the session ends?
    #[must_use]
    pub const fn with_close_transport(mut self, close: bool) -> Self {
        self.close_transport = close;
        self
    }

    /// Checks every bound.
    pub(crate) fn validate(&self) -> Result<(), OptionsError> {
        const QUEUE: std::ops::RangeInclusive<usize> = 1..=65_536;
        check("send_queue", self.send_queue, QUEUE, "1..=65536")?;
        check("receive_queue", self.receive_queue, 1..=1_048_576, "1..=1048576")?;
        check("rtcp_queue", self.rtcp_queue, QUEUE, "1..=65536")?;
        check("event_queue", self.event_queue, QUEUE, "1..=65536")?;
        check("raw_queue", self.raw_queue, QUEUE, "1..=65536")?;
        check("pending_streams", self.pending_streams, 0..=1024, "0..=1024")?;
        check("pending_packets", self.pending_packets, QUEUE, "1..=65536")?;
        // What was kept for a stream must fit when it is bound.
        check(
            "receive_queue",
            self.receive_queue,
            self.pending_packets..=usize::MAX,
            "pending_packets or more",
        )
    }
}

fn check(
    field: &'static str,
    value: usize,
    allowed: std::ops::RangeInclusive<usize>,
    range: &'static str,
) -> Result<(), OptionsError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(OptionsError { field, value: value.to_string(), range })
}

#[cfg(test)]
mod tests {
    use super::SessionOptions;

    #[test]
    fn an_error_names_field_value_and_range() {
        assert!(SessionOptions::default().validate().is_ok());
        let error = SessionOptions::default().with_send_queue(0).validate().unwrap_err();
        assert_eq!(error.to_string(), "`send_queue` is 0, but must be 1..=65536");
        let error = SessionOptions::default().with_receive_queue(63).validate().unwrap_err();
        assert_eq!(error.to_string(), "`receive_queue` is 63, but must be pending_packets or more");
        let error = SessionOptions::default().with_pending_streams(1025).validate().unwrap_err();
        assert_eq!(error.field, "pending_streams");
    }
}
