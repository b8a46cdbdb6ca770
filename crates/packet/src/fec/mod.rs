//! Wire formats of repair packets: what forward error correction says of the packets that it protects.
//!
//! A repair packet carries sums (XOR) over the packets that it protects: of their first two bytes, their length without
//! the fixed header, their timestamp ([`RecoveryFields`]), and, as its body, of all that stands behind the fixed header.
//! Which packets these are, its header says ([`Span`]). The four headers differ in where each of it stands:
//!
//! | type | standard | on its own SSRC | protects | header |
//! |---|---|---|---|---|
//! | [`FlexFec03`] | draft-ietf-payload-flexible-fec-scheme-03 §4.2, as browsers speak it | yes | any of 109 numbers of each SSRC that it lists | 20, 24 or 32 bytes of one SSRC |
//! | [`Rfc8627`] | RFC 8627 §4.2 | yes | any of 110 numbers, or rows and columns, of each CSRC of its RTP header | 12, 16 or 24 bytes of one CSRC |
//! | [`UlpFec`] | RFC 5109 §7.3, level 0 | no, inside RED | any of 16 or 48 numbers | 14 or 18 bytes |
//! | [`St2022`] | SMPTE ST 2022-1 | yes | rows and columns, the payload alone | 16 bytes |
//!
//! Reading is total: whatever the bytes are, it ends with a view or with a [`FecError`], and allocates nothing. Writing goes
//! into a buffer of just the right length.
//!
//! ```
//! use interceptor_packet::fec::{FlexFec03, Mask, Pattern, RecoveryFields, Span};
//!
//! let span = Span { base: 1, pattern: Pattern::Mask(Mask::from_iter([0, 1])) };
//! let fields = RecoveryFields { first: [0x00, 0x80], length: 1, timestamp: 0 };
//! let protected = [(0x1122_3344, span)];
//! let mut payload = vec![0; FlexFec03::header_len(&protected)];
//! FlexFec03::write(&fields, &protected, &mut payload)?;
//! payload.extend([0xab, 0xb9, 0xcf, 0xd9, 0xee]); // the sum of what stands behind the fixed headers
//!
//! let repair = FlexFec03::read(&payload)?;
//! assert_eq!((repair.fields(), repair.body().len()), (fields, 5));
//! let (ssrc, span) = repair.protected().next().expect("one stream");
//! assert_eq!((ssrc, span.numbers().collect::<Vec<_>>()), (0x1122_3344, vec![1, 2]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod cursor;
mod error;
mod flexfec03;
mod mask;
mod parts;
mod rfc8627;
mod span;
mod st2022;
#[cfg(test)]
mod tests;
mod ulpfec;

pub use error::FecError;
pub use flexfec03::FlexFec03;
pub use mask::{Mask, Offsets};
pub use rfc8627::{Rfc8627, Rfc8627Repair};
pub use span::{Numbers, Pattern, Span};
pub use st2022::St2022;
pub use ulpfec::{UlpFec, UlpLevel};

/// Sums over fields of the protected packets' fixed headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RecoveryFields {
    /// Of the first two bytes: padding and extension bit, number of CSRCs, marker, payload type. The two bits of the version
    /// are the repair header's own; here they are 0.
    pub first: [u8; 2],
    /// Of the lengths behind the fixed header: CSRCs, extension block, payload and padding.
    pub length: u16,
    /// Of the timestamps.
    pub timestamp: u32,
}

impl RecoveryFields {
    /// The bits of the first byte that belong to the sum.
    const FIRST_BITS: u8 = 0x3f;

    /// Adds (and takes away, it is the same) another sum.
    #[inline]
    pub const fn add(&mut self, other: &Self) {
        self.first[0] ^= other.first[0] & Self::FIRST_BITS;
        self.first[1] ^= other.first[1];
        self.length ^= other.length;
        self.timestamp ^= other.timestamp;
    }

    /// The order of FlexFEC, in both its forms: first bytes, length, timestamp; `flags` are the two top bits.
    const fn to_flexfec(self, flags: u8) -> [u8; 8] {
        let ([a, b], [l0, l1]) = (self.first, self.length.to_be_bytes());
        let [t0, t1, t2, t3] = self.timestamp.to_be_bytes();
        [flags << 6 | a & Self::FIRST_BITS, b, l0, l1, t0, t1, t2, t3]
    }

    /// What [`to_flexfec`](Self::to_flexfec) has written.
    const fn from_flexfec([a, b, l0, l1, t0, t1, t2, t3]: [u8; 8]) -> Self {
        Self {
            first: [a & Self::FIRST_BITS, b],
            length: u16::from_be_bytes([l0, l1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
        }
    }
}
