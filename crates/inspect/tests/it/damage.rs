//! Cut and damaged files: no panic, the damage is named, everything else is reported.

use interceptor_inspect::capture::CaptureReader;
use interceptor_inspect::{Inspector, Summary};
use proptest::prelude::*;

use crate::capture::{ETHERNET, NAMES, Record, bytes, pcap, pcapng, records, run};

/// The first records of a capture with several kinds of traffic.
fn some() -> Vec<Record> {
    records("chromium_vp8_opus_loss").into_iter().take(300).collect()
}

/// Where each record of a file ends, the header first.
fn ends(header: usize, framing: impl Fn(usize) -> usize, records: &[Record]) -> Vec<usize> {
    let mut end = header;
    let of_records = records.iter().map(|record| {
        end += framing(record.frame.len());
        end
    });
    std::iter::once(header).chain(of_records).collect()
}

fn packets(summary: &Summary) -> u64 {
    summary.streams.iter().map(|stream| stream.packets).sum()
}

/// Every cut is noticed, unless it falls between two records; what is before it is read.
fn check_cut(file: &[u8], ends: &[usize], cut: usize) {
    let summary = run(&file[..cut]);
    let whole = ends.iter().filter(|end| **end <= cut).count().saturating_sub(1);
    assert_eq!(summary.packets, whole as u64, "cut at {cut}");
    assert_eq!(summary.damaged, !ends.contains(&cut), "cut at {cut}: {:?}", summary.problems);
    if summary.damaged {
        let problem = &summary.problems[0];
        assert_eq!(problem.kind(), "truncated", "cut at {cut}: {problem:?}");
        let start = ends.iter().rev().find(|end| **end <= cut).copied().unwrap_or(cut);
        assert_eq!(problem.offset(), Some(start as u64), "cut at {cut}: {problem:?}");
        assert!(problem.to_string().contains(&start.to_string()), "{problem:?}");
    }
}

#[test]
fn a_pcap_file_cut_at_any_byte_is_read_up_to_there() {
    let records = &some()[..12];
    let file = pcap(ETHERNET, false, false, records);
    let ends = ends(24, |len| 16 + len, records);
    (0..=file.len()).for_each(|cut| check_cut(&file, &ends, cut));
}

#[test]
fn a_pcapng_file_cut_at_any_byte_is_read_up_to_there() {
    let records = &some()[..12];
    let file = pcapng(ETHERNET, true, records);
    // The file may end behind its section header and behind its interface.
    let ends = ends(28 + 20, |len| 32 + len.next_multiple_of(4), records);
    (29..=file.len()).filter(|cut| *cut >= ends[0]).for_each(|cut| check_cut(&file, &ends, cut));
    for cut in 0..ends[0] {
        let summary = run(&file[..cut]);
        assert_eq!((summary.packets, summary.damaged), (0, cut != 28), "cut at {cut}");
    }
}

#[test]
fn real_captures_cut_short_keep_their_streams() {
    for name in NAMES {
        let file = bytes(name);
        let summary = run(&file[..file.len() - 1]);
        assert!(summary.damaged && summary.problems[0].kind() == "truncated", "{name}");
        let whole = run(&file);
        assert_eq!((summary.packets, summary.streams.len()), (whole.packets - 1, whole.streams.len()));
    }
}

#[test]
fn reading_goes_on_behind_damage() {
    let records = some();
    for (name, file, header, framing) in [
        ("pcap", pcap(ETHERNET, false, false, &records), 24, 16),
        ("pcapng", pcapng(ETHERNET, false, &records), 28 + 20, 32),
    ] {
        let pad = |len: usize| if framing == 32 { len.next_multiple_of(4) } else { len };
        let place: usize =
            header + records[..100].iter().map(|record| framing + pad(record.frame.len())).sum::<usize>();
        let mut broken = file.clone();
        broken[place..place + 16].fill(0xff);
        let summary = run(&broken);
        assert_eq!(summary.packets, 299, "{name}: {:?}", summary.problems);
        assert_eq!(
            (summary.problems[0].kind(), summary.problems[0].offset()),
            ("damaged", Some(place as u64))
        );
        assert!(packets(&summary) + 1 >= packets(&run(&file)), "{name}");
    }
}

#[test]
fn a_damaged_magic_number_does_not_hide_the_file() {
    let records = some();
    let mut file = pcap(ETHERNET, false, false, &records);
    file[1] ^= 0x40;
    let summary = run(&file);
    assert_eq!((summary.packets, summary.damaged, summary.problems[0].offset()), (300, true, Some(0)));
    let mut file = pcapng(ETHERNET, false, &records);
    file[0] ^= 0x40;
    let summary = run(&file);
    assert!(summary.damaged && summary.problems[0].offset() == Some(0));
    assert_eq!(summary.packets, 300, "{:?}", summary.problems);
}

