//! Losses and their repair in real captures, against the log of the relay that lost the packets.
//!
//! The log says of each packet that came to the relay whether it was passed on. What a receiver behind the relay can get
//! back follows from that and from the payloads, by a model that shares no code with the crate: it keeps sets of numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use interceptor_inspect::{RecoveryMs, Repair};

use crate::capture::{ETHERNET, Record, path, pcap, records, run};

struct Case {
    name: &'static str,
    media: u32,
    rtx: u32,
    /// FlexFEC's stream.
    fec: Option<u32>,
    /// The ports before and behind the relay.
    ports: [u16; 2],
}

const CASES: [Case; 3] = [
    Case { name: "gst_vp8_rtx_loss", media: 0x1122_3344, rtx: 0x5566_7788, fec: None, ports: [7000, 7002] },
    Case {
        name: "chromium_vp8_opus_loss",
        media: 0x5657_de04,
        rtx: 0x2ac8_bfba,
        fec: None,
        ports: [9002, 33_239],
    },
    Case {
        name: "chromium_vp8_flexfec_loss",
        media: 0x3ee3_8107,
        rtx: 0x8f58_20de,
        fec: Some(0x8981_88d9),
        ports: [9002, 51_961],
    },
];

/// An RTP packet of a record.
struct Packet<'a> {
    ssrc: u32,
    seq: u16,
    payload: &'a [u8],
    at_us: i64,
}

fn rtp(record: &Record) -> Option<Packet<'_>> {
    let packet = record.udp_payload();
    if packet.len() < 12 || packet[0] >> 6 != 2 || (192..=223).contains(&packet[1]) {
        return None;
    }
    let mut start = 12 + 4 * usize::from(packet[0] & 15);
    if packet[0] & 0x10 != 0 {
        start += 4 + 4 * usize::from(u16::from_be_bytes([packet[start + 2], packet[start + 3]]));
    }
    // Packets with padding are whole.
    let padding = if packet[0] & 0x20 != 0 { usize::from(*packet.last().unwrap()) } else { 0 };
    Some(Packet {
        ssrc: u32::from_be_bytes(packet[8..12].try_into().unwrap()),
        seq: u16::from_be_bytes([packet[2], packet[3]]),
        payload: &packet[start..packet.len() - padding],
        at_us: i64::from(record.seconds) * 1_000_000 + i64::from(record.micros),
    })
}

