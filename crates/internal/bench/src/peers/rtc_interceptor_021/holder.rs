//! S6: the default chain under the eyes of the allocator.

use std::time::Instant;

use rtc_interceptor::{Interceptor, Packet};

use super::driver::{drain_application, drain_wire, fire};
use super::set_up::{received, repair_chain, sent, stream, tagged};
use crate::memory::Holder;
use crate::traffic::{SPACING, place, start};

/// The default chain.
pub(super) struct Chained {
    chain: Box<dyn Interceptor>,
    start: Instant,
}

impl Holder for Chained {
    fn new() -> anyhow::Result<Self> {
        Ok(Self { chain: Box::new(repair_chain()), start: start() })
    }

    fn bind(&mut self, streams: u32, local: bool) {
        for number in 0..streams {
            let info = stream(number, true);
            if local { self.chain.bind_local_stream(&info) } else { self.chain.bind_remote_stream(&info) }
        }
    }

    fn feed(&mut self, streams: u32, number: u32, local: bool) {
        let at = self.start + SPACING * number;
        for place in (0..streams).map(|stream| place(stream, number, at)) {
            if local {
                let _ = self.chain.handle_write(tagged(Packet::Rtp(sent(&place)), at));
                drain_wire(&mut self.chain);
            } else {
                let _ = self.chain.handle_read(tagged(Packet::Rtp(received(&place)), at));
                drain_application(&mut self.chain);
            }
        }
        fire(&mut self.chain, at);
    }
}