#[test]
fn what_is_no_capture_is_called_so() {
    let kinds = |file: &[u8]| {
        let summary = run(file);
        assert!(summary.damaged && summary.packets == 0);
        summary.problems[0].kind()
    };
    assert_eq!(kinds(b""), "truncated");
    assert_eq!(kinds(&[0xd4, 0xc3]), "truncated");
    assert_eq!(kinds(b"#!rtpplay1.0 127.0.0.1/"), "truncated");
    assert_eq!(kinds(b"Dear sir or madam, this is no capture."), "not-a-capture");
}

#[test]
fn a_reader_that_fails_is_named() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is on fire"))
        }
    }
    let file = pcap(ETHERNET, false, false, &some());
    let reader = std::io::Read::chain(&file[..1000], Failing);
    let mut inspector = Inspector::default();
    inspector.read(reader);
    let summary = inspector.summary();
    assert!(summary.packets > 0 && summary.damaged);
    assert!(summary.problems.iter().any(|problem| problem.to_string().contains("on fire")));
}

/// Reads to the end and sums up all lengths, so that every record is looked at.
fn walk(file: &[u8]) -> (u64, u64) {
    let mut reader = CaptureReader::new(file);
    let mut sum = 0;
    while let Some(record) = reader.next() {
        sum += record.wire_len as u64;
    }
    (reader.records(), sum)
}

/// A flipped bit in a length or a time is damage, one in a payload cannot be noticed: in either case at most a few
/// records are missing, because reading goes on behind them.
fn check_flips(ng: bool, flips: &[(f64, u8)]) {
    let records = some();
    let mut file =
        if ng { pcapng(ETHERNET, false, &records) } else { pcap(ETHERNET, false, false, &records) };
    let header = if ng { 48 } else { 24 };
    for (part, flip) in flips {
        let place = header + ((file.len() - header) as f64 * part) as usize;
        file[place] ^= flip;
    }
    let summary = run(&file);
    let missing = 300 - summary.packets as i64;
    assert!(missing <= 16 * flips.len() as i64, "{missing} {:?}", summary.problems);
    // A length that leads to the start of another record, no further than the frame was long, is one like any other.
    assert!(summary.damaged || missing <= 3 * flips.len() as i64, "{missing} {:?}", summary.problems);
}

/// It makes a length lead to the start of a record, 78 further on.
#[test]
fn a_length_that_leads_past_many_records_is_damage() {
    check_flips(false, &[(0.131_375_321_330_030_6, 33)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_real_capture_may_be_cut_anywhere(name in prop::sample::select(&NAMES[..]), part in 0.0..1.0f64) {
        let file = bytes(name);
        let cut = (file.len() as f64 * part) as usize;
        let mut reader = CaptureReader::new(&file[..cut]);
        while reader.next().is_some() {}
        let (records, offset) = (reader.records(), reader.offset());
        prop_assert!(offset == cut as u64 || cut < 24);
        let summary = run(&file[..cut]);
        prop_assert_eq!(summary.packets, records);
        prop_assert!(summary.damaged || cut >= 24);
    }

    #[test]
    fn flipped_bytes_cost_few_records(
        ng: bool,
        flips in prop::collection::vec((0.0..1.0f64, 1u8..), 1..8),
    ) {
        check_flips(ng, &flips);
    }

    #[test]
    fn flips_anywhere_and_cuts_never_panic(
        ng: bool,
        flips in prop::collection::vec((0.0..1.0f64, 1u8..), 0..30),
        head in prop::collection::vec((0usize..64, any::<u8>()), 0..4),
        part in 0.0..1.0f64,
    ) {
        let records = some();
        let mut file = if ng { pcapng(ETHERNET, true, &records) } else { pcap(ETHERNET, true, true, &records) };
        for (part, flip) in &flips {
            let place = (file.len() as f64 * part) as usize;
            file[place] ^= flip;
        }
        for (place, byte) in head {
            file[place] = byte;
        }
        file.truncate((file.len() as f64 * part) as usize);
        let summary = run(&file);
        prop_assert_eq!(summary.packets, walk(&file).0);
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        magic in 0usize..5,
        body in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        let magic: &[u8] = [
            &[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0][..],
            &[0xa1, 0xb2, 0x3c, 0x4d],
            &[0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a],
            b"#!rtpplay1.0 1.2.3.4/5\n",
            &[],
        ][magic];
        let file = [magic, &body].concat();
        prop_assert_eq!(run(&file).packets, walk(&file).0);
    }
}
