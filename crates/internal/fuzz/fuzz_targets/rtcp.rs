//! RTCP: parsing, every view, conversions.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| e2e::fuzz::rtcp(data));
