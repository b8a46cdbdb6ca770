//! Where everything goes that comes out of the chain.

use interceptor_core::Event;
use interceptor_packet::RtcpPacket;
use tokio::sync::Notify;

use crate::broadcast::Broadcast;
use crate::counters::Counts;
use crate::inbox::{Capacity, Wakers};
use crate::options::SessionOptions;
use crate::outbox::Outbox;
use crate::raw::RawDatagram;
use crate::transport::TransportSender;

/// The transport, the readers of what concerns the whole session, and the counters of what got lost on the way there.
pub(crate) struct Exits {
    pub(crate) outbox: Outbox,
    pub(crate) rtcp: Broadcast<RtcpPacket>,
    pub(crate) raw: Broadcast<RawDatagram>,
    /// Those of strangers, who must not push out the peer's.
    pub(crate) strangers: Broadcast<RawDatagram>,
    pub(crate) events: Broadcast<Event>,
    /// There is an SSRC to accept, or the session has ended.
    pub(crate) announced: Notify,
    pub(crate) counts: Counts,
}

impl Exits {
    pub(crate) fn new(options: &SessionOptions, sender: Box<dyn TransportSender>) -> Self {
        Self {
            outbox: Outbox::new(sender, options.send_queue, options.send_queue_bytes),
            rtcp: Broadcast::new(Capacity {
                values: options.rtcp_queue,
                bytes: options.rtcp_queue_bytes,
                measure: RtcpPacket::len,
                budget: options.receive_budget.clone(),
            }),
            raw: Broadcast::new(Capacity {
                values: options.raw_queue,
                bytes: options.raw_queue_bytes,
                measure: RawDatagram::len,
                budget: options.receive_budget.clone(),
            }),
            strangers: Broadcast::new(Capacity {
                values: options.stranger_queue,
                bytes: options.stranger_queue_bytes,
                measure: RawDatagram::len,
                budget: options.receive_budget.clone(),
            }),
            // Ours, not the peer's: of one size.
            events: Broadcast::new(Capacity {
                values: options.event_queue,
                bytes: 0,
                measure: |_| 0,
                budget: None,
            }),
            announced: Notify::new(),
            counts: Counts::default(),
        }
    }

    /// Nothing comes any more; readers get what is queued for them.
    pub(crate) fn close(&self, wakers: &mut Wakers) {
        self.rtcp.close(wakers);
        self.raw.close(wakers);
        self.strangers.close(wakers);
        self.events.close(wakers);
        self.announced.notify_waiters();
    }
}
