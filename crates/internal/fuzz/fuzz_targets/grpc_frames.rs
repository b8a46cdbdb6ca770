//! gRPC's messages in frames that are cut anywhere.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| e2e::fuzz::grpc_frames(data));
