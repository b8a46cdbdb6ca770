//! Stamps: small elements of the one-byte form that a packet has no room for yet, in a few moves, as every packet may get some.

use super::elements::{
    BLOCK_HEADER_LEN, Form, MAX_BLOCK_LEN, ONE_BYTE_PROFILE, Spot, find, fits_one_byte,
    one_byte_element_header,
};
use super::{EXTENSION_BIT, INLINE_HEADER_LEN, RtpPacket};
use crate::ExtensionError;

/// The longest value of the one-byte form (RFC 8285 §4.2).
pub(super) const SMALL: usize = 16;
/// A block whose elements end before this has room for any one more of the one-byte form.
const ROOMY: usize = MAX_BLOCK_LEN - 20;

impl RtpPacket {
    /// Sets an element that is not there with the same length in the one-byte form. `small` is its value with zeros behind.
    pub(super) fn set_small(
        &mut self,
        id: u8,
        small: [u8; SMALL],
        value: &[u8],
    ) -> Result<(), ExtensionError> {
        let start = self.body_start();
        let (form, body) = self.elements();
        match find(form, body, id) {
            Spot::Free(end) if form == Form::OneByte && fits_one_byte(id, value.len()) && end < ROOMY => {
                self.append_small(start + end, one_byte_element_header(id, value.len()), small, value.len());
                Ok(())
            }
            Spot::Found(at) if at.len() == value.len() => {
                if let Some(current) = self.header.get_mut(start + at.start..start + at.end) {
                    current.copy_from_slice(value);
                }
                Ok(())
            }
            _ => self.resize_extension(id, value),
        }
    }

    /// Puts an element of the one-byte form at `at`, behind which there is nothing but padding; the block as well, if there is none.
    /// In one go, and with lengths that the compiler knows: stamping a packet is on the hot path.
    fn append_small(&mut self, at: usize, element: u8, small: [u8; SMALL], len: usize) {
        let start = self.csrc_end();
        let end = (at + 1 + len).next_multiple_of(4);
        let [p0, p1] = ONE_BYTE_PROFILE.to_be_bytes();
        let [w0, w1] = (((end - start) / 4 - 1) as u16).to_be_bytes();
        let mut bytes = [0; BLOCK_HEADER_LEN + 20];
        let [b0, b1, b2, b3, b4, value @ .., _, _, _] = &mut bytes;
        (*b0, *b1, *b2, *b3, *b4, *value) = (p0, p1, w0, w1, element, small);
        let first = self.fixed()[0];
        if first & EXTENSION_BIT == 0 {
            self.put(0, [first | EXTENSION_BIT]);
            self.extend_to(end, &bytes);
        } else if let Some(element) = bytes.last_chunk::<20>() {
            self.put(start + 2, [w0, w1]);
            self.header.truncate(at);
            self.extend_to(end, element);
        }
    }

    /// Appends so many of the bytes that the header ends there.
    #[inline]
    fn extend_to<const N: usize>(&mut self, end: usize, bytes: &[u8; N]) {
        let from = self.header.len();
        if from + N <= INLINE_HEADER_LEN {
            // All, and what is too much goes again: a few moves in place of a call.
            self.header.extend_from_slice(bytes);
            self.header.truncate(end);
        } else {
            self.header.extend_from_slice(bytes.get(..end - from).unwrap_or_default());
        }
    }
}

/// A block of one word with one element of the one-byte form: what stamping a packet adds, for which nothing has to be
/// computed. `None` where that takes another form or more words.
#[inline]
pub(super) fn one_word_block(id: u8, value: &[u8]) -> Option<[u8; BLOCK_HEADER_LEN + 4]> {
    if !(1..=14).contains(&id) {
        return None;
    }
    let [p0, p1] = ONE_BYTE_PROFILE.to_be_bytes();
    let element = one_byte_element_header(id, value.len());
    match *value {
        [a] => Some([p0, p1, 0, 1, element, a, 0, 0]),
        [a, b] => Some([p0, p1, 0, 1, element, a, b, 0]),
        [a, b, c] => Some([p0, p1, 0, 1, element, a, b, c]),
        _ => None,
    }
}
