//! A worker: a thread at a core of its own with a runtime of its own. What is started on it stays on it.

use std::io;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// Ends when it is dropped, and all that runs on it.
pub(crate) struct Shard {
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Shard {
    pub(crate) fn start(core: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name(format!("shard-{core}")).spawn(move || {
            pin(core);
            // Whoever is gone has stopped it, too.
            let _ = runtime.block_on(stopped);
        })?;
        Ok(Self { runtime: handle, stop: Some(stop), thread: Some(thread) })
    }

    /// Where its tasks are spawned, from any thread.
    pub(crate) fn handle(&self) -> Handle {
        self.runtime.clone()
    }
}

impl Drop for Shard {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell.
            let _ = thread.join();
        }
    }
}

/// Without it the kernel moves threads about, and what they have in their caches stays behind. A core that is not there, or not
/// allowed, is no reason not to work.
#[cfg(target_os = "linux")]
fn pin(core: usize) {
    let mut cores = nix::sched::CpuSet::new();
    let _ =
        cores.set(core).and_then(|()| nix::sched::sched_setaffinity(nix::unistd::Pid::from_raw(0), &cores));
}

#[cfg(not(target_os = "linux"))]
fn pin(_: usize) {}
