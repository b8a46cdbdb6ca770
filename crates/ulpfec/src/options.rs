//! What can be set, its defaults and its bounds.

use std::time::Duration;

use interceptor_core::OptionsError;
use interceptor_parity::{DecoderLimits, MutableExtensions};

/// How much of what leaves is protected: of each block of `packets` a few repair packets, the first of which is the sum of the block's
/// packets 0, `repairs`, 2 · `repairs` …, the second of the packets behind these, and so on. A run of so many lost packets can be
/// recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Protection {
    /// Media packets of a block, 1..=48.
    pub packets: u8,
    /// Repair packets of each, 1..=`packets`.
    pub repairs: u8,
}

impl Protection {
    /// So many repair packets for each so many packets of media.
    #[must_use]
    pub const fn new(packets: u8, repairs: u8) -> Self {
        Self { packets, repairs }
    }
}

/// Options of [`UlpfecFactory`](crate::UlpfecFactory) and [`UlpfecUpperFactory`](crate::UlpfecUpperFactory); checked when these are made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UlpfecOptions {
    /// Header extensions that count as zeros in sums. Default [`MutableExtensions::Libwebrtc`]: browsers. GStreamer sums packets as they
    /// are ([`MutableExtensions::None`]).
    pub mutable: MutableExtensions,
    /// How much is kept of each stream that is received. See [`DecoderLimits`] for the defaults.
    pub limits: DecoderLimits,
    /// What leaves is protected so. Default `None`: nothing, and numbers stay the application's. A stream that is protected so is numbered
    /// anew; FlexFEC needs none of that.
    pub sending: Option<Protection>,
    /// A block ends so long after its first packet, 5 ms..=1 s, whatever it has. Default 100 ms: half of what receivers wait.
    pub max_block_time: Duration,
    /// Do emptied repair packets go on above the upper half? Default no: they end there. Yes where a jitter buffer stands above: it counts
    /// numbers of empty packets as there and ends them itself, and would take the number of each repair packet for a loss otherwise.
    pub forward_empty: bool,
}

impl Default for UlpfecOptions {
    fn default() -> Self {
        Self {
            mutable: MutableExtensions::default(),
            limits: DecoderLimits::default(),
            sending: None,
            max_block_time: Duration::from_millis(100),
            forward_empty: false,
        }
    }
}

impl UlpfecOptions {
    /// Header extensions that count as zeros.
    #[must_use]
    pub fn with_mutable(mut self, mutable: MutableExtensions) -> Self {
        self.mutable = mutable;
        self
    }

    /// How much is kept of each stream that is received.
    #[must_use]
    pub const fn with_limits(mut self, limits: DecoderLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How what leaves is protected.
    #[must_use]
    pub const fn with_sending(mut self, sending: Option<Protection>) -> Self {
        self.sending = sending;
        self
    }

    /// How long a block stays open.
    #[must_use]
    pub const fn with_max_block_time(mut self, time: Duration) -> Self {
        self.max_block_time = time;
        self
    }

    /// Do emptied repair packets go on above the upper half? See [`forward_empty`](Self::forward_empty).
    #[must_use]
    pub const fn with_forward_empty(mut self, forward: bool) -> Self {
        self.forward_empty = forward;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        const NAME: &str = "UlpfecOptions";
        let limits = &self.limits;
        let right = (64..=4096).contains(&limits.packets);
        OptionsError::unless(right, NAME, "limits.packets", limits.packets, "in 64..=4096")?;
        let right = (1500..=64 << 20).contains(&limits.packet_bytes);
        OptionsError::unless(right, NAME, "limits.packet_bytes", limits.packet_bytes, "in 1500..=67108864")?;
        let right = (1..=1024).contains(&limits.repairs);
        OptionsError::unless(right, NAME, "limits.repairs", limits.repairs, "in 1..=1024")?;
        let right = (1500..=16 << 20).contains(&limits.repair_bytes);
        OptionsError::unless(right, NAME, "limits.repair_bytes", limits.repair_bytes, "in 1500..=16777216")?;
        let (least, most) = (Duration::from_millis(10), Duration::from_secs(60));
        let right = (least..=most).contains(&limits.wait);
        OptionsError::unless(right, NAME, "limits.wait", limits.wait, "in 10ms..=60s")?;
        if let Some(protection) = self.sending {
            let Protection { packets, repairs } = protection;
            OptionsError::unless((1..=48).contains(&packets), NAME, "sending.packets", packets, "in 1..=48")?;
            let right = (1..=packets).contains(&repairs);
            OptionsError::unless(right, NAME, "sending.repairs", repairs, "in 1..=packets")?;
        }
        let (least, most) = (Duration::from_millis(5), Duration::from_secs(1));
        let right = (least..=most).contains(&self.max_block_time);
        OptionsError::unless(right, NAME, "max_block_time", self.max_block_time, "in 5ms..=1s")
    }
}
