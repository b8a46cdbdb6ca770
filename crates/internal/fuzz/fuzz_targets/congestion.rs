//! Congestion control: whatever a peer says of what was sent.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| e2e::fuzz::congestion(data));
