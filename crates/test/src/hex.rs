//! Byte vectors written as hexadecimal text.

use bytes::Bytes;

/// The bytes that `text` spells in hexadecimal.
///
/// White space, `_`, `:` and `-` between digits are skipped, and so is everything from `#` to the end of a
/// line, so that a vector can be copied from an RFC or a hex dump and explained in place.
///
/// # Panics
/// If another character occurs, or the number of digits is odd. The message names the line and the column.
///
/// ```
/// let header = interceptor_test::hex(
///     "80 60 1234  # V=2, PT 96, sequence number
///      0000_0000   # timestamp
///      de:ad:be:ef # SSRC",
/// );
/// assert_eq!(header[..4], [0x80, 0x60, 0x12, 0x34]);
/// assert_eq!(header.len(), 12);
/// ```
#[must_use]
#[track_caller]
pub fn hex(text: &str) -> Bytes {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for (row, line) in text.lines().enumerate() {
        let code = line.split('#').next().unwrap_or_default();
        for (column, character) in code.chars().enumerate() {
            if character.is_whitespace() || matches!(character, '_' | ':' | '-') {
                continue;
            }
            let Some(digit) = character.to_digit(16) else {
                bad_vector(&format!("{character:?} at line {}, column {}", row + 1, column + 1));
            };
            let digit = digit as u8;
            match high.take() {
                None => high = Some(digit << 4),
                Some(high) => bytes.push(high | digit),
            }
        }
    }
    if high.is_some() {
        bad_vector("an odd number of digits");
    }
    bytes.into()
}

#[track_caller]
#[expect(clippy::panic, reason = "a wrong vector is a mistake in the test's own source")]
fn bad_vector(what: &str) -> ! {
    panic!("not a hexadecimal vector: {what}")
}
