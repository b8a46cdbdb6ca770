//! Small captures of what goes on in the field, and what is right for each: a row a file. See `tests/data/README.md`.

use interceptor_inspect::{InspectOptions, StreamSummary, Summary};

use crate::capture::{bytes, run_with};

/// A file of `tests/data/field`, what its reader says of it, and what is right.
struct Row {
    file: &'static str,
    ports: &'static [u16],
    /// `111=opus/48000`.
    payload_types: &'static [&'static str],
    damaged: bool,
    /// The kinds of all problems, in their order.
    problems: &'static [&'static str],
    streams: &'static [Stream],
}

const ROW: Row =
    Row { file: "", ports: &[], payload_types: &[], damaged: false, problems: &[], streams: &[] };

/// What is right for a stream. `None`: the row is not about it.
#[derive(Clone, Copy)]
struct Stream {
    packets: u64,
    lost: i64,
    duplicates: u64,
    reordered: u64,
    longest_run: u64,
    timestamp_jumps: u64,
    sender_reports: Option<u64>,
    payload_type: Option<u8>,
    codec: Option<&'static str>,
    clock_rate: Option<u32>,
    start_seconds: Option<f64>,
    delta_mean_ms: Option<f64>,
    jitter_below_ms: Option<f64>,
    skew_below_ms: Option<f64>,
}

const STREAM: Stream = Stream {
    packets: 0,
    lost: 0,
    duplicates: 0,
    reordered: 0,
    longest_run: 0,
    timestamp_jumps: 0,
    sender_reports: None,
    payload_type: None,
    codec: None,
    clock_rate: None,
    start_seconds: None,
    delta_mean_ms: None,
    jitter_below_ms: None,
    skew_below_ms: None,
};

const HUNDRED: Stream = Stream { packets: 100, ..STREAM };
/// Audio as it was sent.
const STEADY: Stream = Stream {
    start_seconds: Some(0.0),
    delta_mean_ms: Some(20.0),
    jitter_below_ms: Some(0.01),
    skew_below_ms: Some(0.01),
    ..HUNDRED
};
const GUESSED: &[&str] = &["clock-guessed"];

const ROWS: &[Row] = &[
    // Outages: numbers and clock go on.
    Row {
        file: "outage_of_5000.pcap",
        streams: &[Stream { packets: 1000, lost: 5000, longest_run: 5000, ..STREAM }],
        ..ROW
    },
    Row {
        file: "outage_of_2900.pcap",
        streams: &[Stream { packets: 1000, lost: 2900, longest_run: 2900, ..STREAM }],
        ..ROW
    },
    // A camera whose numbers begin again.
    Row {
        file: "numbers_begin_again.pcap",
        problems: GUESSED,
        streams: &[Stream { packets: 400, jitter_below_ms: Some(0.01), ..STREAM }],
        ..ROW
    },
    // 2000 packets a second, of which two come again 75 ms later.
    Row {
        file: "two_packets_150_late.pcap",
        problems: GUESSED,
        streams: &[Stream { packets: 4000, reordered: 2, clock_rate: Some(90_000), ..STREAM }],
        ..ROW
    },
    Row {
        file: "gap_after_five.pcap",
        streams: &[Stream {
            packets: 205,
            lost: 1995,
            longest_run: 1995,
            start_seconds: Some(0.0),
            ..STREAM
        }],
        ..ROW
    },
    Row {
        file: "gap_after_three.pcap",
        streams: &[Stream {
            packets: 203,
            lost: 1997,
            longest_run: 1997,
            start_seconds: Some(0.0),
            ..STREAM
        }],
        ..ROW
    },
    Row { file: "four_ssrcs_in_turn.pcap", streams: &[HUNDRED; 4], ..ROW },
    Row { file: "six_ssrcs_in_turn.pcap", streams: &[HUNDRED; 6], ..ROW },
    Row {
        file: "comfort_noise_first.pcap",
        streams: &[Stream {
            packets: 200,
            payload_type: Some(0),
            codec: Some("PCMU"),
            clock_rate: Some(8000),
            jitter_below_ms: Some(0.01),
            ..STREAM
        }],
        ..ROW
    },
    Row {
        file: "codec_change.pcap",
        payload_types: &["111=opus/48000"],
        streams: &[Stream {
            packets: 400,
            payload_type: Some(111),
            codec: Some("opus"),
            clock_rate: Some(48_000),
            jitter_below_ms: Some(0.01),
            skew_below_ms: Some(0.1),
            ..STREAM
        }],
        ..ROW
    },
    Row {
        file: "timestamps_begin_again.pcap",
        problems: &["timestamp-jumps"],
        streams: &[Stream {
            packets: 400,
            jitter_below_ms: Some(0.01),
            skew_below_ms: Some(0.01),
            timestamp_jumps: 1,
            ..STREAM
        }],
        ..ROW
    },
    // The marker makes 208 of payload type 80, which RTCP's packet types include.
    Row {
        file: "payload_type_80_with_marker.pcap",
        ports: &[5004],
        problems: GUESSED,
        streams: &[Stream { packets: 600, payload_type: Some(80), ..STREAM }],
        ..ROW
    },
    Row {
        file: "payload_type_80_with_marker.pcap",
        problems: GUESSED,
        streams: &[Stream { packets: 600, payload_type: Some(80), ..STREAM }],
        ..ROW
    },
    Row {
        file: "srtp_and_srtcp.pcap",
        problems: &["encrypted", "clock-guessed"],
        streams: &[Stream { packets: 500, sender_reports: Some(10), clock_rate: Some(48_000), ..STREAM }],
        ..ROW
    },
    // The marker makes 163 of payload type 35: that is no RTCP.
    Row {
        file: "payload_type_35_with_marker.pcap",
        problems: GUESSED,
        streams: &[Stream { packets: 600, payload_type: Some(35), ..STREAM }],
        ..ROW
    },
    // Datagrams in fragments count by their first.
    Row {
        file: "ip_fragments.pcap",
        problems: GUESSED,
        streams: &[Stream { packets: 200, ..STREAM }],
        ..ROW
    },
    Row {
        file: "ip_fragments_mjpeg.pcapng",
        streams: &[Stream { packets: 679, codec: Some("JPEG"), ..STREAM }],
        ..ROW
    },
    Row {
        file: "rtsp_interleaved.pcap",
        problems: GUESSED,
        streams: &[Stream { packets: 200, delta_mean_ms: Some(33.0), jitter_below_ms: Some(0.4), ..STREAM }],
        ..ROW
    },
    Row { file: "pppoe.pcap", streams: &[STEADY], ..ROW },
    Row { file: "snaplen_50.pcap", problems: &["cut-off"], ..ROW },
    // Times that files say in unusual ways.
    Row { file: "microseconds_1000000.pcap", streams: &[HUNDRED], ..ROW },
    Row { file: "tsresol_10_10.pcapng", streams: &[STEADY], ..ROW },
    Row { file: "tsresol_2_30.pcapng", streams: &[STEADY], ..ROW },
    Row { file: "three_interfaces.pcapng", streams: &[STEADY], ..ROW },
];

