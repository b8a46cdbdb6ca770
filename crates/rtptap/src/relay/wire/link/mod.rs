//! A bad link on purpose, between a leg's session and its sockets: what the rules of a target do to each datagram.
//!
//! A leg without rules costs one look at a flag a datagram. With them datagrams are lost, or wait in a line that a task of the leg empties;
//! every one is counted. The chain above does not know: it repairs what is lost here as it would on any link, and a capture shows what was
//! sent into it.

mod dice;
mod line;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use interceptor_packet::Kind;
use interceptor_tokio::BatchSocket;
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

/// What came of sending the first in the line.
#[derive(Debug)]
enum Tried {
    /// It has left the line.
    Left,
    NoRoom(Arc<BatchSocket>),
}

impl State {
    /// What came of a datagram that has left the line.
    fn note(&mut self, held: &Held, sent: &io::Result<usize>) {
        if sent.is_err() {
            self.counts.failed += 1;
            self.counts.bytes += held.datagram.len() as u64;
        }
    }
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

    /// Does every datagram simply pass? Nobody need ask for each then.
    #[inline]
    pub(super) fn is_open(&self) -> bool {
        !self.active.load(Relaxed)
    }

    /// Asked once for each datagram, before it leaves through this socket.
    #[inline]
    pub(super) fn passage(
        &self,
        socket: &Arc<BatchSocket>,
        to: SocketAddr,
        kind: Kind,
        datagram: &[u8],
    ) -> Passage {
        if self.is_open() {
            return Passage::Open;
        }
        self.judge(socket, to, kind, datagram)
    }

    #[cold]
    fn judge(&self, socket: &Arc<BatchSocket>, to: SocketAddr, kind: Kind, datagram: &[u8]) -> Passage {
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
                    while let Some(tried) = self.send_first(Instant::now(), Held::try_send) {
                        match tried {
                            Tried::Left => tokio::task::coop::consume_budget().await,
                            // An error of the socket is met in sending.
                            Tried::NoRoom(socket) => drop(socket.writable().await),
                        }
                    }
                }
            }
        }
    }

    /// The leg closes: what still waits leaves at once, the goodbye as the last.
    pub(in crate::relay) fn finish(&self) {
        let mut state = self.lock();
        while let Some(held) = state.line.pop() {
            let sent = held.try_send();
            state.note(&held, &sent);
        }
    }

    /// Sends the first in the line, if it is due. While its socket has no room it stays there: nothing overtakes it, and it leaves with the rest
    /// if the leg closes.
    fn send_first(&self, now: Instant, send: impl Fn(&Held) -> io::Result<usize>) -> Option<Tried> {
        let mut state = self.lock();
        let held = state.line.first_due(now)?;
        let sent = send(held);
        if sent.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
            return Some(Tried::NoRoom(Arc::clone(&held.socket)));
        }
        let held = state.line.pop()?;
        state.note(&held, &sent);
        Some(Tried::Left)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::UdpSocket;

    use super::*;

    async fn open() -> (SocketAddr, Arc<BatchSocket>) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        (socket.local_addr().unwrap(), Arc::new(BatchSocket::new(socket).unwrap()))
    }

    #[tokio::test(start_paused = true)]
    async fn what_finds_no_room_in_its_socket_is_not_overtaken_and_stays_in_the_books() {
        let ((to, socket), link) = (open().await, Link::default());
        let pass = |datagram: &[u8]| link.passage(&socket, to, Kind::Rtp, datagram);
        link.set(TargetRules { delay: Duration::from_millis(40), ..TargetRules::default() });
        assert_eq!((pass(b"one"), pass(b"two")), (Passage::Taken, Passage::Taken));
        link.set(TargetRules::default());
        tokio::time::advance(Duration::from_millis(40)).await;
        let full = |_: &Held| Err(io::ErrorKind::WouldBlock.into());
        assert!(matches!(link.send_first(Instant::now(), full), Some(Tried::NoRoom(_))));
        assert_eq!((link.counts().waiting, link.counts().bytes), (2, 6));
        assert_eq!(pass(b"three"), Passage::Taken, "those before it are still here");
        // One that the system does not take is gone, and counted.
        let refused = |held: &Held| {
            if *held.datagram == *b"two" { Err(io::ErrorKind::HostUnreachable.into()) } else { Ok(0) }
        };
        assert!(matches!(link.send_first(Instant::now(), refused), Some(Tried::Left)));
        assert!(matches!(link.send_first(Instant::now(), refused), Some(Tried::Left)));
        assert!(matches!(link.send_first(Instant::now(), refused), Some(Tried::Left)));
        assert!(link.send_first(Instant::now(), refused).is_none(), "nothing is left");
        assert_eq!(link.counts(), LinkCounts { failed: 1, bytes: 3, ..LinkCounts::default() });
        assert_eq!(pass(b"four"), Passage::Open);
        assert!(!link.active.load(Relaxed), "and nobody looks any more");
    }

    #[tokio::test]
    async fn without_rules_a_datagram_costs_a_look_at_a_flag_and_waits_for_nobody() {
        let ((to, socket), link) = (open().await, Arc::<Link>::default());
        link.set(TargetRules { loss: 1.0, ..TargetRules::default() });
        assert_eq!(link.passage(&socket, to, Kind::Rtp, b"lost"), Passage::Taken);
        link.set(TargetRules::default());
        let (told, passed) = std::sync::mpsc::channel();
        let held = link.lock();
        let asked = Arc::clone(&link);
        std::thread::spawn(move || told.send(asked.passage(&socket, to, Kind::Rtp, b"one")));
        assert_eq!(passed.recv_timeout(Duration::from_secs(60)), Ok(Passage::Open));
        drop(held);
        assert_eq!(link.counts(), LinkCounts { lost: 1, bytes: 4, ..LinkCounts::default() });
    }
}
