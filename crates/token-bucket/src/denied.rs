//! Why tokens were not granted.

use std::error::Error;
use std::fmt;
use std::time::Instant;

/// Nothing was taken. `T` is the clock that was asked by: [`Instant`], or `u64` for nanoseconds since the bucket's origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Denied<T = Instant> {
    /// At this time, and not a nanosecond earlier, the same will be granted, if nobody else takes or gives back and the rate stays. It is never
    /// before the latest time that the bucket has been told.
    Until(T),
    /// More than the bucket holds when it is full; or not within the time that the clock can tell, some 584 years.
    Never,
}

impl<T> Denied<T> {
    /// When to come back, `None` for [`Denied::Never`].
    pub fn until(self) -> Option<T> {
        match self {
            Self::Until(at) => Some(at),
            Self::Never => None,
        }
    }
}

impl<T> fmt::Display for Denied<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Until(_) => "not enough tokens yet",
            Self::Never => "more tokens than the bucket can hold",
        })
    }
}

impl<T: fmt::Debug> Error for Denied<T> {}
