//! What is read and written again is the same, and no text, however spoilt, does harm.

use interceptor_core::{Media, Need};
use interceptor_sdp::{Answer, Demux, Description, Endpoint, ReadOptions};
use proptest::prelude::*;

use crate::captures::{FLEXFEC_ANSWER, FLEXFEC_OFFER, RED_ANSWER, RED_OFFER, SIMULCAST_OFFER};
use crate::others::{AIORTC, FFMPEG, FIREFOX, GSTREAMER, WERIFT};

const REAL: [&str; 10] = [
    RED_OFFER,
    RED_ANSWER,
    FLEXFEC_OFFER,
    FLEXFEC_ANSWER,
    SIMULCAST_OFFER,
    FFMPEG,
    GSTREAMER,
    FIREFOX,
    WERIFT,
    AIORTC,
];

/// How many spoilt texts the long run reads.
const LONG_RUN: u64 = 10_000_000;

#[test]
fn real_descriptions_are_written_as_they_were_read() {
    for text in REAL {
        let description = Description::parse(text).unwrap();
        let again = Description::parse(&description.to_string()).unwrap();
        assert_eq!(again, description);
        assert_eq!(again.to_string(), description.to_string());
    }
    for text in [RED_OFFER, RED_ANSWER, FLEXFEC_OFFER, FLEXFEC_ANSWER] {
        assert_eq!(
            Description::parse(text).unwrap().to_string(),
            text.trim_end_matches("\r\n").to_owned() + "\r\n"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_written_the_same(seed in any::<u64>()) {
        let options = ReadOptions::default().with_skip_malformed(true);
        if let Ok(description) = Description::parse_with(&spoilt(seed), &options) {
            let again = Description::parse_with(&description.to_string(), &options).unwrap();
            prop_assert_eq!(again.sections(), description.sections());
            prop_assert_eq!(again.to_string(), description.to_string());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*|(v=0\n)?([a-z]=[ -~]{0,40}\n){0,20}") {
        let _ = Description::parse(&text);
    }
}

#[test]
fn spoilt_descriptions_do_no_harm() {
    (0..5000).for_each(work_with);
}

/// `cargo test --release -p interceptor-sdp -- --ignored ten_million`: some minutes.
#[test]
#[ignore = "minutes, in release"]
fn ten_million_spoilt_descriptions_do_no_harm() {
    let threads = 2;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || (thread..LONG_RUN).step_by(threads as usize).for_each(work_with));
        }
    });
}

/// All that can be done with a description.
fn work_with(seed: u64) {
    let text = spoilt(seed);
    let options = ReadOptions::default().with_skip_malformed(seed.is_multiple_of(2));
    let Ok(description) = Description::parse_with(&text, &options) else { return };
    let (sends, takes) = (description.sends(), description.takes());
    for stream in sends.iter().flat_map(|section| &section.announced) {
        assert!(stream.check().is_ok(), "seed {seed}: {stream:?}");
    }
    assert!(sends.len() + takes.len() <= 2 * description.sections().len());
    let _ = Demux::new(&sends);
    let needs = [
        Need::feedback(Media::Any, "nack", ""),
        Need::codec(Media::Any, "rtx"),
        Need::codec(Media::Any, "red"),
    ];
    let endpoint = Endpoint::at(([127, 0, 0, 1], 4000).into()).with_fingerprint("sha-256 A");
    if let Ok(answered) = Answer::to(&description).with(&needs).at(endpoint).answer() {
        assert_eq!(answered.description.sections().len(), description.sections().len(), "seed {seed}");
    }
}

/// A real description, with a few changes that the seed decides: bytes, lines left out, doubled, exchanged, cut.
fn spoilt(seed: u64) -> String {
    let mut draw = Draw(seed);
    let mut text = REAL[draw.below(REAL.len())].to_owned();
    for _ in 0..=draw.below(4) {
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        let (one, other) = (draw.below(lines.len()), draw.below(lines.len()));
        match draw.below(6) {
            0 => _ = lines.remove(one),
            1 => lines.insert(other, lines[one]),
            2 => lines.swap(one, other),
            3 => lines.truncate(one + 1),
            _ => {
                text = changed(&text, &mut draw);
                continue;
            }
        }
        text = lines.concat();
        if text.is_empty() {
            break;
        }
    }
    text
}

/// One character is another, or not there.
fn changed(text: &str, draw: &mut Draw) -> String {
    const OTHERS: &[u8] = b"\0\r\n =:;/,*~-09azAZ\x7f";
    let at = draw.below(text.len());
    let mut bytes = text.as_bytes().to_vec();
    match draw.below(3) {
        0 => _ = bytes.remove(at),
        1 => bytes[at] = OTHERS[draw.below(OTHERS.len())],
        _ => bytes.insert(at, OTHERS[draw.below(OTHERS.len())]),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A linear congruential generator (Knuth), its upper bits.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }
}
