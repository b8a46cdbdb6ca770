//! The two buckets of a pace, taken from together or not at all.

use std::time::{Duration, Instant};

use interceptor_token_bucket::{Denied, TokenBucket};

use super::{Excess, Pace};

#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    messages: Option<TokenBucket>,
    bytes: Option<TokenBucket>,
    pub(super) terms: Terms,
}

/// What becomes of a message that these rates deny.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) excess: Excess,
    pub(super) max_wait: Duration,
    /// What a full bucket of bytes holds.
    pub(super) burst: u64,
}

impl Rates {
    /// `None` if the pace limits nothing.
    pub(super) fn new(pace: &Pace, origin: Instant) -> Option<Self> {
        if pace.is_unlimited() {
            return None;
        }
        Some(Self {
            messages: pace.messages.map(|rate| TokenBucket::new(rate, origin)),
            bytes: pace.bytes.map(|rate| TokenBucket::new(rate, origin)),
            terms: Terms {
                excess: pace.excess,
                max_wait: pace.max_wait.unwrap_or(Duration::MAX),
                burst: pace.bytes.map_or(u64::MAX, |rate| rate.burst()),
            },
        })
    }

    /// One message of `bytes`.
    #[inline]
    pub(super) fn take(&mut self, bytes: u64, elapsed_nanos: u64) -> Result<(), Denied<u64>> {
        if let Some(bucket) = &mut self.messages {
            bucket.take_at(1, elapsed_nanos)?;
        }
        if let Some(bucket) = &mut self.bytes
            && let Err(denied) = bucket.take_at(bytes, elapsed_nanos)
        {
            if let Some(messages) = &mut self.messages {
                messages.give_back(1);
            }
            return Err(denied);
        }
        Ok(())
    }

    /// The message did not pass after all.
    pub(super) fn give_back(&mut self, bytes: u64) {
        if let Some(bucket) = &mut self.messages {
            bucket.give_back(1);
        }
        if let Some(bucket) = &mut self.bytes {
            bucket.give_back(bytes);
        }
    }
}
