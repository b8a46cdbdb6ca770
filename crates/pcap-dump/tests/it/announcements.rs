//! Captures say what their payload types and SSRCs mean.

use interceptor_core::{FecInfo, FecScheme, RedInfo, StreamInfo};
use interceptor_packet::RtpPacket;
use interceptor_pcap_dump::{Endpoints, Format, LinkType, PcapDumpOptions};

use crate::support::{Call, tshark};

const SSRC: u32 = 0x1010;
const RTX: u32 = 0x2020;
const FEC: u32 = 0x3030;

fn video() -> StreamInfo {
    StreamInfo::new(SSRC, 100, 90_000)
        .with_mime_type("video/VP8")
        .with_rtx(RTX, 101)
        .with_red(RedInfo::new(102, 100))
        .with_fec(FecInfo::new(FecScheme::FlexFec03, 103).with_ssrc(FEC))
}

fn audio() -> StreamInfo {
    StreamInfo::new(0x4040, 111, 48_000).with_mime_type("audio/opus").with_channels(2)
}

fn packet(ssrc: u32, payload_type: u8, number: u16, timestamp: u32) -> RtpPacket {
    let packet = RtpPacket::builder().ssrc(ssrc).payload_type(payload_type).sequence_number(number);
    packet.timestamp(timestamp).payload(&[7; 40][..]).build().unwrap()
}

/// A call whose audio comes in, and whose video leaves from its 20th packet on.
fn capture(options: PcapDumpOptions) {
    let mut call = Call::empty(options);
    let now = call.at(0);
    call.chain.bind_remote(audio(), now).unwrap();
    for number in 0..100_u16 {
        let at = 20_000 * u64::from(number);
        if number == 20 {
            let now = call.at(at);
            call.chain.bind_local(video(), now).unwrap();
        }
        call.receive(&packet(0x4040, 111, number, 960 * u32::from(number)), at);
        if number >= 20 {
            call.send(packet(SSRC, 100, number, 1800 * u32::from(number)), at);
            call.send(packet(RTX, 101, number, 1800 * u32::from(number)), at);
            call.send(packet(FEC, 103, number, 1800 * u32::from(number)), at);
        }
    }
    call.close(2_000_000);
}

fn each(test: impl Fn(Format, LinkType, Endpoints)) {
    let v6 = Endpoints::new("[2001:db8::1]:6000".parse().unwrap(), "[2001:db8::2]:7000".parse().unwrap());
    for format in [Format::Pcapng, Format::Pcap] {
        for link_type in [LinkType::Ip, LinkType::Ethernet, LinkType::RtpPdu] {
            for endpoints in [Endpoints::default(), v6] {
                test(format, link_type, endpoints);
            }
        }
    }
}

#[test]
fn tshark_names_codecs_and_clocks_without_options() {
    each(|format, link_type, endpoints| {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("call-1.capture");
        let options = PcapDumpOptions::new(directory.path().join("{id}.capture"));
        let options = options.with_format(format).with_link_type(link_type).with_endpoints(endpoints);
        capture(options.with_announcements(true));
        let fields = ["sdp.media.format", "rtp.p_type", "rtp.ssrc", "_ws.col.Info"];
        let Some(rows) = tshark(&file, &[], &fields) else { return };
        let case = format!("{format:?} {link_type:?} {endpoints:?}");
        let announced: Vec<_> = rows.iter().filter(|row| !row[0].is_empty()).collect();
        assert_eq!(announced.len(), 2, "{case}: {:?}", rows.first());
        for (payload_type, name) in [("111", "opus"), ("100", "VP8"), ("101", "rtx"), ("103", "flexfec")] {
            let of_type: Vec<_> = rows.iter().filter(|row| row[1] == payload_type).collect();
            assert!(of_type.len() >= 80, "{case}: {payload_type}");
            assert!(of_type.iter().all(|row| row[3].contains(name)), "{case}: {:?}", of_type.first());
        }
    });
}

#[test]
fn every_file_of_a_rotation_begins_with_them_and_they_are_not_counted() {
    let directory = tempfile::tempdir().unwrap();
    let options = PcapDumpOptions::new(directory.path().join("{n}.pcap"))
        .with_format(Format::Pcap)
        .with_rotate_bytes(8_192)
        .with_announcements(true);
    let mut call = Call::empty(options);
    let now = call.at(0);
    call.chain.bind_local(video(), now).unwrap();
    for number in 0..300_u16 {
        call.send(packet(SSRC, 100, number, 0), u64::from(number));
    }
    let handle = call.handle();
    call.close(1_000_000);
    assert_eq!(handle.counters().written, 300);
    let files = handle.files();
    assert!(files.len() > 2);
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let position = bytes.windows(15).position(|window| window == b"application/sdp");
        assert!(position.is_some_and(|position| position < 100), "{}", file.display());
    }
}

