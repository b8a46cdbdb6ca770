//! A received RTP packet as str0m tells it, written again.

use interceptor_core::packet::{BuildError, RtpPacket};
use str0m::rtp::{ExtensionMap, RtpHeader};

use super::{WallClock, extensions};

/// Without padding, whose length str0m does not tell.
///
/// # Errors
/// If the extensions do not fit into a header.
pub(super) fn rebuild(
    header: &RtpHeader,
    payload: Vec<u8>,
    map: &ExtensionMap,
    clock: WallClock,
) -> Result<RtpPacket, BuildError> {
    let mut builder = RtpPacket::builder()
        .ssrc(*header.ssrc)
        .payload_type(*header.payload_type)
        .sequence_number(header.sequence_number)
        .timestamp(header.timestamp)
        .marker(header.marker)
        .payload(payload);
    for csrc in header.csrc.iter().take(header.csrc_count) {
        builder = builder.csrc(*csrc);
    }
    extensions::write(builder, &header.ext_vals, map, clock).build()
}
