//! Feedback byte by byte (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1): vectors that two other implementations read.

use std::time::Duration;

use interceptor_test::hex;
use interceptor_twcc::TwccOptions;

use crate::kit::{Bench, micros, ms};

/// The number of the feedback, which counts up in a connection.
const FEEDBACK_COUNT: usize = 19;

#[track_caller]
fn vector(expected: &str, arrivals: &[(u16, Duration)]) {
    let mut bench = Bench::receiver(TwccOptions::default());
    for (number, at) in arrivals {
        bench.read_at(*number, *at);
    }
    bench.run(ms(1));
    let wire = bench.wire();
    assert_eq!(wire.len(), 1);
    let mut expected = hex(expected).to_vec();
    expected[FEEDBACK_COUNT] = 0;
    assert_eq!(hexadecimal(wire[0].as_bytes()), hexadecimal(&expected));
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn one_packet() {
    vector("afcd0005010203040a0b0c0d000100010000010020010001", &[(1, ms(64))]);
}

#[test]
fn packets_in_a_row() {
    let expected = "afcd0006010203040a0b0c0d000a0003000002012003002850000003";
    vector(expected, &[(10, ms(128)), (11, ms(138)), (12, ms(158))]);
}

#[test]
fn a_lost_packet_and_numbers_that_wrap() {
    let numbers = [65_533, 65_534, 0, 1, 2, 3].into_iter().zip([320, 321, 322, 323, 324, 325].map(ms));
    let expected = "8fcd0006010203040a0b0c0dfffd000700000502b780000404040404";
    vector(expected, &numbers.collect::<Vec<_>>());
}

#[test]
fn a_large_delta() {
    let expected = "afcd0006010203040a0b0c0d0064000200000a03d800000190000003";
    vector(expected, &[(100, ms(640)), (101, ms(740))]);
}

#[test]
fn a_negative_delta() {
    let expected = "afcd0006010203040a0b0c0d00c8000300000a04d90028fff8100002";
    vector(expected, &[(200, ms(650)), (201, ms(648)), (202, ms(652))]);
}

#[test]
fn runs() {
    let first = (0..20).map(|step| (300 + step, ms(6400 + u64::from(step))));
    let arrivals: Vec<_> = first.chain([(335, ms(6425))]).collect();
    let expected =
        "afcd000b010203040a0b0c0d012c0024000064ff2014000f200100040404040404040404040404040404040404041801";
    vector(expected, &arrivals);
}

#[test]
fn the_largest_small_delta_and_the_smallest_large_one() {
    let expected = "afcd0006010203040a0b0c0d0000000200000009d800ff0100000003";
    vector(expected, &[(0, micros(63_750)), (1, micros(127_750))]);
}

#[test]
fn a_vector_of_one_bit_symbols() {
    let even = (0..7).map(|step| (500 + 2 * step, micros(192_000 + 500 * u64::from(step))));
    let arrivals: Vec<_> = even.chain([(513, micros(195_250))]).collect();
    vector("afcd0007010203040a0b0c0d01f4000e00000307aaab00020202020202010002", &arrivals);
}

/// 2²⁴ units of 64 ms less 59 ms after the start: the reference time is signed (§3.1), so it is that long before zero.
#[test]
fn the_last_reference_time_before_it_wraps() {
    let wrap = ms(64 << 24);
    vector("afcd0005010203040a0b0c0d00070001ffffff0820011401", &[(7, wrap - ms(59))]);
    vector("afcd0005010203040a0b0c0d000700010000000820010001", &[(7, wrap)]);
}
