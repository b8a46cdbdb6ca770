//! RTP in tunnels and behind links gives the figures that it gives without them; tshark sees it too.

use std::net::SocketAddr;

use interceptor_inspect::frame::{Frame, dissect};
use interceptor_inspect::{Problem, Summary};
use proptest::prelude::*;

use crate::capture::{ETHERNET, Record, bytes, pcap, problem, run};
use crate::tshark::{Rtp, rtp_streams};
use crate::wrapped::{DST, SRC, SSRC, ethernet, half, ipv4, ipv6, record, rtp, udp};

const UDP: u8 = 17;

/// The packet that is wrapped up.
fn inner(seq: u16) -> Vec<u8> {
    ipv4(UDP, &udp(40_000, 5004, &rtp(SSRC, seq)))
}

fn over_udp(port: u16, payload: &[u8]) -> Vec<u8> {
    ethernet(0x0800, &ipv4(UDP, &udp(50_000, port, payload)))
}

fn gre(flags: u16, kind: u16, rest: &[u8]) -> Vec<u8> {
    ethernet(0x0800, &ipv4(47, &[&flags.to_be_bytes()[..], &kind.to_be_bytes(), rest].concat()))
}

fn gtp(flags: u8, between: &[u8], packet: &[u8]) -> Vec<u8> {
    let header = [&[0x30 | flags, 255][..], &half(between.len() + packet.len()), &[0, 0, 0, 9]].concat();
    over_udp(2152, &[&header, between, packet].concat())
}

fn pppoe(ppp: &[u8]) -> Vec<u8> {
    ethernet(0x8864, &[&[0x11, 0, 0, 7][..], &half(ppp.len()), ppp].concat())
}

type Wrap = fn(&[u8]) -> Vec<u8>;

