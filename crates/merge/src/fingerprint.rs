//! What tells payloads apart.

/// A hash of the payload's first 16 bytes: copies of one packet have the same. It finds paths that carry different streams, not forgers, who could
/// make any payload fit; against those there is SRTP.
#[inline]
pub(crate) fn fingerprint(payload: &[u8]) -> u32 {
    let (first, second) = match payload.first_chunk::<16>() {
        Some(bytes) => halves(*bytes),
        None => {
            let mut padded = [0; 16];
            padded.iter_mut().zip(payload).for_each(|(to, from)| *to = *from);
            halves(padded)
        }
    };
    // Odd constants without a pattern: the fraction of the golden ratio, and of the square root of two.
    let mixed = first.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ second.wrapping_mul(0x6a09_e667_f3bc_c909).rotate_left(32);
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

#[inline]
const fn halves(bytes: [u8; 16]) -> (u64, u64) {
    let all = u128::from_le_bytes(bytes);
    (all as u64, (all >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn each_of_the_first_16_bytes_counts_and_no_other() {
        let payload: Vec<u8> = (1..=20).collect();
        for at in 0..20 {
            for bit in 0..8 {
                let mut other = payload.clone();
                other[at] ^= 1 << bit;
                assert_eq!(fingerprint(&payload) != fingerprint(&other), at < 16, "byte {at}, bit {bit}");
            }
        }
        assert_eq!(fingerprint(&[]), fingerprint(&[0; 3]), "what is short counts as if zeroes followed");
    }
}
