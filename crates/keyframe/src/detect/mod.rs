//! Does a key frame begin with this payload? A pure function a codec.
//!
//! Each looks at the few bytes that a depacketiser would look at first, and at nothing of the picture: a packet that does not start a frame is
//! known by its first byte. All are total: any bytes give an answer.

mod av1;
mod h264;
mod h265;
mod red;
mod vp8;
mod vp9;

pub use av1::av1;
pub use h264::h264;
pub use h265::h265;
pub use red::red;
pub use vp8::vp8;
pub use vp9::vp9;

/// What a payload begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// A key frame, or what a decoder needs before one: from here on it can go on.
    Key,
    /// Another frame, or nothing: the middle of one.
    Other,
    /// It ends within the codec's own header.
    TooShort,
}

impl Start {
    pub(crate) const fn key_if(key: bool) -> Self {
        if key { Self::Key } else { Self::Other }
    }
}

#[cfg(test)]
mod tests;
