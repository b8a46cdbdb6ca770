//! SMPTE ST 2022-1: rows and columns of MPEG transport streams over RTP.

use super::check::{check_len, check_range};
use super::cursor::{Reader, Writer};
use super::{FecError, Pattern, RecoveryFields, Span};
use crate::BuildError;

/// The payload of a repair packet of ST 2022-1. It sums payloads alone: CSRCs, extensions, padding and marker of the
/// protected packets are not protected, so these have none.
///
/// ```text
///  0                   1                   2                   3
/// |        SN base low bits       |        length recovery        |
/// |E| PT recovery |                     mask                      |
/// |                          TS recovery                          |
/// |N|D|type |index|     offset    |       NA      |SN base ext bits|
/// ```
#[derive(Clone, Copy, Debug)]
pub struct St2022<'a> {
    fields: RecoveryFields,
    protected: Span,
    body: &'a [u8],
}

impl<'a> St2022<'a> {
    /// The length of its header.
    pub const HEADER_LEN: usize = 16;

    /// Reads a repair packet's payload.
    ///
    /// # Errors
    /// [`FecError`] when it is shorter than its header, protects nothing, is not a sum (type other than XOR), or has a mask,
    /// an index, or the N bit, all of which the standard has no use for.
    pub fn read(payload: &'a [u8]) -> Result<Self, FecError> {
        let mut from = Reader(payload);
        let (base, length) = (from.u16()?, from.u16()?);
        let [pt, m0, m1, m2] = from.take()?;
        let timestamp = from.u32()?;
        let [kind, offset, count, _] = from.take()?;
        if [m0, m1, m2] != [0; 3] {
            return Err(FecError::Reserved("mask"));
        }
        // N, type and index; D tells columns from rows.
        if kind & !0x40 != 0 {
            return Err(FecError::Reserved("type"));
        }
        let pattern = match (kind >> 6 & 1, offset, count) {
            (_, 0, _) | (_, _, 0) => return Err(FecError::Empty),
            (0, columns, rows) => Pattern::Column { columns, rows },
            (_, 1, columns) => Pattern::Row { columns, grid: true },
            _ => return Err(FecError::Reserved("offset of a row")),
        };
        let fields = RecoveryFields { first: [0, pt & 0x7f], length, timestamp };
        Ok(Self { fields, protected: Span { base, pattern }, body: from.0 })
    }

    /// The sums over payload types, payload lengths and timestamps.
    #[inline]
    #[must_use]
    pub const fn fields(&self) -> RecoveryFields {
        self.fields
    }

    /// What is protected.
    #[inline]
    #[must_use]
    pub const fn protected(&self) -> Span {
        self.protected
    }

    /// The sum over the payloads.
    #[inline]
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Writes the header in front of a body. `header` has to be of [`HEADER_LEN`](Self::HEADER_LEN).
    ///
    /// # Errors
    /// [`BuildError`] when the pattern is a mask or empty, and when `header` is of another length.
    pub fn write(fields: &RecoveryFields, protected: Span, header: &mut [u8]) -> Result<(), BuildError> {
        let (is_row, offset, count) = match protected.pattern {
            Pattern::Mask(_) => return Err(BuildError::Empty("row or column")),
            Pattern::Row { columns, .. } => (1, 1, columns),
            Pattern::Column { columns, rows } => (0, columns, rows),
        };
        check_range("columns", offset.into(), 1, 255)?;
        check_range("protected packets", count.into(), 1, 255)?;
        check_len(header, Self::HEADER_LEN)?;
        let mut to = Writer(header);
        to.put(protected.base.to_be_bytes());
        to.put(fields.length.to_be_bytes());
        // E is 1: the header has the second half, as ST 2022-1 wants it.
        to.put([0x80 | fields.first[1], 0, 0, 0]);
        to.put(fields.timestamp.to_be_bytes());
        to.put([is_row << 6, offset, count, 0]);
        Ok(())
    }
}
