//! Control information of feedback messages, for the writers of `rtcp-types`.

use rtcp_types::prelude::{FciBuilder, RtcpPacketWriter};
use rtcp_types::{FciFeedbackPacketType, RtcpWriteError};

/// Which of the two packet types of RFC 4585 a message is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Transport,
    Payload,
}

/// Feedback control information as words.
#[derive(Debug)]
pub(super) struct Fci<'a> {
    pub(super) kind: Kind,
    pub(super) format: u8,
    pub(super) words: &'a [u32],
}

impl FciBuilder<'_> for Fci<'_> {
    fn format(&self) -> u8 {
        self.format
    }

    fn supports_feedback_type(&self) -> FciFeedbackPacketType {
        match self.kind {
            Kind::Transport => FciFeedbackPacketType::TRANSPORT,
            Kind::Payload => FciFeedbackPacketType::PAYLOAD,
        }
    }
}

impl RtcpPacketWriter for Fci<'_> {
    fn calculate_size(&self) -> Result<usize, RtcpWriteError> {
        Ok(4 * self.words.len())
    }

    fn write_into_unchecked(&self, buf: &mut [u8]) -> usize {
        let mut out = Cursor { buf, at: 0 };
        for word in self.words {
            out.put(word.to_be_bytes());
        }
        out.at
    }

    fn get_padding(&self) -> Option<u8> {
        None
    }
}

/// Writes one value behind the other; what does not fit is not written, as the size was calculated beforehand.
pub(super) struct Cursor<'a> {
    buf: &'a mut [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Behind the four bytes of common header.
    pub(super) const fn behind_header(buf: &'a mut [u8]) -> Self {
        Self { buf, at: 4 }
    }

    pub(super) fn put<const N: usize>(&mut self, value: [u8; N]) {
        if let Some(space) = self.buf.get_mut(self.at..self.at + N) {
            space.copy_from_slice(&value);
        }
        self.at += N;
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }
}
