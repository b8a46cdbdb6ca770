//! The choices that a capture leaves: format, what stands around packets, what gives way.

/// The format of capture files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// pcapng: one interface a direction, nanoseconds, a comment a packet, counts of what was missed.
    #[default]
    Pcapng,
    /// Classic pcap with nanoseconds (magic `a1b23c4d`). Has no place for direction, comments and gaps; the addresses
    /// tell the direction.
    Pcap,
    /// rtptools' rtpdump: milliseconds, no direction, no comments, IPv4 addresses only (IPv6 becomes 0.0.0.0).
    Rtpdump,
    /// One line a packet, for people and `grep`.
    Text,
}

impl Format {
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Pcapng => "pcapng",
            Self::Pcap => "pcap",
            Self::Rtpdump => "rtpdump",
            Self::Text => "txt",
        }
    }
}

/// What stands around each packet in pcapng and pcap files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinkType {
    /// Raw IPv4 or IPv6 and UDP, checksums right (LINKTYPE_RAW, 101). Can be replayed. Wireshark needs "decode as RTP"
    /// or the RTP heuristic.
    #[default]
    Ip,
    /// Wireshark's Exported PDU (LINKTYPE_WIRESHARK_UPPER_PDU, 252) that names the dissector: opens as RTP and RTCP at
    /// once.
    RtpPdu,
    /// Ethernet, IP and UDP (LINKTYPE_ETHERNET, 1), with locally administered addresses `02:00:00:00:00:01` (local)
    /// and `02:00:00:00:00:02` (remote).
    Ethernet,
}

/// What happens to a packet when the queue to the writer is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Overflow {
    /// It is not captured, and counted; the capture says where packets are missing. Media never waits.
    #[default]
    Drop,
    /// Media waits for the writer. For tests and offline tools; a disk that hangs stops the call.
    Block,
}
