//! Captures within gzip files, whole, cut and damaged; files that are something else, by name.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use interceptor_inspect::Inspector;
use interceptor_inspect::capture::{CaptureReader, DamageKind};

use crate::capture::{ETHERNET, NAMES, bytes, pcap, problem, records, run};

pub(crate) fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Records, and what is wrong, where, in which words.
fn read(file: impl Read) -> (u64, Vec<(DamageKind, u64, String)>) {
    let mut reader = CaptureReader::new(file);
    while reader.next().is_some() {}
    let damage = reader.damage().iter().map(|damage| (damage.kind, damage.offset, damage.what.clone()));
    (reader.records(), damage.collect())
}

#[test]
fn every_capture_is_the_same_within_gzip() {
    for name in NAMES.into_iter().chain(["field/ip_fragments_mjpeg.pcapng"]) {
        let (plain, packed) = (bytes(name), gzip(&bytes(name)));
        assert_eq!(run(&packed), run(&plain), "{name}");
        // Files that were packed one by one and put together are one file.
        let (head, tail) = plain.split_at(plain.len() / 3);
        assert_eq!(run(&[gzip(head), gzip(tail)].concat()), run(&plain), "{name}");
    }
}

#[test]
fn progress_is_that_in_the_file() {
    let file = gzip(&bytes("gst_opus_clean").repeat(400));
    let (mut inspector, mut told) = (Inspector::default(), Vec::new());
    inspector.read_with_progress(&file[..], |bytes| told.push(bytes));
    assert!(told.iter().all(|bytes| *bytes <= file.len() as u64) && told.is_sorted(), "{told:?}");
}

#[test]
fn a_gzip_file_that_is_cut_is_read_up_to_there() {
    let plain = pcap(ETHERNET, false, false, &records("gst_pcmu_loss")[..400]);
    let file = gzip(&plain);
    let mut last = 0;
    for cut in (2..file.len()).step_by(97).chain([file.len() - 1]) {
        let (records, damage) = read(&file[..cut]);
        let gzip = damage.iter().find(|(_, _, what)| what == "the gzip data ends too early");
        let Some((kind, offset, _)) = gzip else { unreachable!("{cut}: {damage:?}") };
        assert_eq!((*kind, *offset), (DamageKind::Truncated, cut as u64), "{damage:?}");
        assert!(records >= last && records <= 400);
        last = records;
    }
    assert_eq!(last, 400, "the sum at the end says nothing of records");
    assert!(problem(&run(&file[..500]), "truncated").starts_with("the "), "{:?}", run(&file[..500]).problems);
}

#[test]
fn damage_within_gzip_is_named() {
    let plain = bytes("gst_pcmu_loss");
    let mut file = gzip(&plain);
    let place = file.len() / 2;
    file[place..place + 40].fill(0xff);
    let (records, damage) = read(&file[..]);
    assert!(records > 100, "{damage:?}");
    let gzip = damage.iter().find(|(_, _, what)| what.starts_with("the gzip data makes no sense"));
    assert!(matches!(gzip, Some((DamageKind::Damaged, ..))), "{damage:?}");
    let mut wrong_sum = self::gzip(&plain);
    let place = wrong_sum.len() - 6;
    wrong_sum[place] ^= 1;
    let summary = run(&wrong_sum);
    assert!(summary.damaged && summary.streams == run(&plain).streams);
}

/// Thirty megabytes in some thirty kilobytes: it is unpacked as it is read.
#[test]
fn what_unpacks_to_much_takes_no_memory() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&pcap(ETHERNET, false, false, &records("gst_pcmu_loss")[..50])).unwrap();
    let zeros = vec![0; 1 << 20];
    (0..30).for_each(|_| encoder.write_all(&zeros).unwrap());
    let file = encoder.finish().unwrap();
    assert!(file.len() < 100_000);
    let mut found = None;
    let memory = allocation_counter::measure(|| found = Some(run(&file))).bytes_max;
    assert!(memory < 12 << 20, "{memory}");
    let summary = found.unwrap();
    assert!(summary.packets == 50 && summary.damaged, "{:?}", summary.problems);
}

#[test]
fn a_disk_that_fails_below_gzip_is_no_damage_of_it() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is on fire"))
        }
    }
    let file = gzip(&bytes("gst_pcmu_loss"));
    for len in [1, 2, 5, 2000] {
        let (_, damage) = read(file[..len].chain(Failing));
        let failed = |(kind, _, what): &(DamageKind, u64, String)| {
            *kind == DamageKind::Unreadable && what.contains("on fire")
        };
        assert!(damage.iter().any(failed), "{len}: {damage:?}");
    }
}

#[test]
fn other_files_are_called_by_their_names() {
    let said = |file: &[u8]| {
        let summary = run(file);
        assert!(summary.damaged && summary.packets == 0, "{:?}", summary.problems);
        problem(&summary, "not-a-capture")
    };
    let zstd = said(&[&[0x28, 0xb5, 0x2f, 0xfd][..], &[0; 100]].concat());
    assert_eq!(
        zstd,
        "zstd data, which is not unpacked here: unpack it with zstd -d first; it begins at byte 0"
    );
    assert!(said(b"BZh91AY&SY0000000000000000000000000000").contains("bzip2 -d"));
    assert!(said(b"PK\x03\x0400000000000000000000000000000000000").contains("zip archive"));
    assert!(said(b"snoop\0\0\0\0\0\0\x020000000000000000000000000000").contains("editcap"));
    assert!(said(&gzip(&gzip(&bytes("field/pppoe")))).contains("gzip data within gzip data"));
    assert!(said(&gzip(b"Dear sir or madam, this is no capture.")).contains("neither pcap"));
}
