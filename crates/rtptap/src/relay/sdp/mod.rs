//! Session descriptions (SDP, RFC 8866): what the source's says of its streams, and what players need to know of a target's.

mod read;
mod write;

pub(super) use self::read::read;
pub(super) use self::write::descriptions;
