//! Application-defined packets (RFC 3550 §6.7).

use super::Frame;

/// An application-defined packet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct App<'a> {
    pub(super) base: Frame<'a>,
}

impl<'a> App<'a> {
    /// Malformed without SSRC and name.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        (base.body().len() >= 8).then_some(Self { base })
    }

    /// SSRC of who sends it.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.base.word(0)
    }

    /// The application's own subtype, 0..=31.
    #[must_use]
    pub fn subtype(&self) -> u8 {
        self.base.count()
    }

    /// Four ASCII characters that name the application, if the peer keeps to the RFC.
    #[must_use]
    pub fn name(&self) -> [u8; 4] {
        self.base.word(4).to_be_bytes()
    }

    /// The application's data.
    #[must_use]
    pub fn data(&self) -> &'a [u8] {
        self.base.body().get(8..).unwrap_or_default()
    }
}
