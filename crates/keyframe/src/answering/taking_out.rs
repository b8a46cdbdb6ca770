//! RTCP without its requests for key frames, and what of them is malformed.

use std::ops::Range;

use interceptor_core::packet::{Rtcp, RtcpPacket};

/// Payload-specific feedback.
const PSFB: u8 = 206;
const PLI: u8 = 1;
const FIR: u8 = 4;

/// The bytes of a datagram without its sub-packets that `takes` takes; the rest as it came, malformed parts included.
pub(crate) fn without(packet: &RtcpPacket, mut takes: impl FnMut(&Rtcp<'_>) -> bool) -> Vec<u8> {
    let bytes = packet.as_bytes();
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut views = packet.packets().peekable();
    for frame in frames(bytes) {
        // Views are those of well-formed frames, in order: this one's is the next, or it has none.
        let here = bytes.get(frame.clone()).unwrap_or_default();
        if let Some(view) = views.next_if(|view| view.raw().as_ptr() == here.as_ptr())
            && takes(&view)
        {
            taken.push(frame);
        }
    }
    let mut rest = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for range in taken {
        rest.extend_from_slice(bytes.get(from..range.start).unwrap_or_default());
        from = range.end;
    }
    rest.extend_from_slice(bytes.get(from..).unwrap_or_default());
    rest
}

/// Requests of a datagram with a malformed part that were skipped.
pub(crate) fn malformed_requests(packet: &RtcpPacket) -> u64 {
    let bytes = packet.as_bytes();
    let is_request = |frame: &Range<usize>| match bytes.get(frame.clone()) {
        Some([first, PSFB, ..]) => matches!(first & 0x1f, PLI | FIR),
        _ => false,
    };
    let all = frames(bytes).filter(is_request).count();
    let read = packet.packets().filter(|view| matches!(view, Rtcp::Pli(_) | Rtcp::Fir(_))).count();
    all.saturating_sub(read) as u64
}

/// Where sub-packets are; a tail that is none is left out.
fn frames(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let [_, _, high, low] = *bytes.get(at..)?.first_chunk()?;
        let end = at + 4 * (usize::from(u16::from_be_bytes([high, low])) + 1);
        let frame = (end <= bytes.len()).then_some(at..end)?;
        at = end;
        Some(frame)
    })
}
