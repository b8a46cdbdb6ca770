//! Puts the layers below RTP around a packet: Exported PDU tags, or IP and UDP, or Ethernet as well.

use std::io;
use std::net::{IpAddr, SocketAddr};

use etherparse::{IpEcn, IpHeaders, Ipv4Header, Ipv6Header, PacketBuilder, PacketBuilderStep, ip_number};
use interceptor_packet::Ecn;
use pcap_file::DataLink;

use crate::announce::{self, Announcement};
use crate::{Direction, LinkType, Protocol, Record};

const LOCAL_MAC: [u8; 6] = [0x02, 0, 0, 0, 0, 0x01];
const REMOTE_MAC: [u8; 6] = [0x02, 0, 0, 0, 0, 0x02];
const HOPS: u8 = 64;

pub(crate) const fn data_link(link_type: LinkType) -> DataLink {
    match link_type {
        LinkType::Ip => DataLink::RAW,
        LinkType::RtpPdu => DataLink::WIRESHARK_UPPER_PDU,
        LinkType::Ethernet => DataLink::ETHERNET,
    }
}

/// Replaces `frame` by the record's whole packet with everything around it; says how many bytes that adds in front.
/// Lengths and checksums are those of the whole packet, also when only a part of it will be kept.
///
/// # Errors
/// `InvalidInput` when the packet is longer than an IP packet can be.
pub(crate) fn build(link_type: LinkType, record: &Record<'_>, frame: &mut Vec<u8>) -> io::Result<usize> {
    let dissector = match record.packet.protocol() {
        Protocol::Rtp => "rtp",
        Protocol::Rtcp => "rtcp",
    };
    let datagram = Datagram {
        direction: record.direction,
        source: record.source(),
        destination: record.destination(),
        ecn: record.packet.info().ecn.map_or(0, Ecn::bits),
        dissector,
        payload: record.datagram,
    };
    datagram.build(link_type, frame)?;
    Ok(frame.len() - record.datagram.len())
}

/// Replaces `frame` by an announcement with everything around it.
///
/// # Errors
/// As [`build`].
pub(crate) fn announce(link_type: LinkType, said: &Announcement, frame: &mut Vec<u8>) -> io::Result<()> {
    let with_port = |address: SocketAddr| SocketAddr::new(address.ip(), announce::PORT);
    // Wireshark's dissector of announcements has no name that an exported PDU could give.
    let (dissector, payload) = match link_type {
        LinkType::RtpPdu => ("sdp", said.sdp()),
        LinkType::Ip | LinkType::Ethernet => ("", &*said.packet),
    };
    let datagram = Datagram {
        direction: said.direction,
        source: with_port(said.source),
        destination: with_port(said.destination),
        ecn: 0,
        dissector,
        payload,
    };
    datagram.build(link_type, frame)
}

/// What goes into a frame.
struct Datagram<'a> {
    direction: Direction,
    source: SocketAddr,
    destination: SocketAddr,
    ecn: u8,
    /// Wireshark's name for who reads it.
    dissector: &'a str,
    payload: &'a [u8],
}

impl Datagram<'_> {
    fn build(&self, link_type: LinkType, frame: &mut Vec<u8>) -> io::Result<()> {
        frame.clear();
        match link_type {
            LinkType::Ip => ip(PacketBuilder::ip(ip_headers(self)), self, frame)?,
            LinkType::Ethernet => {
                let (source, destination) = match self.direction {
                    Direction::Incoming => (REMOTE_MAC, LOCAL_MAC),
                    Direction::Outgoing => (LOCAL_MAC, REMOTE_MAC),
                };
                ip(PacketBuilder::ethernet2(source, destination).ip(ip_headers(self)), self, frame)?;
            }
            LinkType::RtpPdu => exported_pdu(self, frame),
        }
        Ok(())
    }
}

fn ip(builder: PacketBuilderStep<IpHeaders>, datagram: &Datagram<'_>, frame: &mut Vec<u8>) -> io::Result<()> {
    builder
        .udp(datagram.source.port(), datagram.destination.port())
        .write(frame, datagram.payload)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

/// Lengths and the IPv4 checksum are left to the builder.
fn ip_headers(datagram: &Datagram<'_>) -> IpHeaders {
    let ecn = datagram.ecn;
    match (datagram.source.ip(), datagram.destination.ip()) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let mut header = Ipv4Header {
                time_to_live: HOPS,
                protocol: ip_number::UDP,
                source: source.octets(),
                destination: destination.octets(),
                dont_fragment: true,
                ..Ipv4Header::default()
            };
            header.ecn = IpEcn::try_new(ecn).unwrap_or_default();
            IpHeaders::Ipv4(header, Default::default())
        }
        (source, destination) => {
            let header = Ipv6Header {
                traffic_class: ecn,
                next_header: ip_number::UDP,
                hop_limit: HOPS,
                source: v6(source),
                destination: v6(destination),
                ..Ipv6Header::default()
            };
            IpHeaders::Ipv6(header, Default::default())
        }
    }
}

fn v6(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}

/// Wireshark's exported_pdu: big-endian tag, length, value padded to four bytes; then the packet.
fn exported_pdu(datagram: &Datagram<'_>, frame: &mut Vec<u8>) {
    const DISSECTOR_NAME: u16 = 12;
    const PORT_TYPE: u16 = 24;
    const SOURCE_PORT: u16 = 25;
    const DESTINATION_PORT: u16 = 26;
    const END: u16 = 0;
    const UDP: u32 = 3;

    tag(frame, DISSECTOR_NAME, datagram.dissector.as_bytes());
    address(frame, [20, 22], datagram.source);
    address(frame, [21, 23], datagram.destination);
    tag(frame, PORT_TYPE, &UDP.to_be_bytes());
    tag(frame, SOURCE_PORT, &u32::from(datagram.source.port()).to_be_bytes());
    tag(frame, DESTINATION_PORT, &u32::from(datagram.destination.port()).to_be_bytes());
    tag(frame, END, &[]);
    frame.extend_from_slice(datagram.payload);
}

/// The tags for IPv4 and IPv6 differ.
fn address(frame: &mut Vec<u8>, [v4_tag, v6_tag]: [u16; 2], address: SocketAddr) {
    match address.ip() {
        IpAddr::V4(ip) => tag(frame, v4_tag, &ip.octets()),
        IpAddr::V6(ip) => tag(frame, v6_tag, &ip.octets()),
    }
}

fn tag(frame: &mut Vec<u8>, tag: u16, value: &[u8]) {
    let padded = value.len().next_multiple_of(4);
    frame.extend_from_slice(&tag.to_be_bytes());
    frame.extend_from_slice(&(padded as u16).to_be_bytes());
    frame.extend_from_slice(value);
    frame.resize(frame.len() + padded - value.len(), 0);
}
