//! What the table of malformed and hostile input promises, a test a row.

use std::io::Read;

use interceptor_inspect::capture::{CaptureReader, DamageKind};
use interceptor_inspect::frame::Encapsulation;
use interceptor_inspect::{InspectOptions, Problem, Repair, StreamSummary, Summary};
use proptest::prelude::*;

use crate::call::{MEDIA, MEDIA_TYPE, Wire, media, packet, rtx, time};
use crate::capture::{ETHERNET, NAMES, Record, bytes, pcap, pcapng, problem, records, run, run_with};
use crate::gzip::gzip;
use crate::made::{Made, Random, audio, audio_of, find, inspect, single};
use crate::repair_fec::{FEC, FEC_TYPE, FIRST, masked, rectangle};
use crate::wrapped::{self, SSRC, ethernet, ipv4, rtp, udp};

/// Records, and what is wrong with the file.
fn read(file: impl Read) -> (u64, Vec<DamageKind>, u64) {
    let mut reader = CaptureReader::new(file);
    while reader.next().is_some() {}
    let kinds = reader.damage().iter().map(|damage| damage.kind).collect();
    (reader.records(), kinds, reader.more_damage())
}

fn some(count: usize) -> Vec<Record> {
    records("gst_vp8_rtx_loss").into_iter().take(count).collect()
}

#[test]
fn a_file_that_ends_early_is_read_up_to_there() {
    let file = pcap(ETHERNET, false, false, &some(20));
    assert_eq!(read(&file[..file.len() - 1]), (19, vec![DamageKind::Truncated], 0));
    assert_eq!(read(&file[..10]), (0, vec![DamageKind::Truncated], 0));
}

#[test]
fn bytes_that_make_no_sense_are_skipped() {
    let mut file = pcap(ETHERNET, false, false, &some(20));
    let first = 16 + some(1)[0].frame.len();
    file[24 + first..24 + first + 16].fill(0xff);
    assert_eq!(read(&file[..]), (19, vec![DamageKind::Damaged], 0));
}

#[test]
fn what_is_no_capture_is_not_read() {
    assert_eq!(read(&b"Dear sir or madam, this is no capture."[..]), (0, vec![DamageKind::NotACapture], 0));
}

#[test]
fn a_reader_that_fails_ends_the_file_there() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is on fire"))
        }
    }
    let file = pcap(ETHERNET, false, false, &some(20));
    assert_eq!(read(file.chain(Failing)), (20, vec![DamageKind::Unreadable], 0));
}

#[test]
fn damage_without_end_is_counted() {
    // Every second packet names an interface that nobody has described.
    let mut file = pcapng(ETHERNET, false, &some(200));
    let mut place = 48;
    for (number, record) in some(200).iter().enumerate() {
        file[place + 8] = (number % 2) as u8;
        place += 32 + record.frame.len().next_multiple_of(4);
    }
    let (records, described, more_damage) = read(&file[..]);
    assert_eq!((records, described.len(), more_damage), (100, 32, 68));
    let more = Problem::MoreDamage { places: 68, offset: file.len() as u64 };
    assert!(run(&file).problems.contains(&more));
}

#[test]
fn frames_of_an_unknown_link_type_are_left_out() {
    let summary = run(&pcap(105, false, false, &some(20)));
    assert!(summary.streams.is_empty() && summary.damaged);
    assert_eq!(summary.problems, [Problem::UnknownLinkType { frames: 20, link_types: vec![105] }]);
}

#[test]
fn later_fragments_without_their_first_are_left_out() {
    let mut records = some(200);
    records[150].frame[21] = 100;
    let summary = run(&pcap(ETHERNET, false, false, &records));
    assert!(summary.problems.contains(&Problem::Fragments { packets: 1 }), "{:?}", summary.problems);
}

#[test]
fn malformed_datagrams_among_rtp_are_left_out() {
    let mut records = some(400);
    let is_rtp = |record: &&mut Record| !(192..=223).contains(&record.udp_payload()[1]);
    let record = records.iter_mut().skip(300).find(is_rtp).unwrap();
    // Fifteen contributing sources in a packet that ends behind the first.
    record.frame[42] = 0x8f;
    record.frame.truncate(42 + 16);
    record.frame[38..40].copy_from_slice(&24_u16.to_be_bytes());
    record.frame[16..18].copy_from_slice(&44_u16.to_be_bytes());
    record.original = record.frame.len() as u32;
    let summary = run(&pcap(ETHERNET, false, false, &records));
    assert!(summary.problems.contains(&Problem::MalformedRtp { datagrams: 1 }), "{:?}", summary.problems);
}