/// Every tunnel over Ethernet, and whether tshark looks into it as well.
const TUNNELS: &[(&str, bool, Wrap)] = &[
    ("PPPoE", true, |ip| pppoe(&[&[0, 0x21][..], ip].concat())),
    ("PPPoE, one byte for the protocol", true, |ip| pppoe(&[&[0x21][..], ip].concat())),
    ("PPPoE in VLAN", true, |ip| {
        let tagged = [&[0, 5, 0x88, 0x64, 0x11, 0, 0, 7][..], &half(ip.len() + 2), &[0, 0x21], ip].concat();
        ethernet(0x8100, &tagged)
    }),
    ("VXLAN", true, |ip| over_udp(4789, &[&[8, 0, 0, 0, 0, 0, 9, 0][..], &ethernet(0x0800, ip)].concat())),
    ("VXLAN of Linux", true, |ip| {
        over_udp(8472, &[&[8, 0, 0, 0, 0, 0, 9, 0][..], &ethernet(0x0800, ip)].concat())
    }),
    ("GTP-U", true, |ip| gtp(0, &[], ip)),
    ("GTP-U with a number", true, |ip| gtp(0b010, &[0, 7, 0, 0], ip)),
    ("GTP-U with extensions", true, |ip| {
        gtp(0b111, &[0, 7, 0, 0x85, 1, 0, 9, 0x40, 2, 0x12, 0x34, 0, 0, 0, 0, 0], ip)
    }),
    ("GTP-U with Ethernet", false, |ip| gtp(0b100, &[0, 0, 0, 0x85, 1, 0, 9, 0], &ethernet(0x0800, ip))),
    ("Geneve", true, |ip| {
        let header = [2, 0, 0x65, 0x58, 0, 0, 9, 0, 1, 2, 0x80, 1, 0, 0, 0, 1];
        over_udp(6081, &[&header[..], &ethernet(0x0800, ip)].concat())
    }),
    ("GRE", true, |ip| gre(0, 0x0800, ip)),
    ("GRE with a key", true, |ip| gre(0x2000, 0x0800, &[&[0, 0, 0, 1][..], ip].concat())),
    ("GRE with a sum, a key and a number", true, |ip| gre(0xb000, 0x0800, &[&[0; 12][..], ip].concat())),
    ("GRE with Ethernet", true, |ip| gre(0, 0x6558, &ethernet(0x0800, ip))),
    ("GRE with MPLS", true, |ip| gre(0, 0x8847, &[&[0, 1, 0x01, 64][..], ip].concat())),
    ("GRE of PPTP", true, |ip| {
        gre(0x3081, 0x880b, &[&half(ip.len() + 4)[..], &[0; 10], &[0xff, 3, 0, 0x21], ip].concat())
    }),
    ("a mirrored port without a header", true, |ip| gre(0, 0x88be, &ethernet(0x0800, ip))),
    ("a mirrored port", true, |ip| {
        gre(0x1000, 0x88be, &[&[0, 0, 0, 1, 0x10, 1, 0, 1, 0, 0, 0, 0][..], &ethernet(0x0800, ip)].concat())
    }),
    ("a mirrored port with times", true, |ip| {
        let header = [0, 0, 0, 1, 0x20, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        gre(0x1000, 0x22eb, &[&header[..], &ethernet(0x0800, ip)].concat())
    }),
    ("IP in IP", true, |ip| ethernet(0x0800, &ipv4(4, ip))),
    ("IP in IPv6", true, |ip| ethernet(0x86dd, &ipv6(4, ip))),
    ("EtherIP", true, |ip| ethernet(0x0800, &ipv4(97, &[&[0x30, 0][..], &ethernet(0x0800, ip)].concat()))),
    ("MPLS", true, |ip| ethernet(0x8847, &[&[0, 1, 0x01, 64][..], ip].concat())),
    ("MPLS with three labels", true, |ip| {
        ethernet(0x8847, &[&[0, 1, 0, 64, 0, 2, 0, 64, 0, 3, 0x01, 64][..], ip].concat())
    }),
    ("a pseudowire with a control word", false, |ip| {
        ethernet(0x8847, &[&[0, 1, 0x01, 64, 0, 0, 0, 1][..], &ethernet(0x0800, ip)].concat())
    }),
    ("a pseudowire without one", false, |ip| {
        ethernet(0x8847, &[&[0, 1, 0x01, 64][..], &ethernet(0x0800, ip)].concat())
    }),
    ("multicast MPLS", true, |ip| ethernet(0x8848, &[&[0, 1, 0x01, 64][..], ip].concat())),
    ("IEEE 802.2", true, |ip| {
        ethernet(8 + ip.len() as u16, &[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0][..], ip].concat())
    }),
    ("TURN channel data", false, |ip| {
        over_udp(3478, &[&[0x40, 1][..], &half(ip.len() - 28), &ip[28..]].concat())
    }),
    ("TURN channel data with padding", false, |ip| {
        over_udp(3478, &[&[0x4f, 0xff][..], &half(ip.len() - 28), &ip[28..], &[0; 3]].concat())
    }),
    ("VXLAN in GTP-U in GRE in PPPoE", true, |ip| {
        let frame = over_udp(4789, &[&[8, 0, 0, 0, 0, 0, 9, 0][..], &ethernet(0x0800, ip)].concat());
        let frame = gtp(0, &[], &frame[14..]);
        let frame = gre(0, 0x0800, &frame[14..]);
        pppoe(&[&[0, 0x21][..], &frame[14..]].concat())
    }),
];

/// Every link type that is not Ethernet, and what stands before IP.
const LINKS: &[(u16, &str, Wrap)] = &[
    (9, "PPP", |ip| [&[0, 0x21][..], ip].concat()),
    (9, "PPP", |ip| [&[0xff, 3, 0, 0x21][..], ip].concat()),
    (50, "PPP on a serial line", |ip| [&[0xff, 3, 0, 0x21][..], ip].concat()),
    (50, "PPP on a serial line", |ip| [&[0x0f, 0, 8, 0][..], ip].concat()),
    (51, "PPPoE", |ip| [&[0x11, 0, 0, 7][..], &half(ip.len() + 2), &[0, 0x21], ip].concat()),
    (104, "Cisco HDLC", |ip| [&[0x0f, 0, 8, 0][..], ip].concat()),
    (113, "Linux cooked (SLL)", |ip| {
        let ppp = [&[0x11, 0, 0, 7][..], &half(ip.len() + 2), &[0, 0x21], ip].concat();
        [&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x88, 0x64][..], &ppp].concat()
    }),
];

