//! The file formats: records in, bytes out, no I/O.

mod pcap;
mod pcapng;
mod rtpdump;
mod text;

#[cfg(test)]
mod tests;

use std::io;
use std::time::Duration;

use crate::announce::Announcement;
use crate::{CaptureEnd, Direction, Endpoints, Format, PcapDumpOptions, Record};

/// One file's format. Everything it makes is appended to its buffer, whole blocks only: the file may be cut after any
/// call and still opens.
pub(crate) trait Encoder: Send {
    /// What was encoded and not yet taken away.
    fn buffer(&mut self) -> &mut Vec<u8>;

    /// Appends a packet.
    ///
    /// # Errors
    /// `InvalidInput`: the format cannot hold this packet. The buffer is as before, or must be cut by the caller.
    fn packet(&mut self, record: &Record<'_>) -> io::Result<()>;

    /// Appends an announcement, if the format has a place for it.
    ///
    /// # Errors
    /// As [`packet`](Self::packet).
    fn announce(&mut self, _: &Announcement) -> io::Result<()> {
        Ok(())
    }

    /// Appends what stands at the end of a file; the capture goes on in another file when `end` is `None`.
    ///
    /// # Errors
    /// The format cannot hold these numbers; the packets before are not affected.
    fn finish(&mut self, tally: &Tally, end: Option<&CaptureEnd>) -> io::Result<()>;
}

/// What a file holds and misses, by direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally {
    incoming: Count,
    outgoing: Count,
    /// Time of the latest packet.
    latest: Duration,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    written: u64,
    missed: u64,
}

impl Tally {
    pub(crate) fn new(start: Duration) -> Self {
        Self { incoming: Count::default(), outgoing: Count::default(), latest: start }
    }

    pub(crate) fn count(&mut self, record: &Record<'_>) {
        let count = match record.direction {
            Direction::Incoming => &mut self.incoming,
            Direction::Outgoing => &mut self.outgoing,
        };
        count.written += 1;
        count.missed += record.missed;
        self.latest = self.latest.max(record.timestamp);
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.incoming.written == 0 && self.outgoing.written == 0
    }

    const fn of(&self, direction: Direction) -> Count {
        match direction {
            Direction::Incoming => self.incoming,
            Direction::Outgoing => self.outgoing,
        }
    }
}

/// What the head of a file tells.
pub(crate) struct Head<'a> {
    pub(crate) connection: &'a str,
    /// Time of the file's first packet.
    pub(crate) start: Duration,
    /// Of the endpoints in force then.
    pub(crate) endpoints: Endpoints,
}

/// Starts a file: its head is in the buffer.
pub(crate) fn start(options: &PcapDumpOptions, head: &Head<'_>) -> io::Result<Box<dyn Encoder>> {
    Ok(match options.format {
        Format::Pcapng => Box::new(pcapng::Pcapng::start(options, head)?),
        Format::Pcap => Box::new(pcap::Pcap::start(options, head)?),
        Format::Rtpdump => Box::new(rtpdump::Rtpdump::start(head)),
        Format::Text => Box::new(text::Text::start(head)),
    })
}
