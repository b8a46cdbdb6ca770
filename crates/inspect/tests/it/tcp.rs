//! RTP between the messages of RTSP, over TCP: in whatever segments, repeated, out of order, cut or with gaps.

use interceptor_inspect::{InspectOptions, Problem, Summary};
use proptest::prelude::*;

use crate::capture::{ETHERNET, Record, bytes, pcap, problem, run, run_with};
use crate::tshark::rtp_streams;
use crate::wrapped::{DST, SRC, ethernet, half, ipv4, ipv4_part, record, rtp};

const SERVER: u16 = 8554;
const CLIENT: u16 = 50_000;
const AUDIO: u32 = 0xa0d1_0001;
const VIDEO: u32 = 0x51de_0002;
const SYN: u8 = 2;
const ACK: u8 = 16;

/// A segment of the server's, who is at `SRC`.
fn segment(seq: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let ports = [SERVER.to_be_bytes(), CLIENT.to_be_bytes()].concat();
    let tcp =
        [&ports[..], &seq.to_be_bytes(), &[0, 0, 0, 1, 0x50, flags, 2, 0, 0, 0, 0, 0], payload].concat();
    ethernet(0x0800, &ipv4(6, &tcp))
}

fn frame(channel: u8, payload: &[u8]) -> Vec<u8> {
    [&[b'$', channel][..], &half(payload.len()), payload].concat()
}

fn sender_report(ssrc: u32) -> Vec<u8> {
    [&[0x80, 200, 0, 6][..], &ssrc.to_be_bytes(), &[1; 20]].concat()
}

/// The server's part of a connection: 60 packets of audio, 60 of video on PT 96, six reports, messages between them.
fn stream() -> Vec<u8> {
    let sdp = "v=0\r\nm=audio 0 RTP/AVP 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";
    let mut stream = format!(
        "RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}\
         RTSP/1.0 200 OK\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n\r\n\
         RTSP/1.0 200 OK\r\nCSeq: 4\r\nTransport: RTP/AVP/TCP;unicast;interleaved=2-3\r\nSession: 1\r\n\r\n",
        sdp.len()
    )
    .into_bytes();
    for seq in 0..60 {
        stream.extend(frame(0, &rtp(AUDIO, seq)));
        stream.extend(frame(2, &video(seq)));
        if seq % 20 == 10 {
            stream.extend(frame(1, &sender_report(AUDIO)));
            stream.extend(b"RTSP/1.0 200 OK\r\nCSeq: 5\r\n\r\n");
            stream.extend(frame(3, &sender_report(VIDEO)));
        }
    }
    stream
}

fn video(seq: u16) -> Vec<u8> {
    let mut packet = rtp(VIDEO, seq);
    packet[1] = 96 | if seq.is_multiple_of(3) { 0x80 } else { 0 };
    // Some are longer than a segment, and all have bytes that could begin a frame.
    packet.extend(b"$\x01\x00\x21\x80\x60".repeat(usize::from(seq % 4) * 120 + 1));
    packet
}

/// Segments of a stream that begins with number `first`; they end at `cuts`, and where a packet can be no longer.
fn segments(stream: &[u8], first: u32, cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut ends: Vec<usize> = cuts
        .iter()
        .map(|cut| cut % stream.len())
        .chain(every(stream, 60_000))
        .chain([stream.len()])
        .collect();
    ends.sort_unstable();
    ends.dedup();
    let piece = |pair: &[usize]| segment(first.wrapping_add(pair[0] as u32), ACK, &stream[pair[0]..pair[1]]);
    ends.windows(2).map(piece).collect()
}

fn every(stream: &[u8], len: usize) -> Vec<usize> {
    (0..stream.len()).step_by(len).collect()
}

fn file(frames: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let records: Vec<Record> =
        frames.into_iter().zip(0..).map(|(frame, number)| record(number, frame)).collect();
    pcap(ETHERNET, false, false, &records)
}

