//! Which streams this is about: audio in RED.

use interceptor_core::{FecScheme, RedInfo, StreamInfo};

/// What was negotiated of a stream that this crate serves. `None`: no RED, or RED that is there for ULPFEC, as that of video is.
pub(crate) fn red_of(info: &StreamInfo) -> Option<RedInfo> {
    let for_fec = info.fec.is_some_and(|fec| fec.scheme == FecScheme::UlpFec);
    info.red.filter(|_| !for_fec && !info.is_video())
}
