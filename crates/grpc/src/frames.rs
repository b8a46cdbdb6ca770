//! gRPC's messages inside HTTP data frames: where each begins and ends, and which bytes may go on. No HTTP, no clock, no runtime.
//!
//! A message on the wire is a prefix of five bytes, a flag for compression and the length, and so many bytes. A frame knows nothing of that: it may
//! hold a hundred messages, or a byte of one. [`Frames`] takes the frames as they come and asks a [`Gate`] about each message when its prefix is
//! complete. What passes goes on in as few pieces as possible and is not copied, but for a prefix that came in pieces: its five bytes are kept until
//! the message is granted, so that a message that is refused leaves nothing on the wire. Nothing is set aside for a length that a peer only claims.

use bytes::{Buf, Bytes};

/// Bytes before each message: a flag for compression, and the length as a big-endian `u32`.
pub const PREFIX_BYTES: usize = 5;

/// What the prefix says of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageHead {
    /// Its length on the wire, without the prefix: compressed, if it is.
    pub bytes: u32,
    /// Whether the flag is set.
    pub compressed: bool,
}

impl MessageHead {
    #[inline]
    const fn of([flag, length @ ..]: [u8; PREFIX_BYTES]) -> Self {
        Self { bytes: u32::from_be_bytes(length), compressed: flag != 0 }
    }
}

/// What is to become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It goes on.
    Pass,
    /// It, and all behind it, is held back; the gate is asked again when [`Frames::step`] is called again.
    Wait,
    /// It is cut out, with its prefix.
    Drop,
    /// It does not go on, and nothing after it.
    End,
}

/// Who decides about messages.
pub trait Gate {
    /// A message begins; or is asked about again after [`Admission::Wait`].
    fn admit(&mut self, head: MessageHead) -> Admission;
    /// The last byte of the message that was granted last goes on.
    fn passed(&mut self, head: MessageHead);
}

/// What comes of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// These bytes go on. Step again before the next frame.
    Data(Bytes),
    /// All that could go on has; the next message is held back.
    Wait,
    /// All that could go on has; the next message does not.
    End,
    /// The next frame, please.
    More,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// Between two messages, or in a prefix.
    Nothing,
    /// The gate was asked and said [`Admission::Wait`].
    Held(MessageHead),
    Passing {
        head: MessageHead,
        left: u32,
    },
    Dropping {
        left: u64,
    },
    Ended,
}

/// The walk over one direction of a call.
#[derive(Debug)]
pub struct Frames {
    /// What is left of the frame.
    rest: Bytes,
    /// The beginning of a prefix that came in pieces.
    prefix: [u8; PREFIX_BYTES],
    have: usize,
    inside: Inside,
}

impl Default for Frames {
    fn default() -> Self {
        Self { rest: Bytes::new(), prefix: [0; PREFIX_BYTES], have: 0, inside: Inside::Nothing }
    }
}

impl Frames {
    /// The next frame, once [`step`](Self::step) has said [`Step::More`]; what is left of the one before would be lost.
    #[inline]
    pub fn feed(&mut self, frame: Bytes) {
        self.rest = frame;
    }

    /// The frame as it is, if it holds no messages.
    pub(crate) fn take(&mut self) -> Bytes {
        std::mem::take(&mut self.rest)
    }

    /// Goes on until something comes of it.
    pub fn step(&mut self, gate: &mut impl Gate) -> Step {
        // So many bytes in front may go on.
        let mut at = 0;
        loop {
            match self.inside {
                Inside::Nothing | Inside::Held(_) => {
                    let (head, admission) = match self.pass_whole(&mut at, gate) {
                        Some(asked) => asked,
                        None => {
                            let Some(head) = self.next_head(at) else { return self.data(at) };
                            (head, gate.admit(head))
                        }
                    };
                    match admission {
                        Admission::Pass if self.have == 0 => {
                            at += PREFIX_BYTES;
                            self.inside = Inside::Passing { head, left: head.bytes };
                        }
                        Admission::Pass => return self.kept_prefix(head, gate),
                        Admission::Drop => {
                            let prefix = if self.have == 0 { PREFIX_BYTES as u64 } else { 0 };
                            self.have = 0;
                            self.inside = Inside::Dropping { left: prefix + u64::from(head.bytes) };
                        }
                        Admission::Wait => {
                            self.inside = Inside::Held(head);
                            return if at == 0 { Step::Wait } else { self.data(at) };
                        }
                        Admission::End => self.inside = Inside::Ended,
                    }
                }
                Inside::Passing { head, left } => {
                    let here = self.rest.len().saturating_sub(at).min(left as usize);
                    at += here;
                    // No more than `left`, which is a `u32`.
                    let left = left - here as u32;
                    if left > 0 {
                        self.inside = Inside::Passing { head, left };
                        return self.data(at);
                    }
                    self.inside = Inside::Nothing;
                    gate.passed(head);
                }
                Inside::Dropping { .. } | Inside::Ended if at > 0 => return self.data(at),
                Inside::Dropping { left } => {
                    let here = left.min(self.rest.len() as u64);
                    self.rest.advance(here as usize);
                    let left = left - here;
                    if left > 0 {
                        self.inside = Inside::Dropping { left };
                        return Step::More;
                    }
                    self.inside = Inside::Nothing;
                }
                Inside::Ended => return Step::End,
            }
        }
    }

