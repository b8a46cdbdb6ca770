//! The syncer thread: waits for the disk in place of the writer.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{io, thread};

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::CaptureError;
use crate::handle::Capture;

/// Done in the order of coming, so an acknowledgement tells that every file before it is on the disk.
pub(crate) enum SyncJob {
    File { file: File, path: PathBuf, capture: Arc<Capture> },
    Acknowledge(Sender<()>),
}

/// The running thread.
pub(super) struct Syncer {
    pub(super) jobs: Sender<SyncJob>,
    thread: thread::JoinHandle<()>,
}

pub(super) fn spawn() -> io::Result<Syncer> {
    // One job a complete file: bounded by how fast files can be written.
    let (jobs, queue) = unbounded();
    let thread = thread::Builder::new().name("pcap-dump-sync".into()).spawn(move || run(&queue))?;
    Ok(Syncer { jobs, thread })
}

impl Syncer {
    /// Ends the thread after its last job.
    pub(super) fn join(self) {
        drop(self.jobs);
        // It cannot panic; if it did, everything that can be written is written.
        let _ = self.thread.join();
    }
}

fn run(queue: &Receiver<SyncJob>) {
    for job in queue {
        match job {
            SyncJob::File { file, path, capture } => {
                if let Err(source) = file.sync_all() {
                    capture.stop(CaptureError::File { action: "synchronise", path, source });
                } else {
                    sync_name(&path);
                }
            }
            SyncJob::Acknowledge(done) => {
                // Whoever waited may have given up.
                let _ = done.send(());
            }
        }
    }
}

/// The name is the directory's. Not every system lets a directory be synchronised; the file is safe without, under its
/// name or with `.part` behind.
fn sync_name(path: &Path) {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(directory).and_then(|directory| directory.sync_all());
    if let Err(error) = synced {
        tracing::debug!(directory = %directory.display(), %error, "cannot synchronise a directory");
    }
}
