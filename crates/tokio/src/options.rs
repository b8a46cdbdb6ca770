//! What a session may hold and how long it may take to close.

use std::ops::RangeInclusive;
use std::time::Duration;

use interceptor_core::OptionsError;

use crate::receive_budget::ReceiveBudget;

/// Sizes of a session's queues. Each bounds what a slow application or a hostile peer can make the session hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionOptions {
    /// Packets that wait for the transport before [`write`](crate::LocalStream::write) waits, 1..=65 536. Default
    /// 256: 300 kB, a tenth of a second at 25 Mbit/s; more adds delay that congestion control does not see.
    /// Interceptors (retransmissions, feedback) may queue as much again; what goes over is dropped and counted.
    pub send_queue: usize,
    /// Their bytes, 65 536..=1 073 741 824. Default 1 MiB: three times the default number of 1200-byte packets. Interceptors
    /// may queue as much again.
    pub send_queue_bytes: usize,
    /// Packets that wait for the reader of one [`RemoteStream`](crate::RemoteStream), 1..=1 048 576; at least
    /// [`pending_packets`](Self::pending_packets). Default 512, two seconds of 2.5 Mbit/s video. The oldest go first.
    pub receive_queue: usize,
    /// Bytes (of RTP packets) that wait for the reader of one [`RemoteStream`](crate::RemoteStream),
    /// 65 536..=1 073 741 824; at least [`pending_bytes`](Self::pending_bytes). Default 1 MiB: the default
    /// [`receive_queue`](Self::receive_queue) of 1200-byte packets with room to spare, and thirty times less than of the
    /// largest datagrams. The oldest go first.
    pub receive_queue_bytes: usize,
    /// RTCP compounds that wait for each [`RtcpReceiver`](crate::RtcpReceiver), 1..=65 536. Default 64: interceptors
    /// have seen them all, whoever reads them. The oldest go first.
    pub rtcp_queue: usize,
    /// Their bytes, 65 536..=1 073 741 824. Default 256 KiB: three times the default number of 1200-byte compounds.
    pub rtcp_queue_bytes: usize,
    /// Events that wait for each [`Events`](crate::Events), 1..=65 536. Default 256: state changes are few, a
    /// reader this far behind has stopped. The oldest go first.
    pub event_queue: usize,
    /// Datagrams of other protocols that wait for each [`RawReceiver`](crate::RawReceiver), 1..=65 536. Default 64:
    /// a handshake is a few datagrams. The oldest go first.
    pub raw_queue: usize,
    /// Their bytes, 65 536..=1 073 741 824. Default 256 KiB: three times the default number of 1200-byte datagrams.
    pub raw_queue_bytes: usize,
    /// Datagrams of other protocols from others than the peer that wait for each [`RawReceiver`](crate::RawReceiver), 0..=65 536.
    /// Default 64: the checks of a browser's candidate pairs (RFC 8445 §6.1.4.2: one each 50 ms) over three seconds. The oldest go
    /// first. 0: none is delivered. Only transports that are to find their peer deliver any: latching ones, and those of a `UdpMux`.
    pub stranger_queue: usize,
    /// Their bytes, 65 536..=1 073 741 824. Default 64 KiB: ten times the default number of STUN requests.
    pub stranger_queue_bytes: usize,
    /// Bytes that wait to be read in this session and in all others that share the budget. Default: none, each queue has its own limits
    /// alone, which suits some hundred sessions. The oldest of the queue that finds nothing left go first.
    pub receive_budget: Option<ReceiveBudget>,
    /// SSRCs that nobody has bound yet and whose first packets are kept for [`accept`](crate::Session::accept),
    /// 0..=1024. Default 16: a peer must not make a session remember more; the one silent longest makes room for a new one. 0 switches `accept` off.
    pub pending_streams: usize,
    /// Packets kept for each of them, 1..=65 536. Default 64, a second of audio or a key frame. The oldest go first.
    pub pending_packets: usize,
    /// Bytes (of RTP packets) kept for each of them, 65 536..=1 073 741 824. Default 256 KiB: three times the default number
    /// of 1200-byte packets. The oldest go first.
    pub pending_bytes: usize,
    /// Bytes kept for all of them, [`pending_bytes`](Self::pending_bytes)..=1 073 741 824. Default 1 MiB: the default number
    /// of SSRCs with 1000 bytes a packet. The oldest packets of the SSRC that holds most go first.
    pub pending_total_bytes: usize,
    /// Packets in sequence after which an SSRC is offered by [`accept`](crate::Session::accept), 1..=16 (RFC 3550 A.1,
    /// `MIN_SEQUENTIAL`). Default 1: the first packet is offered, as signalling may be late. RFC 3550 says 2, right for
    /// whoever learns streams from the wire alone: then SSRCs that a peer makes up are not offered, and do not keep one that
    /// goes on from being offered. Nothing is lost by it: the packets before are kept as all others are. From 2 on, and for a second
    /// after the application has given an SSRC back undecided, new ones must also have gone on for 100 ms: while there is no room
    /// in the application, made-up SSRCs of a few packets at once are not offered either.
    pub probation_packets: u16,
    /// SSRCs on probation, 1..=65 536, besides [`pending_streams`](Self::pending_streams). Default 1024: under 30 000 new ones
    /// a second a stream of 50 packets a second has its place within a second, as a rule. What is kept of them all is at most
    /// [`pending_bytes`](Self::pending_bytes), and part of [`pending_total_bytes`](Self::pending_total_bytes). Once there is no
    /// room, those that have had half a second make room; whoever comes before that is refused.
    pub probation_streams: usize,
    /// How long after an [`IncomingStream`](crate::IncomingStream) was dropped undecided its SSRC is offered again, if it
    /// goes on sending. Default 200 ms: five attempts a second to find room, while what is kept lasts.
    pub offer_again_after: Duration,
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
            send_queue_bytes: 1 << 20,
            receive_queue: 512,
            receive_queue_bytes: 1 << 20,
            rtcp_queue: 64,
            rtcp_queue_bytes: 256 << 10,
            event_queue: 256,
            raw_queue: 64,
            raw_queue_bytes: 256 << 10,
            stranger_queue: 64,
            stranger_queue_bytes: 64 << 10,
            receive_budget: None,
            pending_streams: 16,
            pending_packets: 64,
            pending_bytes: 256 << 10,
            pending_total_bytes: 1 << 20,
            probation_packets: 1,
            probation_streams: 1024,
            offer_again_after: Duration::from_millis(200),
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

    /// Bytes that wait for the transport before writing waits.
    #[must_use]
    pub const fn with_send_queue_bytes(mut self, bytes: usize) -> Self {
        self.send_queue_bytes = bytes;
        self
    }

    /// Packets that wait for each remote stream's reader.
    #[must_use]
    pub const fn with_receive_queue(mut self, packets: usize) -> Self {
        self.receive_queue = packets;
        self
    }

    /// Bytes that wait for each remote stream's reader.
    #[must_use]
    pub const fn with_receive_queue_bytes(mut self, bytes: usize) -> Self {
        self.receive_queue_bytes = bytes;
        self
    }

    /// RTCP compounds that wait for each reader.
    #[must_use]
    pub const fn with_rtcp_queue(mut self, compounds: usize) -> Self {
        self.rtcp_queue = compounds;
        self
    }

    /// Bytes of RTCP that wait for each reader.
    #[must_use]
    pub const fn with_rtcp_queue_bytes(mut self, bytes: usize) -> Self {
        self.rtcp_queue_bytes = bytes;
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

    /// Bytes of other protocols that wait for each reader.
    #[must_use]
    pub const fn with_raw_queue_bytes(mut self, bytes: usize) -> Self {
        self.raw_queue_bytes = bytes;
        self
    }

    /// Datagrams of other protocols from others than the peer that wait for each reader.
    #[must_use]
    pub const fn with_stranger_queue(mut self, datagrams: usize) -> Self {
        self.stranger_queue = datagrams;
        self
    }

    /// Their bytes.
    #[must_use]
    pub const fn with_stranger_queue_bytes(mut self, bytes: usize) -> Self {
        self.stranger_queue_bytes = bytes;
        self
    }

    /// Bytes that wait to be read, of all sessions that share the budget.
    #[must_use]
    pub fn with_receive_budget(mut self, budget: ReceiveBudget) -> Self {
        self.receive_budget = Some(budget);
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

    /// Bytes kept for each unbound SSRC.
    #[must_use]
    pub const fn with_pending_bytes(mut self, bytes: usize) -> Self {
        self.pending_bytes = bytes;
        self
    }

    /// Bytes kept for all unbound SSRCs.
    #[must_use]
    pub const fn with_pending_total_bytes(mut self, bytes: usize) -> Self {
        self.pending_total_bytes = bytes;
        self
    }

    /// Packets in sequence that prove an SSRC.
    #[must_use]
    pub const fn with_probation_packets(mut self, packets: u16) -> Self {
        self.probation_packets = packets;
        self
    }

    /// SSRCs on probation.
    #[must_use]
    pub const fn with_probation_streams(mut self, streams: usize) -> Self {
        self.probation_streams = streams;
        self
    }

    /// How long an SSRC that was accepted and dropped undecided is left alone.
    #[must_use]
    pub const fn with_offer_again_after(mut self, wait: Duration) -> Self {
        self.offer_again_after = wait;
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
        const QUEUE: RangeInclusive<usize> = 1..=65_536;
        // Every datagram fits; more than any session should hold.
        const BYTES: RangeInclusive<usize> = 65_536..=1 << 30;
        check("send_queue", self.send_queue, QUEUE, "in 1..=65536")?;
        check("send_queue_bytes", self.send_queue_bytes, BYTES, "in 65536..=1073741824")?;
        check("receive_queue", self.receive_queue, 1..=1_048_576, "in 1..=1048576")?;
        check("receive_queue_bytes", self.receive_queue_bytes, BYTES, "in 65536..=1073741824")?;
        check("rtcp_queue", self.rtcp_queue, QUEUE, "in 1..=65536")?;
        check("rtcp_queue_bytes", self.rtcp_queue_bytes, BYTES, "in 65536..=1073741824")?;
        check("event_queue", self.event_queue, QUEUE, "in 1..=65536")?;
        check("raw_queue", self.raw_queue, QUEUE, "in 1..=65536")?;
        check("raw_queue_bytes", self.raw_queue_bytes, BYTES, "in 65536..=1073741824")?;
        check("stranger_queue", self.stranger_queue, 0..=65_536, "in 0..=65536")?;
        check("stranger_queue_bytes", self.stranger_queue_bytes, BYTES, "in 65536..=1073741824")?;
        check("pending_streams", self.pending_streams, 0..=1024, "in 0..=1024")?;
        check("pending_packets", self.pending_packets, QUEUE, "in 1..=65536")?;
        check("pending_bytes", self.pending_bytes, BYTES, "in 65536..=1073741824")?;
        check("pending_total_bytes", self.pending_total_bytes, BYTES, "in 65536..=1073741824")?;
        check("probation_packets", self.probation_packets.into(), 1..=16, "in 1..=16")?;
        check("probation_streams", self.probation_streams, QUEUE, "in 1..=65536")?;
        // What is kept of an SSRC must fit into what is kept of all, and when its stream is bound.
        at_least(
            ("pending_total_bytes", self.pending_total_bytes),
            self.pending_bytes,
            "at least pending_bytes",
        )?;
        at_least(("receive_queue", self.receive_queue), self.pending_packets, "at least pending_packets")?;
        at_least(
            ("receive_queue_bytes", self.receive_queue_bytes),
            self.pending_bytes,
            "at least pending_bytes",
        )
    }
}

fn check(
    field: &'static str,
    value: usize,
    allowed: RangeInclusive<usize>,
    range: &'static str,
) -> Result<(), OptionsError> {
    OptionsError::unless(allowed.contains(&value), "SessionOptions", field, value, range)
}

fn at_least(
    (field, value): (&'static str, usize),
    least: usize,
    range: &'static str,
) -> Result<(), OptionsError> {
    check(field, value, least..=usize::MAX, range)
}

#[cfg(test)]
#[path = "options_tests.rs"]
mod tests;
