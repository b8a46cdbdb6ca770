//! Video without pictures: frames of any size, whose bytes a receiver can check.

use std::time::Duration;

use bytes::Bytes;

use crate::sample::{Kind, MediaPacket};

const FRAMES_PER_SECOND: u64 = 30;
/// As of the embedded media: with RTP, UDP and IP headers it stays below the 1280 bytes that every IPv6 path carries.
const MAX_PAYLOAD: usize = 1200;
/// Frame, packet of it.
const NUMBERS: usize = 8;
/// Steps of the pattern; odd, so that every byte value comes.
const STRIDE: u8 = 151;

/// A source of video that is as large as it is told to be: 30 frames a second.
///
/// Each payload begins with the number of its frame and of the packet in it, which say what all further bytes have to be.
#[derive(Debug)]
pub(super) struct PatternVideo {
    first_timestamp: u32,
    next_frame: u64,
    /// Bits × frames a second that the frames so far were too small, so that a rate is met to the byte.
    owed: u64,
}

impl PatternVideo {
    /// Frame 0 has this RTP timestamp.
    pub(super) fn new(first_timestamp: u32) -> Self {
        Self { first_timestamp, next_frame: 0, owed: 0 }
    }

    /// When the next frame is due, since the start.
    pub(super) fn due(&self) -> Duration {
        Duration::from_nanos(self.next_frame * 1_000_000_000 / FRAMES_PER_SECOND)
    }

    /// The packets of the next frame, of so many bits of payload a second. There are none where that is not enough for one:
    /// then the frame is left out.
    pub(super) fn next_frame(&mut self, bits_per_second: u64) -> impl Iterator<Item = MediaPacket> + use<> {
        let (send_at, frame) = (self.due(), self.next_frame);
        let ticks = frame * u64::from(Kind::Video.clock_rate()) / FRAMES_PER_SECOND;
        let timestamp = self.first_timestamp.wrapping_add(ticks as u32);
        self.next_frame += 1;
        self.owed += bits_per_second;
        let bytes = (self.owed / (8 * FRAMES_PER_SECOND)) as usize;
        let packets = if bytes < NUMBERS { 0 } else { bytes.div_ceil(MAX_PAYLOAD) };
        if packets > 0 {
            self.owed -= bytes as u64 * 8 * FRAMES_PER_SECOND;
        }
        (0..packets).map(move |packet| MediaPacket {
            send_at,
            kind: Kind::Video,
            timestamp,
            marker: packet + 1 == packets,
            first_of_frame: packet == 0,
            payload: payload(frame as u32, packet as u32, share(bytes, packets, packet)),
        })
    }
}

/// Equal parts, the first ones a byte larger where it does not come out even.
fn share(bytes: usize, packets: usize, packet: usize) -> usize {
    bytes / packets + usize::from(packet < bytes % packets)
}

fn payload(frame: u32, packet: u32, bytes: usize) -> Bytes {
    let [f0, f1, f2, f3] = frame.to_be_bytes();
    let [p0, p1, p2, p3] = packet.to_be_bytes();
    let numbers = [f0, f1, f2, f3, p0, p1, p2, p3];
    numbers.into_iter().chain(pattern(&numbers)).take(bytes).collect()
}

/// What follows a payload's numbers.
fn pattern(numbers: &[u8; NUMBERS]) -> impl Iterator<Item = u8> + use<> {
    let first = numbers.iter().fold(0, |mix: u8, byte| mix.wrapping_mul(31).wrapping_add(*byte));
    std::iter::successors(Some(first), |byte| Some(byte.wrapping_add(STRIDE)))
}

/// Whether a payload is as it was made.
pub(super) fn is_intact(payload: &[u8]) -> bool {
    let Some((numbers, rest)) = payload.split_first_chunk() else { return false };
    rest.iter().copied().zip(pattern(numbers)).all(|(byte, expect)| byte == expect)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(video: &mut PatternVideo, rate: u64) -> Vec<MediaPacket> {
        video.next_frame(rate).collect()
    }

    #[test]
    fn frames_are_as_large_as_the_rate_and_as_many_as_thirty_a_second() {
        for rate in [100_001, 777_777, 2_500_000] {
            let mut video = PatternVideo::new(5);
            let packets: Vec<_> = (0..300).flat_map(|_| frame(&mut video, rate)).collect();
            let bytes: usize = packets.iter().map(|packet| packet.payload.len()).sum();
            assert_eq!(bytes as u64, rate * 10 / 8, "ten seconds, to the byte");
            assert_eq!(video.due(), Duration::from_secs(10));
            assert_eq!(packets.iter().filter(|packet| packet.marker).count(), 300);
            assert_eq!(packets.iter().filter(|packet| packet.first_of_frame).count(), 300);
            assert!(packets.iter().all(|packet| packet.payload.len() <= MAX_PAYLOAD));
            assert_eq!(packets.last().unwrap().timestamp, 5 + 299 * 3000);
        }
    }

    #[test]
    fn a_frame_is_split_evenly_and_its_last_packet_is_marked() {
        let mut video = PatternVideo::new(0);
        let packets = frame(&mut video, 2401 * 8 * 30);
        let sizes: Vec<_> = packets.iter().map(|packet| (packet.payload.len(), packet.marker)).collect();
        assert_eq!(sizes, [(801, false), (800, false), (800, true)]);
        assert!(packets.iter().all(|packet| packet.send_at.is_zero() && packet.timestamp == 0));
    }

    #[test]
    fn without_a_rate_frames_are_left_out_in_their_time() {
        let mut video = PatternVideo::new(0);
        assert!(frame(&mut video, 0).is_empty());
        let [only] = &frame(&mut video, 240_000)[..] else { panic!("one packet") };
        assert_eq!((only.send_at, only.timestamp), (Duration::from_nanos(33_333_333), 3000));
        assert_eq!(only.payload.len(), 1000);
    }

    #[test]
    fn what_was_changed_is_seen() {
        let mut video = PatternVideo::new(0);
        let packets: Vec<_> = (0..40).flat_map(|_| frame(&mut video, 700_000)).collect();
        assert!(packets.iter().all(|packet| is_intact(&packet.payload)));
        let whole = &packets.last().unwrap().payload;
        for i in 0..whole.len() {
            let mut changed = whole.to_vec();
            changed[i] ^= 1;
            assert!(!is_intact(&changed), "byte {i}");
        }
        assert!(!is_intact(&whole[..7]) && !is_intact(b""));
    }
}
