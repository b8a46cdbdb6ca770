//! A stream turned round: what comes in goes out again in order, under an SSRC and with sequence numbers of its own.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use interceptor_core::packet::Unwrapper;
use rtc::rtp::Packet;

/// One stream, audio or video.
///
/// A packet waits for those before it, so that what is brought back takes its place. What does not come back in time is skipped, and the
/// outgoing numbers close over it: whoever receives them misses what is lost on his own way and nothing else. A picture that lacks a
/// part is none, so after a gap nothing of a video leaves before its next key frame.
#[derive(Debug)]
pub(crate) struct Reflector {
    kind: Kind,
    unwrapper: Unwrapper,
    /// The number that is to leave next.
    next: Option<i64>,
    waiting: BTreeMap<i64, (Instant, Packet)>,
    patience: Duration,
    sequence_number: u16,
    /// A key frame is wanted.
    broken: bool,
    skipped: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Audio,
    Video,
}

/// Two seconds of a fast video; beyond that nothing is waited for.
const MAX_WAITING: usize = 1024;

impl Reflector {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            unwrapper: Unwrapper::new(),
            next: None,
            waiting: BTreeMap::new(),
            patience: Duration::ZERO,
            sequence_number: 0,
            broken: false,
            skipped: 0,
        }
    }

    /// How long to wait for what is missing.
    pub(crate) const fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// A packet has come.
    pub(crate) fn put(&mut self, packet: Packet, now: Instant) {
        let number = self.unwrapper.unwrap(packet.header.sequence_number);
        // Its place has been given up, or it has been here already.
        if *self.next.get_or_insert(number) <= number {
            self.waiting.entry(number).or_insert((now, packet));
        }
    }

    /// The next packet that is to leave, if one is.
    pub(crate) fn take(&mut self, now: Instant) -> Option<Packet> {
        loop {
            let first = self.waiting.first_entry()?;
            let gap = first.key() - self.next.unwrap_or(*first.key());
            let waited = now.saturating_duration_since(first.get().0);
            if gap > 0 && waited < self.patience && self.waiting.len() < MAX_WAITING {
                return None;
            }
            let (number, (_, mut packet)) = self.waiting.pop_first()?;
            self.next = Some(number + 1);
            self.skipped += gap.unsigned_abs();
            self.broken |= gap > 0 && self.kind == Kind::Video;
            if self.broken && !begins_key_frame(&packet.payload) {
                continue;
            }
            self.broken = false;
            packet.header.sequence_number = self.sequence_number;
            self.sequence_number = self.sequence_number.wrapping_add(1);
            return Some(packet);
        }
    }

    /// When the first that waits has waited enough.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.waiting.first_key_value().map(|(_, (since, _))| *since + self.patience)
    }

    /// Does nothing leave until a key frame comes?
    pub(crate) const fn is_broken(&self) -> bool {
        self.broken
    }

    /// Packets that never came.
    pub(crate) const fn skipped(&self) -> u64 {
        self.skipped
    }
}

/// Is this the first packet of a VP8 key frame (RFC 7741 §4.2, §4.3)?
fn begins_key_frame(payload: &[u8]) -> bool {
    let begins = || {
        let first = *payload.first()?;
        let mut header = 1;
        if first & 0x80 != 0 {
            let flags = *payload.get(1)?;
            header = 2;
            if flags & 0x80 != 0 {
                header += if payload.get(header)? & 0x80 != 0 { 2 } else { 1 };
            }
            header += usize::from(flags & 0x40 != 0) + usize::from(flags & 0x30 != 0);
        }
        let starts_frame = first & 0x17 == 0x10;
        Some(starts_frame && payload.get(header)? & 1 == 0)
    };
    begins().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use interceptor_test::Clock;
    use rtc::rtp::Packet;

    use super::{Kind, Reflector};

    const KEY: &[u8] = &[0x10, 0x50];
    const DELTA: &[u8] = &[0x10, 0x51];
    const PATIENCE: Duration = Duration::from_millis(200);

    fn reflector(kind: Kind) -> Reflector {
        let mut reflector = Reflector::new(kind);
        reflector.set_patience(PATIENCE);
        reflector
    }

    fn packet(number: u16, payload: &'static [u8]) -> Packet {
        let mut packet = Packet { payload: payload.into(), ..Packet::default() };
        packet.header.sequence_number = number;
        packet.header.timestamp = u32::from(number);
        packet
    }

    /// What leaves: the number it has now, and the one it had.
    fn taken(reflector: &mut Reflector, now: Instant) -> Vec<(u16, u32)> {
        std::iter::from_fn(|| reflector.take(now))
            .map(|packet| (packet.header.sequence_number, packet.header.timestamp))
            .collect()
    }

    #[test]
    fn what_comes_back_takes_its_place() {
        let (mut reflector, now) = (reflector(Kind::Video), Clock::new().now());
        for (number, payload) in [(65_534, KEY), (0, DELTA), (1, DELTA)] {
            reflector.put(packet(number, payload), now);
        }
        assert_eq!(taken(&mut reflector, now), [(0, 65_534)]);
        reflector.put(packet(65_535, DELTA), now);
        assert_eq!(taken(&mut reflector, now), [(1, 65_535), (2, 0), (3, 1)]);
        assert_eq!((reflector.skipped(), reflector.is_broken()), (0, false));
    }

    #[test]
    fn a_gap_in_audio_is_closed_after_a_while() {
        let (mut reflector, now) = (reflector(Kind::Audio), Clock::new().now());
        reflector.put(packet(1, b"a"), now);
        reflector.put(packet(4, b"b"), now);
        assert_eq!(taken(&mut reflector, now), [(0, 1)]);
        assert_eq!(reflector.next_timeout(), Some(now + PATIENCE));
        assert_eq!(taken(&mut reflector, now + PATIENCE), [(1, 4)]);
        reflector.put(packet(2, b"late"), now + PATIENCE);
        assert_eq!((taken(&mut reflector, now + PATIENCE), reflector.skipped()), (vec![], 2));
    }

    #[test]
    fn after_a_gap_in_video_a_key_frame_is_waited_for() {
        let (mut reflector, now) = (reflector(Kind::Video), Clock::new().now());
        for (number, payload) in [(1, KEY), (3, DELTA), (4, KEY), (5, DELTA)] {
            reflector.put(packet(number, payload), now);
        }
        assert_eq!(taken(&mut reflector, now), [(0, 1)]);
        assert_eq!(taken(&mut reflector, now + PATIENCE), [(1, 4), (2, 5)]);
    }
}
