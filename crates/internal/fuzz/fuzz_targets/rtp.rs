//! RTP: parsing, every setter, conversions.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| e2e::fuzz::rtp(data));
