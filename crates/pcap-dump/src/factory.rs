//! Makes the captures of any number of connections, all written by one thread.

use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use interceptor_core::{BuildContext, BuildError, Factory, OptionsError, Stage};

use crate::file::Files;
use crate::file::template::Template;
use crate::filter::Filter;
use crate::handle::Capture;
use crate::options::check;
use crate::writer::{Tap, Writer};
use crate::{PcapDump, PcapDumpHandle, PcapDumpOptions};

/// Makes a [`PcapDump`] for each connection. Its writer thread runs while there are captures.
///
/// Stands at [`Stage::CAPTURE`]. Interceptors of the same stage that are added before it are nearer the wire; those of
/// this workspace (statistics) neither change nor make packets, so the order does not matter. One of your own that
/// does belongs above.
#[derive(Debug)]
pub struct PcapDumpFactory {
    files: Arc<Files>,
    filter: Filter,
    total: Arc<Capture>,
    writer: Mutex<Weak<Writer>>,
}

impl PcapDumpFactory {
    /// Checks the options. Touches no file and starts no thread: that comes with the first capture.
    ///
    /// # Errors
    /// An option out of its range.
    pub fn new(options: PcapDumpOptions) -> Result<Self, OptionsError> {
        let options = check(options)?;
        let template = Template::parse(&options.path)?;
        let filter = Filter::new(&options);
        let files = Arc::new(Files::new(options, template));
        Ok(Self { files, filter, total: Arc::default(), writer: Mutex::default() })
    }

    /// Reads the sums of all captures of this factory.
    #[must_use]
    pub fn handle(&self) -> PcapDumpHandle {
        PcapDumpHandle(Arc::clone(&self.total))
    }

    /// A capture to attach to a running chain with [`Chain::insert`](interceptor_core::Chain::insert), at
    /// [`Stage::CAPTURE`]; [`Chain::remove`](interceptor_core::Chain::remove) ends it.
    ///
    /// # Errors
    /// The operating system refuses a thread.
    pub fn attach(&self, connection: impl Into<Arc<str>>) -> io::Result<PcapDump> {
        let writer = self.writer()?;
        let tap = Tap {
            key: self.files.next_key(),
            capture: Capture::begin(connection.into(), &self.total),
            endpoints: self.files.options.endpoints,
            life: Arc::default(),
        };
        Ok(PcapDump::new(tap, writer, self.filter.clone(), &self.files.options))
    }

    /// The writer of captures that are under way, or a new one.
    fn writer(&self) -> io::Result<Arc<Writer>> {
        let mut current = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(writer) = current.upgrade() {
            return Ok(writer);
        }
        let writer = Writer::spawn(Arc::clone(&self.files))?;
        *current = Arc::downgrade(&writer);
        Ok(writer)
    }
}

impl Factory for PcapDumpFactory {
    type Interceptor = PcapDump;

    fn name(&self) -> &'static str {
        "pcap-dump"
    }

    fn stage(&self) -> Stage {
        Stage::CAPTURE
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<PcapDump, BuildError> {
        self.attach(Arc::clone(cx.connection_id()))
            .map_err(|error| BuildError::new(format!("cannot start the capture writer: {error}")))
    }
}
