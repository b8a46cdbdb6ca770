//! What can be set.

/// Options of [`AbsSendTimeFactory`](crate::AbsSendTimeFactory).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AbsSendTimeOptions {
    /// Stamp what leaves? Default: yes, on streams that negotiated the header extension.
    pub stamping: bool,
    /// Attach [`SentAt`](crate::SentAt) to what comes in? Default: no; it costs three allocations a packet, and nothing in a chain asks
    /// for it. The element itself can be read off the packet in any case.
    pub attributes: bool,
}

impl Default for AbsSendTimeOptions {
    fn default() -> Self {
        Self { stamping: true, attributes: false }
    }
}

impl AbsSendTimeOptions {
    /// Stamp what leaves? See [`stamping`](Self::stamping).
    #[must_use]
    pub const fn with_stamping(mut self, stamping: bool) -> Self {
        self.stamping = stamping;
        self
    }

    /// Attach send times to what comes in? See [`attributes`](Self::attributes).
    #[must_use]
    pub const fn with_attributes(mut self, attributes: bool) -> Self {
        self.attributes = attributes;
        self
    }
}