#[test]
fn malformed_parts_of_rtcp_are_left_out_and_their_siblings_count() {
    let mut records = some(400);
    let is_report = |record: &&mut Record| record.udp_payload()[1] == 200 && record.ports().1 == 7003;
    let record = records.iter_mut().find(is_report).unwrap();
    // The second packet of the compound claims to be longer than the datagram.
    let second = 42 + 4 * (1 + usize::from(u16::from_be_bytes([record.frame[44], record.frame[45]])));
    record.frame[second + 2..second + 4].copy_from_slice(&999_u16.to_be_bytes());
    let summary = run(&pcap(ETHERNET, false, false, &records));
    let whole = run(&pcap(ETHERNET, false, false, &some(400)));
    assert!(summary.problems.contains(&Problem::MalformedRtcp { datagrams: 1 }), "{:?}", summary.problems);
    let reports = |summary: &Summary| summary.streams.iter().map(|stream| stream.rtcp.sr).sum::<u64>();
    assert_eq!(reports(&summary), reports(&whole));
}

/// The reports of the call, with all behind their first eight bytes encrypted, an index and a tag (RFC 3711 §3.4).
#[test]
fn of_encrypted_rtcp_the_clear_header_counts() {
    let clear = records("gst_vp8_rtx_loss");
    let mut random = Random(7);
    let mut encrypted = clear.clone();
    for (index, record) in encrypted.iter_mut().enumerate() {
        if (200..=207).contains(&record.udp_payload()[1]) {
            let hidden = record.frame.len() - 50;
            record.frame.truncate(50);
            record.frame.extend(random.bytes(hidden));
            record.frame.extend((0x8000_0000 | index as u32).to_be_bytes());
            record.frame.extend(random.bytes(10));
            let udp_len = (record.frame.len() - 34) as u16;
            record.frame[38..40].copy_from_slice(&udp_len.to_be_bytes());
            record.frame[16..18].copy_from_slice(&(udp_len + 20).to_be_bytes());
            record.original = record.frame.len() as u32;
        }
    }
    let (whole, hidden) =
        (run(&pcap(ETHERNET, false, false, &clear)), run(&pcap(ETHERNET, false, false, &encrypted)));
    let is_rtcp = |record: &&Record| (200..=207).contains(&record.udp_payload()[1]);
    let datagrams = clear.iter().filter(is_rtcp).count() as u64;
    assert!(hidden.problems.contains(&Problem::EncryptedRtcp { datagrams }), "{:?}", hidden.problems);
    assert!(hidden.problems.iter().all(|problem| problem.kind() != "malformed"), "{:?}", hidden.problems);
    let reports = |summary: &Summary| summary.streams.iter().map(|stream| stream.rtcp.sr).sum::<u64>();
    assert!(reports(&whole) > 0 && reports(&hidden) == reports(&whole), "{hidden:?}");
    let others = |stream: &StreamSummary| stream.rtcp.rr + stream.rtcp.nack + stream.rtcp.pli;
    assert!(whole.streams.iter().map(others).sum::<u64>() > 0);
    assert!(hidden.streams.iter().all(|stream| others(stream) == 0 && stream.rtt_ms.is_none()));
}

#[test]
fn rtp_with_rtcps_second_byte_is_rtp_where_it_goes_on() {
    let mut all: Vec<Made> = (0..100).map(audio).collect();
    for (number, packet) in all.iter_mut().enumerate() {
        packet.data[1] = if number % 3 == 2 { 0x80 | 94 } else { 94 };
    }
    let summary = find(&all);
    assert_eq!((single(&summary).packets, single(&summary).lost), (100, 0));
    assert!(
        summary.problems.iter().all(|problem| problem.kind() == "clock-guessed"),
        "{:?}",
        summary.problems
    );
}

#[test]
fn timestamps_that_jump_are_named_and_teach_nothing() {
    let mut all: Vec<Made> = (0..100).map(audio).collect();
    all[50].data[4] ^= 0x40;
    let summary = find(&all);
    let stream = single(&summary);
    assert!(stream.jitter_ms.unwrap().max < 0.01 && stream.skew_ms.unwrap().abs() < 0.01, "{stream:?}");
    let [Problem::TimestampJumps { ssrc, count: 2, .. }] = summary.problems[..] else {
        unreachable!("{:?}", summary.problems)
    };
    let sentence = "the timestamps of 0x11223344 jump 2 times, by up to 134217.7 s";
    assert_eq!((ssrc, summary.problems[0].to_string()), (stream.ssrc, sentence.to_owned()));
}

