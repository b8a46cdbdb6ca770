//! Where the choices of an attack come from.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A source of choices.
pub trait Draw {
    /// Fills `bytes` with choices.
    fn fill(&mut self, bytes: &mut [u8]);

    /// Have all choices been made? Those that follow are all zero.
    fn is_done(&self) -> bool;

    /// A choice of 256.
    fn byte(&mut self) -> u8 {
        let mut bytes = [0];
        self.fill(&mut bytes);
        bytes[0]
    }

    /// Any 16 bits.
    fn word(&mut self) -> u16 {
        let mut bytes = [0; 2];
        self.fill(&mut bytes);
        u16::from_be_bytes(bytes)
    }

    /// Any 32 bits.
    fn long(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        u32::from_be_bytes(bytes)
    }

    /// True in one of `of` cases; `of` is at least 1.
    fn one_in(&mut self, of: u8) -> bool {
        self.byte().is_multiple_of(of)
    }

    /// One of these. Never of an empty slice.
    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// So many bytes.
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.fill(&mut bytes);
        bytes
    }
}

/// Choices that a seed stands for; they never end.
#[derive(Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The same seed makes the same choices on every platform.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }
}

impl Draw for Chance {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    fn is_done(&self) -> bool {
        false
    }
}

/// Choices read from a fuzzer's input.
#[derive(Debug)]
pub struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    /// Choices are these bytes, in order.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What has not been read.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.0
    }
}

impl Draw for Script<'_> {
    fn fill(&mut self, bytes: &mut [u8]) {
        let (read, rest) = self.0.split_at(bytes.len().min(self.0.len()));
        let (filled, left) = bytes.split_at_mut(read.len());
        filled.copy_from_slice(read);
        left.fill(0);
        self.0 = rest;
    }

    fn is_done(&self) -> bool {
        self.0.is_empty()
    }
}
