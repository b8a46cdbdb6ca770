//! Elements of a header extension block, in both forms of RFC 8285.

use std::ops::Range;

use smallvec::SmallVec;

use super::header::csrc_end;
use super::{EXTENSION_BIT, INLINE_HEADER_LEN};

pub(super) const ONE_BYTE_PROFILE: u16 = 0xbede;
/// The low four bits are the application's (RFC 8285 §4.3).
pub(super) const TWO_BYTE_PROFILE: u16 = 0x1000;

/// The block's own header: profile and length in words.
pub(super) const BLOCK_HEADER_LEN: usize = 4;
pub(super) const MAX_BLOCK_LEN: usize = 4 * u16::MAX as usize;

/// The header's own type, so that elements can be pushed to either.
pub(super) type Body = SmallVec<[u8; INLINE_HEADER_LEN]>;

/// Where the values of the extension elements lie in an RTP header, and of which identifiers they are: for who computes over
/// the bytes of packets. Total: what is no header with an RFC 8285 block has none, a broken element ends them.
pub fn extension_elements(header: &[u8]) -> impl Iterator<Item = (u8, Range<usize>)> + '_ {
    let start = csrc_end(header.first().copied().unwrap_or(0));
    let (form, body) = block(header, start).unwrap_or((Form::OneByte, &[]));
    let start = start + BLOCK_HEADER_LEN;
    Elements::new(form, body)
        .map(move |element| (element.id, start + element.value.start..start + element.value.end))
}

/// The extension block that begins at `start`, without its own header.
fn block(header: &[u8], start: usize) -> Option<(Form, &[u8])> {
    if header.first()? & EXTENSION_BIT == 0 {
        return None;
    }
    let (&[p0, p1, w0, w1], body) = header.get(start..)?.split_first_chunk()?;
    let form = Form::of_profile(u16::from_be_bytes([p0, p1]))?;
    Some((form, body.get(..4 * usize::from(u16::from_be_bytes([w0, w1])))?))
}

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
pub(super) struct Element {
    pub(super) id: u8,
    pub(super) whole: Range<usize>,
    pub(super) value: Range<usize>,
}

/// Walks a body; ends at its end, at a stop mark, or before an element that does not fit.
pub(super) struct Elements<'a> {
    form: Form,
    body: &'a [u8],
    at: usize,
}

impl<'a> Elements<'a> {
    #[inline]
    pub(super) const fn new(form: Form, body: &'a [u8]) -> Self {
        Self::from(form, body, 0)
    }

    /// From a place on at which an element or padding begins.
    #[inline]
    pub(super) const fn from(form: Form, body: &'a [u8], at: usize) -> Self {
        Self { form, body, at }
    }