#[test]
fn packets_that_wait_without_end_are_forgotten_and_counted() {
    let strangers = (0..1000_u32).map(|ssrc| audio_of(ssrc, 7 * ssrc));
    let options = InspectOptions::default().with_max_waiting_packets(100);
    let summary = inspect(&strangers.collect::<Vec<_>>(), &options);
    let [Problem::Undecided { packets: 1000, forgotten }] = summary.problems[..] else {
        unreachable!("{:?}", summary.problems)
    };
    assert!((900..1000).contains(&forgotten), "{forgotten}");
}

#[test]
fn few_packets_that_look_like_rtp_are_left_out() {
    let is_rtp = |record: &Record| !(192..=223).contains(&record.udp_payload()[1]);
    let few: Vec<Record> = some(100).into_iter().filter(is_rtp).take(2).collect();
    let file = pcap(ETHERNET, false, false, &few);
    let summary = run(&file);
    assert!(summary.streams.is_empty());
    assert_eq!(summary.problems, [Problem::Undecided { packets: 2, forgotten: 0 }]);
    let port = few[0].ports().1;
    let told = run_with(&file, &InspectOptions::default().with_port(port));
    assert_eq!(told.streams.len(), 1, "one who says the port is sure");
}

#[test]
fn streams_without_end_in_a_capture_are_not_told_apart() {
    const STREAMS: u32 = 20_000;
    let sample = some(100).into_iter().find(|record| record.udp_payload()[1] & 0x7f == 98).unwrap();
    let packets = (0..STREAMS).map(|ssrc| {
        let mut record = sample.clone();
        record.frame.truncate(42 + 12);
        record.frame[50..54].copy_from_slice(&ssrc.to_be_bytes());
        record
    });
    let packets: Vec<Record> = packets.collect();
    let port = sample.ports().1;
    let file = pcap(ETHERNET, false, false, &packets);
    let summary = run_with(&file, &InspectOptions::default().with_port(port));
    assert_eq!(summary.streams.len(), 16_384);
    assert_eq!(summary.problems, [Problem::TooManyStreams { packets: u64::from(STREAMS) - 16_384 }]);
}

#[test]
fn a_gzip_file_that_is_cut_or_damaged_is_read_up_to_there() {
    let plain = pcap(ETHERNET, false, false, &some(400));
    let mut file = gzip(&plain);
    let (records, kinds, _) = read(&file[..file.len() - 1]);
    assert_eq!((records, kinds), (400, vec![DamageKind::Truncated]));
    let place = file.len() / 2;
    file[place..].fill(0xff);
    let (records, kinds, _) = read(&file[..]);
    assert!(records > 50 && kinds.contains(&DamageKind::Damaged), "{records} {kinds:?}");
}

#[test]
fn files_packed_otherwise_are_named() {
    let file = [&[0x28, 0xb5, 0x2f, 0xfd][..], &[0; 50]].concat();
    assert_eq!(read(&file[..]), (0, vec![DamageKind::NotACapture], 0));
    let summary = run(&file);
    assert!(problem(&summary, "not-a-capture").contains("unpack it with zstd -d first"), "{summary:?}");
}

#[test]
fn packets_without_times_are_counted_alone() {
    // Packet blocks made simple ones: the type, the length on the wire, the packet.
    let mut file = pcapng(ETHERNET, false, &[]);
    for seq in 0..20 {
        let frame = ethernet(0x0800, &ipv4(17, &udp(40_000, 5004, &rtp(SSRC, seq))));
        let (len, block_len) = (frame.len() as u32, frame.len().next_multiple_of(4) as u32 + 16);
        let padding = vec![0; frame.len().next_multiple_of(4) - frame.len()];
        file.extend([3, block_len, len].map(u32::to_le_bytes).concat());
        file.extend([&frame[..], &padding, &block_len.to_le_bytes()].concat());
    }
    let summary = run(&file);
    assert_eq!(summary.problems, [Problem::UnknownTimes { packets: 20 }]);
    assert_eq!((summary.streams[0].packets, summary.streams[0].start_seconds), (20, None));
}

fn repeated(frame: &[u8]) -> Vec<Record> {
    (0..20).map(|number| wrapped::record(number, frame.to_vec())).collect()
}

