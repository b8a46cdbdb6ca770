//! Puts the layers below RTP around a packet: Exported PDU tags, or IP and UDP, or Ethernet as well.

use std::io;
use std::net::{IpAddr, SocketAddr};

use etherparse::{IpEcn, IpHeaders, Ipv4Header, Ipv6Header, PacketBuilder, PacketBuilderStep, ip_number};
use interceptor_packet::Ecn;
use pcap_file::DataLink;

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
    frame.clear();
    match link_type {
        LinkType::Ip => ip(PacketBuilder::ip(ip_headers(record)), record, frame)?,
        LinkType::Ethernet => {
            let (source, destination) = match record.direction {
                Direction::Incoming => (REMOTE_MAC, LOCAL_MAC),
                Direction::Outgoing => (LOCAL_MAC, REMOTE_MAC),
            };
            ip(PacketBuilder::ethernet2(source, destination).ip(ip_headers(record)), record, frame)?;
        }
        LinkType::RtpPdu => exported_pdu(record, frame),
    }
    Ok(frame.len() - record.datagram.len())
}

fn ip(builder: PacketBuilderStep<IpHeaders>, record: &Record<'_>, frame: &mut Vec<u8>) -> io::Result<()> {
    builder
        .udp(record.source().port(), record.destination().port())
        .write(frame, record.datagram)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

/// Lengths and the IPv4 checksum are left to the builder.
fn ip_headers(record: &Record<'_>) -> IpHeaders {
    let ecn = record.packet.info().ecn.map_or(0, Ecn::bits);
    match (record.source().ip(), record.destination().ip()) {
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
fn exported_pdu(record: &Record<'_>, frame: &mut Vec<u8>) {
    const DISSECTOR_NAME: u16 = 12;
    const PORT_TYPE: u16 = 24;
    const SOURCE_PORT: u16 = 25;
    const DESTINATION_PORT: u16 = 26;
    const END: u16 = 0;
    const UDP: u32 = 3;

    let name: &[u8] = match record.packet.protocol() {
        Protocol::Rtp => b"rtp",
        Protocol::Rtcp => b"rtcp",
    };
    tag(frame, DISSECTOR_NAME, name);
    address(frame, [20, 22], record.source());
    address(frame, [21, 23], record.destination());
    tag(frame, PORT_TYPE, &UDP.to_be_bytes());
    tag(frame, SOURCE_PORT, &u32::from(record.source().port()).to_be_bytes());
    tag(frame, DESTINATION_PORT, &u32::from(record.destination().port()).to_be_bytes());
    tag(frame, END, &[]);
    frame.extend_from_slice(record.datagram);
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
