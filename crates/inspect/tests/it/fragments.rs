//! IP fragments: the first stands for the whole datagram.

use interceptor_inspect::{Problem, Summary};

use crate::capture::{ETHERNET, Record, bytes, pcap, problem, run};
use crate::wrapped::{SSRC, ethernet, half, ipv4_part, ipv6, record, rtp, udp};

/// More fragments follow.
const MORE: u16 = 0x2000;
const UDP: u8 = 17;

#[derive(Clone, Copy)]
enum Version {
    V4,
    V6,
}

/// A packet of a large frame, in fragments of 400 bytes, the first of them first.
fn parts(version: Version, seq: u16) -> Vec<Vec<u8>> {
    let payload = [rtp(SSRC, seq), vec![seq as u8; 900]].concat();
    let datagram = udp(40_000, 5004, &payload);
    let count = datagram.len().div_ceil(400);
    let part = |(place, part): (usize, &[u8])| {
        let more = place + 1 < count;
        match version {
            Version::V4 => {
                let bits = if more { MORE } else { 0 } | (place * 50) as u16;
                ethernet(0x0800, &ipv4_part(UDP, seq, bits, part))
            }
            Version::V6 => {
                let bits = half((place * 400) | usize::from(more));
                let header = [&[UDP, 0][..], &bits, &u32::from(seq).to_be_bytes()].concat();
                ethernet(0x86dd, &ipv6(44, &[&header, part].concat()))
            }
        }
    };
    datagram.chunks(400).enumerate().map(part).collect()
}

fn summary(frames: impl IntoIterator<Item = Vec<u8>>) -> Summary {
    let records: Vec<Record> =
        frames.into_iter().zip(0..).map(|(frame, number)| record(number, frame)).collect();
    run(&pcap(ETHERNET, false, false, &records))
}

fn counts(summary: &Summary) -> Vec<(u32, u64, i64)> {
    summary.streams.iter().map(|stream| (stream.ssrc, stream.packets, stream.lost)).collect()
}

#[test]
fn fragmented_datagrams_count_as_whole_ones() {
    for version in [Version::V4, Version::V6] {
        let whole = summary((0..50).flat_map(|seq| parts(version, seq)));
        assert_eq!(counts(&whole), [(SSRC, 50, 0)]);
        assert_eq!(whole.problems, []);
    }
}

#[test]
fn fragments_may_come_the_last_first() {
    for version in [Version::V4, Version::V6] {
        let backwards = |seq| parts(version, seq).into_iter().rev().collect::<Vec<_>>();
        let summary = summary((0..50).flat_map(backwards));
        assert_eq!((counts(&summary), summary.problems), (vec![(SSRC, 50, 0)], vec![]));
    }
}

/// A capture filter for a port keeps the first fragments alone: the others have no ports.
#[test]
fn first_fragments_alone_are_enough() {
    for version in [Version::V4, Version::V6] {
        let summary = summary((0..50).map(|seq| parts(version, seq).swap_remove(0)));
        assert_eq!((counts(&summary), summary.problems), (vec![(SSRC, 50, 0)], vec![]));
    }
}

#[test]
fn datagrams_without_their_first_fragment_are_named_once_each() {
    for version in [Version::V4, Version::V6] {
        let kept = |seq: u16| parts(version, seq).into_iter().skip(usize::from(seq % 10 == 5));
        let summary = summary((0..50).flat_map(kept));
        assert_eq!(counts(&summary), [(SSRC, 45, 5)]);
        assert_eq!(summary.problems, [Problem::Fragments { packets: 5 }]);
        assert!(
            problem(&summary, "fragments").starts_with("5 datagrams whose first fragment"),
            "{summary:?}"
        );
        assert!(!summary.damaged);
    }
}

/// Fragments of anything but UDP say nothing about RTP.
#[test]
fn fragments_of_other_protocols_are_no_problem() {
    let icmp = |id| ethernet(0x0800, &ipv4_part(1, id, 100, &[0; 64]));
    let rtp = |seq| ethernet(0x0800, &ipv4_part(UDP, 0, 0, &udp(40_000, 5004, &rtp(SSRC, seq))));
    let summary = summary((0..20).flat_map(|seq| [icmp(seq), rtp(seq)]));
    assert_eq!((counts(&summary), summary.problems), (vec![(SSRC, 20, 0)], vec![]));
}

/// Every fifth packet of video is longer than its link allows; FFmpeg's MJPEG over a loopback of 1500 bytes.
#[test]
fn captures_with_fragments_have_lost_nothing() {
    let packets = |name| {
        let summary = run(&bytes(name));
        assert_eq!(problem(&summary, "fragments"), "", "{name}");
        counts(&summary).into_iter().map(|(_, packets, lost)| (packets, lost)).collect::<Vec<_>>()
    };
    assert_eq!(packets("field/ip_fragments"), [(200, 0)]);
    assert_eq!(packets("field/ip_fragments_mjpeg.pcapng"), [(679, 0)]);
}
