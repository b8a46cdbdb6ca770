//! FlexFEC as it was standardised: RFC 8627 §4.2.

use super::check::{check_len, check_mask, wrong_count};
use super::cursor::{Reader, Writer};
use super::parts::Parts;
use super::{FecError, Pattern, RecoveryFields, Span};
use crate::BuildError;

/// The payload of a repair packet of RFC 8627. Whose packets it protects say the CSRCs of its RTP header, in order.
///
/// ```text
///  0                   1                   2                   3
/// |R|F|P|X|  CC   |M| PT recovery |         length recovery       |
/// |                          TS recovery                          |
/// |           SN base_i           |k|          Mask [0-14]        |  F = 0, for each CSRC
/// |k|                   Mask [15-45] (optional)                   |
/// |                     Mask [46-109] (optional)                  |
/// |           SN base_i           |   L (columns) |    D (rows)   |  F = 1, for each CSRC
/// ```
///
/// k = 1 says that more of the mask follows: draft 03 has it the other way round.
#[derive(Clone, Copy, Debug)]
pub enum Rfc8627<'a> {
    /// A sum over packets.
    Repair(Rfc8627Repair<'a>),
    /// R = 1, F = 0: one packet repeated (§4.2.2.3). R and F are then what a version of 2 is, so that the payload is the
    /// packet as it was sent.
    Retransmission(&'a [u8]),
}

/// A sum over packets of the CSRCs.
#[derive(Clone, Copy, Debug)]
pub struct Rfc8627Repair<'a> {
    fields: RecoveryFields,
    /// F: rows and columns in place of masks.
    fixed: bool,
    /// Base and pattern of each CSRC, checked.
    spans: &'a [u8],
    body: &'a [u8],
}

impl<'a> Rfc8627<'a> {
    /// Offsets of one stream that its masks can say: 0..110.
    pub const MASK_BITS: u8 = Parts::Rfc8627.bits();
    /// CSRCs that an RTP header can have (RFC 3550 §5.1).
    pub const MAX_STREAMS: usize = 15;
    /// The longest header of one stream.
    pub const MAX_HEADER_LEN: usize = 24;

    /// Reads the payload of a repair packet whose RTP header has so many CSRCs. The body may be cut, or missing: it is for
    /// the caller to see.
    ///
    /// # Errors
    /// [`FecError`] when it ends within its header, has both R and F, no CSRC, or protects nothing of one.
    pub fn read(csrcs: usize, payload: &'a [u8]) -> Result<Self, FecError> {
        let mut from = Reader(payload);
        let fixed: [u8; 8] = from.take()?;
        match fixed[0] >> 6 {
            0b10 if payload.len() >= crate::rtp::FIXED_HEADER_LEN => {
                return Ok(Self::Retransmission(payload));
            }
            0b10 => return Err(FecError::Truncated),
            0b11 => return Err(FecError::Reserved("R and F")),
            _ if csrcs == 0 => return Err(FecError::Empty),
            _ => {}
        }
        let (is_fixed, start) = (fixed[0] >> 6 == 1, from.0);
        for _ in 0..csrcs {
            span(&mut from, is_fixed)?;
        }
        let len = start.len() - from.0.len();
        let spans = start.get(..len).unwrap_or_default();
        let fields = RecoveryFields::from_flexfec(fixed);
        Ok(Self::Repair(Rfc8627Repair { fields, fixed: is_fixed, spans, body: from.0 }))
    }

    /// The length of a header for these streams, not counting their CSRCs: 12, 16 or 24 for one.
    #[must_use]
    pub fn header_len(protected: &[Span]) -> usize {
        let len = |span: &Span| match span.pattern {
            Pattern::Mask(mask) => 2 + Parts::len(mask),
            _ => 4,
        };
        8 + protected.iter().map(len).sum::<usize>()
    }

    /// Writes the header in front of a body, for CSRCs in this order. `header` has to be of
    /// [`header_len`](Self::header_len).
    ///
    /// # Errors
    /// [`BuildError`] when there is no stream or more than 15, when one has no packet, or one a mask and the other not, and
    /// when `header` is of another length.
    pub fn write(fields: &RecoveryFields, protected: &[Span], header: &mut [u8]) -> Result<(), BuildError> {
        if !(1..=Self::MAX_STREAMS).contains(&protected.len()) {
            return Err(wrong_count(protected.len(), Self::MAX_STREAMS));
        }
        let is_fixed = protected.iter().any(|span| !matches!(span.pattern, Pattern::Mask(_)));
        for span in protected {
            if !is_fixed {
                check_mask(span, Self::MASK_BITS)?;
            } else if span.count() == 0 || size(span.pattern).is_none_or(|(columns, _)| columns == 0) {
                return Err(BuildError::Empty("rows and columns"));
            }
        }
        check_len(header, Self::header_len(protected))?;
        let mut to = Writer(header);
        to.put(fields.to_flexfec(is_fixed.into()));
        for span in protected {
            to.put(span.base.to_be_bytes());
            match (span.pattern, size(span.pattern)) {
                (Pattern::Mask(mask), _) => Parts::Rfc8627.write(mask, &mut to),
                (_, Some((columns, rows))) => to.put([columns, rows]),
                (_, None) => {}
            }
        }
        Ok(())
    }
}

impl<'a> Rfc8627Repair<'a> {
    /// The sums over the fixed headers.
    #[inline]
    #[must_use]
    pub const fn fields(&self) -> RecoveryFields {
        self.fields
    }

    /// What is protected of each CSRC of the RTP header, in their order: at least one packet each.
    pub fn spans(&self) -> impl Iterator<Item = Span> + 'a {
        let (mut from, fixed) = (Reader(self.spans), self.fixed);
        std::iter::from_fn(move || span(&mut from, fixed).ok())
    }

    /// The sum over what stands behind the fixed headers.
    #[inline]
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }
}

/// Base and pattern of one stream.
fn span(from: &mut Reader<'_>, fixed: bool) -> Result<Span, FecError> {
    let base = from.u16()?;
    let pattern = if fixed {
        match from.take()? {
            [0, _] => return Err(FecError::Empty),
            // §4.2.2.2: rows alone, rows beside columns, columns.
            [columns, rows @ 0..=1] => Pattern::Row { columns, grid: rows == 1 },
            [columns, rows] => Pattern::Column { columns, rows },
        }
    } else {
        Pattern::Mask(Parts::Rfc8627.read(from)?)
    };
    match pattern {
        Pattern::Mask(mask) if mask.is_empty() => Err(FecError::Empty),
        pattern => Ok(Span { base, pattern }),
    }
}

/// L and D of a row or column; a column of less than two rows cannot be said.
const fn size(pattern: Pattern) -> Option<(u8, u8)> {
    match pattern {
        Pattern::Mask(_) | Pattern::Column { rows: 0 | 1, .. } => None,
        Pattern::Row { columns, grid } => Some((columns, grid as u8)),
        Pattern::Column { columns, rows } => Some((columns, rows)),
    }
}
