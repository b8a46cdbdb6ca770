//! Other programs as yardsticks.

use std::process::Command;

/// What a program prints. `None`, with a message, when it is not installed; with `INTERCEPTOR_REQUIRE_TOOLS=1` that
/// is a failure.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    match Command::new(program).args(arguments).output() {
        Ok(output) if output.status.success() => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => panic!("{program}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            let required = std::env::var_os("INTERCEPTOR_REQUIRE_TOOLS").is_some_and(|value| value == "1");
            assert!(!required, "{program} is required: {error}");
            eprintln!("{program} is not installed: nothing compared");
            None
        }
    }
}
