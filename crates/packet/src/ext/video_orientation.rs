//! How a camera was held: coordination of video orientation (3GPP TS 26.114 §7.4.5).

use super::HeaderExtension;

const BACK: u8 = 0b1000;
const FLIP: u8 = 0b0100;
const ROTATION: u8 = 0b0011;

/// How the video in a packet has to be turned before it is shown.
///
/// This is the form of two bits a rotation. The upper four bits, in which the finer form
/// (`urn:3gpp:video-orientation:6`) has the rest of the angle, are ignored when read and written as zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VideoOrientation {
    /// Which camera took it.
    pub camera: Camera,
    /// Whether the video as sent is mirrored, left to right.
    pub flip: bool,
    /// By how much to turn it.
    pub rotation: Rotation,
}

/// Which way a camera faces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Camera {
    /// Towards the user; also where it is not known.
    #[default]
    Front,
    /// Away from the user.
    Back,
}

/// What the receiver has to do to show the video upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Rotation {
    /// Nothing.
    #[default]
    None = 0,
    /// Turn it clockwise by 90°.
    Clockwise90 = 1,
    /// Turn it by 180°.
    Clockwise180 = 2,
    /// Turn it clockwise by 270°.
    Clockwise270 = 3,
}

impl Rotation {
    /// Degrees by which the receiver turns the video clockwise.
    #[must_use]
    pub const fn degrees(self) -> u16 {
        90 * self as u16
    }

    const fn from_bits(byte: u8) -> Self {
        match byte & ROTATION {
            0 => Self::None,
            1 => Self::Clockwise90,
            2 => Self::Clockwise180,
            _ => Self::Clockwise270,
        }
    }
}

impl HeaderExtension for VideoOrientation {
    const URI: &'static str = "urn:3gpp:video-orientation";
    const MAX_LEN: usize = 1;
    type Bytes = [u8; 1];

    #[inline]
    fn read(value: &[u8]) -> Option<Self> {
        let [byte] = value.try_into().ok()?;
        let camera = if byte & BACK == 0 { Camera::Front } else { Camera::Back };
        Some(Self { camera, flip: byte & FLIP != 0, rotation: Rotation::from_bits(byte) })
    }

    #[inline]
    fn to_bytes(&self) -> [u8; 1] {
        let camera = if self.camera == Camera::Back { BACK } else { 0 };
        [camera | if self.flip { FLIP } else { 0 } | self.rotation as u8]
    }
}
