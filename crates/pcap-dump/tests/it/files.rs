//! Names, rotation, the ring and the total cap.

use std::fs;
use std::time::Duration;

use interceptor_core::Registry;
use interceptor_pcap_dump::{CaptureError, Format, PcapDumpFactory};

use crate::support::{Call, LOCAL, files, media, names, read_pcapng};

#[test]
fn has_its_name_only_when_complete() {
    let (_directory, options, path) = files("deep/er/{id}.pcapng");
    let mut call = Call::new(options);
    call.send(media(LOCAL, 1, 10), 1);
    call.flush();
    let inside = path.join("deep/er");
    assert_eq!(names(&inside), ["call-1.pcapng.part"]);
    assert_eq!(call.handle().files(), [inside.join("call-1.pcapng.part")]);
    assert_eq!(read_pcapng(&inside.join("call-1.pcapng.part")).packets.len(), 1, "readable while written");
    call.close(2);
    assert_eq!(names(&inside), ["call-1.pcapng"]);
    assert_eq!(call.handle().files(), [inside.join("call-1.pcapng")]);
}

#[test]
fn leaves_an_empty_capture_when_nothing_crosses() {
    let (_directory, options, path) = files("{id}.pcapng");
    Call::new(options).close(1);
    let found = read_pcapng(&path.join("call-1.pcapng"));
    assert_eq!((found.packets.len(), found.statistics), (0, vec![(0, 0), (0, 0)]));
}

#[test]
fn overwrites_nothing() {
    let (_directory, options, path) = files("same.{ext}");
    fs::write(path.join("same.pcapng"), b"precious").unwrap();
    let registry = Registry::new().with(PcapDumpFactory::new(options).unwrap());
    let mut calls = ["a", "b"].map(|id| Call::build(&registry, id));
    calls[0].close(1);
    calls[1].close(1);
    Call::build(&registry, "c").close(1);
    assert_eq!(names(&path), ["same-2.pcapng", "same-3.pcapng", "same-4.pcapng", "same.pcapng"]);
    assert_eq!(fs::read(path.join("same.pcapng")).unwrap(), b"precious");
}

#[test]
fn overwrites_what_is_complete_when_told_so() {
    let (_directory, options, path) = files("same.{ext}");
    fs::write(path.join("same.pcapng"), b"worthless").unwrap();
    let factory = PcapDumpFactory::new(options.with_overwrite(true).with_max_total_bytes(65_536)).unwrap();
    let registry = Registry::new().with(factory);
    let mut calls = ["a", "b"].map(|id| Call::build(&registry, id));
    calls[0].flush();
    assert_eq!(fs::read(path.join("same.pcapng")).unwrap(), b"worthless", "until the new one is complete");
    calls.iter_mut().for_each(|call| call.close(1));
    assert_eq!(names(&path), ["same-2.pcapng", "same.pcapng"], "two at once cannot have one name");
    for n in 0..200 {
        let mut call = Call::build(&registry, "c");
        call.send(media(LOCAL, n, 600), 1);
        call.close(2);
        assert!(call.stops().is_empty(), "what was overwritten does not count any more");
    }
    assert_eq!(read_pcapng(&path.join("same.pcapng")).packets.len(), 1);
    assert_eq!(names(&path), ["same-2.pcapng", "same.pcapng"]);
}

#[test]
fn begins_a_new_file_before_one_is_too_large() {
    let (_directory, options, path) = files("{id}.{ext}");
    let mut call = Call::new(options.with_rotate_bytes(4096));
    for n in 0..100 {
        call.send(media(LOCAL, n, 500), u64::from(n));
    }
    call.close(100);

    let files = names(&path);
    assert!(files.len() > 10 && files[0] == "call-1_00001.pcapng", "{files:?}");
    let mut packets = 0;
    for file in &files {
        let file = path.join(file);
        assert!(fs::metadata(&file).unwrap().len() <= 4096, "{}", file.display());
        let found = read_pcapng(&file);
        assert_eq!(found.statistics, [(0, 0), (found.packets.len() as u64, 0)], "each file counts its own");
        for packet in found.packets {
            assert_eq!(packet.data[30..32], u16::to_be_bytes(packets), "in order, none lost, none twice");
            packets += 1;
        }
    }
    assert_eq!(packets, 100);
    let counters = call.handle().counters();
    assert_eq!((counters.files, counters.written), (files.len() as u64, 100));
    let sizes: u64 = files.iter().map(|file| fs::metadata(path.join(file)).unwrap().len()).sum();
    assert_eq!(counters.file_bytes, sizes);
}

