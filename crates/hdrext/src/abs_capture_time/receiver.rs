//! When the frames of a remote stream were captured.

use std::time::Duration;

use interceptor_core::packet::ext::AbsCaptureTime;
use interceptor_core::packet::{NtpTime, RtpClock, RtpPacket};
use interceptor_core::{ClockRates, StreamInfo};

/// From a frame that was longer ago nothing is told (libwebrtc `kInterpolationMaxInterval`).
const MAX_AGE: Duration = Duration::from_secs(5);

/// A remote stream whose capture times are read.
#[derive(Debug)]
pub struct CaptureReceiver {
    pub(crate) id: u8,
    ssrc: u32,
    clocks: ClockRates,
    latest: Option<Captured>,
    /// What the peer's clock is ahead of ours: seconds in units of 2^-32.
    peer_ahead: Option<i64>,
}

const _: () = assert!(size_of::<CaptureReceiver>() <= 200, "the documentation says so");

/// A frame that has said when it was captured.
#[derive(Clone, Copy, Debug)]
struct Captured {
    time: AbsCaptureTime,
    timestamp: u32,
    clock: RtpClock,
}

impl CaptureReceiver {
    pub(crate) fn new(id: u8, info: &StreamInfo) -> Self {
        Self { id, ssrc: info.ssrc, clocks: ClockRates::of(info), latest: None, peer_ahead: None }
    }

    /// It is described anew.
    pub(crate) fn amend(&mut self, id: u8, info: &StreamInfo) {
        (self.id, self.clocks) = (id, ClockRates::of(info));
    }

    pub(crate) const fn is_of(&self, ssrc: u32) -> bool {
        self.ssrc == ssrc
    }

    /// When the frame with this timestamp was captured, on the clock of the system that captured it: worked out from the newest frame that
    /// said it, if that is no more than 5 s away.
    #[must_use]
    pub fn captured(&self, timestamp: u32) -> Option<AbsCaptureTime> {
        let Captured { time, timestamp: said, clock } = self.latest?;
        let units = RtpClock::difference(timestamp, said);
        let away = clock.duration(units.unsigned_abs().into());
        if away > MAX_AGE || clock.rate() == 0 {
            return None;
        }
        let timestamp = if units < 0 { time.timestamp - away } else { time.timestamp + away };
        Some(AbsCaptureTime { timestamp, ..time })
    }

    /// A packet says it.
    pub(crate) fn read(&mut self, packet: &RtpPacket, time: AbsCaptureTime) {
        let timestamp = packet.timestamp();
        if self.latest.is_some_and(|latest| RtpClock::difference(timestamp, latest.timestamp) < 0) {
            return;
        }
        let clock = RtpClock::new(self.clocks.rate(packet.payload_type()).unwrap_or(0));
        self.latest = Some(Captured { time, timestamp, clock });
    }

    /// The peer's clock stood at `theirs` when ours stood at `ours`.
    pub(crate) const fn compare(&mut self, theirs: NtpTime, ours: NtpTime) {
        self.peer_ahead = Some(theirs.difference(ours));
    }

    /// The same time, with what its clock is ahead of ours in place of the peer's; unknown unless both are known.
    pub(crate) fn on_our_clock(&self, time: AbsCaptureTime) -> AbsCaptureTime {
        let clock_offset =
            time.clock_offset.zip(self.peer_ahead).map(|(ahead, peer)| ahead.wrapping_add(peer));
        AbsCaptureTime { clock_offset, ..time }
    }
}
