//! The connection's clock as [`Time`], and back.

use std::time::{Duration, Instant};

use interceptor_core::Context;

use crate::Time;

/// Now, since the connection began.
#[inline]
pub(crate) fn now(cx: &Context<'_>) -> Time {
    Time::from_micros((cx.elapsed_nanos() / 1000).cast_signed())
}

/// The instant of a time; `None` when it is out of reach.
#[inline]
pub(crate) fn instant(time: Time, cx: &Context<'_>) -> Option<Instant> {
    let micros = u64::try_from(time.micros()).unwrap_or(0);
    cx.config().now.checked_add(Duration::from_micros(micros))
}