    /// Bytes that are kept here: of a frame that waits, and of a prefix.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.rest.len() + self.have
    }

    /// True if there is something to [`step`](Self::step) over without another frame.
    #[inline]
    #[must_use]
    pub fn has_work(&self) -> bool {
        !self.rest.is_empty() || matches!(self.inside, Inside::Held(_) | Inside::Ended)
    }

    /// True if nothing is kept here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.have == 0 && !self.has_work()
    }

    /// The message that the gate knows of and that has neither passed nor been dropped or refused: it is held back, or bytes of it are missing.
    #[must_use]
    pub const fn unfinished(&self) -> Option<MessageHead> {
        match self.inside {
            Inside::Held(head) | Inside::Passing { head, .. } => Some(head),
            Inside::Nothing | Inside::Dropping { .. } | Inside::Ended => None,
        }
    }

    /// No frame comes any more: gives out the beginning of a prefix that will never be whole, so that who reads it finds the mistake and not a clean end.
    pub fn finish(&mut self) -> Option<Bytes> {
        let torn = self.prefix.get(..self.have).filter(|torn| !torn.is_empty()).map(Bytes::copy_from_slice);
        self.have = 0;
        torn
    }

    /// Messages that are whole in this frame: most of them. Stops in front of the first one that is not, or that the gate does not let pass.
    #[inline]
    fn pass_whole(&mut self, at: &mut usize, gate: &mut impl Gate) -> Option<(MessageHead, Admission)> {
        if self.have > 0 {
            return None;
        }
        self.inside = Inside::Nothing;
        let mut rest = self.rest.get(*at..).unwrap_or_default();
        let mut stopped = None;
        while let Some((prefix, behind)) = rest.split_first_chunk() {
            let head = MessageHead::of(*prefix);
            let Some(behind) = behind.get(head.bytes as usize..) else { break };
            match gate.admit(head) {
                Admission::Pass => gate.passed(head),
                other => {
                    stopped = Some((head, other));
                    break;
                }
            }
            rest = behind;
        }
        *at = self.rest.len() - rest.len();
        stopped
    }

    /// The prefix at `at`, if it is whole; if not, what there is of it is kept.
    #[inline]
    fn next_head(&mut self, at: usize) -> Option<MessageHead> {
        if self.have == 0 {
            let rest = self.rest.get(at..).unwrap_or_default();
            if rest.is_empty() {
                return None;
            }
            if let Some(prefix) = rest.first_chunk() {
                return Some(MessageHead::of(*prefix));
            }
        }
        self.collect(at)
    }

    /// A prefix in pieces: each piece leaves the frame.
    #[cold]
    fn collect(&mut self, at: usize) -> Option<MessageHead> {
        let piece = self.rest.len().saturating_sub(at).min(PREFIX_BYTES - self.have);
        if let (Some(to), Some(from)) =
            (self.prefix.get_mut(self.have..self.have + piece), self.rest.get(at..at + piece))
        {
            to.copy_from_slice(from);
        }
        self.have += piece;
        // Either the frame ends with this piece, or it began with it.
        if at == 0 {
            self.rest.advance(piece);
        } else {
            self.rest.truncate(at);
        }
        (self.have == PREFIX_BYTES).then(|| MessageHead::of(self.prefix))
    }

    /// A prefix that came in pieces goes on as a frame of its own.
    #[cold]
    fn kept_prefix(&mut self, head: MessageHead, gate: &mut impl Gate) -> Step {
        self.have = 0;
        if head.bytes == 0 {
            self.inside = Inside::Nothing;
            gate.passed(head);
        } else {
            self.inside = Inside::Passing { head, left: head.bytes };
        }
        Step::Data(Bytes::copy_from_slice(&self.prefix))
    }

    /// The first `at` bytes; the whole frame as it is, where possible.
    #[inline]
    fn data(&mut self, at: usize) -> Step {
        if at == 0 {
            return Step::More;
        }
        if at == self.rest.len() {
            return Step::Data(std::mem::take(&mut self.rest));
        }
        Step::Data(self.rest.split_to(at))
    }
}
