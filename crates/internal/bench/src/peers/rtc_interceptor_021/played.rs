//! A packet through the jitter buffer, in order, with its release.

use std::time::Duration;

use rtc_interceptor::{Interceptor, JitterBufferBuilder, Registry, Slot};

use super::DEFAULT;
use super::driver::Receive;
use super::set_up::bound;
use crate::contender::Case;
use crate::traffic::{Traffic, start};

fn chain() -> impl Interceptor {
    let buffer = JitterBufferBuilder::new().with_depth(Duration::from_millis(60)).build();
    Registry::new().with(Slot::JitterBuffer, buffer).build()
}

pub(super) fn cases() -> Vec<Case> {
    let case = |streams| {
        Case::timed(("jitter", "in order", streams), DEFAULT, move || {
            Ok(Receive::new(bound(chain(), streams), Traffic::new(streams, start()).in_time()))
        })
    };
    vec![case(1), case(100)]
}
