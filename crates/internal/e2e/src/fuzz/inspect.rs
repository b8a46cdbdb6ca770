//! Captures: whatever a file holds, reading it ends, takes little memory and gives figures that make sense.

use std::io::Read;

use interceptor_inspect::capture::{CaptureReader, Content, Record};
use interceptor_inspect::frame::{Frame, dissect};
use interceptor_inspect::{InspectOptions, Inspector, Limit, Summary};

/// Link types that are understood.
const LINKS: [u16; 15] = [0, 1, 9, 12, 14, 50, 51, 101, 104, 108, 113, 228, 229, 252, 276];

/// Fewer bytes no record has: rtpdump's header.
const LEAST_RECORD: u64 = 8;

/// Fewer bytes no RTP packet on a channel has: its header, and that of its frame.
const LEAST_FRAME: u64 = 16;

/// Reads `data` as a capture: its records one by one, then all of it, at once, in pieces and record by record.
pub fn inspect(data: &[u8]) {
    let records = read(data);
    let whole = figures(data, data, &InspectOptions::default());
    assert_eq!(whole.packets, records);
    let pieces = figures(data, Pieces { data, turn: 0 }, &InspectOptions::default());
    // Damaged gzip data gives what came of it up to the last few kilobytes, in whatever pieces.
    if !is_gzip(data) || !whole.damaged {
        assert_eq!(whole, pieces, "a pipe says what a file says");
    }
    assert_eq!(whole.streams, by_record(data).streams, "records given one by one say what a file says");
    // A user who knows better finds no more records.
    let port = u16::from_be_bytes([data.first().copied().unwrap_or(0), data.last().copied().unwrap_or(0)]);
    let mut told = InspectOptions::default().with_port(port).with_port(5004);
    for payload_type in ["96=VP8/90000", "111=opus/48000/2"] {
        told = told.with_payload_type(payload_type.parse().expect("a payload type"));
    }
    assert_eq!(figures(data, data, &told).packets, records);
}

/// The most bytes that a file can have in it: deflate makes at most 1032 of one.
fn unpacked(data: &[u8]) -> u64 {
    if is_gzip(data) { 1032 * data.len() as u64 } else { data.len() as u64 }
}

fn is_gzip(data: &[u8]) -> bool {
    data.starts_with(&[0x1f, 0x8b])
}

/// Record by record; gives their number.
fn read(data: &[u8]) -> u64 {
    let most = unpacked(data);
    let mut reader = CaptureReader::new(data);
    let (mut records, mut place) = (0, reader.offset());
    while let Some(record) = reader.next() {
        records += 1;
        match record.content {
            Content::Frame(link, frame) => {
                assert!(frame.len() <= record.wire_len && frame.len() as u64 <= most);
                check_frame(link, frame, record.wire_len);
                // As if the header had named another link type.
                LINKS.iter().for_each(|link| check_frame(*link, frame, record.wire_len));
            }
            Content::Datagram(_, payload) => assert!(payload.len() <= record.wire_len),
            _ => {}
        }
        assert!(
            place <= reader.offset() && reader.offset() <= most && reader.file_offset() <= data.len() as u64
        );
        place = reader.offset();
    }
    assert_eq!(reader.records(), records);
    assert!(records <= most / LEAST_RECORD && reader.link_types().len() <= 32);
    assert!(reader.damage().iter().all(|damage| damage.offset <= most));
    assert!(reader.damage().len() == 32 || reader.more_damage() == 0);
    assert!(reader.next().is_none(), "the end is the end");
    records
}

fn check_frame(link: u16, frame: &[u8], wire_len: usize) {
    match dissect(link, frame, wire_len) {
        Frame::Udp(datagram) => {
            assert!(datagram.payload.len() <= frame.len());
            assert!(datagram.payload.len() <= datagram.wire_len);
        }
        Frame::Tcp(segment) => assert!(segment.payload.len() <= segment.wire_len.min(frame.len())),
        Frame::UnknownLink => assert!(!LINKS.contains(&link)),
        _ => {}
    }
}

/// As somebody would who reads captures in another way.
fn by_record(data: &[u8]) -> Summary {
    let (mut reader, mut inspector) = (CaptureReader::new(data), Inspector::default());
    while let Some(record) = reader.next() {
        let Record { at, wire_len, .. } = record;
        let own = match record.content {
            Content::Frame(link, frame) => Record::frame(at.unwrap_or_default(), link, frame),
            Content::Datagram(endpoints, payload) => {
                Record::datagram(at.unwrap_or_default(), endpoints, payload)
            }
            _ => continue,
        };
        let own = if at.is_none() { own.without_time() } else { own };
        inspector.record(&own.with_wire_len(wire_len));
    }
    inspector.flush();
    inspector.summary()
}

fn figures(data: &[u8], reader: impl Read, options: &InspectOptions) -> Summary {
    let mut told = 0;
    let mut inspector = Inspector::new(options.clone());
    inspector.read_with_progress(reader, |bytes| {
        assert!((told..=data.len() as u64).contains(&bytes));
        told = bytes;
    });
    let summary = inspector.summary();
    let packets: u64 = summary.streams.iter().map(|stream| stream.packets).sum();
    // A TCP segment may have many.
    assert!(packets <= summary.packets.max(unpacked(data) / LEAST_FRAME));
    for stream in &summary.streams {
        let in_order = stream.start_seconds <= stream.end_seconds;
        assert!(stream.packets > 0 && stream.lost_pct <= 100.0 && in_order, "{stream:?}");
        assert!(stream.duplicates + stream.reordered <= stream.packets, "{stream:?}");
        let spreads = [&stream.jitter_ms, &stream.delta_ms];
        for spread in spreads.into_iter().flatten() {
            // Not the mean between them: Wireshark's counts packets with the marker bit as the mean so far.
            assert!(spread.min <= spread.max && spread.mean.is_finite(), "{stream:?}");
        }
    }
    let at_most = unpacked(data);
    assert!(summary.problems.iter().all(|problem| problem.offset().is_none_or(|offset| offset <= at_most)));
    assert!(summary.problems.iter().all(|problem| !problem.to_string().is_empty()));
    let lossy = "loss>=0".parse::<Limit>().expect("a condition").exceeded_by(&summary);
    assert!(lossy.len() <= summary.streams.len().max(1));
    summary
}

/// Gives 1 to 97 bytes at a time, as a pipe may.
struct Pieces<'a> {
    data: &'a [u8],
    turn: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        self.turn = (self.turn + 31) % 97;
        let len = (self.turn + 1).min(self.data.len()).min(room.len());
        let (piece, rest) = self.data.split_at(len);
        room[..len].copy_from_slice(piece);
        self.data = rest;
        Ok(len)
    }
}
