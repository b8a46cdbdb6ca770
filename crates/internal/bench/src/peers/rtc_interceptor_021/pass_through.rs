//! S5: an interceptor that only counts packets. What goes in waits in a queue until it is polled, as the contract of
//! `Interceptor` wants and the crate's own `NoopInterceptor` does it.

use std::collections::VecDeque;
use std::time::Instant;

use rtc_interceptor::{Interceptor, Registry, Slot, StreamInfo, TaggedPacket};
use rtc_shared::error::Error;
use sansio::Protocol;

/// Counts packets and passes them on.
#[derive(Default)]
struct PassThrough {
    packets: u64,
    read: VecDeque<TaggedPacket>,
    write: VecDeque<TaggedPacket>,
}

/// A chain of `count` of them.
pub(super) fn chain(count: usize) -> impl Interceptor {
    let with_one_more = |registry: Registry, slot| registry.with(Slot::from(slot), PassThrough::default());
    (1..=count).fold(Registry::new(), with_one_more).build()
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for PassThrough {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        self.packets += 1;
        self.read.push_back(packet);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.read.pop_front()
    }

    fn handle_write(&mut self, packet: TaggedPacket) -> Result<(), Error> {
        self.packets += 1;
        self.write.push_back(packet);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.write.pop_front()
    }
}

impl Interceptor for PassThrough {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}
