//! The capture of one connection: its place in the queue, its addresses, its beginning and end.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::bounded;
use interceptor_core::{Context, OptionsError};

use crate::announce::Known;
use crate::filter::Filter;
use crate::writer::{Captured, Message, Packet, Refused, Tap, Writer};
use crate::{
    CaptureEnd, CaptureError, CaptureStopped, Direction, Endpoints, PcapDumpHandle, PcapDumpOptions,
};

/// Captures what crosses one chain. Made by [`PcapDumpFactory`](crate::PcapDumpFactory).
#[derive(Debug)]
pub struct PcapDump {
    tap: Arc<Tap>,
    writer: Arc<Writer>,
    pub(crate) filter: Filter,
    close_timeout: Duration,
    /// The latest time seen, since 1970.
    latest: Duration,
    missed_incoming: u64,
    missed_outgoing: u64,
    opened: bool,
    /// What announcements say, if there are any.
    pub(crate) known: Option<Known>,
    /// Closed, or stopped and reported.
    over: bool,
}

impl PcapDump {
    pub(crate) fn new(tap: Tap, writer: Arc<Writer>, filter: Filter, options: &PcapDumpOptions) -> Self {
        Self {
            tap: Arc::new(tap),
            writer,
            filter,
            close_timeout: options.close_timeout,
            latest: Duration::ZERO,
            missed_incoming: 0,
            missed_outgoing: 0,
            opened: false,
            known: options.announcements.then(Known::default),
            over: false,
        }
    }

    /// Reads what this capture has written; stays readable after the connection has ended.
    #[must_use]
    pub fn handle(&self) -> PcapDumpHandle {
        PcapDumpHandle(Arc::clone(&self.tap.capture))
    }

    /// The addresses that packets from now on are written with.
    #[must_use]
    pub fn endpoints(&self) -> Endpoints {
        self.tap.endpoints
    }

    /// Sets the addresses that packets from now on are written with: what the session's sockets say. IPv4-mapped IPv6
    /// addresses become IPv4. Reached through [`Chain::get_mut`](interceptor_core::Chain::get_mut).
    ///
    /// # Errors
    /// One address is IPv4 and the other IPv6; the old ones stay.
    pub fn set_endpoints(&mut self, endpoints: Endpoints) -> Result<(), OptionsError> {
        let endpoints = endpoints.checked()?;
        let Tap { key, capture, life, .. } = &*self.tap;
        self.known.iter_mut().for_each(|known| known.is_stale = true);
        self.tap =
            Arc::new(Tap { key: *key, capture: Arc::clone(capture), endpoints, life: Arc::clone(life) });
        Ok(())
    }

    /// Waits until everything captured so far is in the file (given to the operating system, not synchronised with
    /// the disk), for at most [`close_timeout`](crate::PcapDumpOptions::close_timeout). Blocks: not for the media
    /// path.
    ///
    /// # Errors
    /// The capture has stopped, or the time is up.
    pub fn flush(&self) -> Result<(), Arc<CaptureError>> {
        let (done, wait) = bounded(1);
        let sent =
            self.writer.queue.send_within(Message::Flush(Arc::clone(&self.tap), done), self.close_timeout);
        if !sent || wait.recv_timeout(self.close_timeout).is_err() {
            return Err(Arc::new(CaptureError::TimedOut));
        }
        self.tap.capture.error().map_or(Ok(()), Err)
    }

    /// Makes the file, so that a capture without packets leaves one too.
    pub(crate) fn open(&mut self, cx: &Context<'_>) {
        self.latest = cx.ntp(cx.now()).to_unix();
        if !self.opened {
            // With a full queue the first packet makes it.
            self.opened = self.writer.queue.try_send(Message::Open(Arc::clone(&self.tap), self.latest));
        }
    }

    /// Writes what has become known of the streams.
    #[cold]
    pub(crate) fn announce(&mut self) {
        let Some(known) = &mut self.known else { return };
        for said in known.news(&self.tap.capture.id, self.tap.endpoints, self.latest) {
            // Whoever finds the queue full finds it announced with the next change.
            self.writer.queue.try_send(Message::Announce(Arc::clone(&self.tap), said));
        }
    }

    /// Closed, or stopped and reported: nothing more to do.
    #[inline]
    pub(crate) const fn is_over(&self) -> bool {
        self.over
    }

    /// Queues a packet, or counts it as missed. Whatever happens, media goes on.
    #[inline]
    pub(crate) fn capture(
        &mut self,
        direction: Direction,
        timestamp: Duration,
        packet: Packet,
        cx: &mut Context<'_>,
    ) {
        if self.tap.capture.is_stopped() {
            return self.report(cx);
        }
        self.latest = timestamp;
        if self.known.as_ref().is_some_and(|known| known.is_stale) {
            self.announce();
        }
        let tap = Arc::clone(&self.tap);
        let missed = *self.missed(direction);
        match self.writer.queue.push(Captured { tap, timestamp, packet, direction, missed }) {
            Ok(()) => *self.missed(direction) = 0,
            Err(Refused::Full) => self.miss(direction),
            Err(Refused::WriterGone) => {
                self.tap.capture.stop(CaptureError::WriterGone);
                self.report(cx);
            }
        }
    }

    const fn missed(&mut self, direction: Direction) -> &mut u64 {
        match direction {
            Direction::Incoming => &mut self.missed_incoming,
            Direction::Outgoing => &mut self.missed_outgoing,
        }
    }

    #[cold]
    fn miss(&mut self, direction: Direction) {
        self.tap.capture.add_dropped();
        let missed = self.missed(direction);
        *missed += 1;
        if *missed == 1 {
            tracing::debug!(connection = &*self.tap.capture.id, ?direction, "capture queue full");
        }
    }

    /// Tells once that the capture has stopped, if it has.
    #[cold]
    fn report(&mut self, cx: &mut Context<'_>) {
        let Some(error) = self.tap.capture.error() else { return };
        self.over = true;
        cx.raise(CaptureStopped { connection: Arc::clone(&self.tap.capture.id), error });
    }

    /// Ends the capture and waits for its files.
    pub(crate) fn finish(&mut self, cx: &mut Context<'_>) -> Result<(), CaptureError> {
        let reported = std::mem::replace(&mut self.over, true);
        self.latest = cx.ntp(cx.now()).to_unix();
        let complete = self.end();
        if !reported {
            self.report(cx);
        }
        if complete { Ok(()) } else { Err(CaptureError::TimedOut) }
    }

    /// Ends the capture; `true`: it is complete, or there was no waiting for it.
    fn end(&mut self) -> bool {
        let end = CaptureEnd {
            timestamp: self.latest,
            missed_incoming: self.missed_incoming,
            missed_outgoing: self.missed_outgoing,
        };
        self.tap.capture.finish(end);
        if self.close_timeout.is_zero() {
            // If there is no room, the writer finds out by itself that this capture has ended.
            self.writer.queue.try_send(Message::Close(Arc::clone(&self.tap), end, None));
            return true;
        }
        let (done, wait) = bounded(1);
        let message = Message::Close(Arc::clone(&self.tap), end, Some(done));
        self.writer.queue.send_within(message, self.close_timeout)
            && wait.recv_timeout(self.close_timeout).is_ok()
    }
}

impl Drop for PcapDump {
    /// A chain that is dropped without being closed still leaves whole files, without waiting for them.
    fn drop(&mut self) {
        if !self.over {
            self.close_timeout = Duration::ZERO;
            self.end();
        }
    }
}
