//! RTCP for people: `Debug` by fields, `Display` on one line. A peer chooses what is shown, so all of it is bounded.

mod debug;
mod display;

/// Packets of a datagram, and numbers of a list, that are shown. What is left out is counted.
const MAX_NUMBERS: usize = 16;
/// Entries of more than a number.
const MAX_ENTRIES: usize = 8;
/// Bytes of one line.
const MAX_LINE: usize = 2048;
/// Bytes of a datagram's fields.
const MAX_FIELDS: usize = 8192;
