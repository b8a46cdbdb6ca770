//! Names for connections, in the order in which they are made.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use interceptor_core::ChainConfig;
use interceptor_core::packet::NtpTime;

/// Numbers the connections of a program, from any thread: statistics, captures and logs tell them apart by their names.
///
/// ```
/// use std::time::Instant;
/// use interceptor_core::packet::NtpTime;
/// use interceptor_rtc::Connections;
///
/// let calls = Connections::new("call");
/// let now = Instant::now(); // of the stack's clock
/// assert_eq!(&*calls.next(now, NtpTime::default(), 7).id, "call-1");
/// assert_eq!(&*calls.next(now, NtpTime::default(), 8).id, "call-2");
/// ```
#[derive(Debug)]
pub struct Connections {
    prefix: String,
    made: AtomicU64,
}

impl Connections {
    /// Names are this, a hyphen and a number from 1 on.
    #[must_use]
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), made: AtomicU64::new(0) }
    }

    /// The configuration of the next connection, made at `now`, which is `ntp` on the wall clock; `seed` decides its random choices.
    #[must_use]
    pub fn next(&self, now: Instant, ntp: NtpTime, seed: u64) -> ChainConfig {
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        ChainConfig::new(format!("{}-{number}", self.prefix), now, ntp, seed)
    }
}
