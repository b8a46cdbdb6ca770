//! The committed corpus of each fuzz target, replayed without a fuzzer. A crash that a fuzzer found stays in it.

use std::fs;
use std::path::Path;

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let mut inputs: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    assert!(inputs.len() > 20, "the corpus is there");
    for input in inputs {
        // Shown when the body panics.
        println!("{}", input.display());
        body(&fs::read(&input).unwrap());
    }
}

#[test]
fn rtp() {
    replay("rtp", e2e::fuzz::rtp);
}

#[test]
fn rtcp() {
    replay("rtcp", e2e::fuzz::rtcp);
}

#[test]
fn chain() {
    replay("chain", e2e::fuzz::chain);
}

#[test]
fn congestion_corpus() {
    replay("congestion", e2e::fuzz::congestion);
}

#[test]
fn fec_corpus() {
    replay("fec", e2e::fuzz::fec);
}

#[test]
fn grpc_frames() {
    replay("grpc_frames", e2e::fuzz::grpc_frames);
}

#[test]
fn sdp() {
    replay("sdp", e2e::fuzz::sdp);
}

/// However little a file holds and however much it claims.
#[test]
fn inspect() {
    const MOST_BYTES: u64 = 8 << 20;
    replay("inspect", |capture| {
        let bytes = allocation_counter::measure(|| e2e::fuzz::inspect(capture)).bytes_max;
        assert!(bytes < MOST_BYTES, "{bytes} bytes");
    });
}
