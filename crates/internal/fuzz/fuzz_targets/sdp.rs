//! Session descriptions: reading, writing, streams, answers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| e2e::fuzz::sdp(data));
