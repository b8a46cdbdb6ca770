//! Which SSRCs are streams, with all of their packets, and which are not; and what that may cost.

use interceptor_inspect::{InspectOptions, Problem, StreamSummary};

use crate::made::{Made, RTP, Random, Rtp, audio, audio_of, find, inspect, made, single};

fn counts(stream: &StreamSummary) -> (u64, i64, u64) {
    (stream.packets, stream.lost, stream.duplicates)
}

#[test]
fn any_number_of_ssrcs_may_take_turns_on_one_port() {
    for ssrcs in [1, 2, 5, 6, 8, 40, 1000] {
        let turn = |number| (0..ssrcs).map(move |ssrc| audio_of(ssrc, number));
        let summary = find(&(0..10).flat_map(turn).collect::<Vec<_>>());
        assert_eq!((summary.streams.len(), summary.problems.len()), (ssrcs as usize, 0));
        for stream in &summary.streams {
            assert_eq!(counts(stream), (10, 0, 0), "{ssrcs}");
            assert!(stream.start_seconds.unwrap().abs() < 1e-6, "{ssrcs}: {stream:?}");
        }
    }
}

/// As a conference sends to its subscribers: the audio of five, and the video of who speaks.
#[test]
fn the_streams_of_a_conference_share_a_port() {
    let mut all = Vec::new();
    for number in 0..500_u32 {
        for ssrc in 1..=5 {
            let audio = Rtp { payload_type: 111, ssrc, seq: number as u16, timestamp: 960 * number, ..RTP };
            all.push(audio.at(20.0 * f64::from(number) + f64::from(ssrc)));
        }
    }
    for number in 0..600_u32 {
        let frame = number / 2;
        let video = Rtp { payload_type: 96, ssrc: 9, seq: number as u16, timestamp: 3000 * frame, ..RTP };
        all.push(video.at(f64::from(frame) * 100.0 / 3.0));
    }
    all.sort_by_key(|datagram| datagram.at);
    let mut packets: Vec<_> = find(&all).streams.iter().map(|s| (s.ssrc, s.packets, s.lost)).collect();
    packets.sort_unstable();
    assert_eq!(packets, [(1, 500, 0), (2, 500, 0), (3, 500, 0), (4, 500, 0), (5, 500, 0), (9, 600, 0)]);
}

#[test]
fn a_gap_among_the_first_packets_is_counted_with_what_was_before_it() {
    for first in 1..=9 {
        for gap in [1, 90, 150, 1997, 2900] {
            let after = first + gap..first + gap + 50;
            let summary = find(&(0..first).chain(after).map(audio).collect::<Vec<_>>());
            let stream = single(&summary);
            assert_eq!(counts(stream), (u64::from(first) + 50, i64::from(gap), 0), "{first} then {gap}");
            assert!(stream.start_seconds.unwrap().abs() < 1e-6);
            assert_eq!(stream.loss_runs.longest, u64::from(gap));
        }
    }
}

#[test]
fn late_packets_and_repeats_among_the_first_are_counted() {
    // Number 300 comes first, 50 comes between it and the next ones.
    let order = [300, 50, 301, 302, 303, 304];
    let late: Vec<Made> = order.iter().map(|number| audio(*number)).collect();
    assert_eq!(single(&find(&late)).packets, 6);
    for times in [2, 3, 10, 40] {
        let each = |number| std::iter::repeat_n(audio(number), times);
        let summary = find(&(0..100).flat_map(each).collect::<Vec<_>>());
        let stream = single(&summary);
        let packets = 100 * times as u64;
        assert_eq!(counts(stream), (packets, 100 - packets as i64, packets - 100), "{times}");
        assert!(stream.start_seconds.unwrap().abs() < 1e-6);
    }
}

/// An SSRC of a recognised flow needs no sequence; those that came once before it was recognised are no others.
#[test]
fn a_flow_with_a_stream_has_no_undecided_packets() {
    let mut all = vec![audio_of(7, 500)];
    all.extend((0..10).map(audio));
    all.push(audio_of(8, 900));
    let summary = find(&all);
    let packets: Vec<_> = summary.streams.iter().map(|stream| (stream.ssrc, stream.packets)).collect();
    assert_eq!(packets, [(RTP.ssrc, 10), (7, 1), (8, 1)]);
    assert!(summary.problems.iter().all(|problem| problem.kind() != "undecided"));
}

/// Three retransmissions are too few to be recognised, so all of them waited; they still tell what they repeat.
#[test]
fn packets_that_waited_tell_what_they_repeat() {
    let mut all = Vec::new();
    for number in 0..4_u32 {
        all.push(audio_of(1, number));
        if number < 3 {
            let mut rtx = Rtp { payload_type: 97, ssrc: 2, seq: 70 + number as u16, ..RTP };
            rtx.timestamp = 160 * number;
            let mut repeated = rtx.at(20.0 * f64::from(number) + 5.0);
            repeated.data[12..14].copy_from_slice(&(number as u16).to_be_bytes());
            all.push(repeated);
        }
    }
    let summary = find(&all);
    let found: Vec<_> = summary.streams.iter().map(|stream| (stream.ssrc, stream.rtx_of)).collect();
    assert_eq!(found, [(1, None), (2, Some(1))]);
}

