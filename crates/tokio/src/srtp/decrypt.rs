//! The receiving half: lets in what the peer's key has protected.

use std::fmt;
use std::io;
use std::task::{Context, Poll, ready};

use interceptor_packet::Kind;

use super::counters::SrtpMeter;
use super::seal::Opener;
use crate::transport::{Datagrams, TransportReceiver};

/// The receiving half of an [`SrtpTransport`](crate::SrtpTransport).
pub struct SrtpReceiver<R> {
    inner: R,
    opener: Opener,
    meter: SrtpMeter,
    encrypted: Datagrams,
}

impl<R> SrtpReceiver<R> {
    pub(super) const fn new(inner: R, opener: Opener, meter: SrtpMeter) -> Self {
        Self { inner, opener, meter, encrypted: Datagrams::new() }
    }

    fn decrypt(&mut self, datagrams: &mut Datagrams) {
        (0..self.encrypted.take_rejected()).for_each(|_| datagrams.reject());
        datagrams.overrun(self.encrypted.take_overrun());
        for mut received in self.encrypted.drain_received() {
            if received.kind == Kind::Other {
                datagrams.push_received(received);
                continue;
            }
            match self.opener.open(received.kind, &received.bytes) {
                Ok(decrypted) => {
                    received.bytes = decrypted;
                    datagrams.push_received(received);
                }
                Err(refusal) => {
                    self.meter.count(refusal);
                    datagrams.reject();
                }
            }
        }
        self.encrypted.shrink();
    }
}

impl<R: TransportReceiver> TransportReceiver for SrtpReceiver<R> {
    fn poll_recv(&mut self, cx: &mut Context<'_>, datagrams: &mut Datagrams) -> Poll<io::Result<()>> {
        let received = self.inner.poll_recv(cx, &mut self.encrypted);
        // Also what came before it failed, or was dropped without anything that came.
        self.decrypt(datagrams);
        // Ready though nothing may be left: whoever sends what is dropped must not keep timers waiting.
        ready!(received)?;
        Poll::Ready(Ok(()))
    }
}

impl<R: fmt::Debug> fmt::Debug for SrtpReceiver<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SrtpReceiver").field("inner", &self.inner).finish_non_exhaustive()
    }
}
