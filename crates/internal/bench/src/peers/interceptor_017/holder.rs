//! S6: the default chain under the eyes of the allocator. Its tasks run on the thread that is watched.

use interceptor::Attributes;

use super::driver::{received, sent};
use super::set_up::{Extent, RECEIVED, Received, Session};
use crate::memory::Holder;
use crate::traffic::{SPACING, place};

/// Without statistics.
pub(super) struct Bare(Session);

/// With statistics.
pub(super) struct WithStatistics(Session);

impl Holder for Bare {
    fn new() -> anyhow::Result<Self> {
        Session::new(Extent::Repair, 0).map(Self)
    }

    fn bind(&mut self, streams: u32, local: bool) {
        bind(&mut self.0, streams, local);
    }

    fn feed(&mut self, streams: u32, number: u32, local: bool) {
        feed(&mut self.0, streams, number, local);
    }
}

impl Holder for WithStatistics {
    fn new() -> anyhow::Result<Self> {
        Session::new(Extent::RepairWithStatistics, 0).map(Self)
    }

    fn bind(&mut self, streams: u32, local: bool) {
        bind(&mut self.0, streams, local);
    }

    fn feed(&mut self, streams: u32, number: u32, local: bool) {
        feed(&mut self.0, streams, number, local);
    }
}

fn bind(session: &mut Session, streams: u32, local: bool) {
    if local { session.bind_local(streams) } else { session.bind_remote(streams) }
}

fn feed(session: &mut Session, streams: u32, number: u32, local: bool) {
    let Session { runtime, time, writers, readers, .. } = session;
    let at = time.start() + SPACING * number;
    runtime.block_on(async {
        let (attributes, mut buffer) = (Attributes::new(), [0; 1500]);
        time.reach(at).await;
        for place in (0..streams).map(|stream| place(stream, number, at)) {
            if let Some(writer) = writers.get(place.stream as usize).filter(|_| local) {
                let _ = writer.write(&sent(&place), &attributes).await;
            }
            if let Some(reader) = readers.get(place.stream as usize).filter(|_| !local) {
                RECEIVED.set(Received::Packets(vec![received(&place)]));
                let _ = reader.read(&mut buffer, &attributes).await;
            }
        }
        tokio::task::yield_now().await;
    });
    RECEIVED.set(Received::Nothing);
}
