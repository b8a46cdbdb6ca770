//! Where captured packets go when it is not one of the built-in files.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::{CaptureEnd, Record};

/// Takes the captured packets of one connection, in the order in which they crossed.
///
/// Runs on the factory's writer thread: it may do I/O, but while it works the captures of the factory's other
/// connections wait in the queue. Any error but one ends this connection's capture with one
/// [`CaptureStopped`](crate::CaptureStopped) event; a panic does the same. Media never notices.
pub trait PacketSink: Send + 'static {
    /// Takes one packet.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] skips this packet, which is counted; any other error ends the capture.
    fn write(&mut self, record: &Record<'_>) -> io::Result<()>;

    /// Brings what was taken to where it belongs. Called every
    /// [`flush_interval`](crate::PcapDumpOptions::flush_interval) in which there were packets, and by
    /// [`PcapDump::flush`](crate::PcapDump::flush).
    ///
    /// # Errors
    /// Any error ends the capture.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// The connection has ended; nothing more comes. Not called after an error.
    ///
    /// # Errors
    /// Any error is kept for [`PcapDumpHandle::error`](crate::PcapDumpHandle::error) and raised as the event.
    fn close(&mut self, end: &CaptureEnd) -> io::Result<()> {
        let _ = end;
        self.flush()
    }
}

/// Makes a user's sinks, one a connection.
#[derive(Clone)]
pub(crate) struct SinkMaker(Arc<MakeSink>);

type MakeSink = dyn Fn(&str) -> io::Result<Box<dyn PacketSink>> + Send + Sync;

impl SinkMaker {
    pub(crate) fn new<S: PacketSink>(make: impl Fn(&str) -> io::Result<S> + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |connection| Ok(Box::new(make(connection)?) as Box<dyn PacketSink>)))
    }

    pub(crate) fn make(&self, connection: &str) -> io::Result<Box<dyn PacketSink>> {
        (self.0)(connection)
    }
}

impl fmt::Debug for SinkMaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SinkMaker")
    }
}
