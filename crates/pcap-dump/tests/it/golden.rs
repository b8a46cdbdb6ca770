//! Text and rtpdump files, byte by byte.

use std::fs;

use interceptor_packet::RtcpPacket;
use interceptor_pcap_dump::{Endpoints, Format, PcapDumpOptions};

use crate::support::{Call, LOCAL, LOCAL_RTX, REMOTE, files, media};

/// A packet of each kind.
fn write(format: Format, change: impl FnOnce(PcapDumpOptions) -> PcapDumpOptions) -> Vec<u8> {
    let (_directory, options, path) = files("{id}.{ext}");
    let mut call = Call::new(change(options.with_format(format)));
    call.send(media(LOCAL, 7, 4), 0);
    call.send(media(LOCAL_RTX, 7, 4), 1_500);
    let mut padded = media(REMOTE, 0xffff, 2);
    padded.set_padding(2);
    call.receive(&padded, 20_000);
    let mut rtcp = RtcpPacket::builder();
    rtcp.receiver_report(REMOTE, &[]).sdes_cname(REMOTE, "a").nack(REMOTE, LOCAL, &[3, 5]);
    call.receive_rtcp(&rtcp.build().unwrap(), 1_020_999);
    call.close(2_000_000);
    let extension = if format == Format::Text { "txt" } else { "rtpdump" };
    fs::read(path.join("call-1").with_extension(extension)).unwrap()
}

#[test]
fn writes_text() {
    let text = String::from_utf8(write(Format::Text, |options| options)).unwrap();
    let expected = "\
# connection call-1
2023-11-14T22:13:20.123456789Z out 192.0.2.1:5004 > 192.0.2.2:5004 RTP len=16 ssrc=0x11223344 pt=96 seq=7 ts=21000 m=0 payload=4
2023-11-14T22:13:20.124956789Z out 192.0.2.1:5004 > 192.0.2.2:5004 RTP len=16 ssrc=0x11223345 pt=96 seq=7 ts=21000 m=0 payload=4, retransmission
2023-11-14T22:13:20.143456789Z in  192.0.2.2:5004 > 192.0.2.1:5004 RTP len=16 ssrc=0x55667788 pt=111 seq=65535 ts=196605000 m=1 payload=2 padding=2
2023-11-14T22:13:21.144455789Z in  192.0.2.2:5004 > 192.0.2.1:5004 RTCP len=36 RR from=0x55667788 SDES from=0x55667788 NACK from=0x55667788 about=0x11223344 seq=3,5
";
    assert_eq!(text, expected);
}

#[test]
fn writes_rtpdump() {
    let mut expected = b"#!rtpplay1.0 192.0.2.2/5004\n".to_vec();
    // 1 700 000 000 s, 123 456 us, 192.0.2.2, 5004, padding.
    expected.extend([0x65, 0x53, 0xf1, 0x00, 0x00, 0x01, 0xe2, 0x40, 192, 0, 2, 2, 0x13, 0x8c, 0, 0]);
    let mut record = |len: u16, plen: u16, offset: u32, packet: &[u8]| {
        expected.extend(len.to_be_bytes());
        expected.extend(plen.to_be_bytes());
        expected.extend(offset.to_be_bytes());
        expected.extend(packet);
    };
    let header = |ssrc: [u8; 4]| [&[0x80, 96, 0, 7, 0, 0, 0x52, 0x08][..], &ssrc, &[7, 6, 5, 4]].concat();
    record(24, 16, 0, &header([0x11, 0x22, 0x33, 0x44]));
    record(24, 16, 1, &header([0x11, 0x22, 0x33, 0x45]));
    let padded = [0xa0, 0xef, 0xff, 0xff, 0x0b, 0xb7, 0xf4, 0x48, 0x55, 0x66, 0x77, 0x88, 0xff, 0xfe, 0, 2];
    record(24, 16, 20, &padded);
    let rtcp = [
        &[0x80, 201, 0, 1, 0x55, 0x66, 0x77, 0x88][..],
        &[0x81, 202, 0, 2, 0x55, 0x66, 0x77, 0x88, 1, 1, b'a', 0],
        &[0x81, 205, 0, 3, 0x55, 0x66, 0x77, 0x88, 0x11, 0x22, 0x33, 0x44, 0, 3, 0, 2],
    ]
    .concat();
    record(44, 0, 1020, &rtcp);
    assert_eq!(write(Format::Rtpdump, |options| options), expected);
}

#[test]
fn rtpdump_tells_the_length_of_what_was_cut() {
    let dump = write(Format::Rtpdump, |options| options.with_headers_only(true));
    let first = &dump[28 + 16..];
    assert_eq!(first[..4], [0, 20, 0, 16], "eight and the header's twelve bytes; sixteen on the wire");
    assert_eq!(first[20..24], [0, 20, 0, 16]);
}

#[test]
fn rtpdump_has_no_place_for_ipv6() {
    let v6 = Endpoints::new("[2001:db8::1]:1".parse().unwrap(), "[2001:db8::2]:5004".parse().unwrap());
    let dump = write(Format::Rtpdump, |options| options.with_endpoints(v6));
    assert!(dump.starts_with(b"#!rtpplay1.0 0.0.0.0/5004\n"));
}