#[test]
fn a_packet_larger_than_a_file_gets_one_of_its_own() {
    let (_directory, options, path) = files("{id}-{n}.{ext}");
    let mut call = Call::new(options.with_rotate_bytes(4096));
    for n in 0..3 {
        call.send(media(LOCAL, n, 10_000), u64::from(n));
    }
    call.close(4);
    assert_eq!(names(&path), ["call-1-00001.pcapng", "call-1-00002.pcapng", "call-1-00003.pcapng"]);
}

#[test]
fn begins_a_new_file_when_the_packets_time_has_come() {
    let (_directory, options, path) = files("{id}_{start}.{ext}");
    let mut call = Call::new(options.with_rotate_after(Duration::from_secs(60)).with_format(Format::Text));
    for second in [0, 59, 60, 61, 200, 259, 260] {
        call.send(media(LOCAL, second, 10), u64::from(second) * 1_000_000);
    }
    call.close(300_000_000);
    let files = names(&path);
    assert_eq!(
        files,
        [
            "call-1_20231114T221320Z_00001.txt",
            "call-1_20231114T221420Z_00002.txt",
            "call-1_20231114T221640Z_00003.txt",
            "call-1_20231114T221740Z_00004.txt",
        ]
    );
    let lines = |file: &String| fs::read_to_string(path.join(file)).unwrap().lines().count() - 1;
    assert_eq!(files.iter().map(lines).collect::<Vec<_>>(), [2, 2, 2, 1]);
}

#[test]
fn the_ring_keeps_the_newest_files_of_each_connection() {
    let (_directory, options, path) = files("{id}.{ext}");
    let options = options.with_rotate_bytes(4096).with_ring_files(3).with_format(Format::Pcap);
    let factory = PcapDumpFactory::new(options).unwrap();
    let sums = factory.handle();
    let registry = Registry::new().with(factory);
    let mut calls = ["a", "b"].map(|id| Call::build(&registry, id));
    for n in 0..50 {
        calls.iter_mut().for_each(|call| call.send(media(LOCAL, n, 500), u64::from(n)));
    }
    calls.iter_mut().for_each(|call| call.close(50));
    // 4096 - 256 - 24 bytes hold six records of 16 + 28 + 12 + 500 bytes: nine files.
    let expected =
        ["a_00007", "a_00008", "a_00009", "b_00007", "b_00008", "b_00009"].map(|n| format!("{n}.pcap"));
    assert_eq!(names(&path), expected);
    assert_eq!(calls[0].handle().files().len(), 3);
    assert_eq!((sums.counters().files, sums.files().len()), (18, 6));
}

#[test]
fn the_total_cap_deletes_the_oldest_files_of_all() {
    let (_directory, options, path) = files("{id}.{ext}");
    let cap = 65_536;
    let registry = Registry::new()
        .with(PcapDumpFactory::new(options.with_rotate_bytes(8192).with_max_total_bytes(cap)).unwrap());
    for id in ["a", "b", "c"] {
        let mut call = Call::build(&registry, id);
        for n in 0..50 {
            call.send(media(LOCAL, n, 1000), u64::from(n));
        }
        call.close(50);
        let used: u64 = names(&path).iter().map(|file| fs::metadata(path.join(file)).unwrap().len()).sum();
        assert!(used <= cap, "{used}");
        assert!(call.stops().is_empty());
    }
    let files = names(&path);
    assert!(!files.iter().any(|file| file.starts_with('a')), "{files:?}");
    assert!(files.contains(&"c_00001.pcapng".to_owned()), "{files:?}");
}

#[test]
fn the_total_cap_stops_a_capture_when_nothing_is_left_to_delete() {
    let (_directory, options, path) = files("{id}.{ext}");
    let mut call = Call::new(options.with_max_total_bytes(100_000));
    for n in 0..200 {
        call.send(media(LOCAL, n, 1000), u64::from(n));
    }
    call.close(200);
    let stops = call.stops();
    assert_eq!(stops.len(), 1);
    assert!(matches!(*stops[0].error, CaptureError::TotalReached { limit: 100_000 }), "{stops:?}");
    let found = read_pcapng(&path.join("call-1.pcapng"));
    assert!((1..100).contains(&found.packets.len()), "whole up to the cap: {}", found.packets.len());
}
