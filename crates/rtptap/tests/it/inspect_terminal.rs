//! `rtptap inspect` on a terminal, which is tmux's.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use console::strip_ansi_codes;

use crate::inspect::path;
use crate::relay_cmd::process::installed;

/// A terminal of this size in which a line of shell runs.
struct Terminal(String);

impl Terminal {
    fn run(columns: u16, rows: u16, line: &str) -> Self {
        static TERMINALS: AtomicU32 = AtomicU32::new(0);
        let number = TERMINALS.fetch_add(1, Ordering::Relaxed);
        let terminal = Self(format!("rtptap-{}-{number}", std::process::id()));
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let session = ["-f", "/dev/null", "new-session", "-d", "-x", &columns, "-y", &rows, line];
        assert!(terminal.tmux(&session).status().unwrap().success());
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.env_remove("COLUMNS").env_remove("TMUX").args(["-L", &self.0]).args(arguments);
        command
    }

    /// What is seen once `done` is, with escape sequences for colours.
    fn shows_coloured(&self, done: impl Fn(&str) -> bool) -> String {
        loop {
            let output = self.tmux(&["capture-pane", "-p", "-e", "-S", "-200"]).output().unwrap();
            assert!(output.status.success(), "the terminal is gone");
            let text = String::from_utf8(output.stdout).unwrap();
            if done(&text) {
                return text;
            }
        }
    }
}

impl Terminal {
    fn shows(&self, done: impl Fn(&str) -> bool) -> String {
        let seen = self.shows_coloured(|text| done(&strip_ansi_codes(text)));
        strip_ansi_codes(&seen).into_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.tmux(&["kill-server"]).output();
    }
}

#[test]
fn a_terminal_gets_one_table_in_place_as_wide_as_it_is() {
    if !installed("tmux", "-V") {
        return;
    }
    let (tool, file) = (env!("CARGO_BIN_EXE_rtptap"), path("chromium_vp8_opus_loss"));
    let line = format!("(cat {}; exec sleep 600) | {tool} inspect - --every 20ms", file.display());
    let terminal = Terminal::run(80, 10, &line);
    let seen = terminal.shows(|text| text.contains(" 2991 packets") && text.contains("after 1"));
    assert_eq!(seen.matches("RTP streams").count(), 1, "{seen}");
    assert!(seen.contains("more streams") && seen.lines().all(|line| line.chars().count() <= 80), "{seen}");
    // What stays is whole.
    let done = format!("{tool} inspect {}; exec sleep 600", file.display());
    let terminal = Terminal::run(120, 40, &done);
    let seen = terminal.shows(|text| text.contains("clock rate of payload type 118"));
    let expected = crate::inspect::inspect("chromium_vp8_opus_loss", &["--width", "120"]);
    assert_eq!(seen.trim_end(), String::from_utf8(expected.stdout).unwrap().trim_end());
}

#[test]
fn colours_are_for_terminals_and_no_color_turns_them_off() {
    if !installed("tmux", "-V") {
        return;
    }
    let (tool, file) = (env!("CARGO_BIN_EXE_rtptap"), path("gst_pcmu_loss"));
    for (before, after, coloured) in [
        ("", "", true),
        ("NO_COLOR= ", "", true),
        ("NO_COLOR=1 ", "", false),
        ("TERM=dumb ", "", false),
        ("", " --color never", false),
        ("NO_COLOR=1 ", " --color always", true),
    ] {
        let line = format!("{before}{tool} inspect {}{after}; echo done; exec sleep 600", file.display());
        let terminal = Terminal::run(100, 20, &line);
        let seen = terminal.shows_coloured(|text| text.contains("done"));
        assert_eq!(seen.contains("\x1b[31m"), coloured, "{before}{after}: {seen}");
    }
}

#[test]
fn ctrl_c_as_typed_leaves_the_last_table_standing() {
    if !installed("tmux", "-V") {
        return;
    }
    let (tool, file) = (env!("CARGO_BIN_EXE_rtptap"), path("gst_pcmu_loss"));
    let pipe = format!("(cat {}; exec sleep 600) | {tool} inspect - --every 20ms", file.display());
    // The shell that goes on is not to be interrupted itself.
    let line = format!("trap : INT; {pipe}; echo code $?; exec sleep 600");
    let terminal = Terminal::run(100, 30, &line);
    terminal.shows(|text| text.contains(" 1968 packets"));
    assert!(terminal.tmux(&["send-keys", "C-c"]).status().unwrap().success());
    let seen = terminal.shows(|text| text.contains("code "));
    assert!(seen.contains("until interrupted") && seen.contains("code 0"), "{seen}");
}
