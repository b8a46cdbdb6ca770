//! Header extension elements as typed values: what URIs of `a=extmap` (RFC 8285 §5) name, read and written in place.
//!
//! [`RtpPacket::read`] and [`RtpPacket::write`] take the identifier that signalling gave to a type's
//! [`URI`](HeaderExtension::URI). Neither allocates, and writing over an element of the same length moves nothing.
//!
//! ```
//! use interceptor_packet::ext::{AudioLevel, HeaderExtension, Mid, TransportSequenceNumber};
//! use interceptor_packet::RtpPacket;
//!
//! assert_eq!(Mid::URI, "urn:ietf:params:rtp-hdrext:sdes:mid");
//! let mut packet = RtpPacket::default();
//! packet.write(4, &Mid::new("audio").ok_or("no token")?)?;
//! packet.write(5, &TransportSequenceNumber(65_535))?;
//! packet.write(6, &AudioLevel::new(true, 30))?;
//!
//! packet.write(5, &TransportSequenceNumber(0))?; // in place
//! assert_eq!(packet.read(5), Some(TransportSequenceNumber(0)));
//! assert_eq!(packet.read::<Mid>(4).as_ref().map(Mid::as_str), Some("audio"));
//! assert_eq!(packet.read::<AudioLevel>(4), None); // five bytes are no audio level
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Extensions of your own
//!
//! A type that implements [`HeaderExtension`] is read and written like the ones here.
//!
//! ```
//! use interceptor_packet::{RtpPacket, ext::HeaderExtension};
//!
//! #[derive(Debug, PartialEq)]
//! struct FrameId(u16);
//!
//! impl HeaderExtension for FrameId {
//!     const URI: &'static str = "urn:example:frame-id";
//!     const MAX_LEN: usize = 2;
//!     type Bytes = [u8; 2];
//!
//!     fn read(value: &[u8]) -> Option<Self> {
//!         Some(Self(u16::from_be_bytes(value.try_into().ok()?)))
//!     }
//!
//!     fn to_bytes(&self) -> [u8; 2] {
//!         self.0.to_be_bytes()
//!     }
//! }
//!
//! let packet = RtpPacket::builder().typed_extension(1, &FrameId(9)).build()?;
//! assert_eq!((packet.extension(1), packet.read(1)), (Some(&[0, 9][..]), Some(FrameId(9))));
//! # Ok::<(), interceptor_packet::BuildError>(())
//! ```

mod abs_capture_time;
mod abs_send_time;
mod audio_level;
mod inline_bytes;
mod mid;
mod mixer_levels;
mod playout_delay;
mod rid;
mod transmission_offset;
mod transport_sequence;
mod video_orientation;
mod video_timing;

pub use abs_capture_time::AbsCaptureTime;
pub use abs_send_time::AbsSendTime;
pub use audio_level::AudioLevel;
pub use inline_bytes::InlineBytes;
pub use mid::Mid;
pub use mixer_levels::MixerLevels;
pub use playout_delay::PlayoutDelay;
pub use rid::{RepairedRid, Rid};
pub use transmission_offset::TransmissionOffset;
pub use transport_sequence::{FeedbackRequest, TransportSequenceNumber, TransportSequenceNumberV2};
pub use video_orientation::{Camera, Rotation, VideoOrientation};
pub use video_timing::VideoTiming;

use crate::{ExtensionError, RtpPacket};

/// What an element of a header extension says, as a type.
///
/// Reading is total: any bytes give a value or `None`. What is written is read back equal.
pub trait HeaderExtension: Sized {
    /// The name under which SDP negotiates an identifier for it (RFC 8285 §5).
    const URI: &'static str;

    /// The most bytes that a value takes, the element's header not counted: what has to be left free for one.
    const MAX_LEN: usize;

    /// The bytes of a value: an array where all have the same length, [`InlineBytes`] for up to 16 bytes, or anything
    /// else that lends a slice.
    type Bytes: AsRef<[u8]>;

    /// The value of an element; `None` when its length or content is none of this type.
    fn read(value: &[u8]) -> Option<Self>;

    /// The element's value on the wire, at most [`MAX_LEN`](Self::MAX_LEN) bytes.
    fn to_bytes(&self) -> Self::Bytes;
}

impl RtpPacket {
    /// What the first element `id` says; `None` when there is none, or when its length or content is not that of an `E`.
    ///
    /// Where the difference matters, [`extension`](Self::extension) says whether there is one.
    #[inline]
    #[must_use]
    pub fn read<E: HeaderExtension>(&self, id: u8) -> Option<E> {
        E::read(self.extension(id)?)
    }

    /// Sets element `id` to `value`, as [`set_extension`](Self::set_extension) does: in place where the lengths agree,
    /// without an allocation as long as the header has at most 64 bytes.
    ///
    /// # Errors
    /// As [`set_extension`](Self::set_extension); the packet is as it was then.
    #[inline]
    pub fn write<E: HeaderExtension>(&mut self, id: u8, value: &E) -> Result<(), ExtensionError> {
        self.set_extension(id, value.to_bytes().as_ref())
    }
}
