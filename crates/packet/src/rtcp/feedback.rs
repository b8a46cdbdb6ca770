//! The part that all feedback messages share (RFC 4585 §6.1).

use super::Frame;

/// A feedback message: who sends it, about which stream, and its control information (FCI).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Feedback<'a> {
    pub(super) base: Frame<'a>,
}

impl<'a> Feedback<'a> {
    /// Malformed without both SSRCs.
    pub(crate) fn of(base: Frame<'a>) -> Option<Self> {
        (base.body().len() >= 8).then_some(Self { base })
    }

    /// SSRC of who sends the feedback.
    #[inline]
    #[must_use]
    pub fn sender_ssrc(&self) -> u32 {
        self.base.word(0)
    }

    /// SSRC of the stream that it is about; 0 in types that name their streams in the control information.
    #[inline]
    #[must_use]
    pub fn media_ssrc(&self) -> u32 {
        self.base.word(4)
    }

    /// Feedback control information: what follows the two SSRCs, without padding.
    #[inline]
    #[must_use]
    pub fn fci(&self) -> &'a [u8] {
        self.base.body().get(8..).unwrap_or_default()
    }

    /// The control information as whole entries of `N` bytes; `None` when it is empty or not whole.
    pub(super) fn has_entries<const N: usize>(&self) -> bool {
        let (entries, rest) = self.fci().as_chunks::<N>();
        !entries.is_empty() && rest.is_empty()
    }

    /// The control information in entries of `N` bytes.
    pub(super) fn entries<const N: usize>(&self) -> std::slice::Iter<'a, [u8; N]> {
        self.fci().as_chunks::<N>().0.iter()
    }
}
