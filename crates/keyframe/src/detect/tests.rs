//! Bytes as codecs' payloads begin, and what they are; cut off anywhere nobody panics, and nothing becomes a key frame that is none.

use proptest::prelude::*;

use super::Start::{Key, Other, TooShort};
use super::{Start, av1, h264, h265, red, vp8, vp9};

type Row = (&'static str, &'static [u8], Start);

const VP8: &[Row] = &[
    ("nothing", &[], TooShort),
    ("key frame, no extension", &[0x10, 0x50, 0x5d, 0x00, 0x9d, 0x01, 0x2a], Key),
    ("predicted", &[0x10, 0x51], Other),
    ("in the middle", &[0x00, 0x50], Other),
    ("not referenced, predicted", &[0x30, 0x11], Other),
    ("another partition begins", &[0x12, 0x50], Other),
    ("short picture number", &[0x90, 0x80, 0x7f, 0x50], Key),
    ("long picture number, as GStreamer sends it", &[0x90, 0x80, 0xad, 0x75, 0x50], Key),
    ("long picture number, predicted", &[0x90, 0x80, 0xad, 0x75, 0xb1], Other),
    ("TL0PICIDX and TID", &[0x90, 0xe0, 0x81, 0x02, 0x03, 0x20, 0x10], Key),
    ("KEYIDX alone", &[0x90, 0x10, 0x03, 0x10], Key),
    ("all, as Chromium sends layers", &[0x90, 0xf0, 0x81, 0x02, 0x03, 0x04, 0x11], Other),
    ("no frame behind the descriptor", &[0x10], TooShort),
    ("no extension where one is said to be", &[0x90], TooShort),
    ("ends in the picture number", &[0x90, 0x80], TooShort),
    ("ends behind half a picture number", &[0x90, 0x80, 0xad], TooShort),
    ("ends before the layers", &[0x90, 0xf0, 0x81, 0x02, 0x03], TooShort),
];

const VP9: &[Row] = &[
    ("nothing", &[], TooShort),
    ("key frame begins, 15 bits of number", &[0x8a, 0x81, 0x02, 0x00], Key),
    ("7 bits of number", &[0x88, 0x01, 0x00], Key),
    ("no number", &[0x08, 0x00], Key),
    ("goes on", &[0x80, 0x81, 0x02, 0x00], Other),
    ("predicted", &[0xc8, 0x81, 0x02, 0x00], Other),
    ("lowest layer", &[0xa8, 0x81, 0x02, 0x00, 0x01], Key),
    ("second spatial layer of a key picture", &[0xa8, 0x81, 0x02, 0x03, 0x01], Other),
    ("second temporal layer, not predicted", &[0xa8, 0x01, 0x20, 0x01], Key),
    ("flexible mode", &[0xb8, 0x81, 0x02, 0x00], Key),
    ("ends before the number", &[0x88], TooShort),
    ("ends in the number", &[0x88, 0x81], TooShort),
    ("ends before the layers", &[0xa8, 0x81, 0x02], TooShort),
];

const H264: &[Row] = &[
    ("nothing", &[], TooShort),
    ("IDR slice", &[0x65, 0x88], Key),
    ("slice", &[0x41, 0x9a], Other),
    ("SPS", &[0x67, 0x42], Key),
    ("PPS", &[0x68, 0xce], Other),
    ("SEI", &[0x06, 0x05], Other),
    ("access unit delimiter", &[0x09, 0x10], Other),
    ("STAP-A of SPS and PPS", &[0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce], Key),
    ("STAP-A of SEI and IDR", &[0x78, 0, 2, 0x06, 0x05, 0, 2, 0x65, 0x88], Key),
    ("STAP-A of two slices", &[0x78, 0, 2, 0x41, 0x9a, 0, 2, 0x41, 0x9b], Other),
    ("STAP-A with a length beyond its end", &[0x78, 0xff, 0xff, 0x41, 0x9a, 0x67], Other),
    ("STAP-A with lengths of nothing", &[0x78, 0, 0, 0, 0, 0], Other),
    ("STAP-B of SPS", &[0x79, 0, 1, 0, 2, 0x67, 0x42], Key),
    ("FU-A, IDR, first", &[0x7c, 0x85, 0x88], Key),
    ("FU-A, IDR, middle", &[0x7c, 0x05, 0x88], Other),
    ("FU-A, IDR, last", &[0x7c, 0x45, 0x88], Other),
    ("FU-A, slice, first", &[0x5c, 0x81, 0x9a], Other),
    ("FU-B, IDR, first", &[0x7d, 0x85, 0x00, 0x01, 0x88], Key),
    ("FU-A without a header", &[0x7c], TooShort),
    ("STAP-A without a unit", &[0x78, 0, 2], TooShort),
];

