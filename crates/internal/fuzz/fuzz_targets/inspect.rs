//! Captures: reading, dissecting, inspecting.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| e2e::fuzz::inspect(data));
