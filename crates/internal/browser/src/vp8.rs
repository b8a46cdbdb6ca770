//! What must be known of a VP8 payload: does a key frame begin here, and how large is it?

/// What a key frame says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyFrame {
    /// Pixels.
    pub(crate) width: u16,
    /// Pixels.
    pub(crate) height: u16,
}

/// The key frame whose first packet this is (RFC 7741 §4.2, §4.3; RFC 6386 §9.1).
pub(crate) fn key_frame(payload: &[u8]) -> Option<KeyFrame> {
    let first = *payload.first()?;
    let (extended, starts, partition) = (first & 0x80 != 0, first & 0x10 != 0, first & 0x07);
    let mut header = 1;
    if extended {
        let flags = *payload.get(1)?;
        header = 2;
        if flags & 0x80 != 0 {
            let long = payload.get(header)? & 0x80 != 0;
            header += if long { 2 } else { 1 };
        }
        header += usize::from(flags & 0x40 != 0) + usize::from(flags & 0x30 != 0);
    }
    let frame = payload.get(header..)?;
    // The frame's own header: the lowest bit of a key frame is 0, and three bytes that are always the same follow the first three.
    let key = starts && partition == 0 && frame.first()? & 1 == 0 && frame.get(3..6)? == START;
    // The upper two bits are about scaling.
    let pixels = |at: usize| Some(u16::from_le_bytes([*frame.get(at)?, *frame.get(at + 1)?]) & 0x3fff);
    key.then_some(KeyFrame { width: pixels(6)?, height: pixels(8)? })
}

const START: [u8; 3] = [0x9d, 0x01, 0x2a];

#[cfg(test)]
mod tests {
    use super::{KeyFrame, START, key_frame};

    /// A frame of 320x180 behind this payload descriptor.
    fn frame(descriptor: &[u8], first: u8) -> Vec<u8> {
        [descriptor, &[first, 0, 0], &START, &[0x40, 0x41, 0xb4, 0x00]].concat()
    }

    #[test]
    fn a_key_frame_begins_with_its_first_partition() {
        let expected = Some(KeyFrame { width: 320, height: 180 });
        assert_eq!(key_frame(&frame(&[0x10], 0x50)), expected, "no extension");
        assert_eq!(key_frame(&frame(&[0x90, 0x80, 0x01], 0x50)), expected, "short picture number");
        assert_eq!(key_frame(&frame(&[0x90, 0xf0, 0x81, 0x02, 0x03, 0x04], 0x50)), expected, "everything");
        assert_eq!(key_frame(&frame(&[0x10], 0x51)), None, "predicted from others");
        assert_eq!(key_frame(&frame(&[0x00], 0x50)), None, "in the middle");
        assert_eq!(key_frame(&frame(&[0x12], 0x50)), None, "another partition");
        for len in 0..16 {
            let whole = frame(&[0x90, 0xf0, 0x81, 0x02, 0x03, 0x04], 0x50);
            assert_eq!(key_frame(&whole[..len]), None, "cut off");
        }
    }
}
