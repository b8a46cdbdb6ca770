//! Header extension elements (RFC 8285), read and changed in the header's bytes.

use std::ops::Range;

use super::elements::{
    BLOCK_HEADER_LEN, Body, Elements, Form, MAX_BLOCK_LEN, ONE_BYTE_PROFILE, Spot, TWO_BYTE_PROFILE,
    behind_elements, content_end, find, fits_one_byte, has_broken, push_element, slot,
};
use super::stamps::{SMALL, one_word_block};
use super::{EXTENSION_BIT, RtpPacket};
use crate::ExtensionError;

impl RtpPacket {
    /// The value of the first element `id`; `None` when there is none.
    ///
    /// Elements behind a reserved identifier 15 of the one-byte form do not count (RFC 8285 §4.2), nor does an element
    /// over the end of its block with what follows it ([`extensions_malformed`](Self::extensions_malformed)), nor
    /// anything in a block whose profile is neither form of RFC 8285 (see [`extension_block`](Self::extension_block)).
    #[inline]
    #[must_use]
    pub fn extension(&self, id: u8) -> Option<&[u8]> {
        let (form, body) = self.elements();
        if let Spot::Found(value) = find(form, body, id) { body.get(value) } else { None }
    }

    /// All elements in order, as identifier (1..=14 or 1..=255) and value.
    #[inline]
    pub fn extensions(&self) -> impl Iterator<Item = (u8, &[u8])> + '_ {
        let (form, body) = self.elements();
        Elements::new(form, body).filter_map(|element| Some((element.id, body.get(element.value)?)))
    }

    /// Whether an element reaches over the end of the extension block. Those before it are seen; it and what follows it
    /// are not, as nobody can say where an element begins there. The packet is as good as any otherwise, and libwebrtc
    /// takes it too.
    ///
    /// Walks over the elements, like [`extension`](Self::extension) of an identifier that is not there.
    #[inline]
    #[must_use]
    pub fn extensions_malformed(&self) -> bool {
        let (form, body) = self.elements();
        has_broken(form, body)
    }

    /// Profile and content of the extension block, whatever its form; `None` when there is no block.
    #[must_use]
    pub fn extension_block(&self) -> Option<(u16, &[u8])> {
        if self.fixed()[0] & EXTENSION_BIT == 0 {
            return None;
        }
        let (block_header, body) =
            self.header.get(self.csrc_end()..)?.split_first_chunk::<BLOCK_HEADER_LEN>()?;
        Some((u16::from_be_bytes([block_header[0], block_header[1]]), body))
    }

    /// Sets element `id`: in place when it is there with the same length, else by moving what follows it.
    ///
    /// A packet without an extension block gets one: in the one-byte form if it can hold the element (identifier
    /// 1..=14, 1 to 16 bytes), else in the two-byte form. A one-byte block becomes a two-byte one when it has
    /// to; then what stands behind a reserved identifier 15 is dropped. Other elements keep their bytes and their
    /// order; padding at the end of the block is made anew, and an element over the end of the block goes, with what
    /// follows it. Of several elements `id` the first is set.
    ///
    /// # Errors
    /// [`ExtensionError`], and the packet is as it was: `id` 0; more than 255 bytes; a block of a profile that has
    /// no elements; a block of more than 262 140 bytes.
    #[inline]
    pub fn set_extension(&mut self, id: u8, value: &[u8]) -> Result<(), ExtensionError> {
        let first = self.fixed()[0];
        if first & EXTENSION_BIT == 0
            && let Some(block) = one_word_block(id, value)
        {
            self.header.extend_from_slice(&block);
            self.put(0, [first | EXTENSION_BIT]);
            return Ok(());
        }
        if let Some(at) = slot(&self.header, id, value.len())
            && let Some(slot) = self.header.get_mut(at..at + value.len())
        {
            slot.copy_from_slice(value);
            return Ok(());
        }
        let mut small = [0; SMALL];
        if let Some(space) = small.get_mut(..value.len()) {
            // Mostly of a length that the compiler knows: a move or two.
            space.copy_from_slice(value);
            return self.set_small(id, small, value);
        }
        self.resize_extension(id, value)
    }

    /// Removes every element `id`; the block goes with its last element, and an element over the end of the block goes,
    /// with what follows it. Whether there was one `id`; if not, nothing changes.
    pub fn remove_extension(&mut self, id: u8) -> bool {
        // Removing needs no longer block.
        self.map_extensions(|other| (other != id).then_some(other)).unwrap_or(false)
    }

    /// Sets an element that is not there with the same length, wherever that takes more than appending it.
    pub(super) fn resize_extension(&mut self, id: u8, value: &[u8]) -> Result<(), ExtensionError> {
        if id == 0 {
            return Err(ExtensionError::ReservedId);
        }
        if value.len() > usize::from(u8::MAX) {
            return Err(ExtensionError::TooLong(value.len()));
        }
        let fits_one_byte = fits_one_byte(id, value.len());
        let profile = match self.extension_block() {
            Some((profile, _)) => profile,
            None if fits_one_byte => ONE_BYTE_PROFILE,
            None => TWO_BYTE_PROFILE,
        };
        let Some(form) = Form::of_profile(profile) else {
            return Err(ExtensionError::ForeignProfile(profile));
        };
        if form == Form::OneByte && !fits_one_byte {
            let body = self.upgraded_body(id, value);
            return self.set_extension_block(TWO_BYTE_PROFILE, &body);
        }
        let (_, body) = self.elements();
        let content_end = content_end(form, body);
        let found = Elements::new(form, body).find(|element| element.id == id);
        let at = found.map_or_else(|| behind_elements(form, body), |element| element.whole);
        let needed = content_end + 2 + value.len();
        if needed > MAX_BLOCK_LEN {
            return Err(ExtensionError::BlockTooLong(needed));
        }
        self.ensure_extension_block(profile);
        self.splice(at, content_end, |header| push_element(header, form, id, value));
        Ok(())
    }

    /// Puts what `insert` pushes in the place of the block's bytes `at`, and padding behind `content_end`.
    fn splice(&mut self, at: Range<usize>, content_end: usize, insert: impl FnOnce(&mut Body)) {
        let start = self.body_start();
        let tail = Body::from_slice(self.header.get(start + at.end..start + content_end).unwrap_or_default());
        self.header.truncate(start + at.start);
        insert(&mut self.header);
        self.header.extend_from_slice(&tail);
        self.finish_block();
    }

    /// The elements of a one-byte block in the two-byte form, with `id` set to `value`.
    fn upgraded_body(&self, id: u8, value: &[u8]) -> Body {
        let mut body = Body::new();
        let mut pending = Some(value);
        for (other, current) in self.extensions() {
            let replaced = if other == id { pending.take() } else { None };
            push_element(&mut body, Form::TwoByte, other, replaced.unwrap_or(current));
        }
        if let Some(value) = pending {
            push_element(&mut body, Form::TwoByte, id, value);
        }
        body
    }

    /// The extension block's form and body; an empty body when there are no elements to see.
    #[inline]
    pub(super) fn elements(&self) -> (Form, &[u8]) {
        match self.extension_block() {
            Some((profile, body)) => match Form::of_profile(profile) {
                Some(form) => (form, body),
                None => (Form::TwoByte, &[]),
            },
            None => (Form::OneByte, &[]),
        }
    }

    fn ensure_extension_block(&mut self, profile: u16) {
        let start = self.csrc_end();
        let first = self.fixed()[0];
        if first & EXTENSION_BIT == 0 {
            self.header.extend_from_slice(&[0; BLOCK_HEADER_LEN]);
            self.put(0, [first | EXTENSION_BIT]);
        }
        self.put(start, profile.to_be_bytes());
    }

    /// Gives the packet an extension block with `body`, padded to whole words, in the place of the one it may have.
    pub(crate) fn set_extension_block(&mut self, profile: u16, body: &[u8]) -> Result<(), ExtensionError> {
        if body.len() > MAX_BLOCK_LEN {
            return Err(ExtensionError::BlockTooLong(body.len()));
        }
        self.ensure_extension_block(profile);
        self.header.truncate(self.body_start());
        self.header.extend_from_slice(body);
        self.finish_block();
        Ok(())
    }

    /// Pads what is behind the CSRCs to whole words and writes their number into the block's header.
    fn finish_block(&mut self) {
        let start = self.csrc_end();
        let words = self.header.len().saturating_sub(start + BLOCK_HEADER_LEN).div_ceil(4);
        self.header.resize(start + BLOCK_HEADER_LEN + 4 * words, 0);
        self.put(start + 2, (words as u16).to_be_bytes());
    }

    /// Where the elements begin, if there are any.
    #[inline]
    pub(super) fn body_start(&self) -> usize {
        self.csrc_end() + BLOCK_HEADER_LEN
    }

    /// Cuts the block off at a place in the header; it goes if it holds nothing then.
    pub(super) fn end_block_at(&mut self, end: usize) {
        self.header.truncate(end);
        let body = self.header.get(self.body_start()..).unwrap_or_default();
        if body.iter().all(|&byte| byte == 0) {
            self.drop_extension_block();
        } else {
            self.finish_block();
        }
    }

    pub(super) fn drop_extension_block(&mut self) {
        let start = self.csrc_end();
        let first = self.fixed()[0];
        self.header.truncate(start);
        self.put(0, [first & !EXTENSION_BIT]);
    }
}
