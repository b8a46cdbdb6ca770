//! S6: the full chain under the eyes of the allocator.

use interceptor_core::{Chain, Flow};

use super::driver::settle;
use super::set_up::{Extent, chain, stream};
use crate::memory::Holder;
use crate::traffic::{SPACING, place, received, sent};

/// The full chain.
pub(super) struct Chained(Chain);

impl Holder for Chained {
    fn new() -> anyhow::Result<Self> {
        chain(Extent::Repair).map(Self)
    }

    fn bind(&mut self, streams: u32, local: bool) {
        let now = self.0.config().now;
        for number in 0..streams {
            let info = stream(number);
            let bound = if local { self.0.bind_local(info, now) } else { self.0.bind_remote(info, now) };
            debug_assert!(bound.is_ok(), "the chain takes 10 000 streams");
        }
    }

    fn feed(&mut self, streams: u32, number: u32, local: bool) {
        let at = self.0.config().now + SPACING * number;
        for place in (0..streams).map(|stream| place(stream, number, at)) {
            let flow = if local {
                self.0.write_rtp_in_place(&mut sent(&place), at)
            } else {
                self.0.read_rtp_in_place(&mut received(&place), at)
            };
            debug_assert_eq!(flow, Flow::Forward, "nothing holds packets back");
        }
        settle(&mut self.0, at);
    }
}
