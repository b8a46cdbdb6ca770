//! S4: a NACK for ten packets is answered.

use std::time::Instant;

use bytes::Bytes;
use rtc_interceptor::{Interceptor, Packet};

use super::driver::{drain_application, drain_wire, fire};
use super::set_up::{offered, sent, tagged};
use crate::contender::Contender;
use crate::traffic::NackTraffic;

/// A sender half of whose packets are asked for once.
pub(super) struct Answer<I> {
    chain: I,
    traffic: NackTraffic,
    prepared: Vec<(Bytes, Instant)>,
    /// Packets that NACKs have made it send.
    pub(super) sent_again: u64,
}

impl<I: Interceptor> Answer<I> {
    pub(super) fn new(mut chain: I, rtx: bool) -> Self {
        chain.bind_local_stream(&offered(0, rtx));
        Self { chain, traffic: NackTraffic::default(), prepared: Vec::new(), sent_again: 0 }
    }
}

impl<I: Interceptor> Contender for Answer<I> {
    fn prepare(&mut self, items: usize) {
        let Self { chain, traffic, prepared, .. } = self;
        traffic.next(items, prepared, |place| {
            let _ = chain.handle_write(tagged(Packet::Rtp(sent(place)), place.at));
            drain_wire(chain);
            fire(chain, place.at);
        });
    }

    fn run(&mut self) {
        for (mut datagram, now) in self.prepared.drain(..) {
            let Ok(packets) = rtc_rtcp::packet::unmarshal(&mut datagram) else { continue };
            let _ = self.chain.handle_read(tagged(Packet::Rtcp(packets), now));
            drain_application(&mut self.chain);
            self.sent_again += drain_wire(&mut self.chain);
            fire(&mut self.chain, now);
        }
    }
}
