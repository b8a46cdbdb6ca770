//! Reads and writes fields one after the other.

use super::FecError;

/// What is left to read.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Reader<'_> {
    #[inline]
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], FecError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(FecError::Truncated)?;
        self.0 = rest;
        Ok(*taken)
    }

    #[inline]
    pub(super) fn u16(&mut self) -> Result<u16, FecError> {
        self.take().map(u16::from_be_bytes)
    }

    #[inline]
    pub(super) fn u32(&mut self) -> Result<u32, FecError> {
        self.take().map(u32::from_be_bytes)
    }

    #[inline]
    pub(super) fn u64(&mut self) -> Result<u64, FecError> {
        self.take().map(u64::from_be_bytes)
    }
}

/// What is left to write to.
pub(super) struct Writer<'a>(pub(super) &'a mut [u8]);

impl Writer<'_> {
    /// Writes, if there is room: who calls has measured.
    #[inline]
    pub(super) fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some((field, rest)) = std::mem::take(&mut self.0).split_first_chunk_mut::<N>() {
            *field = bytes;
            self.0 = rest;
        }
    }
}
