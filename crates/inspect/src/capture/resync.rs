//! The next place that looks like a record, after one that does not.

use std::io::Read;

use super::window::Window;

/// Places looked at before the window moves on.
const STRIDE: usize = 1 << 20;
/// What may be looked at behind each place.
const AHEAD: usize = 1 << 19;

/// Moves the window on, by at least one byte, to the next place where `is_start` holds; it is given all bytes
/// from there on that are buffered. Gives the bytes skipped; `None` and the end of the file when there is no such place.
pub(super) fn skip_to<R: Read>(window: &mut Window<R>, is_start: impl Fn(&[u8]) -> bool) -> Option<u64> {
    let began = window.offset();
    let mut from = 1;
    loop {
        window.want(STRIDE + AHEAD);
        let bytes = window.bytes();
        let places = bytes.len().min(STRIDE);
        let found = (from..places).find(|place| bytes.get(*place..).is_some_and(&is_start));
        if let Some(found) = found {
            window.consume(found);
            return Some(window.offset() - began);
        }
        let last = bytes.len() <= STRIDE;
        window.consume(places.max(1));
        if last {
            return None;
        }
        from = 0;
    }
}
