//! `rtptap relay` as a command: runs until it is told to end, prints how it goes.
//!
//! Nothing here waits for who reads what is printed: standard output and standard error have threads of their own.

#[cfg_attr(not(feature = "control"), path = "no_control.rs")]
mod control;
mod run;

use std::io::{self, Write};
use std::process::ExitCode;

use tokio::runtime::{Builder, Handle};

use self::run::run;
use super::lines::Lines;
use super::sdp::descriptions;
use super::{OptionsError, RelayArgs, RelayError};
use crate::log::Log;
use crate::printing::{Printer, Wording};

/// Threads that media is forwarded on.
const MEDIA_THREADS: usize = 1;

/// Relays until it is told to end (SIGINT, SIGTERM, SIGHUP), then says goodbye and prints the totals. Figures go to standard
/// output, the log and errors to standard error; whether anybody reads them is no matter of the relay's.
///
/// Fails for an option or file that does not fit, a port that is taken, a leg or capture that broke off.
pub fn execute(args: &RelayArgs) -> ExitCode {
    if let Some(number) = args.print_sdp {
        return print_descriptions(args, number);
    }
    let lines = Lines::new(args.json);
    let (out, err) = match printers(lines) {
        Ok(printers) => printers,
        Err(error) => {
            eprintln!("error: cannot print: {error}");
            return ExitCode::FAILURE;
        }
    };
    let rust_log = std::env::var("RUST_LOG").ok();
    let log = Log::start(args.verbose, rust_log.as_deref(), err.clone());
    let console = Console { out: out.clone(), err: err.clone(), log, lines };
    let ended = in_runtimes(|media| run(args, &console, media));
    console.log.tell_rest();
    let code = match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            err.print_last(format!("error: {error}\n"));
            ExitCode::FAILURE
        }
    };
    out.finish();
    err.finish();
    code
}

/// Where a relay shows itself.
#[derive(Clone)]
struct Console {
    out: Printer,
    err: Printer,
    log: Log,
    lines: Lines,
}

fn printers(lines: Lines) -> io::Result<(Printer, Printer)> {
    let unread = |count| format!("{count} lines of the log are left out: they were not read\n");
    let err = Printer::spawn("stderr", io::stderr(), Wording { left_out: unread, closed: |_: &_| {} })?;
    // Said by way of the log, which has a thread of its own.
    let closed =
        |error: &io::Error| tracing::warn!(%error, "figures are not printed any more; the relay goes on");
    let out = Printer::spawn("stdout", io::stdout(), Wording { left_out: lines.left_out(), closed })?;
    Ok((out, err))
}

/// Media has a thread of its own: what is asked for beside it (figures, captures' lists, changes) takes none of its time, and packets are not
/// handed from thread to thread, which costs more than most of what is done with them.
fn in_runtimes<F>(relay: impl FnOnce(Handle) -> F) -> Result<(), RelayError>
where
    F: Future<Output = Result<(), RelayError>>,
{
    let media = Builder::new_multi_thread()
        .worker_threads(MEDIA_THREADS)
        .thread_name("media")
        .enable_all()
        .build()?;
    let company = Builder::new_current_thread().enable_all().build()?;
    let ended = company.block_on(relay(media.handle().clone()));
    company.shutdown_background();
    media.shutdown_background();
    ended
}

/// For players; nothing is started.
fn print_descriptions(args: &RelayArgs, number: usize) -> ExitCode {
    match describe_targets(args, number) {
        Ok(text) => {
            // Who does not read it does not want it.
            let _ = io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Target 0 is all of them.
fn describe_targets(args: &RelayArgs, number: usize) -> Result<String, RelayError> {
    let options = args.plan()?.options;
    options.check()?;
    let count = options.targets.len();
    if number > count {
        let advice = format!("there are targets 1..={count}; without a number all are described");
        return Err(OptionsError::new("--print-sdp", number, advice).into());
    }
    let targets = options.targets.iter().zip(1..).filter(|(_, at)| number == 0 || *at == number);
    let text: String = targets.flat_map(|(target, at)| descriptions(at, target, &options.streams)).collect();
    if text.is_empty() {
        let advice = "nothing is known of the streams; say it with --sdp FILE or --pt 96=VP8/90000";
        return Err(OptionsError::new("--print-sdp", "too early", advice).into());
    }
    Ok(text)
}
