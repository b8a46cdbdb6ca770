//! A bad link on purpose, between a leg's session and its sockets: what the rules of a target do to each datagram.
//!
//! A leg without rules costs one look at a flag a datagram. With them datagrams are lost, or wait in a line that a task of the leg empties;
//! every one is counted. The chain above does not know: it repairs what is lost here as it would on any link, and a capture shows what was
//! sent into it.

mod dice;
mod line;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use interceptor_packet::Kind;
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio::time::Instant;

use self::dice::Dice;
use self::line::{Held, Line};
use crate::relay::TargetRules;

/// The rules of a leg, and what they have done.
#[derive(Debug, Default)]
pub(in crate::relay) struct Link {
    /// Datagrams do not simply pass.
    active: AtomicBool,
    state: Mutex<State>,
    /// Something has come into the line, or the line has ended.
    stirred: Notify,
}

#[derive(Debug, Default)]
struct State {
    rules: TargetRules,
    dice: Dice,
    line: Line,
    counts: LinkCounts,
}

/// Datagrams that the session takes for sent, and what became of them otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::relay) struct LinkCounts {
    /// Lost as the rules say.
    pub(in crate::relay) lost: u64,
    /// Those that wait in the line now.
    pub(in crate::relay) waiting: u64,
    /// Those that found the line full.
    pub(in crate::relay) overflowed: u64,
    /// Those that the system did not take in the end.
    pub(in crate::relay) failed: u64,
    /// The bytes of all of them.
    pub(in crate::relay) bytes: u64,
}

impl LinkCounts {
    /// Those that have not been sent.
    pub(in crate::relay) const fn unsent(&self) -> u64 {
        self.lost + self.waiting + self.overflowed + self.failed
    }
}

/// What is to be done with a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// Send it now.
    Open,
    /// It is lost, or waits in the line; it is dealt with in any case.
    Taken,
}

impl Link {
    /// What holds.
    pub(in crate::relay) fn rules(&self) -> TargetRules {
        self.lock().rules
    }

    /// From the next datagram on; the random numbers begin anew. What waits leaves when it would have.
    pub(in crate::relay) fn set(&self, rules: TargetRules) {
        let mut state = self.lock();
        (state.rules, state.dice) = (rules, Dice::new(&rules));
        self.active.store(!rules.is_clear() || !state.line.is_empty(), Relaxed);
    }

    /// What became of datagrams here.
    pub(in crate::relay) fn counts(&self) -> LinkCounts {
        let state = self.lock();
        let (waiting, bytes) = (state.line.len() as u64, state.line.bytes() as u64);
        LinkCounts { waiting, bytes: state.counts.bytes + bytes, ..state.counts }
    }

    /// Asked once for each datagram, before it leaves through this socket.
    #[inline]
    pub(super) fn passage(
        &self,
        socket: &Arc<UdpSocket>,
        to: SocketAddr,
        kind: Kind,
        datagram: &[u8],
    ) -> Passage {
        if !self.active.load(Relaxed) {
            return Passage::Open;
        }
        self.judge(socket, to, kind, datagram)
    }

    #[cold]
    fn judge(&self, socket: &Arc<UdpSocket>, to: SocketAddr, kind: Kind, datagram: &[u8]) -> Passage {
        let mut state = self.lock();
        let State { rules, dice, line, counts } = &mut *state;
        let Some(delay) = dice.roll(rules, kind) else {
            counts.lost += 1;
            counts.bytes += datagram.len() as u64;
            return Passage::Taken;
        };
        if delay.is_zero() && line.is_empty() {
            // The last of those that waited has left: with the rules gone, so is the need to look.
            self.active.store(!rules.is_clear(), Relaxed);
            return Passage::Open;
        }
        if line
            .push(Instant::now() + delay, Held { socket: Arc::clone(socket), to, datagram: datagram.into() })
        {
            self.stirred.notify_one();
        } else {
            counts.overflowed += 1;
            counts.bytes += datagram.len() as u64;
        }
        Passage::Taken
    }

    /// Sends what waits, each when it is due; until it is dropped.
    pub(in crate::relay) async fn run(self: Arc<Self>) {
        loop {
            let due = self.lock().line.next_due();
            tokio::select! {
                () = self.stirred.notified() => {}
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    let mut held = self.lock().line.pop_due(Instant::now());
                    while let Some(one) = held {
                        self.send(&one).await;
                        held = self.lock().line.pop_due(Instant::now());
                    }
                }
            }
        }
    }

    /// The leg closes: what still waits leaves at once, the goodbye as the last.
    pub(in crate::relay) fn finish(&self) {
        loop {
            let held = self.lock().line.pop();
            let Some(held) = held else { return };
            if held.socket.try_send_to(&held.datagram, held.to).is_err() {
                self.note_failure(&held);
            }
        }
    }

    async fn send(&self, held: &Held) {
        if held.socket.send_to(&held.datagram, held.to).await.is_err() {
            self.note_failure(held);
        }
    }

    fn note_failure(&self, held: &Held) {
        let counts = &mut self.lock().counts;
        counts.failed += 1;
        counts.bytes += held.datagram.len() as u64;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
