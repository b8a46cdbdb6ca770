//! Packets given one by one, summaries asked for meanwhile, several files as one capture.

use std::time::Duration;

use interceptor_inspect::capture::{CaptureReader, Record};
use interceptor_inspect::frame::{Datagram, Frame, dissect};
use interceptor_inspect::{Endpoints, InspectOptions, Inspector};

use crate::capture::{ETHERNET, NAMES, bytes, path, records, run};

const fn is_shared_between_threads<T: Send + Sync>() {}

#[test]
fn an_inspector_may_move_to_another_thread() {
    is_shared_between_threads::<Inspector>();
}

#[test]
fn records_and_datagrams_give_the_figures_of_their_file() {
    for name in NAMES {
        let expected = run(&bytes(name));
        let (mut by_record, mut by_datagram) = (Inspector::default(), Inspector::default());
        let file = bytes(name);
        let mut reader = CaptureReader::new(&file[..]);
        while let Some(record) = reader.next() {
            by_record.record(&record);
        }
        for record in records(name) {
            let at = Duration::new(record.seconds.into(), record.micros * 1000);
            let frame = dissect(ETHERNET, &record.frame, record.original as usize);
            let Frame::Udp(datagram) = frame else { continue };
            let (endpoints, len) = (datagram.endpoints, datagram.wire_len);
            by_datagram.datagram(at, &Datagram::new(endpoints, datagram.payload).with_wire_len(len));
        }
        assert_eq!(by_record.summary(), expected, "{name}");
        assert_eq!(by_datagram.summary().streams, expected.streams, "{name}");
        assert_eq!(by_datagram.summary().link_type, "");
    }
}

#[test]
fn a_summary_in_between_changes_nothing() {
    let name = "gst_vp8_rtx_loss";
    let mut inspector = Inspector::default();
    let mut packets = 0;
    for record in records(name) {
        let at = Duration::new(record.seconds.into(), record.micros * 1000);
        inspector.record(&Record::frame(at, ETHERNET, &record.frame).with_wire_len(record.original as usize));
        let summary = inspector.summary();
        packets += 1;
        assert_eq!(summary.packets, packets);
    }
    assert_eq!(inspector.summary(), run(&bytes(name)));
    assert_eq!(inspector.summary(), inspector.summary());
}

#[test]
fn one_packet_is_a_stream_when_it_is_known_to_be_rtp() {
    let packet = [0x80, 0, 0, 7, 0, 0, 0, 9, 0x11, 0x22, 0x33, 0x44, 0xff];
    let endpoints = Endpoints::new("192.0.2.1:5004".parse().unwrap(), "192.0.2.2:5006".parse().unwrap());
    let datagram = Datagram::new(endpoints, &packet);
    let mut unsure = Inspector::default();
    unsure.datagram(Duration::ZERO, &datagram);
    assert!(unsure.summary().streams.is_empty());
    let mut sure = Inspector::new(InspectOptions::default());
    sure.datagram(Duration::ZERO, &datagram.declared());
    sure.record(&Record::datagram(Duration::from_millis(20), endpoints, &packet));
    let summary = sure.summary();
    assert_eq!((summary.streams.len(), summary.packets), (1, 2));
    let stream = &summary.streams[0];
    assert_eq!((stream.ssrc, stream.packets, stream.duplicates, stream.expected), (0x1122_3344, 2, 1, 1));
    assert_eq!((stream.codec.as_deref(), stream.start_seconds), (Some("PCMU"), Some(0.0)));
    assert!((stream.end_seconds.unwrap() - 0.02).abs() < 1e-9, "{stream:?}");
}

#[test]
fn a_capture_in_several_files_is_one_capture() {
    let all = records("gst_pcmu_loss");
    let (first, second) = all.split_at(700);
    let mut inspector = Inspector::default();
    for part in [first, second] {
        inspector.read(&crate::capture::pcap(ETHERNET, false, false, part)[..]);
    }
    assert_eq!(inspector.summary(), run(&bytes("gst_pcmu_loss")));
    // Damage of all of them is told.
    inspector.read(&b"Dear sir or madam, this is no capture."[..]);
    assert_eq!(inspector.summary().problems[0].kind(), "not-a-capture");
}

#[test]
fn files_are_read_and_what_cannot_be_opened_is_named() {
    let mut inspector = Inspector::default();
    inspector.read_file(path("ffmpeg_opus")).unwrap();
    assert_eq!(inspector.summary(), run(&bytes("ffmpeg_opus")));
    // A file that is not there, and a folder.
    for wrong in ["/no/such/file", env!("CARGO_MANIFEST_DIR")] {
        let error = inspector.read_file(wrong).unwrap_err();
        assert_eq!(error.path.as_os_str(), wrong);
        assert!(error.to_string().starts_with(&format!("{wrong} cannot be opened: ")), "{error}");
    }
    assert_eq!(inspector.summary(), run(&bytes("ffmpeg_opus")));
}

#[test]
fn progress_is_told_on_long_captures() {
    let record = records("gst_pcmu_loss").into_iter().next().unwrap();
    let file = crate::capture::pcap(ETHERNET, false, false, &vec![record; 150_000]);
    let mut told = Vec::new();
    Inspector::default().read_with_progress(&file[..], |bytes| told.push(bytes));
    assert!(
        told.len() >= 2 && told.is_sorted() && told.iter().all(|bytes| *bytes <= file.len() as u64),
        "{told:?}"
    );
}
