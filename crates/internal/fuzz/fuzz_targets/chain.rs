//! The default chain with a hostile peer, whose doings the input scripts.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| e2e::fuzz::chain(data));
