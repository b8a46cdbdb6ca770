//! The log: what happens, on standard error, a line an event; never more than somebody can read, and never waited for.

mod limit;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing::callsite::Identifier;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use self::limit::RateLimit;
use crate::printing::Printer;

/// Between two lines of a kind.
const INTERVAL: Duration = Duration::from_secs(1);

/// The program's log.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    limit: Arc<Mutex<RateLimit<Identifier>>>,
    printer: Printer,
}

impl Log {
    /// From now on events are logged to `printer`, those of `RUST_LOG` if it is set, else of the program (`verbosity` 0),
    /// its details (1), everybody's (2), each packet (3). Panics are events as well.
    pub(crate) fn start(verbosity: u8, rust_log: Option<&str>, printer: Printer) -> Self {
        let log = Self { limit: Arc::new(Mutex::new(RateLimit::new(INTERVAL))), printer };
        let (filter, mistake) = filter(verbosity, rust_log);
        if log.subscribe(filter, verbosity > 0) {
            std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
        }
        if let Some(mistake) = mistake {
            tracing::warn!("RUST_LOG is not obeyed: {mistake}; it looks like rtptap=debug,warn");
        }
        log
    }

    /// `false`: somebody else has the log.
    fn subscribe(&self, filter: EnvFilter, targets: bool) -> bool {
        let format = Limited {
            format: Format::default().with_ansi(false).with_target(targets),
            limit: Arc::clone(&self.limit),
        };
        let printer = self.printer.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .event_format(format)
            .with_writer(move || Lines(printer.clone()));
        tracing::subscriber::set_global_default(subscriber.finish()).is_ok()
    }

    /// Tells what has been held back for long enough; to be called once a second.
    pub(crate) fn tell_due(&self) {
        let lines = lock(&self.limit).due(now());
        lines.into_iter().for_each(|line| self.printer.print(line));
    }

    /// Tells everything that has been held back.
    pub(crate) fn tell_rest(&self) {
        let lines = lock(&self.limit).rest();
        lines.into_iter().for_each(|line| self.printer.print(line));
    }
}

/// And what was wrong with `rust_log`.
fn filter(verbosity: u8, rust_log: Option<&str>) -> (EnvFilter, Option<String>) {
    let own = match verbosity {
        // A target that takes no retransmission streams in is the operator's to know of.
        0 => "warn,rtptap=info,interceptor_rtx=info",
        1 => "info,rtptap=debug",
        2 => "debug",
        _ => "trace",
    };
    let Some(text) = rust_log.filter(|text| !text.trim().is_empty()) else {
        return (EnvFilter::new(own), None);
    };
    match EnvFilter::try_new(text) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new(own), Some(error.to_string())),
    }
}

/// Lines of one kind, which is a place in the program, are limited from INFO up; whoever wants DEBUG wants all of it.
struct Limited {
    format: Format<Full>,
    limit: Arc<Mutex<RateLimit<Identifier>>>,
}

impl<S, N> FormatEvent<S, N> for Limited
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        cx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if *event.metadata().level() > Level::INFO {
            return self.format.format_event(cx, writer, event);
        }
        let format = || {
            let mut line = String::new();
            // What cannot be formatted is an empty line; nothing of ours is.
            let _ = self.format.format_event(cx, Writer::new(&mut line), event);
            line
        };
        let line = lock(&self.limit).admit(&event.metadata().callsite(), now(), format);
        line.map_or(Ok(()), |line| writer.write_str(&line))
    }
}

/// A line as the formatter hands it on: in one piece.
struct Lines(Printer);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.print(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An SSRC as it stands in tables and in Wireshark.
pub(crate) struct Hex(pub(crate) u32);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_log_wins_and_a_mistake_in_it_is_named() {
        let told = |verbosity, rust_log| {
            let (filter, mistake) = filter(verbosity, rust_log);
            (filter.to_string(), mistake.is_some())
        };
        let quiet = "interceptor_rtx=info,rtptap=info,warn";
        assert_eq!(told(0, None), (quiet.to_owned(), false));
        assert_eq!(told(0, Some(" ")), (quiet.to_owned(), false));
        assert_eq!(told(2, None), ("debug".to_owned(), false));
        assert_eq!(told(2, Some("error")), ("error".to_owned(), false));
        assert_eq!(told(1, Some("rtptap=loud")), ("rtptap=debug,info".to_owned(), true));
    }
}