/// What is no RTP: noise, queries and answers of name servers, QUIC, and a protocol whose bytes at RTP's SSRC stay.
fn other_traffic(random: &mut Random, kind: u64) -> Vec<u8> {
    match kind {
        0 => random.bytes(40 + (random.clone().below(1000) as usize)),
        1 => {
            let (id, flags) = (random.bytes(2), [[1, 0], [0x81, 0x80], [1, 0x20]]);
            let flags = flags[random.below(3) as usize];
            [&id[..], &flags, &[0, 1, 0, 0, 0, 0, 0, 1], &random.bytes(20)].concat()
        }
        // A short and a long header (RFC 9000 §17), the long one with the fixed bit greased away (RFC 9287).
        2 => [&[0x40 | random.next() as u8 & 0x3f][..], &random.bytes(60)].concat(),
        3 => [&[0x80 | random.next() as u8 & 0x3f, 0, 0, 0, 1, 8], &random.bytes(60)[..]].concat(),
        _ => {
            let steady = [1, 2, 3, 4];
            [&[0x80, 96][..], &random.bytes(6), &steady, &random.bytes(30)].concat()
        }
    }
}

#[test]
fn other_traffic_makes_no_streams() {
    for kind in 0..5 {
        for seed in 0..20 {
            let mut random = Random(kind << 32 | seed);
            let packets = (0..2000).map(|number| {
                let mut datagram = made(f64::from(number), other_traffic(&mut random, kind));
                datagram.ports.0 = 40_000 + random.below(4) as u16;
                datagram
            });
            let summary = find(&packets.collect::<Vec<_>>());
            assert!(summary.streams.is_empty(), "kind {kind}, seed {seed}: {:?}", summary.streams);
        }
    }
}

#[test]
fn a_stream_is_found_among_noise_on_its_port() {
    for seed in 0..20 {
        let mut random = Random(seed);
        let mut all = Vec::new();
        for number in 0..200 {
            all.push(audio(number));
            let noise = (0..random.below(20)).map(|_| random.clone().bytes(50));
            all.extend(noise.map(|noise| made(20.0 * f64::from(number) + 1.0, noise)));
            random.next();
        }
        let summary = find(&all);
        let stream = summary.streams.iter().find(|stream| stream.ssrc == RTP.ssrc).unwrap();
        assert_eq!((stream.packets, stream.lost), (200, 0), "seed {seed}");
    }
}

/// Packets of no stream, each of an SSRC of its own; from one port or from one each.
fn strangers(count: u32, ports: bool) -> Vec<Made> {
    let stranger = |number: u32| {
        let mut made = Rtp { ssrc: number, seq: (number * 7919) as u16, ..RTP }.at(f64::from(number) / 10.0);
        made.ports.0 = if ports { number as u16 } else { 40_000 };
        made
    };
    (0..count).map(stranger).collect()
}

fn undecided(problems: &[Problem]) -> (u64, u64) {
    let found = problems.iter().find_map(|problem| match problem {
        Problem::Undecided { packets, forgotten } => Some((*packets, *forgotten)),
        _ => None,
    });
    found.unwrap_or_default()
}

#[test]
fn packets_that_wait_are_bounded_and_all_of_them_counted() {
    let each = |options: &InspectOptions| {
        [false, true].map(|ports| undecided(&inspect(&strangers(5000, ports), options).problems))
    };
    assert_eq!(each(&InspectOptions::default()), [(0, 0); 2], "one packet of an SSRC looks like nothing");
    for options in [
        InspectOptions::default().with_max_waiting_packets(1000),
        InspectOptions::default().with_max_waiting_bytes(180_000),
        InspectOptions::default().with_max_waiting_packets(0),
        InspectOptions::default().with_max_waiting_bytes(0),
        InspectOptions::default().with_max_waiting_packets(1).with_max_flows(100),
    ] {
        for (packets, forgotten) in each(&options) {
            assert_eq!(packets, 5000, "{options:?}");
            assert!((4000..=5000).contains(&forgotten), "{forgotten} with {options:?}");
        }
    }
}

#[test]
fn a_stream_is_found_as_long_as_four_of_its_packets_may_wait() {
    let options = InspectOptions::default().with_max_waiting_packets(1000).with_max_streams(10);
    // A packet of the stream, then so many others.
    let found = |others: usize| {
        let mut strangers = strangers(200 * others as u32, false).into_iter();
        let mut all = Vec::new();
        for number in 0..200 {
            all.push(Made { at: std::time::Duration::from_millis(20 * u64::from(number)), ..audio(number) });
            all.extend(strangers.by_ref().take(others));
        }
        let summary = inspect(&all, &options);
        let stream = summary.streams.iter().find(|stream| stream.ssrc == RTP.ssrc);
        let mut packets: u64 = summary.streams.iter().map(|stream| stream.packets).sum();
        for problem in &summary.problems {
            packets += match problem {
                Problem::Undecided { packets, .. } | Problem::TooManyStreams { packets } => *packets,
                _ => 0,
            };
        }
        assert_eq!(packets, all.len() as u64, "{others}: {:?}", summary.problems);
        stream.map(|stream| stream.packets)
    };
    assert_eq!(found(0), Some(200));
    assert_eq!(found(100), Some(200));
    assert_eq!(found(600), None);
}

#[test]
fn flows_without_a_stream_are_forgotten_and_their_packets_counted() {
    let options = InspectOptions::default().with_max_flows(1000);
    let mut all: Vec<Made> = strangers(20_000, true);
    all.extend((0..10).map(audio));
    let summary = inspect(&all, &options);
    assert_eq!(single(&summary).packets, 10);
    assert_eq!(undecided(&summary.problems).0, 20_000);
    assert!(summary.problems.iter().all(|problem| problem.kind() != "limit"), "{:?}", summary.problems);
}