    /// Whether the walk, which has ended, ended before an element that does not fit.
    pub(super) const fn met_broken(&self) -> bool {
        self.at > self.body.len()
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

/// What a walk over the elements for one of them ends at.
pub(super) enum Spot {
    /// The first element of that identifier: where its value lies in the body.
    Found(Range<usize>),
    /// There is none, and behind this place, which is behind the last element, there is only padding.
    Free(usize),
    /// There is none before a stop mark, or before an element that does not fit.
    Barred,
}

/// Where in a packet's header the value of the first element `id` begins, if that is of the one-byte form and of this length; whether it
/// ends within the header is for the caller to see. Packets are stamped in place on the way of each, so this does nothing else.
pub(super) fn slot(header: &[u8], id: u8, len: usize) -> Option<usize> {
    let first = *header.first()?;
    let block = csrc_end(first);
    let profile = *header.get(block..)?.first_chunk::<2>()?;
    if first & EXTENSION_BIT == 0 || profile != ONE_BYTE_PROFILE.to_be_bytes() || !fits_one_byte(id, len) {
        return None;
    }
    let wanted = one_byte_element_header(id, len);
    let mut at = block + BLOCK_HEADER_LEN;
    loop {
        let element = *header.get(at)?;
        match element >> 4 {
            _ if element == wanted => return Some(at + 1),
            0 if element == 0 => at += 1,
            0 | 15 => return None,
            found if found == id => return None,
            _ => at += 2 + usize::from(element & 0x0f),
        }
    }
}

/// Looks for the first element `id`. Packets are stamped and read on the way of each, so this does nothing else.
#[inline]
pub(super) fn find(form: Form, body: &[u8], id: u8) -> Spot {
    match form {
        Form::OneByte => find_one_byte(body, id),
        Form::TwoByte => find_two_byte(body, id),
    }
}

#[inline]
fn find_one_byte(body: &[u8], id: u8) -> Spot {
    let (mut at, mut end) = (0, 0);
    while let Some(&first) = body.get(at) {
        match first {
            0 => at += 1,
            // RFC 8285 §4.2: 15 is reserved, and 0 must have no length; both end the walk.
            0x01..=0x0f | 0xf0.. => return Spot::Barred,
            _ => {
                let value = at + 1;
                end = value + usize::from(first & 0x0f) + 1;
                if first >> 4 == id {
                    return if end <= body.len() { Spot::Found(value..end) } else { Spot::Barred };
                }
                at = end;
            }
        }
    }
    if at == body.len() { Spot::Free(end) } else { Spot::Barred }
}

fn find_two_byte(body: &[u8], id: u8) -> Spot {
    let (mut at, mut end) = (0, 0);
    while let Some(&first) = body.get(at) {
        if first == 0 {
            at += 1;
            continue;
        }
        // An identifier without a length byte reaches over the end.
        let Some(&length) = body.get(at + 1) else { return Spot::Barred };
        let value = at + 2;
        end = value + usize::from(length);
        if end > body.len() {
            return Spot::Barred;
        }
        if first == id {
            return Spot::Found(value..end);
        }
        at = end;
    }
    Spot::Free(end)
}

/// Whether a walk over the elements would meet one that does not fit. Every packet that comes is asked, so nothing else is
/// found out on the way.
#[inline]
pub(super) fn has_broken(form: Form, body: &[u8]) -> bool {
    let mut at = 0;
    while let Some(&first) = body.get(at) {
        at += match (first, form) {
            (0, _) => 1,
            (0x10..=0xef, Form::OneByte) => 2 + usize::from(first & 0x0f),
            (_, Form::OneByte) => return false,
            (_, Form::TwoByte) => body.get(at + 1).map_or(3, |&length| 2 + usize::from(length)),
        };
    }
    at > body.len()
}

/// The empty range behind the last element.
pub(super) fn behind_elements(form: Form, body: &[u8]) -> Range<usize> {
    let end = Elements::new(form, body).last().map_or(0, |element| element.whole.end);
    end..end
}

/// Where what is worth keeping ends: behind the last element, or at the body's end when a stop mark follows it. What
/// follows an element that does not fit, and that element, can be read by nobody.
pub(super) fn content_end(form: Form, body: &[u8]) -> usize {
    let mut elements = Elements::new(form, body);
    let end = elements.by_ref().last().map_or(0, |element| element.whole.end);
    let mut tail = body.iter().skip(end);
    if elements.met_broken() || tail.all(|&byte| byte == 0) { end } else { body.len() }
}

pub(super) fn push_element(body: &mut Body, form: Form, id: u8, value: &[u8]) {
    match form {
        Form::OneByte => body.push(one_byte_element_header(id, value.len())),
        Form::TwoByte => body.extend_from_slice(&[id, value.len() as u8]),
    }
    body.extend_from_slice(value);
}

/// Whether the one-byte form can say it (RFC 8285 §4.2).
#[inline]
pub(super) const fn fits_one_byte(id: u8, len: usize) -> bool {
    matches!(id, 1..=14) && matches!(len, 1..=16)
}

/// Identifier 1..=14 and length 1..=16 in one byte.
pub(super) const fn one_byte_element_header(id: u8, len: usize) -> u8 {
    (id << 4) | ((len as u8).wrapping_sub(1) & 0x0f)
}
