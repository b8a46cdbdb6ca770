//! Frames of video, in time.

use std::time::Duration;

use interceptor_core::packet::RtpPacket;

use crate::traffic::{place, sent, start};

/// Packets of a frame.
pub(super) const PACKETS: u32 = 8;

/// Between frames: 3 Mbit/s to each.
pub(super) const INTERVAL: Duration = Duration::from_millis(50);

/// RTP time between frames.
const TICKS: u32 = 4500;

/// The `number`th frame; its payload is shared.
pub(super) fn frame(number: u32) -> Vec<RtpPacket> {
    let now = start();
    let packet = |at: u32| {
        let mut packet = sent(&place(0, number.wrapping_mul(PACKETS).wrapping_add(at), now));
        packet.set_timestamp(number.wrapping_mul(TICKS));
        packet.set_marker(at + 1 == PACKETS);
        packet
    };
    (0..PACKETS).map(packet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_follow_one_another() {
        let (one, next) = (frame(1), frame(2));
        let numbers: Vec<_> = one.iter().chain(&next).map(RtpPacket::sequence_number).collect();
        assert_eq!(numbers, (8..24).collect::<Vec<u16>>());
        assert!(one.iter().all(|packet| packet.timestamp() == 4500));
        assert_eq!(next.iter().filter(|packet| packet.marker()).count(), 1);
        assert!(next[7].marker() && next[7].timestamp() == 9000);
    }
}
