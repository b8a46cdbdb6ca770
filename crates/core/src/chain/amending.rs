//! Streams whose description changes while they run.

use std::sync::Arc;
use std::time::Instant;

use super::Chain;
use super::binding::Direction;
use super::walk::failed;
use crate::erased::Change;
use crate::place::NodeId;
use crate::{Amend, ChainError, StreamInfo};

/// What a change has meant for one interceptor.
#[derive(Clone, Copy)]
enum Outcome {
    /// It takes part as before.
    Kept,
    /// It had declined the stream, and takes part now.
    Joined,
    /// It takes part no more.
    Left,
    /// It declined before and does so now.
    Aloof,
}

/// A change of one stream.
struct Amendment {
    direction: Direction,
    key: u32,
    old: Arc<StreamInfo>,
    new: Arc<StreamInfo>,
}

impl Chain {
    /// Describes a bound local stream anew: what signalling, or the first packets, teach later. Nothing is unbound, no
    /// history is lost, no BYE leaves. The stream is the one with this media SSRC; its RTX and FEC SSRCs may be others.
    ///
    /// # Errors
    /// No such stream, a description that cannot be, an SSRC that another stream has, an interceptor that refuses (everything
    /// is then as before), or a closed chain.
    pub fn amend_local(&mut self, info: StreamInfo, now: Instant) -> Result<(), ChainError> {
        self.amend(Direction::Local, info, now)
    }

    /// Describes a bound remote stream anew.
    ///
    /// # Errors
    /// As [`amend_local`](Self::amend_local).
    pub fn amend_remote(&mut self, info: StreamInfo, now: Instant) -> Result<(), ChainError> {
        self.amend(Direction::Remote, info, now)
    }

    fn amend(&mut self, direction: Direction, info: StreamInfo, now: Instant) -> Result<(), ChainError> {
        let now = self.enter(now).ok_or(ChainError::Closed)?;
        info.check()?;
        let key = self.table(direction).key(info.ssrc)?;
        let Some(old) = self.table(direction).stream(key).map(|stream| Arc::clone(&stream.info)) else {
            return Err(ChainError::UnknownSsrc { ssrc: info.ssrc });
        };
        let amendment = Amendment { direction, key, old, new: Arc::new(info) };
        self.table_mut(direction).amend(key, Arc::clone(&amendment.new))?;
        let amended = self.tell_all(&amendment, now);
        self.settle(now);
        amended
    }

    fn tell_all(&mut self, amendment: &Amendment, now: Instant) -> Result<(), ChainError> {
        let mut told = Vec::new();
        for id in self.shared.roster.order().to_vec() {
            match self.tell(amendment, id, now) {
                Ok(outcome) => told.push((id, outcome)),
                Err(refused) => {
                    self.take_back(amendment, &told, now);
                    return Err(refused);
                }
            }
        }
        Ok(())
    }

    fn tell(&mut self, amendment: &Amendment, id: NodeId, now: Instant) -> Result<Outcome, ChainError> {
        let &Amendment { direction, key, ref old, ref new } = amendment;
        let Some(slot) = self.slot(direction, key, id) else {
            self.join(direction, key, id, now)?;
            let joined = self.slot(direction, key, id).is_some();
            return Ok(if joined { Outcome::Joined } else { Outcome::Aloof });
        };
        let (answer, declared) = self.ask(direction, id, now, |interceptor, cx| {
            let change = Change { old, new };
            match direction {
                Direction::Local => interceptor.amend_local(slot, change, cx),
                Direction::Remote => interceptor.amend_remote(slot, change, cx),
            }
        });
        match answer {
            Some(Ok(Amend::Keep)) => {
                self.reserve(direction, key, id, declared);
                Ok(Outcome::Kept)
            }
            Some(Ok(Amend::Leave)) => {
                self.leave(direction, key, id, new, now);
                Ok(Outcome::Left)
            }
            Some(Err(error)) => Err(ChainError::Refused { interceptor: self.shared.roster.name(id), error }),
            // It panicked and is bypassed.
            None => Ok(Outcome::Aloof),
        }
    }

    /// An interceptor has refused a change: those before it learn, in reverse order, that it does not come.
    fn take_back(&mut self, amendment: &Amendment, told: &[(NodeId, Outcome)], now: Instant) {
        let &Amendment { direction, key, ref old, ref new } = amendment;
        // The stream had these SSRCs a moment ago, and nobody else can have got them.
        let _ = self.table_mut(direction).amend(key, Arc::clone(old));
        let back = Amendment { direction, key, old: Arc::clone(new), new: Arc::clone(old) };
        for (id, outcome) in told.iter().rev().copied() {
            let undone = match outcome {
                Outcome::Kept => self.tell(&back, id, now).map(|_| ()),
                Outcome::Joined => {
                    self.leave(direction, key, id, new, now);
                    Ok(())
                }
                Outcome::Left => self.join(direction, key, id, now),
                Outcome::Aloof => Ok(()),
            };
            if let Err(ChainError::Refused { error, .. }) = undone {
                let (interceptors, mut cx) = self.parts(now);
                cx.node = id;
                failed(interceptors, &mut cx, &error);
            }
        }
    }

    /// The state that an interceptor keeps for a stream.
    fn slot(&self, direction: Direction, key: u32, id: NodeId) -> Option<u32> {
        let stream = self.table(direction).stream(key)?;
        stream.entries.iter().find(|entry| entry.node == id).map(|entry| entry.slot)
    }
}
