//! Packets of real programs: FFmpeg, GStreamer, Chromium. The figures were counted by another program.

use std::collections::BTreeMap;

use interceptor_packet::ext::{AbsSendTime, AudioLevel, Mid, TransportSequenceNumber, VideoTiming};
use interceptor_packet::{Kind, Rtcp, RtcpPacket, RtpPacket, classify};

use crate::hex::hex;

const RTP: &str = include_str!("../data/rtp.hex");
const RTCP: &str = include_str!("../data/rtcp.hex");

fn rtcp_packets() -> impl Iterator<Item = RtcpPacket> {
    RTCP.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let bytes = hex(line);
        assert_eq!(classify(&bytes), Kind::Rtcp);
        let packet = RtcpPacket::parse(bytes.clone()).unwrap();
        assert_eq!((packet.as_bytes(), packet.malformed()), (&bytes, 0));
        packet
    })
}

#[test]
fn every_rtcp_packet_is_understood() {
    let mut kinds = BTreeMap::new();
    for packet in rtcp_packets() {
        for view in packet.packets() {
            let kind = match view {
                Rtcp::SenderReport(_) => "SR",
                Rtcp::ReceiverReport(_) => "RR",
                Rtcp::Sdes(_) => "SDES",
                Rtcp::Nack(_) => "NACK",
                Rtcp::Twcc(_) => "TWCC",
                Rtcp::Pli(_) => "PLI",
                Rtcp::Xr(_) => "XR",
                other => panic!("{other:?}"),
            };
            *kinds.entry(kind).or_insert(0) += 1;
        }
    }
    let counted = [("NACK", 32), ("PLI", 1), ("RR", 48), ("SDES", 69), ("SR", 41), ("TWCC", 440), ("XR", 31)];
    assert_eq!(kinds, BTreeMap::from(counted));
}

#[test]
fn the_content_of_rtcp_packets_is_right() {
    let (mut lost, mut blocks, mut negative, mut named) = (0, 0, 0, 0);
    let (mut clocks, mut delays) = (0, 0);
    for packet in rtcp_packets() {
        for view in packet.packets() {
            match view {
                Rtcp::Nack(nack) => lost += nack.sequence_numbers().count(),
                Rtcp::SenderReport(report) => {
                    blocks += report.report_blocks().count();
                    negative += report.report_blocks().filter(|block| block.cumulative_lost() < 0).count();
                }
                Rtcp::ReceiverReport(report) => {
                    blocks += report.report_blocks().count();
                    negative += report.report_blocks().filter(|block| block.cumulative_lost() == -1).count();
                }
                Rtcp::Sdes(sdes) => named += sdes.cnames().filter(|(_, name)| !name.is_empty()).count(),
                Rtcp::Xr(xr) => {
                    clocks += usize::from(xr.receiver_reference_time().is_some());
                    delays += xr.dlrr_entries().count();
                }
                _ => {}
            }
        }
    }
    // GStreamer counts one packet too few as expected, so its loss is -1 where nothing was lost.
    assert_eq!((lost, blocks, negative), (33, 41, 3));
    assert_eq!(named, 69);
    assert_eq!((clocks, delays), (16, 19));
}

#[test]
fn transport_wide_feedback_of_real_programs_is_decoded() {
    let (mut received, mut lost) = (0, 0);
    for packet in rtcp_packets() {
        for view in packet.packets() {
            let Rtcp::Twcc(feedback) = view else { continue };
            for (_, status) in feedback.packets().unwrap() {
                *(if status.is_received() { &mut received } else { &mut lost }) += 1;
            }
        }
    }
    assert_eq!((received, lost), (1746, 44));
}

#[test]
fn every_rtp_packet_is_understood() {
    let (mut packets, mut elements, mut padding, mut payload) = (0, BTreeMap::new(), 0, 0);
    for line in RTP.lines() {
        let bytes = hex(line);
        assert_eq!(classify(&bytes), Kind::Rtp);
        let packet = RtpPacket::parse(bytes.clone()).unwrap();
        assert_eq!(packet.to_bytes(), bytes);
        packets += 1;
        padding += usize::from(packet.padding_len());
        payload += packet.payload().len();
        for (id, _) in packet.extensions() {
            *elements.entry(id).or_insert(0) += 1;
        }
    }
    assert_eq!((packets, padding, payload), (72, 1020, 544));
    let counted = [(2, 42), (3, 8), (4, 42), (7, 13), (8, 2), (9, 21), (14, 6)];
    assert_eq!(elements, BTreeMap::from(counted));
}

/// Chromium's identifiers: 2 abs-send-time, 4 transport-wide, 7 video timing, 9 MID, 14 audio level.
#[test]
fn header_extensions_of_chromium_are_understood() {
    let packets = RTP.lines().map(|line| RtpPacket::parse(hex(line)).unwrap());
    let packets: Vec<RtpPacket> = packets.filter(|packet| packet.extension(4).is_some()).collect();
    let numbers: Vec<u16> = packets
        .iter()
        .map(|packet| packet.read(4))
        .map(|number: Option<TransportSequenceNumber>| number.unwrap().0)
        .collect();
    assert_eq!(
        (numbers.len(), numbers[..24].to_vec()),
        (42, (1..=17).chain([19, 20, 28, 34, 55, 56, 60]).collect())
    );

    // Each packet left after the one before.
    assert!(numbers.is_sorted());
    let sent: Vec<AbsSendTime> = packets.iter().map(|packet| packet.read(2).unwrap()).collect();
    assert!(sent.windows(2).all(|sent| sent[1].difference(sent[0]) > 0));
    assert_eq!(sent[1].nanos_since(sent[0]) / 1000, 14_068);

    let named = |name| packets.iter().filter(|packet| packet.read(9) == Mid::new(name)).count();
    assert_eq!((named("0"), named("1")), (15, 6));
    let levels = packets.iter().filter_map(|packet| packet.read::<AudioLevel>(14));
    assert!(levels.map(|level| (level.voice(), level.level())).eq([(true, 3); 6]));

    let timings: Vec<VideoTiming> = packets.iter().filter_map(|packet| packet.read(7)).collect();
    assert_eq!(timings.len(), 13);
    assert!(timings.iter().all(
        |timing| timing.encode_start <= timing.encode_finish && timing.encode_finish <= timing.pacer_exit
    ));
    assert_eq!((timings[0].by_timer, timings[0].by_size, timings[0].pacer_exit), (true, true, 57));
}
