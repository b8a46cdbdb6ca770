//! What can be set of recovering, and its defaults.

use std::time::Duration;

use interceptor_core::OptionsError;
use interceptor_parity::DecoderLimits;

/// How remote streams are recovered: a part of [`FlexFecOptions`](crate::FlexFecOptions).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecoveryOptions {
    /// Numbers of each stream that packets are kept of, by reference, 64..=4096. Default 512: a second of 5 Mbit/s.
    pub packets: u16,
    /// Bytes of these packets of each stream, 64 KiB..=64 MiB. Default 1 MiB.
    pub packet_bytes: usize,
    /// Repair packets that wait because they lack more than one packet, 1..=256. Default 64; the oldest go.
    pub repairs: usize,
    /// Bytes of these, 4 KiB..=16 MiB. Default 96 KiB: 64 of 1.5 KiB.
    pub repair_bytes: usize,
    /// For how long a repair packet waits, 10 ms..=10 s; no longer than the repair window that was negotiated. Default 1 s: what is older has
    /// been asked for, or is of no use. Browsers negotiate 10 s.
    pub repair_window: Duration,
    /// Do repair packets go on towards the application, for a relay that passes them on? Default no: they end here.
    pub forward_repair: bool,
}

impl Default for RecoveryOptions {
    fn default() -> Self {
        let DecoderLimits { packets, packet_bytes, repairs, repair_bytes, wait, .. } =
            DecoderLimits::default();
        Self { packets, packet_bytes, repairs, repair_bytes, repair_window: wait, forward_repair: false }
    }
}

impl RecoveryOptions {
    /// Numbers of each stream that packets are kept of.
    #[must_use]
    pub const fn with_packets(mut self, packets: u16) -> Self {
        self.packets = packets;
        self
    }

    /// Bytes of the packets that are kept of each stream.
    #[must_use]
    pub const fn with_packet_bytes(mut self, bytes: usize) -> Self {
        self.packet_bytes = bytes;
        self
    }

    /// Repair packets that wait.
    #[must_use]
    pub const fn with_repairs(mut self, repairs: usize) -> Self {
        self.repairs = repairs;
        self
    }

    /// Bytes of the repair packets that wait.
    #[must_use]
    pub const fn with_repair_bytes(mut self, bytes: usize) -> Self {
        self.repair_bytes = bytes;
        self
    }

    /// For how long a repair packet waits.
    #[must_use]
    pub const fn with_repair_window(mut self, window: Duration) -> Self {
        self.repair_window = window;
        self
    }

    /// Do repair packets go on towards the application?
    #[must_use]
    pub const fn with_forward_repair(mut self, forward: bool) -> Self {
        self.forward_repair = forward;
        self
    }

    /// What a decoder keeps within; `negotiated` is zero where that is unknown.
    pub(crate) fn limits(&self, negotiated: Duration) -> DecoderLimits {
        let wait = if negotiated.is_zero() { self.repair_window } else { self.repair_window.min(negotiated) };
        DecoderLimits::default()
            .with_packets(self.packets)
            .with_packet_bytes(self.packet_bytes)
            .with_repairs(self.repairs)
            .with_repair_bytes(self.repair_bytes)
            .with_wait(wait)
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        ensure((64..=4096).contains(&self.packets), "packets", &self.packets, "in 64..=4096")?;
        let right = (64 << 10..=64 << 20).contains(&self.packet_bytes);
        ensure(right, "packet_bytes", &self.packet_bytes, "in 65536..=67108864")?;
        ensure((1..=256).contains(&self.repairs), "repairs", &self.repairs, "in 1..=256")?;
        let right = (4 << 10..=16 << 20).contains(&self.repair_bytes);
        ensure(right, "repair_bytes", &self.repair_bytes, "in 4096..=16777216")?;
        let right = (Duration::from_millis(10)..=Duration::from_secs(10)).contains(&self.repair_window);
        ensure(right, "repair_window", &self.repair_window, "in 10ms..=10s")
    }
}

fn ensure(
    right: bool,
    field: &'static str,
    value: &dyn std::fmt::Debug,
    range: &'static str,
) -> Result<(), OptionsError> {
    OptionsError::unless(right, "RecoveryOptions", field, value, range)
}