#[test]
fn captures_from_the_field_are_read_right() {
    for row in ROWS {
        let mut options = InspectOptions::default();
        for port in row.ports {
            options = options.with_port(*port);
        }
        for payload_type in row.payload_types {
            options = options.with_payload_type(payload_type.parse().unwrap());
        }
        let summary = run_with(&bytes(&format!("field/{}", row.file)), &options);
        hold(row, &summary);
    }
}

fn hold(row: &Row, summary: &Summary) {
    let kinds: Vec<&str> = summary.problems.iter().map(|problem| problem.kind()).collect();
    assert_eq!(kinds, row.problems, "{}: {:?}", row.file, summary.problems);
    assert_eq!(summary.damaged, row.damaged, "{}", row.file);
    assert_eq!(summary.streams.len(), row.streams.len(), "{}: {:?}", row.file, summary.streams);
    for (right, found) in row.streams.iter().zip(&summary.streams) {
        hold_stream(row.file, right, found);
    }
}

fn hold_stream(file: &str, right: &Stream, found: &StreamSummary) {
    let what = format!("{file}: {found:?}");
    let counts = (found.packets, found.lost, found.duplicates, found.reordered, found.loss_runs.longest);
    let expected = (right.packets, right.lost, right.duplicates, right.reordered, right.longest_run);
    assert_eq!(counts, expected, "packets, lost, duplicates, reordered, longest run of {what}");
    let near = |found: Option<f64>, right: Option<f64>| {
        right.is_none_or(|right| found.is_some_and(|found| (found - right).abs() < 1e-3))
    };
    let below = |found: Option<f64>, most: Option<f64>| {
        most.is_none_or(|most| found.is_some_and(|found| found.abs() < most))
    };
    assert_eq!(found.timestamp_jumps.count, right.timestamp_jumps, "jumps of {what}");
    assert!(right.sender_reports.is_none_or(|right| right == found.rtcp.sr), "sender reports of {what}");
    assert!(right.payload_type.is_none_or(|right| right == found.payload_type), "payload type of {what}");
    assert!(right.codec.is_none_or(|right| Some(right) == found.codec.as_deref()), "codec of {what}");
    assert!(right.clock_rate.is_none_or(|right| Some(right) == found.clock_rate), "clock rate of {what}");
    assert!(near(found.start_seconds, right.start_seconds), "start of {what}");
    assert!(near(found.delta_ms.map(|delta| delta.mean), right.delta_mean_ms), "delta of {what}");
    assert!(below(found.jitter_ms.map(|jitter| jitter.max), right.jitter_below_ms), "jitter of {what}");
    assert!(below(found.skew_ms, right.skew_below_ms), "skew of {what}");
}
