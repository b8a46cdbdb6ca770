//! Goodbye (RFC 3550 §6.6).

use super::Frame;

/// Sources that leave.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bye<'a> {
    pub(super) base: Frame<'a>,
}

impl<'a> Bye<'a> {
    /// Malformed when shorter than the counted sources, or than the reason's length octet says.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        let rest = base.body().get(4 * usize::from(base.count())..)?;
        match rest {
            [length, text @ ..] if usize::from(*length) > text.len() => None,
            _ => Some(Self { base }),
        }
    }

    /// The sources that leave; none is legal and means nothing.
    pub fn ssrcs(&self) -> impl Iterator<Item = u32> + use<'a> {
        let count = usize::from(self.base.count());
        self.base.body().as_chunks().0.iter().take(count).map(|ssrc| u32::from_be_bytes(*ssrc))
    }

    /// Why, in UTF-8 if the peer keeps to the RFC; `None` when it does not say.
    #[must_use]
    pub fn reason(&self) -> Option<&'a [u8]> {
        let (length, text) = self.base.body().get(4 * usize::from(self.base.count())..)?.split_first()?;
        text.get(..usize::from(*length))
    }
}