/// A hundred packets, of which every tenth is missing.
fn file(link: u16, wrap: Wrap, snaplen: usize) -> Vec<u8> {
    let sent = (0..100_u16).filter(|seq| seq % 10 != 5);
    let wrapped = |seq| {
        let record = record(u32::from(seq), wrap(&inner(seq)));
        let frame = record.frame.iter().copied().take(snaplen).collect();
        Record { frame, ..record }
    };
    pcap(link, false, false, &sent.map(wrapped).collect::<Vec<_>>())
}

fn assert_found(summary: &Summary, what: &str) {
    assert_eq!(summary.problems, [], "{what}");
    let counts: Vec<_> =
        summary.streams.iter().map(|stream| (stream.ssrc, stream.packets, stream.lost)).collect();
    assert_eq!(counts, [(SSRC, 90, 10)], "{what}");
    let stream = &summary.streams[0];
    let way = if what.starts_with("TURN") { (50_000, 3478) } else { (40_000, 5004) };
    let (src, dst) = (SocketAddr::from((SRC, way.0)), SocketAddr::from((DST, way.1)));
    assert_eq!((stream.src, stream.dst), (src, dst), "{what}: the innermost");
    assert!(stream.jitter_ms.unwrap().max < 1e-6, "{what}");
}

#[test]
fn tunnels_are_looked_into() {
    for (what, _, wrap) in TUNNELS {
        assert_found(&run(&file(ETHERNET, *wrap, usize::MAX)), what);
    }
    assert_eq!(run(&bytes("field/pppoe")).streams[0].packets, 100);
}

#[test]
fn links_that_are_no_ethernet_are_looked_into() {
    for (link, name, wrap) in LINKS {
        let summary = run(&file(*link, *wrap, usize::MAX));
        assert_found(&summary, name);
        assert_eq!(summary.link_type, *name);
    }
}

/// Headers are all that is needed, and each layer's length is that on the wire.
#[test]
fn tunnels_may_be_cut() {
    for (what, _, wrap) in TUNNELS {
        let frame = wrap(&inner(0));
        let whole = frame.len();
        let (Frame::Udp(cut), Frame::Udp(all)) =
            (dissect(1, &frame[..whole - 100], whole), dissect(1, &frame, whole))
        else {
            assert_eq!(*what, "", "no datagram");
            return;
        };
        assert_eq!((cut.wire_len, cut.payload.len() < all.payload.len()), (172, true), "{what}");
        assert_eq!((all.wire_len, all.payload.len()), (172, 172), "{what}");
        assert_found(&run(&file(ETHERNET, *wrap, whole - 100)), what);
        // Cut anywhere it says that it is cut, or still is what it is.
        // Three bytes may be padding.
        for len in 0..whole - 3 {
            match dissect(1, &frame[..len], whole) {
                Frame::Udp(datagram) => assert!(datagram.payload.len() < datagram.wire_len, "{what} {len}"),
                // A length alone may announce any protocol.
                Frame::Other if *what == "IEEE 802.2" && len < 20 => {}
                other => assert_eq!(other, Frame::Cut, "{what} {len}"),
            }
        }
    }
}

#[test]
fn tshark_finds_the_same_in_tunnels() {
    let tunnels =
        TUNNELS.iter().filter(|(_, known, _)| *known).map(|(what, _, wrap)| (ETHERNET, *what, *wrap));
    let mut others = Vec::new();
    for (link, what, wrap) in tunnels.chain(LINKS.iter().copied()) {
        let arguments = ["-d", "udp.port==5004,rtp", "-d", "udp.port==8472,vxlan"];
        let Some(theirs) = rtp_streams(&file(link, wrap, usize::MAX), &arguments) else { return };
        if theirs != [(Rtp { ssrc: SSRC, packets: 90, lost: 10 })] {
            others.push((what, theirs));
        }
    }
    assert_eq!(others, []);
}

