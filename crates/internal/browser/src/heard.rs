//! What an application reads of a stream.

use std::collections::BTreeMap;
use std::time::Duration;

use interceptor_core::StreamInfo;
use interceptor_core::packet::{Recovery, RtpPacket};

use crate::frames::Frames;
use crate::numbers::Numbers;
use crate::vp8;

/// A stream, and all that has been read of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Heard {
    /// As it was bound.
    pub info: StreamInfo,
    /// The packets by their numbers.
    pub numbers: Numbers,
    /// The frames, of video.
    pub frames: Frames,
    /// Pixels of the last key frame.
    pub size: Option<(u16, u16)>,
    /// Packets by their payload type.
    pub payload_types: BTreeMap<u8, u64>,
    /// Those of them that had been lost and were brought back by RTX.
    pub restored: BTreeMap<u8, u64>,
    /// Those that were made of what else had come.
    pub recovered: u64,
}

impl Heard {
    pub(crate) fn new(info: StreamInfo) -> Self {
        Self {
            info,
            numbers: Numbers::default(),
            frames: Frames::default(),
            size: None,
            payload_types: BTreeMap::new(),
            restored: BTreeMap::new(),
            recovered: 0,
        }
    }

    /// A packet that is there at `now`, the time since whenever. For how long nothing could be shown, after it.
    pub(crate) fn arrived(&mut self, packet: &RtpPacket, now: Duration) -> Duration {
        self.numbers.arrived(packet.sequence_number());
        *self.payload_types.entry(packet.payload_type()).or_default() += 1;
        match packet.info().recovered_by {
            Some(Recovery::Rtx) => *self.restored.entry(packet.payload_type()).or_default() += 1,
            Some(Recovery::Fec) => self.recovered += 1,
            _ => {}
        }
        if self.info.is_video() {
            let key = vp8::key_frame(packet.payload());
            self.size = key.map(|key| (key.width, key.height)).or(self.size);
            self.frames.arrived(packet.sequence_number(), key.is_some(), packet.marker(), now);
        }
        self.frames.frozen_for(now)
    }

    /// Packets that RTX has brought back.
    #[must_use]
    pub fn restored(&self) -> u64 {
        self.restored.values().sum()
    }
}
