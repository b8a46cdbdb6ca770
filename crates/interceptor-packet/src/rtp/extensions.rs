//! Header extension elements (RFC 8285), read and changed in the header's bytes.

use std::ops::Range;

use smallvec::SmallVec;

use super::{EXTENSION_BIT, RtpPacket};
use crate::{ExtensionError, ParseError};

const ONE_BYTE_PROFILE: u16 = 0xbede;
/// The low four bits are the application's (RFC 8285 §4.3).
const TWO_BYTE_PROFILE: u16 = 0x1000;
/// The block's own header: profile and length in words.
const BLOCK_HEADER_LEN: usize = 4;
const MAX_BLOCK_LEN: usize = 4 * u16::MAX as usize;

impl RtpPacket {
    /// The value of the first element `id`; `None` when there is none.
    ///
    /// Elements behind a reserved identifier 15 of the one-byte form do not count (RFC 8285 §4.2), nor does
    /// anything in a block whose profile is neither form of RFC 8285 (see
    /// [`extension_block`](Self::extension_block)).
    #[inline]
    #[must_use]
    pub fn extension(&self, id: u8) -> Option<&[u8]> {
        self.extensions().find_map(|(found, value)| (found == id).then_some(value))
    }

    /// All elements in order, as identifier (1..=14 or 1..=255) and value.
    #[inline]
    pub fn extensions(&self) -> impl Iterator<Item = (u8, &[u8])> + '_ {
        let (form, body) = self.elements();
        Elements::new(form, body).filter_map(|element| Some((element.id, body.get(element.value)?)))
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
    /// order; padding at the end of the block is made anew. Of several elements `id` the first is set.
    ///
    /// # Errors
    /// [`ExtensionError`], and the packet is as it was: `id` 0; more than 255 bytes; a block of a profile that has
    /// no elements; a block of more than 262 140 bytes.
    #[inline]
    pub fn set_extension(&mut self, id: u8, value: &[u8]) -> Result<(), ExtensionError> {
        let start = self.csrc_end() + BLOCK_HEADER_LEN;
        let (form, body) = self.elements();
        let found = Elements::new(form, body).find(|element| element.id == id);
        if let Some(element) = &found
            && element.value.len() == value.len()
            && let Some(current) =
                self.header.get_mut(start..).and_then(|body| body.get_mut(element.value.clone()))
        {
            current.copy_from_slice(value);
            return Ok(());
        }
        self.resize_extension(id, value, found)
    }

    /// Gives the packet an extension block of whole words, whatever its profile. It must not have one.
    #[cfg(feature = "rtp")]
    pub(crate) fn set_extension_block(&mut self, profile: u16, body: &[u8]) -> Result<(), ExtensionError> {
        if body.len() > MAX_BLOCK_LEN {
            return Err(ExtensionError::BlockTooLong(body.len()));
        }
        self.ensure_extension_block(profile);
        self.replace_body(body);
        Ok(())
    }

    /// Removes every element `id`; the block goes with its last element. Whether there was one.
    pub fn remove_extension(&mut self, id: u8) -> bool {
        let mut removed = false;
        while self.remove_first(id) {
            removed = true;
        }
        removed
    }

    fn remove_first(&mut self, id: u8) -> bool {
        let (form, body) = self.elements();
        let Some(element) = Elements::new(form, body).find(|element| element.id == id) else { return false };
        let end = content_end(form, body);
        let mut kept = Body::new();
        kept.extend_from_slice(body.get(..element.whole.start).unwrap_or_default());
        kept.extend_from_slice(body.get(element.whole.end..end).unwrap_or_default());
        if Elements::new(form, &kept).next().is_none() && kept.iter().all(|&byte| byte == 0) {
            self.drop_extension_block();
        } else {
            self.replace_body(&kept);
        }
        true
    }

    fn resize_extension(
        &mut self,
        id: u8,
        value: &[u8],
        found: Option<Element>,
    ) -> Result<(), ExtensionError> {
        if id == 0 {
            return Err(ExtensionError::ReservedId);
        }
        let Ok(length) = u8::try_from(value.len()) else { return Err(ExtensionError::TooLong(value.len())) };
        let fits_one_byte = id <= 14 && (1..=16).contains(&length);
        let profile = match self.extension_block() {
            Some((profile, _)) => profile,
            None if fits_one_byte => ONE_BYTE_PROFILE,
            None => TWO_BYTE_PROFILE,
        };
        let Some(form) = Form::of_profile(profile) else {
            return Err(ExtensionError::ForeignProfile(profile));
        };
        let (profile, body) = if form == Form::OneByte && !fits_one_byte {
            (TWO_BYTE_PROFILE, self.upgraded_body(id, value))
        } else {
            (profile, self.spliced_body(form, id, value, found))
        };
        let padded = body.len().next_multiple_of(4);
        if padded > MAX_BLOCK_LEN {
            return Err(ExtensionError::BlockTooLong(padded));
        }
        self.ensure_extension_block(profile);
        self.replace_body(&body);
        Ok(())
    }