/// SSRC, packets, lost, sender reports.
fn counts(summary: &Summary) -> Vec<(u32, u64, i64, u64)> {
    let mut counts: Vec<_> = summary
        .streams
        .iter()
        .map(|stream| (stream.ssrc, stream.packets, stream.lost, stream.rtcp.sr))
        .collect();
    counts.sort_unstable_by_key(|(ssrc, ..)| std::cmp::Reverse(*ssrc));
    counts
}

const ALL: [(u32, u64, i64, u64); 2] = [(AUDIO, 60, 0, 3), (VIDEO, 60, 0, 3)];

#[test]
fn a_segment_a_frame_or_any_other_way() {
    let stream = stream();
    for len in [1, 7, 100, 536, 1448, 20_000] {
        let summary = run(&file(segments(&stream, 1000, &every(&stream, len))));
        // Few bytes every 20 ms make slow packets: their timestamps stand still.
        let others = summary.problems.iter().filter(|problem| problem.kind() != "timestamp-jumps" || len > 7);
        assert_eq!((counts(&summary), others.count()), (ALL.to_vec(), 0), "{len}: {summary:?}");
        let video = summary.streams.iter().find(|stream| stream.ssrc == VIDEO).unwrap();
        assert_eq!(
            (video.codec.as_deref(), video.clock_rate),
            (Some("H264"), Some(90_000)),
            "by the description"
        );
        assert_eq!((video.src, video.dst), ((SRC, SERVER).into(), (DST, CLIENT).into()));
    }
    let given = run(&bytes("field/rtsp_interleaved"));
    assert_eq!(counts(&given), [(0x1122_3344, 200, 0, 0)]);
    assert_eq!(given.streams[0].delta_ms.unwrap().mean.round(), 33.0);
}

#[test]
fn tshark_finds_the_same_over_tcp() {
    // It must have heard of the channels, and loses its way at a message in the midst of frames.
    let set_up =
        |channels| format!("RTSP/1.0 200 OK\r\nTransport: RTP/AVP/TCP;interleaved={channels}\r\n\r\n");
    let reply = [set_up("0-1"), set_up("2-3")].concat().into_bytes();
    let stream: Vec<u8> =
        (0..60).flat_map(|seq| [frame(0, &rtp(AUDIO, seq)), frame(2, &video(seq))].concat()).collect();
    for len in [100, 1448] {
        let first = segment(1000, ACK, &reply);
        let rest = segments(&stream, 1000 + reply.len() as u32, &every(&stream, len));
        let file = file([first].into_iter().chain(rest));
        assert_eq!(run(&file).streams.iter().map(|stream| stream.packets).sum::<u64>(), 120);
        let Some(mut theirs) = rtp_streams(&file, &["-d", "tcp.port==8554,rtsp"]) else { return };
        // Its count of losses is -2 where several frames end in a segment.
        theirs.sort_by_key(|stream| std::cmp::Reverse(stream.ssrc));
        let packets: Vec<(u32, u64)> = theirs.iter().map(|stream| (stream.ssrc, stream.packets)).collect();
        assert_eq!(packets, [(AUDIO, 60), (VIDEO, 60)], "{len}");
    }
}

/// Each frame has the time of the segment that its last byte came in, also if that waited for others.
#[test]
fn packets_have_the_time_of_their_segment() {
    let stream: Vec<Vec<u8>> = (0..50).map(|seq| frame(0, &rtp(AUDIO, seq))).collect();
    let mut seq = 77;
    let mut frames = vec![segment(seq, ACK, b"RTSP/1.0 200 OK\r\n\r\n")];
    seq += 19;
    for piece in &stream {
        frames.push(segment(seq, ACK, piece));
        seq += piece.len() as u32;
    }
    let whole = run(&file(frames.clone()));
    assert_eq!(whole.streams[0].jitter_ms.unwrap().max, 0.0);
    // One is missing; the others wait, and are seen at the end of the file.
    frames.remove(20);
    let gap = run(&file(frames));
    let stream = &gap.streams[0];
    assert_eq!((stream.packets, stream.lost), (49, 1));
    assert!((stream.delta_ms.unwrap().mean - 20.0).abs() < 0.1, "{stream:?}");
    assert!((stream.end_seconds.unwrap() - 0.98).abs() < 1e-9);
}

