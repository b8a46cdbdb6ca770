//! The embedded media: read from its containers, packetised, and looped for ever.
//!
//! Both files were made by real encoders from generated pictures and sound; `sample/README.md` says how.

mod error;
mod ivf;
mod opus;
mod source;
mod track;

pub use error::SampleError;
pub use source::{MediaPacket, MediaSource, MediaSourceOptions};
pub use track::{Frame, Kind, Track};
