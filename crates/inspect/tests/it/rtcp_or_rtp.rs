//! RTP whose second byte is one of RTCP's, RTCP that is encrypted, and RTCP that is neither.

use interceptor_inspect::{InspectOptions, Problem, StreamSummary, Summary};

use crate::made::{Made, RTP, Random, Rtp, audio, find, inspect, made, single};

/// Video of this payload type, three packets a frame; `marker` says which packets have it.
fn video(payload_type: u8, first: u16, marker: impl Fn(u32) -> bool) -> Vec<Made> {
    let packet = |number: u32| {
        let (seq, timestamp) = (first.wrapping_add(number as u16), 3000 * (number / 3));
        let packet = Rtp { payload_type, marker: marker(number), seq, timestamp, payload_len: 700, ..RTP };
        packet.at(11.0 * f64::from(number))
    };
    (0..600).map(packet).collect()
}

fn with_port() -> InspectOptions {
    InspectOptions::default().with_port(5004)
}

/// No problem but that nobody says the clock rate.
fn is_clean(summary: &Summary) -> bool {
    summary.problems.iter().all(|problem| problem.kind() == "clock-guessed")
}

fn counts(stream: &StreamSummary) -> (u64, i64, u64) {
    (stream.packets, stream.lost, stream.duplicates)
}

/// RFC 3551 §6 reserves 72 to 76, so that nobody uses them; all others may come on a port of RTP alone. The first packets are
/// marked, the last of each frame, or all.
#[test]
fn any_payload_type_may_have_the_marker() {
    let markers: [fn(u32) -> bool; 4] =
        [|number| number % 3 == 2, |number| number % 3 == 0, |number| number < 20, |_| true];
    for payload_type in (64..72).chain(77..96) {
        for (kind, marker) in markers.into_iter().enumerate() {
            for options in [InspectOptions::default(), with_port()] {
                let summary = inspect(&video(payload_type, 1000, marker), &options);
                let what = format!("{payload_type}, markers {kind}, {options:?}: {summary:?}");
                assert_eq!(summary.streams.len(), 1, "{what}");
                assert_eq!(counts(single(&summary)), (600, 0, 0), "{what}");
                assert!(single(&summary).start_seconds.unwrap().abs() < 1e-6 && is_clean(&summary), "{what}");
            }
        }
    }
}