const H265: &[Row] = &[
    ("nothing", &[], TooShort),
    ("half a header", &[0x26], TooShort),
    ("IDR_W_RADL", &[0x26, 0x01, 0xaf], Key),
    ("IDR_N_LP", &[0x28, 0x01, 0xaf], Key),
    ("CRA", &[0x2a, 0x01, 0xaf], Key),
    ("BLA_W_LP", &[0x20, 0x01, 0xaf], Key),
    ("TRAIL_R", &[0x02, 0x01, 0xd0], Other),
    ("RASL_R", &[0x12, 0x01, 0xd0], Other),
    ("VPS", &[0x40, 0x01, 0x0c], Key),
    ("SPS", &[0x42, 0x01, 0x01], Key),
    ("PPS alone", &[0x44, 0x01, 0xc0], Other),
    ("SEI", &[0x4e, 0x01, 0x05], Other),
    ("AP of VPS, SPS and PPS", &[0x60, 0x01, 0, 2, 0x40, 0x01, 0, 2, 0x42, 0x01, 0, 2, 0x44, 0x01], Key),
    ("AP of two slices", &[0x60, 0x01, 0, 2, 0x02, 0x01, 0, 2, 0x02, 0x01], Other),
    ("FU, IDR, first", &[0x62, 0x01, 0x93, 0xaf], Key),
    ("FU, IDR, middle", &[0x62, 0x01, 0x13, 0xaf], Other),
    ("FU, slice, first", &[0x62, 0x01, 0x81, 0xd0], Other),
    ("FU without a header", &[0x62, 0x01], TooShort),
    ("AP without a unit", &[0x60, 0x01, 0, 2, 0x40], TooShort),
];

const AV1: &[Row] = &[
    ("nothing", &[], TooShort),
    ("a header alone", &[0x08], TooShort),
    ("a sequence begins", &[0x18, 0x0a, 0x0b], Key),
    ("a sequence begins, and goes on in the next", &[0x58, 0x0a], Key),
    ("a frame", &[0x10, 0x32], Other),
    ("goes on from the one before", &[0x90, 0x32], Other),
    ("both, which cannot be", &[0x98, 0x0a], Other),
];

type Detect = fn(&[u8]) -> Start;

const ALL: [(Detect, &[Row]); 5] = [(vp8, VP8), (vp9, VP9), (h264, H264), (h265, H265), (av1, AV1)];

#[test]
fn payloads_are_what_the_table_says() {
    for (detect, rows) in ALL {
        for (what, payload, start) in rows {
            assert_eq!(detect(payload), *start, "{what}: {payload:02x?}");
        }
    }
}

#[test]
fn red_is_opened() {
    assert_eq!(red(&[96, 1, 2]), Some((96, &[1, 2][..])));
    assert_eq!(
        red(&[0x80 | 97, 0x12, 0x34 & 0xfc, 2, 96, 7, 7, 1]),
        Some((96, &[1][..])),
        "behind a redundant block"
    );
    assert_eq!(red(&[0x80 | 97, 0, 0, 9, 96, 7]), None, "that is longer than the packet");
    for cut in [&[][..], &[0x80], &[0x80, 0, 0], &[0x80, 0, 0, 0]] {
        assert_eq!(red(cut), None, "{cut:02x?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_give_an_answer(payload in prop::collection::vec(any::<u8>(), 0..64)) {
        for (detect, _) in ALL {
            let whole = detect(&payload);
            let longer = detect(&[&payload[..], &[0; 8]].concat());
            // What a whole payload is, a longer one is as well: only what is cut off may become something.
            prop_assert!(whole == longer || whole == TooShort || longer == Key, "{whole:?}, {longer:?}");
        }
        if let Some((_, inside)) = red(&payload) {
            prop_assert!(payload.ends_with(inside));
        }
    }
}
