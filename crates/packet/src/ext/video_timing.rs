//! How long a frame spent where on its way (webrtc.org video-timing).

use super::HeaderExtension;

const BY_TIMER: u8 = 0x01;
const BY_SIZE: u8 = 0x02;
/// libwebrtc `VideoSendTiming::kInvalid`.
const INVALID: u8 = 0xff;

/// Times on the way of a frame, each in milliseconds since its capture. Only on the last packet of some frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VideoTiming {
    /// The frame was chosen because it was time for one.
    pub by_timer: bool,
    /// The frame was chosen because it is larger than usual.
    pub by_size: bool,
    /// The encoder began.
    pub encode_start: u16,
    /// The encoder was done.
    pub encode_finish: u16,
    /// All its packets were made.
    pub packetized: u16,
    /// Its last packet left the pacer, which writes this.
    pub pacer_exit: u16,
    /// For the network to set.
    pub network: u16,
    /// For the network to set.
    pub network2: u16,
}

impl HeaderExtension for VideoTiming {
    const URI: &'static str = "http://www.webrtc.org/experiments/rtp-hdrext/video-timing";
    const MAX_LEN: usize = 13;
    type Bytes = [u8; 13];

    /// Flags without a meaning are ignored, all of them at once mean that nothing is valid.
    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        let [flags, a, b, c, d, e, f, g, h, i, j, k, l] = value.try_into().ok()?;
        (flags != INVALID).then_some(Self {
            by_timer: flags & BY_TIMER != 0,
            by_size: flags & BY_SIZE != 0,
            encode_start: u16::from_be_bytes([a, b]),
            encode_finish: u16::from_be_bytes([c, d]),
            packetized: u16::from_be_bytes([e, f]),
            pacer_exit: u16::from_be_bytes([g, h]),
            network: u16::from_be_bytes([i, j]),
            network2: u16::from_be_bytes([k, l]),
        })
    }

    #[inline]
    fn to_bytes(&self) -> [u8; 13] {
        let flags = if self.by_timer { BY_TIMER } else { 0 } | if self.by_size { BY_SIZE } else { 0 };
        let [a, b] = self.encode_start.to_be_bytes();
        let [c, d] = self.encode_finish.to_be_bytes();
        let [e, f] = self.packetized.to_be_bytes();
        let [g, h] = self.pacer_exit.to_be_bytes();
        let [i, j] = self.network.to_be_bytes();
        let [k, l] = self.network2.to_be_bytes();
        [flags, a, b, c, d, e, f, g, h, i, j, k, l]
    }
}
