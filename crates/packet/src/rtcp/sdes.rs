//! Source description (RFC 3550 §6.5).

use super::{Frame, frame};

/// Descriptions of sources, first of all their canonical names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sdes<'a> {
    pub(super) base: Frame<'a>,
}

impl<'a> Sdes<'a> {
    /// Malformed when there are fewer chunks than counted, or an item reaches over the end.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        let view = Self { base };
        (view.chunks().count() == usize::from(base.count())).then_some(view)
    }

    /// The chunks, one a source.
    pub fn chunks(&self) -> impl Iterator<Item = SdesChunk<'a>> + use<'a> {
        let mut rest = self.base.body();
        (0..self.base.count()).map_while(move |_| {
            let (chunk, after) = SdesChunk::split_first(rest)?;
            rest = after;
            Some(chunk)
        })
    }

    /// The canonical names, as (SSRC, name); a source without one is left out.
    pub fn cnames(&self) -> impl Iterator<Item = (u32, &'a [u8])> + use<'a> {
        self.chunks().filter_map(|chunk| Some((chunk.ssrc(), chunk.cname()?)))
    }
}

/// The description of one source.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SdesChunk<'a> {
    ssrc: u32,
    /// Whole items, without the null octets behind them.
    items: &'a [u8],
}

impl<'a> SdesChunk<'a> {
    /// SSRC or CSRC of the source.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// The items in order.
    pub fn items(&self) -> impl Iterator<Item = SdesItem<'a>> + use<'a> {
        let mut rest = self.items;
        std::iter::from_fn(move || {
            let (item, after) = SdesItem::split_first(rest)?;
            rest = after;
            Some(item)
        })
    }

    /// The canonical name, UTF-8 if the peer keeps to the RFC.
    #[must_use]
    pub fn cname(&self) -> Option<&'a [u8]> {
        self.items().find(|item| item.kind == SdesItem::CNAME).map(|item| item.value)
    }

    /// Splits off a chunk and the null octets that fill its last word. The last chunk of a packet may lack them.
    fn split_first(data: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (_, items) = data.split_first_chunk::<4>()?;
        let mut rest = items;
        while rest.first().is_some_and(|kind| *kind != 0) {
            rest = SdesItem::split_first(rest)?.1;
        }
        let length = items.len() - rest.len();
        // At least one null octet, then as many as make whole words (RFC 3550 §6.5).
        let end = (length + 1).next_multiple_of(4).min(items.len());
        Some((Self { ssrc: frame::word(data, 0), items: items.get(..length)? }, items.get(end..)?))
    }
}

/// One item of a description.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SdesItem<'a> {
    /// What it says: 1 is the canonical name, 2 to 8 and more are in RFC 3550 §6.5 and the IANA registry.
    pub kind: u8,
    /// Up to 255 bytes, UTF-8 if the peer keeps to the RFC.
    pub value: &'a [u8],
}

impl<'a> SdesItem<'a> {
    /// Kind of the canonical name.
    pub const CNAME: u8 = 1;

    fn split_first(data: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let [kind, length, rest @ ..] = data else { return None };
        let (value, rest) = rest.split_at_checked(usize::from(*length))?;
        Some((Self { kind: *kind, value }, rest))
    }
}
