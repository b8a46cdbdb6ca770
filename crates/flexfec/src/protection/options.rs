//! What can be set of protecting, and its defaults.

use std::time::Duration;

use interceptor_core::OptionsError;
use interceptor_core::packet::repair::FecDecoder;

use crate::Code;

/// How local streams are protected: a part of [`FlexFecOptions`](crate::FlexFecOptions).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProtectionOptions {
    /// The code. Default [`Code::Adaptive`]: what the loss asks for, and nothing while retransmissions do.
    pub code: Code,
    /// For how long after it would have come a packet is of use to the receiver, 20 ms..=10 s. Default 200 ms, what a conversation bears
    /// (libwebrtc waits as long for a key frame's packets). A longer one makes blocks longer: bursts do less harm, at less overhead.
    pub deadline: Duration,
    /// A block closes so long after its first packet, 1 ms..=10 s. Default `None`: 10 ms before the [`deadline`](Self::deadline), but
    /// at least half of it.
    pub max_block_time: Option<Duration>,
    /// Does a block close at a packet with the marker bit? Default no: a block as short as a frame falls to every burst. Yes is least delay, as
    /// libwebrtc does it where frames are large.
    pub per_frame: bool,
    /// What repair packets may take without their headers, in percent of the bytes of the media, 1..=100. Default 50 (libwebrtc's `kMaxProtectionOverhead` as well). What goes over
    /// does not leave.
    pub max_overhead_percent: u8,
    /// How the receiver makes packets of repair packets: for [`Code::Adaptive`]. Default peeling, as browsers do; elimination where this crate
    /// receives, so that dense codes pay.
    pub receiver: FecDecoder,
    /// The first sequence number of each FEC SSRC, 0..=65 535. Default `None`: drawn from the connection's seed (RFC 8627 §4.2.1).
    pub first_sequence_number: Option<u16>,
}

impl Default for ProtectionOptions {
    fn default() -> Self {
        Self {
            code: Code::Adaptive,
            deadline: Duration::from_millis(200),
            max_block_time: None,
            per_frame: false,
            max_overhead_percent: 50,
            receiver: FecDecoder::Peeling,
            first_sequence_number: None,
        }
    }
}

/// The least part of the deadline that is left for a repair packet to arrive and be used.
const RESERVE: Duration = Duration::from_millis(10);

impl ProtectionOptions {
    /// The code.
    #[must_use]
    pub const fn with_code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    /// For how long a packet is of use.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// A block closes so long after its first packet.
    #[must_use]
    pub const fn with_max_block_time(mut self, time: Option<Duration>) -> Self {
        self.max_block_time = time;
        self
    }

    /// Does a block close at a packet with the marker bit?
    #[must_use]
    pub const fn with_per_frame(mut self, per_frame: bool) -> Self {
        self.per_frame = per_frame;
        self
    }

    /// What repair packets may take, in percent of the bytes of the media.
    #[must_use]
    pub const fn with_max_overhead_percent(mut self, percent: u8) -> Self {
        self.max_overhead_percent = percent;
        self
    }

    /// How the receiver makes packets of repair packets.
    #[must_use]
    pub const fn with_receiver(mut self, receiver: FecDecoder) -> Self {
        self.receiver = receiver;
        self
    }

    /// The first sequence number of each FEC SSRC; `None` draws it.
    #[must_use]
    pub const fn with_first_sequence_number(mut self, first: Option<u16>) -> Self {
        self.first_sequence_number = first;
        self
    }

    /// [`max_block_time`](Self::max_block_time), or what it is by default.
    pub(crate) fn block_time(&self) -> Duration {
        self.max_block_time.unwrap_or_else(|| self.deadline.saturating_sub(RESERVE).max(self.deadline / 2))
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        ensure(
            self.code.is_possible(),
            "code",
            &self.code,
            "of 1..=109 packets and 1..=48 repairs, no more than packets",
        )?;
        let right = (Duration::from_millis(20)..=Duration::from_secs(10)).contains(&self.deadline);
        ensure(right, "deadline", &self.deadline, "in 20ms..=10s")?;
        let range = Duration::from_millis(1)..=Duration::from_secs(10);
        let right = self.max_block_time.is_none_or(|time| range.contains(&time));
        ensure(right, "max_block_time", &self.max_block_time, "None or in 1ms..=10s")?;
        let right = (1..=100).contains(&self.max_overhead_percent);
        ensure(right, "max_overhead_percent", &self.max_overhead_percent, "in 1..=100")
    }
}

fn ensure(
    right: bool,
    field: &'static str,
    value: &dyn std::fmt::Debug,
    range: &'static str,
) -> Result<(), OptionsError> {
    OptionsError::unless(right, "ProtectionOptions", field, value, range)
}