/// Of numbers like these the marked packets have the length field of an RTCP packet that fits, and one of exactly its length.
#[test]
fn numbers_that_look_like_rtcps_length_do_not_matter_in_a_known_stream() {
    for payload_type in [77, 80] {
        let summary = inspect(&video(payload_type, 100, |number| number % 3 == 2), &with_port());
        assert_eq!(counts(single(&summary)), (600, 0, 0), "{payload_type}: {:?}", summary.problems);
        assert!(is_clean(&summary), "{:?}", summary.problems);
    }
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// A sender report about nothing, a receiver report about one stream, and a name.
fn sender_report(ssrc: u32) -> Vec<u8> {
    words(&[0x80c8_0006, ssrc, 0xe000_0000, 0, 0, 1, 160])
}

fn receiver_report(ssrc: u32, about: u32) -> Vec<u8> {
    words(&[0x81c9_0007, ssrc, about, 0, 0, 0, 0, 0])
}

fn description(ssrc: u32) -> Vec<u8> {
    words(&[0x81ca_0003, ssrc, 0x0105_6162, 0x6364_6500])
}

#[test]
fn rtcp_on_the_port_of_rtp_stays_rtcp() {
    for options in [InspectOptions::default(), with_port()] {
        let mut all = Vec::new();
        for number in 0..100 {
            all.push(audio(number));
            if number % 10 == 5 {
                let at = 20.0 * f64::from(number) + 1.0;
                all.push(made(at, [sender_report(RTP.ssrc), description(RTP.ssrc)].concat()));
                // Reduced-size (RFC 5506): its bytes at RTP's SSRC are the stream's.
                all.push(made(at, words(&[0x81ce_0002, 9, RTP.ssrc])));
                all.push(made(at, receiver_report(9, RTP.ssrc)));
            }
        }
        let summary = inspect(&all, &options);
        let stream = single(&summary);
        assert_eq!(counts(stream), (100, 0, 0), "{stream:?}");
        assert_eq!((stream.rtcp.sr, stream.rtcp.pli, stream.rtcp.rr), (10, 10, 10));
        assert!(is_clean(&summary), "{:?}", summary.problems);
    }
}

#[test]
fn what_is_neither_is_malformed_and_no_stream() {
    // A report that claims to be longer than the datagram, among whole ones and on its own.
    let mut broken = sender_report(RTP.ssrc);
    broken[3] = 200;
    for options in [InspectOptions::default(), with_port()] {
        let mut all: Vec<Made> = (0..100).map(audio).collect();
        all.push(made(2001.0, sender_report(RTP.ssrc)));
        all.push(made(2002.0, broken.clone()));
        let summary = inspect(&all, &options);
        assert_eq!(single(&summary).rtcp.sr, 1);
        assert_eq!(summary.problems, [Problem::MalformedRtcp { datagrams: 1 }]);
        all.remove(100);
        let summary = inspect(&all, &options);
        assert_eq!(counts(single(&summary)), (100, 0, 0));
        assert_eq!(summary.problems, [Problem::MalformedRtp { datagrams: 1 }]);
    }
}

/// What follows the eight clear bytes, encrypted; the flag and an index, before a tag or behind it, with a key's number.
struct Protection {
    before: usize,
    behind: usize,
}

impl Protection {
    fn protect(&self, clear: &[u8], index: u32, random: &mut Random) -> Vec<u8> {
        let mut data = clear[..8].to_vec();
        data.extend(random.bytes(clear.len() - 8 + self.before));
        data.extend((0x8000_0000 | index).to_be_bytes());
        data.extend(random.bytes(self.behind));
        data
    }
}

/// With tags of 10 and 4 bytes, with AES-GCM, and each with a key's number.
fn protections() -> impl Iterator<Item = Protection> {
    let tags = [(0, 10), (0, 4), (16, 0)];
    tags.into_iter()
        .flat_map(|(before, tag)| [0, 1, 2, 4, 8].map(|key| Protection { before, behind: tag + key }))
}

#[test]
fn encrypted_rtcp_is_named_whatever_protects_it() {
    for (kind, protection) in protections().enumerate() {
        for (seed, reports) in [(1, 1), (2, 2), (3, 20)] {
            let mut random = Random(seed * 100 + kind as u64);
            let mut all: Vec<Made> = (0..200).map(audio).collect();
            // Two senders, each with an index of its own, one of them with reports on the other.
            for number in 0..reports {
                let at = 100.0 * f64::from(number);
                let own = [sender_report(RTP.ssrc), description(RTP.ssrc)].concat();
                all.push(made(at, protection.protect(&own, 1 + number, &mut random)));
                let other = [receiver_report(9, RTP.ssrc), description(9)].concat();
                let mut back = made(at, protection.protect(&other, 77_000 + 3 * number, &mut random));
                back.ports = (5004, 40_000);
                all.push(back);
            }
            let summary = find(&all);
            let stream = single(&summary);
            let datagrams = 2 * u64::from(reports);
            assert_eq!(summary.problems, [Problem::EncryptedRtcp { datagrams }], "kind {kind}, seed {seed}");
            assert_eq!((stream.rtcp.sr, stream.rtcp.rr), (u64::from(reports), 0));
        }
    }
}

/// The hidden bytes are a report block about the stream, which nobody can know.
#[test]
fn nothing_that_is_hidden_is_credited() {
    let mut all: Vec<Made> = (0..200).map(audio).collect();
    for number in 0..10_u32 {
        let index = 0x8000_0001 + number;
        let at = 100.0 * f64::from(number);
        // One report block, by the clear header.
        let head = [&[0x81c8_000c, RTP.ssrc][..], &[0xe000_0000, 0, 0, 1, 160]].concat();
        let block = [RTP.ssrc, 0, 0, 0, 0xe000_0000_u32 >> 16, 0];
        let tail = [0x1234_5678, index, 1, 2];
        let mut report = words(&[&head[..], &block, &tail].concat());
        report.extend([3, 4]);
        all.push(made(at, report));
    }
    let summary = find(&all);
    let stream = single(&summary);
    assert_eq!((stream.rtcp.sr, stream.rtcp.rr, stream.rtt_ms), (10, 0, None));
    assert_eq!(summary.problems, [Problem::EncryptedRtcp { datagrams: 10 }]);
}

#[test]
fn rtcp_that_only_looks_encrypted_is_malformed() {
    let mut random = Random(3);
    // A flow that has clear RTCP as well; one whose ends say nothing of encryption; one whose ends have no index that goes on.
    let clear = made(1.0, sender_report(RTP.ssrc));
    let protection = Protection { before: 0, behind: 10 };
    let encrypted = |index, random: &mut Random| protection.protect(&sender_report(RTP.ssrc), index, random);
    let mixed: Vec<Made> =
        (0..4).map(|index| made(2.0, encrypted(index, &mut random))).chain([clear]).collect();
    let unflagged = (0..4).map(|_| made(2.0, [sender_report(7), vec![1; 20]].concat())).collect();
    let at_random = (0..40).map(|_| made(2.0, [sender_report(7), vec![0x41], random.bytes(39)].concat()));
    for (rtcp, datagrams) in [(mixed, 4), (unflagged, 4), (at_random.collect::<Vec<_>>(), 40)] {
        let problems = find(&rtcp).problems;
        assert_eq!(problems, [Problem::MalformedRtcp { datagrams }]);
    }
}
