//! What a user knows about a capture, and how much of it is told apart.

use super::payload_types::{PayloadType, PayloadTypes};
use super::sdp::Session;

/// What a user knows about a capture, and the limits of what it may make an [`Inspector`](crate::Inspector) hold. Every
/// value is valid; the default knows nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InspectOptions {
    /// RTP runs on these UDP ports and on no others, RTCP on them and on the ports above. Default: none, every port is
    /// looked at and RTP is recognised by what it looks like.
    pub ports: Vec<u16>,
    /// What payload types mean. Default: RFC 3551's table.
    pub payload_types: PayloadTypes,
    /// What a session description says of SSRCs. Default: nothing.
    pub session: Session,
    /// Streams of all flows together. Packets of those beyond are counted as
    /// [`Problem::TooManyStreams`](crate::Problem::TooManyStreams). Default: 16 384, of 8 to 11 KB each.
    pub max_streams: usize,
    /// Directions between two ports. When there are more, the older half of those without a stream is forgotten; if all have one, packets
    /// of others count as [`Problem::TooManyStreams`](crate::Problem::TooManyStreams). Default: 65 536, of up to
    /// 1 KB each without a stream.
    pub max_flows: usize,
    /// Packets of all flows together that wait until it is known whether they are RTP. When there are more, the older half is
    /// forgotten and counts as [`Problem::Undecided`](crate::Problem::Undecided). Default: 65 536, four of each of 16 384
    /// streams.
    pub max_waiting_packets: usize,
    /// The bytes that these packets may take, each some 130 and up to its first 64 bytes of payload. Default: 16 MiB.
    pub max_waiting_bytes: usize,
    /// Directions of TCP connections that are searched for RTSP with RTP in it (RFC 7826 §14). When there are more, those that
    /// have shown none are forgotten; segments of others count as [`Problem::TooMuchTcp`](crate::Problem::TooMuchTcp).
    /// Default: 4096, of some 300 bytes each.
    pub max_tcp_flows: usize,
    /// Bytes of all of them that wait for the rest of a frame, or for segments before them. What is beyond is given up, counts
    /// likewise, and reading goes on at the next frame. Default: 16 MiB; a frame has at most 64 KiB.
    pub max_tcp_bytes: usize,
    /// Pairs of an SSRC and a flow that RTCP may speak of, and senders whose clock readings are kept for round trips. RTCP
    /// about others is credited to nobody. Default: 65 536, of some 250 bytes each, a sender of 1 KB.
    pub max_rtcp_ssrcs: usize,
}

impl Default for InspectOptions {
    fn default() -> Self {
        Self {
            ports: Vec::new(),
            payload_types: PayloadTypes::default(),
            session: Session::default(),
            max_streams: 16_384,
            max_flows: 65_536,
            max_waiting_packets: 65_536,
            max_waiting_bytes: 16 << 20,
            max_tcp_flows: 4096,
            max_tcp_bytes: 16 << 20,
            max_rtcp_ssrcs: 65_536,
        }
    }
}

impl InspectOptions {
    /// RTP runs on this port, and on no other than those named so.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.ports.push(port);
        self
    }

    /// A payload type's meaning on all ports; it counts for more than a session description.
    #[must_use]
    pub fn with_payload_type(mut self, payload_type: PayloadType) -> Self {
        self.payload_types.set(payload_type);
        self
    }

    /// What a session description says: the meaning of payload types, and which SSRCs belong together.
    #[must_use]
    pub fn with_session(mut self, session: Session) -> Self {
        session.describe(&mut self.payload_types);
        self.session = session;
        self
    }

    /// Sets [`max_streams`](Self::max_streams).
    #[must_use]
    pub const fn with_max_streams(mut self, streams: usize) -> Self {
        self.max_streams = streams;
        self
    }

    /// Sets [`max_flows`](Self::max_flows).
    #[must_use]
    pub const fn with_max_flows(mut self, flows: usize) -> Self {
        self.max_flows = flows;
        self
    }

    /// Sets [`max_waiting_packets`](Self::max_waiting_packets).
    #[must_use]
    pub const fn with_max_waiting_packets(mut self, packets: usize) -> Self {
        self.max_waiting_packets = packets;
        self
    }

    /// Sets [`max_waiting_bytes`](Self::max_waiting_bytes).
    #[must_use]
    pub const fn with_max_waiting_bytes(mut self, bytes: usize) -> Self {
        self.max_waiting_bytes = bytes;
        self
    }

    /// Sets [`max_tcp_flows`](Self::max_tcp_flows).
    #[must_use]
    pub const fn with_max_tcp_flows(mut self, flows: usize) -> Self {
        self.max_tcp_flows = flows;
        self
    }

    /// Sets [`max_tcp_bytes`](Self::max_tcp_bytes).
    #[must_use]
    pub const fn with_max_tcp_bytes(mut self, bytes: usize) -> Self {
        self.max_tcp_bytes = bytes;
        self
    }

    /// Sets [`max_rtcp_ssrcs`](Self::max_rtcp_ssrcs).
    #[must_use]
    pub const fn with_max_rtcp_ssrcs(mut self, ssrcs: usize) -> Self {
        self.max_rtcp_ssrcs = ssrcs;
        self
    }
}
