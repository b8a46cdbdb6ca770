//! Repair packets: what they protect, and when that lets a receiver recover what is missing.

mod flexfec;
mod ulpfec;
mod waiting;

pub(crate) use self::flexfec::flexfec;
pub(crate) use self::ulpfec::ulpfec;
pub(crate) use self::waiting::Waiting;

/// Packets that a repair packet protects: SSRC and number of each.
pub(crate) type Protected = Vec<(u32, u16)>;

/// The numbers behind `base` whose bits are set, the first of `bits` bits for `base + from`.
fn masked(base: u16, from: u16, mask: u64, bits: u16) -> impl Iterator<Item = u16> {
    let set = move |bit: &u16| mask >> (bits - 1 - bit) & 1 == 1;
    (0..bits).filter(set).map(move |bit| base.wrapping_add(from + bit))
}

/// Reads fields one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn half(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    fn word(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn double(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }
}
