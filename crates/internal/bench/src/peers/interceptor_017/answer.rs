//! S4: a NACK for ten packets is answered, by a task that the responder spawns.

use std::hint::black_box;

use bytes::Bytes;
use interceptor::Attributes;

use super::driver::sent;
use super::set_up::{RECEIVED, Received, Session, WRITTEN};
use crate::contender::Contender;
use crate::traffic::NackTraffic;

/// A sender half of whose packets are asked for once.
pub(super) struct Answer {
    session: Session,
    traffic: NackTraffic,
    received: Vec<Bytes>,
    buffer: Vec<u8>,
    sent_again: u64,
}

impl Answer {
    pub(super) fn new(session: Session) -> Self {
        let (traffic, buffer) = (NackTraffic::default(), vec![0; 1500]);
        Self { session, traffic, received: Vec::new(), buffer, sent_again: 0 }
    }

    /// Packets that NACKs have made it send.
    pub(super) const fn sent_again(&self) -> u64 {
        self.sent_again
    }
}

impl Contender for Answer {
    fn prepare(&mut self, items: usize) {
        let Session { runtime, time, writers, .. } = &mut self.session;
        let (mut places, mut nacks) = (Vec::new(), Vec::new());
        self.traffic.next(items, &mut nacks, |place| places.push(*place));
        self.received = nacks.into_iter().rev().map(|(datagram, _)| datagram).collect();
        runtime.block_on(async {
            let attributes = Attributes::new();
            for place in places {
                time.reach(place.at).await;
                let Some(writer) = writers.first() else { continue };
                let _ = writer.write(&sent(&place), &attributes).await;
            }
        });
    }

    fn run(&mut self) {
        let count = self.received.len();
        RECEIVED.set(Received::Datagrams(std::mem::take(&mut self.received)));
        let before = WRITTEN.get();
        let Session { runtime, rtcp_reader, .. } = &self.session;
        runtime.block_on(async {
            let attributes = Attributes::new();
            for _ in 0..count {
                black_box(&rtcp_reader.read(&mut self.buffer, &attributes).await);
                // The answering task runs, as it would while the loop waits for the next datagram.
                tokio::task::yield_now().await;
            }
        });
        self.sent_again += WRITTEN.get() - before;
    }
}