#[test]
fn datagrams_cut_before_the_end_of_their_rtp_header_are_left_out() {
    let frame = ethernet(0x0800, &ipv4(17, &udp(40_000, 5004, &rtp(SSRC, 1))));
    let cut = |record: Record| Record { frame: record.frame[..53].to_vec(), ..record };
    let records: Vec<Record> = repeated(&frame).into_iter().map(cut).collect();
    let summary = run(&pcap(ETHERNET, false, false, &records));
    assert_eq!(summary.problems, [Problem::CutOff { datagrams: 20, snaplen: 53 }]);
}

#[test]
fn what_cannot_be_looked_into_is_left_out() {
    let frame = ethernet(0x0800, &ipv4(50, &[1; 100]));
    let summary = run(&pcap(ETHERNET, false, false, &repeated(&frame)));
    assert_eq!(summary.problems, [Problem::Encapsulated { encapsulation: Encapsulation::Esp, frames: 20 }]);
}

#[test]
fn tcp_connections_without_end_are_left_out() {
    let segment = |port: u16| {
        let header =
            [&port.to_be_bytes()[..], &[2, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 16, 0, 0, 0, 0, 0, 0]].concat();
        ethernet(0x0800, &ipv4(6, &[&header[..], b"RTSP/1.0 200 OK\r\n\r\n"].concat()))
    };
    let records: Vec<Record> = (0..5000).map(|port| wrapped::record(port, segment(port as u16))).collect();
    let summary = run(&pcap(ETHERNET, false, false, &records));
    assert!(summary.problems.contains(&Problem::TooMuchTcp { segments: 5000 - 4096 }), "{summary:?}");
}

#[test]
fn what_there_was_is_said_when_there_is_no_stream() {
    let frame = ethernet(0x0800, &ipv4(17, &udp(40_000, 53, &[1; 40])));
    let file = pcap(ETHERNET, false, false, &repeated(&frame));
    assert_eq!(run(&file).problems, [Problem::NoRtp { udp: 20, rtcp: 0, tcp: 0, other: 0, ports: vec![53] }]);
    let told = run_with(&file, &InspectOptions::default().with_port(5004));
    assert_eq!(told.problems, [Problem::PortUnused { ports: vec![5004], elsewhere: vec![] }]);
    let rtsp = [
        &[2, 42, 0x9c, 0x40, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 16, 0, 0, 0, 0, 0, 0][..],
        b"RTSP/1.0 200 OK\r\n\r\n",
    ];
    let file = pcap(ETHERNET, false, false, &repeated(&ethernet(0x0800, &ipv4(6, &rtsp.concat()))));
    assert_eq!(run(&file).problems, [Problem::RtspWithoutRtp { ports: vec![554] }]);
}

/// The captures are as they were when the rows above were written.
#[test]
fn whole_captures_have_no_damage() {
    for name in NAMES {
        assert_eq!(read(&bytes(name)[..]).1, [], "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any packets of three streams and any requests, with fields that nearly fit: the sums hold, nothing panics.
    #[test]
    fn whatever_comes_the_sums_of_repair_hold(
        events in prop::collection::vec(
            (0u8..8, 0u64..80, any::<u16>(), 0u8..12, 0u8..12, prop::collection::vec(any::<u8>(), 0..30)),
            1..400,
        ),
    ) {
        let mut wire = Wire::default();
        (0..8).for_each(|number| wire.send(time(number), media(FIRST, number)));
        let mut newest = 8_u64;
        for (step, (kind, near, any, a, b, bytes)) in events.into_iter().enumerate() {
            let at = time(8) + step as u64 * 900;
            let number = (newest + 10).saturating_sub(near);
            match kind {
                0 | 1 => {
                    newest = newest.max(number);
                    wire.send(at, media(FIRST, number));
                }
                2 => wire.send(at, rtx(any, FIRST, number)),
                3 => wire.send(at, rectangle(any, number, a, b)),
                4 => wire.send(at, masked(any, &[number, number + u64::from(a) + 1])),
                5 => wire.ask(at, &[FIRST.wrapping_add(number as u16), any]),
                6 => wire.send(at, packet(FEC_TYPE, any, 0, FEC, &bytes)),
                _ => wire.send(at, packet(MEDIA_TYPE, any, 0, MEDIA, &bytes)),
            }
        }
        let summary = wire.inspect();
        for stream in &summary.streams {
            let Some(repair) = stream.repair else { continue };
            let Repair { lost, by_rtx, by_fec, by_repeat, missing, repeats, recovery_ms, .. } = repair;
            prop_assert_eq!(lost, by_rtx + by_fec + by_repeat + missing);
            prop_assert!(repeats <= summary.packets);
            prop_assert_eq!(recovery_ms.is_some(), by_rtx + by_fec + by_repeat > 0);
        }
    }
}
