//! The program prints its tables and leaves a capture.

use std::process::Command;

#[test]
fn the_program_prints_both_tables_and_leaves_a_capture() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("call.pcapng");
    let output = Command::new(env!("CARGO_BIN_EXE_str0m-tap")).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    for part in [
        "\nsent ",
        "\nreceived ",
        "round trip",
        "not to be said again: 0; in part only: 0",
        "call.pcapng opens",
    ] {
        assert!(printed.contains(part), "no {part:?} in\n{printed}");
    }
    assert!(file.metadata().unwrap().len() > 1_000_000, "10 s of video");
}