/// Of each RTP packet that the relay saw on its way to the receiver, by SSRC and number: whether it was dropped.
fn relay_log(case: &Case) -> BTreeMap<(u32, u16), bool> {
    let file = std::fs::File::open(path(case.name).with_extension("relay.jsonl.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let rows = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let to_receiver = rows.filter(|row| row["port"] == case.ports[0] || row["d"] == "a2b");
    let packets = to_receiver.filter_map(|row| {
        let hex = row["hex"].as_str().unwrap();
        let bytes = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
        let is_rtp = bytes(0) >> 6 == 2 && !(192..=223).contains(&bytes(1));
        let key = (u32::from_be_bytes([8, 9, 10, 11].map(bytes)), u16::from_be_bytes([2, 3].map(bytes)));
        is_rtp.then(|| (key, row["drop"].as_bool().unwrap()))
    });
    packets.collect()
}

/// The places of the bits that are set, the first is 0.
fn bits(bytes: &[u8]) -> Vec<u16> {
    let text: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    text.char_indices().filter(|(_, bit)| *bit == '1').map(|(place, _)| place as u16).collect()
}

/// What a repair packet protects: ULPFEC (payload type 120) in RED, or FlexFEC of draft 03. The masks of these are short.
fn protected(case: &Case, packet: &Packet<'_>) -> Option<BTreeSet<u16>> {
    let payload = packet.payload;
    let (base, offsets) = if packet.ssrc == case.media && payload.first() == Some(&120) {
        (&payload[3..5], bits(if payload[1] & 0x40 == 0 { &payload[13..15] } else { &payload[13..19] }))
    } else if Some(packet.ssrc) == case.fec {
        let first = bits(&[payload[18] & 0x7f, payload[19]]);
        let second = if payload[18] & 0x80 == 0 {
            bits(&[payload[20] & 0x7f, payload[21], payload[22], payload[23]])
        } else {
            Vec::new()
        };
        assert!(payload[18] & 0x80 != 0 || payload[20] & 0x80 != 0, "a mask of 109 bits");
        (&payload[16..18], first.iter().map(|bit| bit - 1).chain(second.iter().map(|bit| bit + 14)).collect())
    } else {
        return None;
    };
    let base = u16::from_be_bytes([base[0], base[1]]);
    Some(offsets.into_iter().map(|offset| base.wrapping_add(offset)).collect())
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Rtx,
    Fec,
}

/// What a receiver has got back of what was dropped.
fn model(case: &Case, dropped: &BTreeSet<u16>, arrived: &[&Record]) -> Repair {
    let (mut there, mut repairs, mut back) = (BTreeSet::new(), Vec::new(), BTreeMap::new());
    let mut first_after: BTreeMap<u16, i64> = BTreeMap::new();
    let mut copies = 0;
    let packets: Vec<_> = arrived.iter().filter_map(|record| rtp(record)).collect();
    let media = || packets.iter().filter(|packet| packet.ssrc == case.media);
    let first = media().next().unwrap().seq;
    let last = media().map(|packet| packet.seq.wrapping_sub(first)).max().unwrap();
    for packet in &packets {
        let osn = packet.payload.first_chunk().copied().map(u16::from_be_bytes);
        if packet.ssrc == case.media {
            assert!(there.insert(packet.seq), "no packet comes twice");
            for lost in
                dropped.iter().filter(|lost| lost.wrapping_sub(first) < packet.seq.wrapping_sub(first))
            {
                first_after.entry(*lost).or_insert(packet.at_us);
            }
        } else if packet.ssrc == case.rtx
            && let Some(osn) = osn
        {
            if there.insert(osn) {
                back.insert(osn, (Way::Rtx, packet.at_us));
            } else {
                copies += 1;
            }
        }
        repairs.extend(protected(case, packet));
        while let Some(only) = repairs.iter().find_map(|set: &BTreeSet<u16>| {
            let mut missing = set.difference(&there);
            let one = *missing.next()?;
            (missing.next().is_none() && one.wrapping_sub(first) < 0x8000).then_some(one)
        }) {
            there.insert(only);
            back.insert(only, (Way::Fec, packet.at_us));
        }
    }
    // What was dropped before the first packet or behind the last, nobody knows of, unless it came back.
    let is_known = |seq: &u16| seq.wrapping_sub(first) < last || back.contains_key(seq);
    let lost: Vec<u16> = dropped.iter().copied().filter(is_known).collect();
    figures(&lost, &back, &first_after, copies)
}

fn figures(
    lost: &[u16],
    back: &BTreeMap<u16, (Way, i64)>,
    first_after: &BTreeMap<u16, i64>,
    copies: u64,
) -> Repair {
    let by = |way| lost.iter().filter(|seq| back.get(seq).is_some_and(|(by, _)| *by == way)).count() as u64;
    let took = |seq: &u16| {
        let (_, at) = back.get(seq)?;
        let shown = first_after.get(seq).unwrap_or(at).min(at);
        Some((at - shown) as f64 / 1000.0)
    };
    let mut times: Vec<f64> = lost.iter().filter_map(took).collect();
    times.sort_by(f64::total_cmp);
    let quantile = |percent: usize| times[(times.len() * percent).div_ceil(100) - 1];
    let mut repair = Repair::default();
    repair.lost = lost.len() as u64;
    repair.by_rtx = by(Way::Rtx);
    repair.by_fec = by(Way::Fec);
    repair.missing = repair.lost - repair.by_rtx - repair.by_fec;
    repair.repeats = copies;
    let mut recovery = RecoveryMs::default();
    (recovery.p50, recovery.p95) = (quantile(50), quantile(95));
    repair.recovery_ms = Some(recovery);
    repair
}

/// Of the stream behind the relay, and of the one before it.
fn found(case: &Case, records: &[Record]) -> [Repair; 2] {
    let summary = run(&pcap(ETHERNET, false, false, records));
    case.ports.map(|port| {
        let stream = summary
            .streams
            .iter()
            .find(|stream| stream.ssrc == case.media && stream.dst.port() == port)
            .unwrap();
        assert!(
            (stream.unrepaired_pct()
                - 100.0 * stream.repair.unwrap().missing as f64 / stream.expected as f64)
                .abs()
                < 1e-9
        );
        stream.repair.unwrap()
    })
}

fn assert_is(found: Repair, expected: Repair, name: &str) {
    let counts = |repair: Repair| {
        (repair.lost, repair.by_rtx, repair.by_fec, repair.by_repeat, repair.missing, repair.repeats)
    };
    assert_eq!(counts(found), counts(expected), "{name}");
    let (found, expected) = (found.recovery_ms.unwrap(), expected.recovery_ms.unwrap());
    for (found, expected) in [(found.p50, expected.p50), (found.p95, expected.p95)] {
        assert!((found - expected).abs() <= 0.02 * expected, "{name}: {found} for {expected}");
    }
}

#[test]
fn what_came_back_is_what_the_relays_log_and_the_payloads_give() {
    for case in &CASES {
        let log = relay_log(case);
        // The log ends before the capture does.
        let is_logged =
            |record: &Record| rtp(record).is_none_or(|packet| log.contains_key(&(packet.ssrc, packet.seq)));
        let records: Vec<Record> = records(case.name).into_iter().filter(is_logged).collect();
        let behind: Vec<&Record> =
            records.iter().filter(|record| record.ports().1 == case.ports[1]).collect();
        let passed: BTreeSet<_> =
            behind.iter().filter_map(|record| rtp(record)).map(|packet| (packet.ssrc, packet.seq)).collect();
        let dropped = log.iter().filter(|((ssrc, _), dropped)| **dropped && *ssrc == case.media);
        let dropped: BTreeSet<u16> = dropped.map(|((_, seq), _)| *seq).collect();
        assert!(dropped.len() > 10 && dropped.iter().all(|seq| !passed.contains(&(case.media, *seq))));
        let [before, after] = found(case, &records);
        assert_is(after, model(case, &dropped, &behind), case.name);
        // To the relay came everything; what was retransmitted is repeated there.
        assert_eq!((before.lost, before.recovery_ms), (0, None), "{}", case.name);
        assert!(before.repeats > 0, "{}", case.name);
    }
}

/// To the end of the captures: dropped is what came to the relay and did not leave it.
#[test]
fn what_came_back_is_what_both_sides_of_the_relay_give() {
    for case in &CASES {
        let records = records(case.name);
        let seqs = |port: u16| -> BTreeSet<u16> {
            let there = records.iter().filter(|record| record.ports().1 == port).filter_map(rtp);
            there.filter(|packet| packet.ssrc == case.media).map(|packet| packet.seq).collect()
        };
        let dropped = &seqs(case.ports[0]) - &seqs(case.ports[1]);
        let behind: Vec<&Record> =
            records.iter().filter(|record| record.ports().1 == case.ports[1]).collect();
        let expected = model(case, &dropped, &behind);
        assert!(expected.by_rtx > 0 && (expected.by_fec > 0 || case.name.starts_with("gst")));
        assert_is(found(case, &records)[1], expected, case.name);
    }
}
