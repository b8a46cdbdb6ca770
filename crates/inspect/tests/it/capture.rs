//! The captures of `tests/data`, and captures made of their datagrams.

use std::path::PathBuf;

use interceptor_inspect::{InspectOptions, Inspector, Summary};

pub(crate) const NAMES: [&str; 7] = [
    "chromium_vp8_flexfec_loss",
    "chromium_vp8_opus_loss",
    "ffmpeg_opus",
    "gst_opus_clean",
    "gst_pcmu_loss",
    "gst_vp8_rtx_loss",
    "gst_vp8_twcc_loss",
];

pub(crate) const ETHERNET: u16 = 1;

/// A file of `tests/data`; a name without an extension is that of a pcap file.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(if name.contains('.') {
        name.to_owned()
    } else {
        format!("{name}.pcap")
    })
}

pub(crate) fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

pub(crate) fn run(bytes: &[u8]) -> Summary {
    run_with(bytes, &InspectOptions::default())
}

pub(crate) fn run_with(bytes: &[u8], options: &InspectOptions) -> Summary {
    let mut inspector = Inspector::new(options.clone());
    inspector.read(bytes);
    inspector.summary()
}

/// The problem of a kind, as a sentence.
pub(crate) fn problem(summary: &Summary, kind: &str) -> String {
    let problem = summary.problems.iter().find(|problem| problem.kind() == kind);
    problem.map(ToString::to_string).unwrap_or_default()
}

/// A record of a little-endian pcap file with microseconds.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) seconds: u32,
    pub(crate) micros: u32,
    pub(crate) original: u32,
    pub(crate) frame: Vec<u8>,
}

impl Record {
    /// IPv4 header, UDP header and payload.
    pub(crate) fn ip(&self) -> &[u8] {
        &self.frame[14..]
    }

    pub(crate) fn udp_payload(&self) -> &[u8] {
        &self.frame[42..]
    }

    pub(crate) fn ports(&self) -> (u16, u16) {
        let port = |at: usize| u16::from_be_bytes([self.frame[at], self.frame[at + 1]]);
        (port(34), port(36))
    }

    /// The same with another frame; as much is cut as before.
    pub(crate) fn with_frame(&self, frame: Vec<u8>) -> Self {
        let cut = self.original - self.frame.len() as u32;
        Self { original: frame.len() as u32 + cut, frame, ..*self }
    }
}

/// The records of a capture, read apart from the code under test.
pub(crate) fn records(name: &str) -> Vec<Record> {
    let file = bytes(name);
    let mut rest = &file[24..];
    let mut records = Vec::new();
    while let Some((head, after)) = rest.split_at_checked(16) {
        let word = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap());
        let (frame, after) = after.split_at(word(8) as usize);
        rest = after;
        records.push(Record { seconds: word(0), micros: word(4), original: word(12), frame: frame.to_vec() });
    }
    records
}

/// A pcap file in either byte order, with micro- or nanoseconds.
pub(crate) fn pcap(link: u16, big: bool, nano: bool, records: &[Record]) -> Vec<u8> {
    let word = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let half = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let magic = if nano { 0xa1b2_3c4d } else { 0xa1b2_c3d4 };
    let mut file =
        [&word(magic)[..], &half(2), &half(4), &[0; 8], &word(262_144), &word(link.into())].concat();
    for record in records {
        let fraction = if nano { record.micros * 1000 } else { record.micros };
        for value in [record.seconds, fraction, record.frame.len() as u32, record.original] {
            file.extend(word(value));
        }
        file.extend(&record.frame);
    }
    file
}

/// A pcapng file with one interface, times in microseconds.
pub(crate) fn pcapng(link: u16, big: bool, records: &[Record]) -> Vec<u8> {
    let word = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let half = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let block = |kind: u32, body: &[u8]| {
        let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
        let len = (body.len() + padding.len() + 12) as u32;
        [&word(kind)[..], &word(len), body, &padding, &word(len)].concat()
    };
    let section = [&word(0x1a2b_3c4d)[..], &half(1), &half(0), &[0xff; 8]].concat();
    let mut file = block(0x0a0d_0d0a, &section);
    file.extend(block(1, &[&half(link)[..], &half(0), &word(0)].concat()));
    for record in records {
        let time = u64::from(record.seconds) * 1_000_000 + u64::from(record.micros);
        let fields = [0, (time >> 32) as u32, time as u32, record.frame.len() as u32, record.original];
        let body = [&fields.map(word).concat()[..], &record.frame].concat();
        file.extend(block(6, &body));
    }
    file
}

/// All figures but the link type and the addresses of streams.
pub(crate) fn figures(summary: &Summary) -> Vec<(u32, u64, i64, u64, u64, String, String)> {
    let streams = summary.streams.iter();
    let figures = streams.map(|stream| {
        let rest = format!("{:?}", (stream.jitter_ms, stream.delta_ms, stream.loss_runs, stream.rtcp));
        let association = format!("{:?}", (&stream.rtx_of, &stream.codec, stream.clock_rate));
        (stream.ssrc, stream.packets, stream.lost, stream.duplicates, stream.reordered, rest, association)
    });
    figures.collect()
}
