//! The sending half: encrypts on the way to the transport inside.

use std::fmt;
use std::io;
use std::task::{Context, Poll};

use interceptor_packet::{Kind, classify};

use super::counters::{Refusal, SrtpMeter};
use super::seal::Sealer;
use crate::transport::{Queued, SendQueue, TransportSender};

/// Datagrams encrypted in one go: what leaves in one system call, where the transport inside can.
const MAX_BATCH: usize = 64;

/// The sending half of an [`SrtpTransport`](crate::SrtpTransport).
pub struct SrtpSender<S> {
    inner: S,
    sealer: Sealer,
    meter: SrtpMeter,
    /// The front of the session's queue, encrypted: a datagram leaves both only when it is sent. It is encrypted once, however often
    /// it is tried.
    encrypted: SendQueue,
}

impl<S> SrtpSender<S> {
    pub(super) const fn new(inner: S, sealer: Sealer, meter: SrtpMeter) -> Self {
        Self { inner, sealer, meter, encrypted: SendQueue::new() }
    }

    /// Encrypts more of `queue`, up to a batch; what cannot be is discarded.
    fn fill(&mut self, queue: &mut SendQueue) {
        while self.encrypted.is_empty() && !queue.is_empty() {
            for queued in queue.iter().take(MAX_BATCH) {
                let sealed = match classify(queued.bytes) {
                    Kind::Other => {
                        self.encrypted.push_any(queued);
                        continue;
                    }
                    kind => self.sealer.seal(kind, queued.bytes),
                };
                // What is behind it waits until it is at the front and can be discarded.
                let Some(sealed) = sealed else { break };
                self.encrypted.push_any(Queued { bytes: &sealed, ..queued });
            }
            if self.encrypted.is_empty() {
                self.meter.count(Refusal::Unencrypted);
                queue.discard();
            }
        }
    }
}

impl<S: TransportSender> TransportSender for SrtpSender<S> {
    fn poll_send(&mut self, cx: &mut Context<'_>, queue: &mut SendQueue) -> Poll<io::Result<()>> {
        loop {
            self.fill(queue);
            if queue.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let before = self.encrypted.len();
            let result = self.inner.poll_send(cx, &mut self.encrypted);
            let (discarded, _) = self.encrypted.take_discarded();
            queue.pop(before.saturating_sub(self.encrypted.len() + discarded));
            (0..discarded).for_each(|_| queue.discard());
            match result {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
        }
    }

    fn can_send_to(&self) -> bool {
        self.inner.can_send_to()
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.poll_close(cx)
    }
}

impl<S: fmt::Debug> fmt::Debug for SrtpSender<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SrtpSender").field("inner", &self.inner).finish_non_exhaustive()
    }
}