#[test]
fn numbers_may_wrap() {
    let stream = stream();
    let summary = run(&file(segments(&stream, u32::MAX - 5000, &every(&stream, 700))));
    assert_eq!(counts(&summary), ALL);
}

#[test]
fn a_connection_may_begin_before_the_capture() {
    let stream = stream();
    for missing in [600, 700, 801, 1000, 1500] {
        let summary = run(&file(segments(&stream, 0, &every(&stream, 900)).into_iter().skip(missing / 900)));
        assert!(counts(&summary).iter().all(|(_, packets, ..)| *packets >= 56), "{missing}: {summary:?}");
        let tail = &stream[missing..];
        let summary = run(&file(segments(tail, 5, &every(tail, 900))));
        let counts = counts(&summary);
        assert_eq!(counts.len(), 2, "{missing}");
        assert!(
            counts.iter().all(|(_, packets, lost, _)| *packets >= 56 && *lost == 0),
            "{missing}: {counts:?}"
        );
    }
}

#[test]
fn a_new_connection_on_the_same_ports_begins_anew() {
    let stream = stream();
    let first = segments(&stream, 1000, &every(&stream, 1448));
    let half_of_it = first.len() / 2;
    let syn = segment(9_000_000, SYN, &[]);
    let second = segments(&stream, 9_000_001, &every(&stream, 1448));
    let frames = first.into_iter().take(half_of_it).chain([syn]).chain(second);
    let summary = run(&file(frames));
    assert!(counts(&summary).iter().all(|(_, packets, ..)| *packets > 80), "{summary:?}");
    assert_eq!(summary.streams.len(), 2);
}

/// Only what was in the missing segment is lost, though frames and segments begin at different places.
#[test]
fn a_gap_costs_what_was_in_it() {
    let stream = stream();
    for missing in 4..14 {
        let mut frames = segments(&stream, 1000, &every(&stream, 800));
        frames.remove(missing);
        let summary = run(&file(frames));
        let counts = counts(&summary);
        assert_eq!(counts.len(), 2);
        let packets: u64 = counts.iter().map(|(_, packets, ..)| packets).sum();
        let lost: i64 = counts.iter().map(|(_, _, lost, _)| lost).sum();
        // 800 bytes touch up to six of the small packets.
        assert!((112..=120).contains(&packets) && packets as i64 + lost == 120, "{missing}: {counts:?}");
        assert_eq!(summary.problems, []);
    }
}

/// The first fragment of a segment has its first bytes; the rest is missing like any other.
#[test]
fn a_fragmented_segment_costs_its_later_fragments() {
    let stream = stream();
    let mut frames = segments(&stream, 1000, &every(&stream, 800));
    let packet = frames[6][34..].to_vec();
    frames[6] = ethernet(0x0800, &ipv4_part(6, 9, 0x2000, &packet[..400]));
    frames.insert(7, ethernet(0x0800, &ipv4_part(6, 9, 50, &packet[400..])));
    let summary = run(&file(frames));
    let packets: u64 = counts(&summary).iter().map(|(_, packets, ..)| packets).sum();
    assert!((114..=120).contains(&packets) && summary.streams.len() == 2, "{summary:?}");
}

/// A long gap leaves nothing to hold on to, and the stream goes on behind it.
#[test]
fn a_gap_longer_than_a_frame_is_passed() {
    let part: Vec<u8> = (0..600).flat_map(|seq| frame(0, &rtp(AUDIO, seq))).collect();
    let stream = [b"RTSP/1.0 200 OK\r\n\r\n".to_vec(), part].concat();
    let frames = segments(&stream, 9, &every(&stream, 1000));
    let kept =
        frames.into_iter().enumerate().filter(|(at, _)| !(10..90).contains(at)).map(|(_, frame)| frame);
    let summary = run(&file(kept));
    let [(ssrc, packets, lost, _)] = counts(&summary)[..] else { unreachable!("{summary:?}") };
    assert_eq!((ssrc, packets as i64 + lost), (AUDIO, 600));
    assert!((450..=480).contains(&lost), "{lost}");
}

