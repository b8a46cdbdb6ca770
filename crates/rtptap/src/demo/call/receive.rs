//! The receiving application: reads both streams and notes what came, and when.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use interceptor_core::packet::Recovery;
use interceptor_tokio::RemoteStream;
use tokio::time::Instant;

use crate::demo::Delivery;

/// What one stream's reader has noted so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox(Arc<Mutex<Noted>>);

#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) deliveries: Vec<Delivery>,
    /// Packets that came as retransmissions, or that FEC made of others.
    pub(super) repaired: u64,
    /// Payloads that were not as they should be.
    pub(super) damaged: u64,
}

impl Inbox {
    /// Reads a stream until its session ends; times count from `start`. `is_intact` looks at each payload.
    pub(super) fn read(stream: RemoteStream, start: Instant, is_intact: fn(&[u8]) -> bool) -> Self {
        let inbox = Self::default();
        tokio::spawn(inbox.clone().read_all(stream, start, is_intact));
        inbox
    }

    async fn read_all(self, mut stream: RemoteStream, start: Instant, is_intact: fn(&[u8]) -> bool) {
        while let Ok(packet) = stream.read().await {
            let (sequence, payload_bytes) = (packet.sequence_number(), packet.payload().len());
            let recovered_by = packet.info().recovered_by;
            let by_fec = recovered_by == Some(Recovery::Fec);
            let damaged = !is_intact(packet.payload());
            let mut noted = self.noted();
            noted.deliveries.push(Delivery { sequence, at: start.elapsed(), payload_bytes, by_fec });
            noted.repaired += u64::from(by_fec || recovered_by == Some(Recovery::Rtx));
            noted.damaged += u64::from(damaged);
        }
    }

    pub(super) fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Noted {
    /// Payload bits of the last second before `now`.
    pub(super) fn bits_per_second(&self, now: Duration) -> u64 {
        let since = now.saturating_sub(Duration::from_secs(1));
        let recent = self.deliveries.iter().rev().take_while(|delivery| delivery.at >= since);
        8 * recent.map(|delivery| delivery.payload_bytes as u64).sum::<u64>()
    }
}
