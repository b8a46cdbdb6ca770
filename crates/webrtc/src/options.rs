//! What an adapter may hold for the host and for the application.

use std::ops::RangeInclusive;

use interceptor_core::OptionsError;

use crate::inbox::Capacity;

/// Sizes of a connection's queues. Each bounds what a slow application or a hostile peer can make it hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdapterOptions {
    /// RTCP compounds that wait for the application at each sender and receiver, 0..=65 536. Default 64: interceptors have seen
    /// them all, whoever reads them. The oldest go first; with 0 the application gets none.
    pub rtcp_queue: usize,
    /// Their bytes, 2048..=1 073 741 824. Default 64 KiB: fifty compounds of 1200 bytes.
    pub rtcp_queue_bytes: usize,
    /// Packets that wait at each track because they came otherwise than by its own SSRC (repaired, or held back by an
    /// interceptor), 1..=65 536. Default 512: two seconds of 2.5 Mbit/s video. The oldest go first.
    pub repaired_queue: usize,
    /// Their bytes, 65 536..=1 073 741 824. Default 1 MiB: the default number of 1200-byte packets with room to spare.
    pub repaired_queue_bytes: usize,
    /// Packets of interceptors that wait for the wire, 1..=65 536. Default 1024: four answers of 256 packets. The oldest go
    /// first.
    pub send_queue: usize,
    /// Their bytes, 65 536..=1 073 741 824. Default 2 MiB: the default number of 1200-byte packets with room to spare.
    pub send_queue_bytes: usize,
    /// Events that wait for [`ChainHandle::next_event`](crate::ChainHandle::next_event), 1..=65 536. Default 256: state changes
    /// are few, a reader this far behind has stopped. The oldest go first.
    pub event_queue: usize,
    /// Does a local stream go on with its sequence numbers where those of the application jump, as they do after
    /// `replace_track`? Default: yes. See the crate's documentation.
    pub continuous_numbers: bool,
}

impl Default for AdapterOptions {
    fn default() -> Self {
        Self {
            rtcp_queue: 64,
            rtcp_queue_bytes: 64 << 10,
            repaired_queue: 512,
            repaired_queue_bytes: 1 << 20,
            send_queue: 1024,
            send_queue_bytes: 2 << 20,
            event_queue: 256,
            continuous_numbers: true,
        }
    }
}

const BYTES: RangeInclusive<usize> = 65_536..=1 << 30;
const BYTES_RANGE: &str = "in 65536..=1073741824";
const COUNT: RangeInclusive<usize> = 1..=65_536;
const COUNT_RANGE: &str = "in 1..=65536";

impl AdapterOptions {
    /// RTCP compounds that wait for the application at each sender and receiver, and their bytes.
    #[must_use]
    pub const fn with_rtcp_queue(mut self, compounds: usize, bytes: usize) -> Self {
        (self.rtcp_queue, self.rtcp_queue_bytes) = (compounds, bytes);
        self
    }

    /// Packets that wait at each track because they came otherwise than by its own SSRC, and their bytes.
    #[must_use]
    pub const fn with_repaired_queue(mut self, packets: usize, bytes: usize) -> Self {
        (self.repaired_queue, self.repaired_queue_bytes) = (packets, bytes);
        self
    }

    /// Packets of interceptors that wait for the wire, and their bytes.
    #[must_use]
    pub const fn with_send_queue(mut self, packets: usize, bytes: usize) -> Self {
        (self.send_queue, self.send_queue_bytes) = (packets, bytes);
        self
    }

    /// Events that wait to be read.
    #[must_use]
    pub const fn with_event_queue(mut self, events: usize) -> Self {
        self.event_queue = events;
        self
    }

    /// Does a local stream go on with its sequence numbers where those of the application jump?
    #[must_use]
    pub const fn with_continuous_numbers(mut self, continuous: bool) -> Self {
        self.continuous_numbers = continuous;
        self
    }

    /// Is every option within its range? Building a connection asks.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self) -> Result<(), OptionsError> {
        let within = |field, value, range: RangeInclusive<usize>, text| {
            OptionsError::unless(range.contains(&value), "AdapterOptions", field, value, text)
        };
        within("rtcp_queue", self.rtcp_queue, 0..=65_536, "in 0..=65536")?;
        within("rtcp_queue_bytes", self.rtcp_queue_bytes, 2048..=1 << 30, "in 2048..=1073741824")?;
        within("repaired_queue", self.repaired_queue, COUNT, COUNT_RANGE)?;
        within("repaired_queue_bytes", self.repaired_queue_bytes, BYTES, BYTES_RANGE)?;
        within("send_queue", self.send_queue, COUNT, COUNT_RANGE)?;
        within("send_queue_bytes", self.send_queue_bytes, BYTES, BYTES_RANGE)?;
        within("event_queue", self.event_queue, COUNT, COUNT_RANGE)
    }

    pub(crate) const fn rtcp(&self) -> Capacity {
        Capacity { values: self.rtcp_queue, bytes: self.rtcp_queue_bytes }
    }

    pub(crate) const fn repaired(&self) -> Capacity {
        Capacity { values: self.repaired_queue, bytes: self.repaired_queue_bytes }
    }
}