#[test]
fn a_peer_that_becomes_known_is_announced_anew() {
    let directory = tempfile::tempdir().unwrap();
    let nobody = Endpoints::new("192.0.2.1:5004".parse().unwrap(), "0.0.0.0:0".parse().unwrap());
    let options = PcapDumpOptions::new(directory.path().join("call.pcap"))
        .with_format(Format::Pcap)
        .with_endpoints(nobody)
        .with_announcements(true);
    let mut call = Call::empty(options);
    let now = call.at(0);
    call.chain.bind_local(video(), now).unwrap();
    call.send(packet(SSRC, 100, 1, 0), 0);
    let somebody = Endpoints::new("192.0.2.1:5004".parse().unwrap(), "192.0.2.9:7777".parse().unwrap());
    let dump = call.chain.get_mut::<interceptor_pcap_dump::PcapDump>().unwrap();
    dump.set_endpoints(somebody).unwrap();
    call.send(packet(SSRC, 100, 2, 0), 10);
    call.close(1_000_000);
    let text =
        String::from_utf8_lossy(&std::fs::read(directory.path().join("call.pcap")).unwrap()).into_owned();
    assert_eq!(text.matches("application/sdp").count(), 1, "a port that nobody knows is not described");
    assert!(
        text.contains("c=IN IP4 192.0.2.9\r\n") && text.contains("m=video 7777 RTP/AVP 100 101 102 103\r\n")
    );
    assert!(text.contains("a=ssrc-group:FID 4112 8224\r\na=ssrc-group:FEC-FR 4112 12336\r\n"), "{text}");
}

#[test]
fn names_that_break_lines_are_left_out() {
    let directory = tempfile::tempdir().unwrap();
    let options = PcapDumpOptions::new(directory.path().join("call.pcap"))
        .with_format(Format::Pcap)
        .with_announcements(true);
    let mut call = Call::empty(options);
    let now = call.at(0);
    let bad = StreamInfo::new(SSRC, 100, 90_000).with_mime_type("video/VP8\r\na=evil").with_fmtp("x\r\ny");
    call.chain.bind_local(bad, now).unwrap();
    call.chain.bind_remote(audio().with_fmtp("minptime=10\r\na=evil:1"), now).unwrap();
    call.receive(&packet(0x4040, 111, 1, 0), 0);
    call.close(1_000_000);
    let text =
        String::from_utf8_lossy(&std::fs::read(directory.path().join("call.pcap")).unwrap()).into_owned();
    assert!(text.contains("opus/48000/2") && !text.contains("evil"), "{text}");
}

#[test]
fn what_has_no_room_is_left_out_and_the_rest_is_said() {
    for link_type in [LinkType::Ip, LinkType::Ethernet, LinkType::RtpPdu] {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("call.pcap");
        let options = PcapDumpOptions::new(&file).with_format(Format::Pcap).with_link_type(link_type);
        let mut call = Call::empty(options.with_announcements(true));
        let now = call.at(0);
        // 3000 groups of the longest names and SSRCs, and all payload types with parameters as long as they may be.
        for number in 0..1_500_u32 {
            let [ssrc, rtx, fec] = [1, 2, 3].map(|kind| u32::MAX - 4 * number - kind);
            let types = (number % 126) as u8;
            let stream = StreamInfo::new(ssrc, types, 90_000)
                .with_mime_type(format!("video/{}", "V".repeat(60)))
                .with_fmtp("x".repeat(256))
                .with_rtx(rtx, 126)
                .with_fec(FecInfo::new(FecScheme::FlexFec03, 127).with_ssrc(fec));
            call.chain.bind_local(stream, now).unwrap();
        }
        call.send(packet(u32::MAX - 1, 0, 1, 0), 1);
        call.close(1_000_000);
        let bytes = std::fs::read(&file).unwrap();
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(
            has("a=rtpmap:125 VVV") && has("a=ssrc-group:FEC-FR 4294967294 4294967292\r\n"),
            "{link_type:?}"
        );
    }
}
