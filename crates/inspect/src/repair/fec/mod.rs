//! Repair packets: what they protect, and when that lets a receiver recover what is missing.

mod flexfec;
mod ulpfec;
mod waiting;

pub(crate) use self::flexfec::flexfec;
pub(crate) use self::ulpfec::ulpfec;
pub(crate) use self::waiting::Waiting;

/// Packets that a repair packet protects: SSRC and number of each.
pub(crate) type Protected = Vec<(u32, u16)>;