    /// The elements with `id` set to `value` in the same form: where it was, else behind the last one.
    fn spliced_body(&self, form: Form, id: u8, value: &[u8], found: Option<Element>) -> Body {
        let (_, body) = self.elements();
        let at = found.map_or_else(|| elements_end(form, body), |element| element.whole);
        let mut spliced = Body::new();
        spliced.extend_from_slice(body.get(..at.start).unwrap_or_default());
        push_element(&mut spliced, form, id, value);
        let end = content_end(form, body);
        spliced.extend_from_slice(body.get(at.end..end).unwrap_or_default());
        spliced
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
    fn elements(&self) -> (Form, &[u8]) {
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
            self.set_fixed(0, [first | EXTENSION_BIT]);
        }
        self.set_fixed(start, profile.to_be_bytes());
    }

    /// Puts `body`, padded to whole words, in the place of the block's content.
    fn replace_body(&mut self, body: &[u8]) {
        let start = self.csrc_end();
        let padded = body.len().next_multiple_of(4);
        self.header.truncate(start + BLOCK_HEADER_LEN);
        self.header.extend_from_slice(body);
        self.header.resize(start + BLOCK_HEADER_LEN + padded, 0);
        self.set_fixed(start + 2, ((padded / 4) as u16).to_be_bytes());
    }

    fn drop_extension_block(&mut self) {
        let start = self.csrc_end();
        let first = self.fixed()[0];
        self.header.truncate(start);
        self.set_fixed(0, [first & !EXTENSION_BIT]);
    }
}

type Body = SmallVec<[u8; 64]>;

/// How elements of an RFC 8285 block are framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    OneByte,
    TwoByte,
}

impl Form {
    #[inline]
    pub(super) const fn of_profile(profile: u16) -> Option<Self> {
        match profile {
            ONE_BYTE_PROFILE => Some(Self::OneByte),
            profile if profile & 0xfff0 == TWO_BYTE_PROFILE => Some(Self::TwoByte),
            _ => None,
        }
    }
}

/// Where an element lies in the block's body.
struct Element {
    id: u8,
    whole: Range<usize>,
    value: Range<usize>,
}

/// Walks a body; ends at its end, at a stop mark, or before an element that does not fit.
struct Elements<'a> {
    form: Form,
    body: &'a [u8],
    at: usize,
}

impl<'a> Elements<'a> {
    #[inline]
    const fn new(form: Form, body: &'a [u8]) -> Self {
        Self { form, body, at: 0 }
    }

    /// The next element even if it reaches over the end.
    #[inline]
    fn next_unchecked(&mut self) -> Option<Element> {
        loop {
            let start = self.at;
            let first = *self.body.get(start)?;
            if first == 0 {
                self.at += 1;
                continue;
            }
            let (id, value_start, length) = match self.form {
                Form::OneByte => {
                    let id = first >> 4;
                    // RFC 8285 §4.2: 15 is reserved, and 0 must have no length; both end the walk.
                    if id == 15 || id == 0 {
                        return None;
                    }
                    (id, start + 1, usize::from(first & 0x0f) + 1)
                }
                Form::TwoByte => {
                    // An identifier without a length byte reaches over the end.
                    let length = self.body.get(start + 1).map_or(1, |&length| usize::from(length));
                    (first, start + 2, length)
                }
            };
            self.at = value_start + length;
            return Some(Element { id, whole: start..self.at, value: value_start..self.at });
        }
    }
}

impl Iterator for Elements<'_> {
    type Item = Element;

    #[inline]
    fn next(&mut self) -> Option<Element> {
        let element = self.next_unchecked()?;
        (element.whole.end <= self.body.len()).then_some(element)
    }
}

/// Checks that every element up to a stop mark fits.
#[inline]
pub(super) fn check(form: Form, body: &[u8]) -> Result<(), ParseError> {
    let mut elements = Elements::new(form, body);
    while let Some(element) = elements.next_unchecked() {
        if element.whole.end > body.len() {
            return Err(ParseError::ExtensionElement { id: element.id });
        }
    }
    Ok(())
}

/// The empty range behind the last element.
fn elements_end(form: Form, body: &[u8]) -> Range<usize> {
    let end = Elements::new(form, body).last().map_or(0, |element| element.whole.end);
    end..end
}

/// Where padding at the end begins: behind the last element, or the body's end when a stop mark follows it.
fn content_end(form: Form, body: &[u8]) -> usize {
    let elements_end = elements_end(form, body).end;
    let tail = body.get(elements_end..).unwrap_or_default();
    if tail.iter().all(|&byte| byte == 0) { elements_end } else { body.len() }
}

fn push_element(body: &mut Body, form: Form, id: u8, value: &[u8]) {
    match form {
        Form::OneByte => body.push((id << 4) | (value.len() as u8).wrapping_sub(1) & 0x0f),
        Form::TwoByte => body.extend_from_slice(&[id, value.len() as u8]),
    }
    body.extend_from_slice(value);
}
