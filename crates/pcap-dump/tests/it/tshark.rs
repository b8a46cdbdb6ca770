//! Every pcapng and pcap output opens in tshark and says what was sent.

use interceptor_packet::RtcpPacket;
use interceptor_pcap_dump::{Endpoints, Format, LinkType, PcapDumpOptions};

use crate::support::{ANCHOR, Call, LOCAL, LOCAL_RTX, REMOTE, media, tshark};

const PACKETS: u16 = 300;

/// What tshark should find in a packet.
#[derive(Debug, PartialEq)]
struct Seen {
    nanos_since_epoch: u128,
    ssrc: u32,
    sequence_number: u16,
}

fn micros(n: u16) -> u64 {
    u64::from(n) * 3_333 + 7
}

/// Media out with every tenth packet repeated as RTX, media in, and RTCP both ways; sequence numbers wrap.
fn run(call: &mut Call) -> (Vec<Seen>, usize) {
    let mut sent = Vec::new();
    let mut rtcp = 0;
    for n in 0..PACKETS {
        let number = n.wrapping_sub(100);
        let at = micros(n);
        let ssrc = match n % 10 {
            9 => LOCAL_RTX,
            odd if odd % 2 == 1 => REMOTE,
            _ => LOCAL,
        };
        let packet = media(ssrc, number, 20 + usize::from(n) * 4);
        match ssrc {
            REMOTE => call.receive(&packet, at),
            _ => call.send(packet, at),
        }
        sent.push(Seen {
            nanos_since_epoch: ANCHOR.as_nanos() + u128::from(at) * 1000,
            ssrc,
            sequence_number: number,
        });
        if n % 50 == 0 {
            let pli = RtcpPacket::builder().pli(LOCAL, REMOTE).build().unwrap();
            call.chain.read_datagram(pli.as_bytes().clone(), call.at(at));
            call.chain.write_rtcp(pli, call.at(at));
            rtcp += 2;
        }
    }
    (sent, rtcp)
}

fn check(format: Format, link_type: LinkType, endpoints: Endpoints) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("call-1.capture");
    let options = PcapDumpOptions::new(directory.path().join("{id}.capture"))
        .with_format(format)
        .with_link_type(link_type)
        .with_endpoints(endpoints);
    let mut call = Call::new(options);
    let (sent, rtcp) = run(&mut call);
    call.close(micros(PACKETS));

    let arguments: &[&str] = match link_type {
        LinkType::RtpPdu => &[],
        _ => &["-d", "udp.port==5004,rtp", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"],
    };
    let fields = [
        "frame.time_epoch",
        "rtp.ssrc",
        "rtp.seq",
        "rtcp.pt",
        "ip.checksum.status",
        "udp.checksum.status",
        "rtp.p_type",
    ];
    let Some(rows) = tshark(&file, arguments, &fields) else { return };
    assert_eq!(rows.len(), sent.len() + rtcp, "every packet is there, once");
    let mut seen = Vec::new();
    for row in rows {
        let [time, ssrc, seq, pt, ip_checksum, udp_checksum, _] = row.as_slice() else { panic!("{row:?}") };
        if link_type != LinkType::RtpPdu {
            assert_eq!(udp_checksum, "1", "the UDP checksum is right: {row:?}");
            assert_eq!(ip_checksum, if endpoints.local.is_ipv4() { "1" } else { "" }, "{row:?}");
        }
        if ssrc.is_empty() {
            assert_eq!(pt, "206", "{row:?}");
            continue;
        }
        let (seconds, nanos) = time.split_once('.').unwrap();
        seen.push(Seen {
            nanos_since_epoch: seconds.parse::<u128>().unwrap() * 1_000_000_000
                + nanos.parse::<u128>().unwrap(),
            ssrc: u32::from_str_radix(ssrc.trim_start_matches("0x"), 16).unwrap(),
            sequence_number: seq.parse().unwrap(),
        });
    }
    assert_eq!(seen, sent);
}

fn v6() -> Endpoints {
    Endpoints::new("[2001:db8::1]:5004".parse().unwrap(), "[2001:db8::2]:5004".parse().unwrap())
}

#[test]
fn reads_pcapng_with_ip() {
    check(Format::Pcapng, LinkType::Ip, Endpoints::default());
    check(Format::Pcapng, LinkType::Ip, v6());
}

#[test]
fn reads_pcapng_with_ethernet() {
    check(Format::Pcapng, LinkType::Ethernet, Endpoints::default());
    check(Format::Pcapng, LinkType::Ethernet, v6());
}

#[test]
fn reads_pcapng_with_rtp_pdus() {
    check(Format::Pcapng, LinkType::RtpPdu, Endpoints::default());
    check(Format::Pcapng, LinkType::RtpPdu, v6());
}

#[test]
fn reads_pcap_with_ip() {
    check(Format::Pcap, LinkType::Ip, Endpoints::default());
    check(Format::Pcap, LinkType::Ip, v6());
}

#[test]
fn reads_pcap_with_ethernet() {
    check(Format::Pcap, LinkType::Ethernet, Endpoints::default());
    check(Format::Pcap, LinkType::Ethernet, v6());
}

#[test]
fn reads_pcap_with_rtp_pdus() {
    check(Format::Pcap, LinkType::RtpPdu, Endpoints::default());
    check(Format::Pcap, LinkType::RtpPdu, v6());
}