/// The capture has only the first bytes of each segment: enough for what begins there.
#[test]
fn cut_segments_give_what_they_have() {
    let mut seq = 1_u32;
    let mut records = Vec::new();
    for number in 0..100_u16 {
        let frame = segment(seq, ACK, &frame(0, &rtp(AUDIO, number)));
        seq += 176;
        let cut = record(u32::from(number), frame);
        records.push(Record { frame: cut.frame[..54 + 4 + 20].to_vec(), ..cut });
    }
    let summary = run(&pcap(ETHERNET, false, false, &records));
    let [(ssrc, packets, lost, _)] = counts(&summary)[..] else { unreachable!("{summary:?}") };
    assert!(ssrc == AUDIO && packets >= 98 && lost == 0, "{summary:?}");
    let shorter =
        records.iter().map(|record| Record { frame: record.frame[..54 + 4 + 8].to_vec(), ..record.clone() });
    let summary = run(&pcap(ETHERNET, false, false, &shorter.collect::<Vec<_>>()));
    assert!(problem(&summary, "cut-off").contains("a snaplen of 66"), "{:?}", summary.problems);
}

/// RFC 5761 §4 tells RTP and RTCP apart where they share a channel; here they do not.
#[test]
fn the_channel_says_what_is_rtp() {
    let packet = |seq| {
        let mut packet = rtp(VIDEO, seq);
        packet[1] = 72 | if seq.is_multiple_of(3) { 0x80 } else { 0 };
        packet
    };
    let reply = "RTSP/1.0 200 OK\r\nTransport: RTP/AVP/TCP;interleaved=1-2\r\n\r\n";
    let frames: Vec<u8> =
        (0..60).flat_map(|seq| [frame(1, &packet(seq)), frame(2, &sender_report(VIDEO))].concat()).collect();
    let stream = [reply.as_bytes(), &frames].concat();
    let summary = run(&file(segments(&stream, 1, &every(&stream, 500))));
    assert_eq!(counts(&summary), [(VIDEO, 60, 0, 60)]);
    // Nobody says so here, but the others are even and do not add up to RTCP.
    let frames: Vec<u8> = (100..160).flat_map(|seq| frame(0, &packet(seq))).collect();
    let summary =
        run(&file(segments(&[&b"RTSP/1.0 200 OK\r\n\r\n"[..], &frames].concat(), 1, &every(&frames, 500))));
    assert_eq!(counts(&summary), [(VIDEO, 60, 0, 0)]);
}

#[test]
fn rtsp_without_rtp_is_named_with_its_port() {
    let reply = b"RTSP/1.0 200 OK\r\nTransport: RTP/AVP;unicast;client_port=5000-5001\r\n\r\n";
    let summary = run(&file([segment(1, ACK, reply)]));
    assert_eq!(summary.problems, [Problem::RtspWithoutRtp { ports: vec![SERVER] }]);
    assert!(problem(&summary, "rtsp").starts_with("RTSP on TCP port 8554, but no RTP"), "{summary:?}");
}

/// What an encrypted connection might look like, from its start on or from anywhere.
#[test]
fn other_connections_give_no_streams() {
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let noise: Vec<u8> = (0..3_000_000).map(|_| noise()).collect();
    let mut frames = segments(&noise, 1, &every(&noise, 1448));
    let summary = run(&file(frames.clone()));
    assert_eq!((summary.streams.len(), summary.problems[0].kind()), (0, "no-rtp"));
    frames.insert(0, segment(0, SYN, &[]));
    assert!(run(&file(frames)).streams.is_empty());
}

#[test]
fn connections_are_bounded_in_number() {
    let stream = stream();
    let other = |port: u16, frame: &[u8]| {
        let mut frame = frame.to_vec();
        frame[36..38].copy_from_slice(&port.to_be_bytes());
        frame
    };
    let rtsp = segments(&stream, 1000, &every(&stream, 700));
    let noise = segment(1, ACK, &[0xee; 100]);
    // Connections that are not RTSP go for one that is, however many they are.
    let frames = (0..2000_u16).map(|port| other(port, &noise)).chain(rtsp.clone());
    let options = InspectOptions::default().with_max_tcp_flows(16);
    let summary = run_with(&file(frames), &options);
    assert_eq!((counts(&summary), summary.problems), (ALL.to_vec(), vec![]));
    // Of those that are, the first few are followed.
    let frames =
        (0..20_u16).flat_map(|port| rtsp.iter().map(move |frame| other(port, frame)).collect::<Vec<_>>());
    let summary = run_with(&file(frames), &options);
    assert_eq!(summary.streams.len(), 32);
    assert_eq!(summary.problems, [Problem::TooMuchTcp { segments: 4 * rtsp.len() as u64 }]);
}

