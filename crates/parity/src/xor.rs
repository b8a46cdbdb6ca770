//! The XOR of bytes, which compilers turn into vector instructions as it stands.

/// Adds `bytes` to as much of `sum` as they cover; what is longer is for the caller to see.
#[inline]
pub(crate) fn xor(sum: &mut [u8], bytes: &[u8]) {
    for (sum, byte) in sum.iter_mut().zip(bytes) {
        *sum ^= byte;
    }
}
