//! Who sent how much, and the bounds that follow from it.

use std::hash::{DefaultHasher, Hasher};

/// What has crossed the wire, in bytes of UDP payload and in packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Datagrams from the peer.
    pub datagrams_in: u64,
    /// Bytes of these.
    pub bytes_in: u64,
    /// Media that the application has sent, in bytes.
    pub media_out: u64,
    /// Packets sent again.
    pub resent_packets: u64,
    /// Bytes of these.
    pub resent_out: u64,
    /// RTCP datagrams that left.
    pub rtcp_packets: u64,
    /// Bytes of these.
    pub rtcp_out: u64,
    /// Stands for all bytes that left, in their order.
    pub digest: u64,
}

/// Checks that a peer cannot make a chain send more than a share of what is sent anyway.
///
/// **Repairs.** NACK sends again at most as many bytes as there was media in the second before (`max_resend_ratio` 1.0,
/// for each stream). So of every stream no more is ever sent again than was sent once, and within one second no more
/// than was sent within that second and the one before it. RTX adds two bytes a packet.
///
/// **Feedback.** A packet can open a gap of at most `max_missing` (1000) numbers, 59 pairs of a NACK, each asked for
/// `max_requests` (10) times at most, and each time in three copies at most: 30 · (12 + 59 · 4) bytes, and a PLI of 12. That is the worst for one packet;
/// reports are two rounds a second at most, each a datagram or two for a handful of streams, and one more for a stream
/// that ends. Where reduced-size RTCP was not negotiated each message stands behind a report and a name.
#[derive(Debug, Default)]
pub struct Ledger {
    totals: Totals,
    streams: [Stream; 3],
    /// Whole seconds since the start.
    second: u64,
    rtp_in: u64,
    goodbyes: u64,
    compounds: bool,
    left: DefaultHasher,
}

#[derive(Clone, Copy, Debug, Default)]
struct Stream {
    media: u64,
    resent: u64,
    /// Bytes of the current second and of the one before.
    media_now: u64,
    media_before: u64,
    resent_now: u64,
}

const FEEDBACK_A_PACKET: u64 = 30 * (12 + 59 * 4) + 12;
/// A sender report without blocks, and a name of 24 characters, before each of thirty-one messages.
const COMPOUNDS_A_PACKET: u64 = 31 * (28 + 36);
const REPORTS_A_SECOND: u64 = 2 * 2 * 1200;

impl Ledger {
    /// What has crossed so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals { digest: self.left.finish(), ..self.totals }
    }

    /// Reduced-size RTCP was not negotiated.
    pub(crate) const fn expect_compounds(&mut self) {
        self.compounds = true;
    }

    /// The clock shows `second` whole seconds since the start.
    pub(crate) fn pass(&mut self, second: u64) {
        if second == self.second {
            return;
        }
        for stream in &mut self.streams {
            stream.media_before = if second == self.second + 1 { stream.media_now } else { 0 };
            (stream.media_now, stream.resent_now) = (0, 0);
        }
        self.second = second;
    }

    /// A datagram leaves.
    pub(crate) fn sent(&mut self, datagram: &[u8]) {
        self.left.write(datagram);
    }

    /// A datagram has come.
    pub(crate) fn received(&mut self, bytes: usize, is_rtp: bool) {
        self.totals.datagrams_in += 1;
        self.totals.bytes_in += bytes as u64;
        self.rtp_in += u64::from(is_rtp);
    }

    /// A remote or local stream has ended.
    pub(crate) fn unbound(&mut self) {
        self.goodbyes += 1;
    }

    /// The application's packet of local stream `index` leaves.
    pub(crate) fn media(&mut self, index: usize, bytes: usize) {
        let bytes = bytes as u64;
        self.totals.media_out += bytes;
        let stream = &mut self.streams[index];
        stream.media += bytes;
        stream.media_now += bytes;
    }

    /// A packet of local stream `index` is sent again; `bytes` without what RTX adds.
    pub(crate) fn resent(&mut self, index: usize, bytes: usize) {
        self.totals.resent_packets += 1;
        self.totals.resent_out += bytes as u64;
        let stream = &mut self.streams[index];
        stream.resent += bytes as u64;
        stream.resent_now += bytes as u64;
        assert!(stream.resent <= stream.media, "more was sent again than was sent: {stream:?}");
        assert!(
            stream.resent_now <= stream.media_now + stream.media_before,
            "more was sent again in a second than was sent in two: {stream:?}"
        );
    }

    /// An RTCP datagram leaves.
    pub(crate) fn feedback(&mut self, bytes: usize) {
        self.totals.rtcp_packets += 1;
        self.totals.rtcp_out += bytes as u64;
        let a_packet = FEEDBACK_A_PACKET + if self.compounds { COMPOUNDS_A_PACKET } else { 0 };
        let bound = a_packet * self.rtp_in + REPORTS_A_SECOND * (self.second + 1 + self.goodbyes);
        assert!(self.totals.rtcp_out <= bound, "more RTCP than {bound} bytes: {:?}", self.totals);
    }
}
