//! FlexFEC as browsers speak it: draft-ietf-payload-flexible-fec-scheme-03 §4.2.

use super::check::{check_len, check_mask, wrong_count};
use super::cursor::{Reader, Writer};
use super::parts::Parts;
use super::{FecError, Pattern, RecoveryFields, Span};
use crate::BuildError;

/// The payload of a repair packet of FlexFEC draft 03.
///
/// ```text
///  0                   1                   2                   3
/// |R|F|P|X|  CC   |M| PT recovery |         length recovery       |
/// |                          TS recovery                          |
/// |   SSRCCount   |                    reserved                   |
/// |                             SSRC_i                            |  SSRCCount times
/// |           SN base_i           |k|          Mask [0-14]        |
/// |k|                   Mask [15-45] (optional)                   |
/// |k|                   Mask [46-108] (optional)                  |
/// ```
///
/// k = 1 says that a part of the mask is its last: RFC 8627 has it the other way round. R and F have to be 0: draft 03 as it is
/// spoken knows neither retransmissions nor rows and columns.
#[derive(Clone, Copy, Debug)]
pub struct FlexFec03<'a> {
    fields: RecoveryFields,
    /// SSRC, base and mask of each, checked.
    streams: &'a [u8],
    body: &'a [u8],
}

impl<'a> FlexFec03<'a> {
    /// Offsets of one stream that its masks can say: 0..109.
    pub const MASK_BITS: u8 = Parts::Draft03.bits();
    /// The longest header of one stream.
    pub const MAX_HEADER_LEN: usize = 32;

    /// Reads a repair packet's payload. The body may be cut, or missing: it is for the caller to see.
    ///
    /// # Errors
    /// [`FecError`] when it ends within its header, has R, F or reserved bits, lists no stream, or protects nothing of one.
    pub fn read(payload: &'a [u8]) -> Result<Self, FecError> {
        let mut from = Reader(payload);
        let fixed: [u8; 8] = from.take()?;
        if fixed[0] >> 6 != 0 {
            return Err(FecError::Reserved("R or F"));
        }
        let [count, ..] = from.take::<4>()?;
        if count == 0 {
            return Err(FecError::Empty);
        }
        let start = from.0;
        for _ in 0..count {
            stream(&mut from)?;
        }
        let len = start.len() - from.0.len();
        let streams = start.get(..len).unwrap_or_default();
        Ok(Self { fields: RecoveryFields::from_flexfec(fixed), streams, body: from.0 })
    }

    /// The sums over the fixed headers.
    #[inline]
    #[must_use]
    pub const fn fields(&self) -> RecoveryFields {
        self.fields
    }

    /// The protected streams, by SSRC: at least one, each with at least one packet. Nobody keeps a peer from listing one twice.
    pub fn protected(&self) -> impl Iterator<Item = (u32, Span)> + 'a {
        let mut from = Reader(self.streams);
        std::iter::from_fn(move || stream(&mut from).ok())
    }

    /// The sum over what stands behind the fixed headers.
    #[inline]
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The length of a header for these streams: 20, 24 or 32 for one.
    #[must_use]
    pub fn header_len(protected: &[(u32, Span)]) -> usize {
        let len = |span: &Span| match span.pattern {
            Pattern::Mask(mask) => 6 + Parts::len(mask),
            _ => 0,
        };
        12 + protected.iter().map(|(_, span)| len(span)).sum::<usize>()
    }

    /// Writes the header in front of a body. `header` has to be of [`header_len`](Self::header_len).
    ///
    /// # Errors
    /// [`BuildError`] when there is no stream or more than 255, when one has no packet, one over
    /// [`MASK_BITS`](Self::MASK_BITS), or is no mask, and when `header` is of another length.
    pub fn write(
        fields: &RecoveryFields,
        protected: &[(u32, Span)],
        header: &mut [u8],
    ) -> Result<(), BuildError> {
        let Ok(count @ 1..) = u8::try_from(protected.len()) else {
            return Err(wrong_count(protected.len(), 255));
        };
        for (_, span) in protected {
            check_mask(span, Self::MASK_BITS)?;
        }
        check_len(header, Self::header_len(protected))?;
        let mut to = Writer(header);
        to.put(fields.to_flexfec(0));
        to.put([count, 0, 0, 0]);
        for (ssrc, span) in protected {
            to.put(ssrc.to_be_bytes());
            to.put(span.base.to_be_bytes());
            if let Pattern::Mask(mask) = span.pattern {
                Parts::Draft03.write(mask, &mut to);
            }
        }
        Ok(())
    }
}

/// SSRC, base and mask of one stream.
fn stream(from: &mut Reader<'_>) -> Result<(u32, Span), FecError> {
    let (ssrc, base) = (from.u32()?, from.u16()?);
    let mask = Parts::Draft03.read(from)?;
    if mask.is_empty() {
        return Err(FecError::Empty);
    }
    Ok((ssrc, Span { base, pattern: Pattern::Mask(mask) }))
}