#[test]
fn bytes_that_wait_are_bounded() {
    // A thousand connections, each of which waits for the rest of a long frame, and for a segment that never comes.
    let head = [&b"RTSP/1.0 200 OK\r\n\r\n$\0\xff\xff"[..], &rtp(AUDIO, 1), &[0; 20_000]].concat();
    let frames = (0..1000_u16).flat_map(|port| {
        [segment(1, ACK, &head), segment(40_000, ACK, &[0; 20_000])].map(|mut frame| {
            frame[36..38].copy_from_slice(&port.to_be_bytes());
            frame
        })
    });
    let file = file(frames);
    let bytes = |limit| {
        let options = InspectOptions::default().with_max_tcp_bytes(limit);
        let mut summary = None;
        let info = allocation_counter::measure(|| summary = Some(run_with(&file, &options)));
        (info.bytes_max as usize, summary.unwrap())
    };
    let (all, _) = bytes(1 << 30);
    let (few, summary) = bytes(1 << 20);
    assert!(all > 40_000_000 && few < 4_000_000, "{all} {few}");
    assert!(
        summary.problems.iter().any(|problem| matches!(problem, Problem::TooMuchTcp { segments: 900.. }))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Cut anywhere, each piece sent again with others at its sides, and some late: everything is found once.
    #[test]
    fn segments_may_overlap_repeat_and_come_late(
        cuts in prop::collection::vec(any::<usize>(), 1..120),
        again in prop::collection::vec((any::<usize>(), 1usize..3000), 0..60),
        late in prop::collection::vec((any::<prop::sample::Index>(), 1usize..12), 0..20),
        first: u32,
    ) {
        let stream = stream();
        let mut frames = segments(&stream, first, &cuts);
        for (from, len) in again {
            let from = from % stream.len();
            let piece = &stream[from..(from + len).min(stream.len())];
            let place = frames.len() * from / stream.len();
            frames.insert(place, segment(first.wrapping_add(from as u32), ACK, piece));
        }
        // The first segment says where the stream begins.
        for (index, by) in late {
            let from = 1 + index.index(frames.len().max(2) - 1);
            if from < frames.len() {
                let frame = frames.remove(from);
                frames.insert((from + by).min(frames.len()), frame);
            }
        }
        let syn = segment(first.wrapping_sub(1), SYN, &[]);
        let summary = run(&file([syn].into_iter().chain(frames)));
        prop_assert_eq!(counts(&summary), ALL.to_vec());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Damaged streams and segments: no panic, and nothing of more packets than there were frames.
    #[test]
    fn damaged_connections_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..60),
        headers in prop::collection::vec((any::<prop::sample::Index>(), 34usize..54, any::<u8>()), 0..20),
        len in 1usize..3000,
        snaplen in 54usize..3000,
    ) {
        let mut stream = stream();
        for (place, byte) in flips {
            let place = place.index(stream.len());
            stream[place] = byte;
        }
        let mut frames = segments(&stream, 1, &every(&stream, len));
        for (index, place, byte) in headers {
            let index = index.index(frames.len());
            frames[index][place] = byte;
        }
        let cut = |(number, frame): (usize, Vec<u8>)| {
            let record = record(number as u32, frame);
            Record { frame: record.frame.iter().copied().take(snaplen).collect(), ..record }
        };
        let records: Vec<Record> = frames.into_iter().enumerate().map(cut).collect();
        let summary = run(&pcap(ETHERNET, false, false, &records));
        let packets: u64 = summary.streams.iter().map(|stream| stream.packets).sum();
        prop_assert!(packets <= stream.len() as u64 / 16);
    }
}
