//! Forward error correction: whatever repair packets say, in all their formats.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| e2e::fuzz::fec(data));
