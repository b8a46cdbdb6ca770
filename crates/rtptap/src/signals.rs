//! What tells the program to end.

use std::io;

/// Ctrl-C, what service managers send, and a terminal that goes. Heard from the call on.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Signals(Vec<(i32, tokio::signal::unix::Signal)>);

#[cfg(unix)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        if !hangups_are_ignored() {
            kinds.push(SignalKind::hangup());
        }
        let heard = kinds.into_iter().map(|kind| Ok((128 + kind.as_raw_value(), signal(kind)?)));
        heard.collect::<io::Result<_>>().map(Self)
    }

    /// The next of them: the exit code of a program that it kills, as shells give it. Cancel-safe.
    pub(crate) async fn next(&mut self) -> i32 {
        std::future::poll_fn(|cx| {
            let told =
                self.0.iter_mut().find_map(|(code, signal)| signal.poll_recv(cx).is_ready().then_some(*code));
            told.map_or(std::task::Poll::Pending, std::task::Poll::Ready)
        })
        .await
    }
}

/// Was it started with `nohup`? To listen would undo that. Where the system does not say, it was not.
#[cfg(unix)]
fn hangups_are_ignored() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangups(&status))
}

/// `SigIgn` of proc(5): a mask, SIGHUP is 1.
#[cfg(unix)]
fn ignores_hangups(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// Ctrl-C.
#[cfg(windows)]
#[derive(Debug)]
pub(crate) struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// The next one: STATUS_CONTROL_C_EXIT, which Windows gives a program that Ctrl-C ends. Cancel-safe.
    pub(crate) async fn next(&mut self) -> i32 {
        self.0.recv().await;
        0xc000_013a_u32.cast_signed()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        let status =
            |mask: &str| format!("Name:\trtptap\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\nSigCgt:\t1\n");
        assert!(ignores_hangups(&status("0000000000001001")));
        assert!(!ignores_hangups(&status("0000000000001000")));
        assert!(!ignores_hangups("Name:\trtptap\n") && !ignores_hangups(&status("none")));
    }
}
