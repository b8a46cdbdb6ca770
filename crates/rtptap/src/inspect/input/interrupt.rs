//! SIGINT, SIGTERM and SIGHUP: the first ends the reading, so that what was read is shown; the second ends the program.

use std::io;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::event::Event;
use crate::signals::Signals;

/// Whether the user has had enough.
#[derive(Debug, Default)]
pub(in crate::inspect) struct Interrupt {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    /// Who waits for a pipe, which may be silent for ever, and is to be woken.
    waiting: Option<Sender<Event>>,
}

impl Interrupt {
    /// Hears signals from now on, on a thread of its own: neither a pipe that is silent nor an output that blocks keeps the
    /// second one from ending the program.
    pub(in crate::inspect) fn listen() -> io::Result<Arc<Self>> {
        let interrupt = Arc::new(Self::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut signals = {
            let _entered = runtime.enter();
            Signals::listen()?
        };
        let stopped = Arc::clone(&interrupt);
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(async {
                signals.next().await;
                stopped.stop();
                let code = signals.next().await;
                std::process::exit(code);
            });
        })?;
        Ok(interrupt)
    }

    pub(super) fn stop(&self) {
        let mut state = self.state();
        state.stopped = true;
        if let Some(waiting) = state.waiting.take() {
            // Who waited may have read to the end meanwhile.
            let _ = waiting.send(Event::Stop);
        }
        self.changed.notify_all();
    }

    pub(in crate::inspect) fn is_set(&self) -> bool {
        self.state().stopped
    }

    /// Waits for a signal that may be on its way; `false`: none has come in this time.
    pub(in crate::inspect) fn comes_within(&self, patience: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.state(), patience, |state| !state.stopped);
        waited.unwrap_or_else(PoisonError::into_inner).0.stopped
    }

    /// [`Event::Stop`] is sent there when a signal comes, or now if one has come.
    pub(super) fn wake(&self, waiting: Sender<Event>) {
        let mut state = self.state();
        if state.stopped {
            let _ = waiting.send(Event::Stop);
        } else {
            state.waiting = Some(waiting);
        }
    }

    /// Nothing that holds the lock panics.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_is_on_its_way_is_waited_for_and_wakes_who_waits_for_a_pipe() {
        let (interrupt, (to, events)) = (Arc::new(Interrupt::default()), std::sync::mpsc::channel());
        assert!(!interrupt.comes_within(Duration::ZERO));
        interrupt.wake(to.clone());
        let stopping = Arc::clone(&interrupt);
        let thread = thread::spawn(move || stopping.stop());
        assert!(interrupt.comes_within(Duration::from_secs(600)) && interrupt.is_set());
        thread.join().unwrap();
        assert!(matches!(events.recv(), Ok(Event::Stop)));
        // Who comes later is told at once.
        interrupt.wake(to);
        assert!(matches!(events.recv(), Ok(Event::Stop)));
    }
}
