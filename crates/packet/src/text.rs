//! Pieces of text that packets show of themselves. A peer chooses what they say, so each is bounded.

use std::fmt::{self, Debug, Display, Formatter, Write as _};

/// Bytes that are written of a text.
const MAX_TEXT: usize = 64;
/// Bytes without a meaning here that are written.
const MAX_BYTES: usize = 16;

/// As Wireshark has it.
pub(crate) struct Ssrc(pub(crate) u32);

impl Debug for Ssrc {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl Display for Ssrc {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(self, f)
    }
}

/// 16 bits of seconds and 16 of fraction, as LSR has them.
pub(crate) struct MiddleNtp(pub(crate) u32);

impl Debug for MiddleNtp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}.{:04x}", self.0 >> 16, self.0 & 0xffff)
    }
}

impl Display for MiddleNtp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(self, f)
    }
}

/// A text of the peer's: quoted, without control characters.
pub(crate) struct Text<'a>(pub(crate) &'a [u8]);

impl Debug for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        limited(f, MAX_TEXT, format_args!("{}", String::from_utf8_lossy(self.0).escape_debug()))?;
        f.write_char('"')
    }
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(self, f)
    }
}

/// Bytes as hexadecimal digits, and how many are left out.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl Debug for Hex<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.iter().take(MAX_BYTES).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        match self.0.len().saturating_sub(MAX_BYTES) {
            0 => Ok(()),
            more => write!(f, "… {more} more"),
        }
    }
}

/// Writes the first `max` bytes, and an ellipsis in the place of others.
pub(crate) fn limited(f: &mut Formatter<'_>, max: usize, text: fmt::Arguments<'_>) -> fmt::Result {
    let mut limited = Limited { to: f, left: max, is_cut: false };
    limited.write_fmt(text)?;
    let is_cut = limited.is_cut;
    if is_cut { f.write_char('…') } else { Ok(()) }
}

struct Limited<'f, 'a> {
    to: &'f mut Formatter<'a>,
    left: usize,
    is_cut: bool,
}

impl fmt::Write for Limited<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.is_cut {
            return Ok(());
        }
        if let Some(left) = self.left.checked_sub(text.len()) {
            self.left = left;
            return self.to.write_str(text);
        }
        self.is_cut = true;
        let end = (0..=self.left).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        self.to.write_str(text.get(..end).unwrap_or_default())
    }
}

/// What is left out of a list.
pub(crate) struct More(pub(crate) usize);

impl Debug for More {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "… {} more", self.0)
    }
}

impl Display for More {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(self, f)
    }
}