/// RFC 8656 §11: what a client sends names the peer, which is where it goes; what it gets names where it comes from.
#[test]
fn turn_indications_are_looked_into_and_name_the_peer() {
    let cookie = [0x21, 0x12, 0xa4, 0x42];
    let transaction: Vec<u8> = (1..=12).collect();
    let mask = [&cookie[..], &transaction].concat();
    let peers: [SocketAddr; 2] = ["203.0.113.9:7777".parse().unwrap(), "[2001:db8::9]:7777".parse().unwrap()];
    for peer in peers {
        let octets = match peer.ip() {
            std::net::IpAddr::V4(address) => address.octets().to_vec(),
            std::net::IpAddr::V6(address) => address.octets().to_vec(),
        };
        let mixed: Vec<u8> = octets.iter().zip(&mask).map(|(byte, mask)| byte ^ mask).collect();
        let family = if octets.len() == 4 { 1 } else { 2 };
        let port = (peer.port() ^ 0x2112).to_be_bytes();
        let address = [&[0, 0x12][..], &half(4 + mixed.len()), &[0, family], &port, &mixed].concat();
        let message = |kind: u8, seq| {
            let payload = [rtp(SSRC, seq), vec![0; 3]].concat();
            let data = [&[0, 0x13][..], &half(payload.len()), &payload, &[0]].concat();
            let software = [&[0x80, 0x22, 0, 3][..], b"me!", &[0]].concat();
            let body = [&software[..], &address, &data].concat();
            [&[0, kind][..], &half(body.len()), &cookie, &transaction, &body].concat()
        };
        for kind in [0x16, 0x17] {
            let records: Vec<Record> =
                (0..50).map(|seq| record(seq, over_udp(3478, &message(kind, seq as u16)))).collect();
            let summary = run(&pcap(ETHERNET, false, false, &records));
            let stream = &summary.streams[0];
            let (client, server) = (SocketAddr::from((SRC, 50_000)), SocketAddr::from((DST, 3478)));
            let expected = if kind == 0x16 { (client, peer) } else { (peer, server) };
            assert_eq!(
                (stream.src, stream.dst, stream.packets, stream.lost),
                (expected.0, expected.1, 50, 0)
            );
        }
    }
}

/// RTP whose bytes could be those of a tunnel on the tunnel's port, and tunnels on ports that are none.
#[test]
fn a_port_alone_makes_no_tunnel() {
    for port in [4789, 8472, 2152, 6081, 3544, 4500, 1701, 51_820, 3478] {
        let frame = |seq| over_udp(port, &rtp(SSRC, seq));
        let records: Vec<Record> = (0..50).map(|seq| record(seq, frame(seq as u16))).collect();
        let summary = run(&pcap(ETHERNET, false, false, &records));
        assert_eq!((summary.streams.len(), summary.streams[0].packets), (1, 50), "{port}");
    }
}

#[test]
fn tunnels_in_tunnels_end_somewhere() {
    let nested = |depth: usize| {
        let mut packet = inner(1);
        (0..depth).for_each(|_| packet = ipv4(4, &packet));
        ethernet(0x0800, &packet)
    };
    let records = |depth| (0..30).map(|number| record(number, nested(depth))).collect::<Vec<_>>();
    let shallow = nested(8);
    assert!(matches!(dissect(1, &shallow, shallow.len()), Frame::Udp(_)));
    let summary = run(&pcap(ETHERNET, false, false, &records(9)));
    assert!(matches!(summary.problems[..], [Problem::Encapsulated { frames: 30, .. }]), "{summary:?}");
    assert!(problem(&summary, "encapsulated").contains("more than eight"));
    // As deep as a frame can be.
    let deep = nested(3000);
    assert!(matches!(dissect(1, &deep, deep.len()), Frame::Opaque(_)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever the headers claim, a datagram lies within its frame, and nothing panics.
    #[test]
    fn damaged_tunnels_never_panic(
        which in 0..TUNNELS.len(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        len in any::<prop::sample::Index>(),
        cut in 0usize..200,
    ) {
        let mut frame = TUNNELS[which].2(&inner(7));
        for (place, byte) in flips {
            // Headers rather than payload.
            let place = place.index(frame.len().min(110));
            frame[place] = byte;
        }
        frame.truncate(len.index(frame.len()) + 1);
        for link in [1, 9, 50, 51, 101, 104, 113, 276] {
            match dissect(link, &frame, frame.len() + cut) {
                Frame::Udp(datagram) => {
                    prop_assert!(datagram.payload.len() <= datagram.wire_len.min(frame.len()));
                }
                Frame::Tcp(segment) => prop_assert!(segment.payload.len() <= segment.wire_len.min(frame.len())),
                _ => {}
            }
        }
    }
}
