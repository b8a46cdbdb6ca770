//! The second of two bounds: that of all streams together.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Context, Flow, StreamKey};

use crate::counters::{Weight, Whose};
use crate::gate::{Answer, Reason};
use crate::{Limit, LimitedStream, OverLimit, Reached};

/// A packet that waits for the connection. Its stream has let it pass.
#[derive(Debug)]
pub(crate) struct Shared {
    /// `None`: it is of no stream.
    pub(crate) stream: Option<StreamKey>,
    /// Its stream has let it pass over its rates, without tokens.
    pub(crate) marked: bool,
    pub(crate) packet: RtpPacket,
}

/// What has become of a packet that its stream let pass.
pub(crate) enum Shares {
    /// It passes.
    Passes {
        /// Over the rates of its stream or of the connection.
        marked: bool,
    },
    /// It waits, and has been taken.
    Waits,
    /// It ends here.
    Ends(Reason),
}

impl Limit {
    /// A packet that has its stream's tokens, and needs the connection's.
    pub(crate) fn share(
        &mut self,
        stream: &mut LimitedStream,
        packet: &mut RtpPacket,
        bytes: u64,
        cx: &mut Context<'_>,
    ) -> Flow {
        if let Some(connection) = &mut self.connection
            && connection.is_open()
            && (packet.info().seen_unbound || connection.take(bytes, cx.elapsed_nanos()))
        {
            stream.pass(packet, bytes);
            return Flow::Forward;
        }
        self.share_bounded(stream, packet, bytes, false, cx)
    }

    /// A packet that its stream lets pass, with tokens or `marked`.
    pub(crate) fn share_bounded(
        &mut self,
        stream: &mut LimitedStream,
        packet: &mut RtpPacket,
        bytes: u64,
        marked: bool,
        cx: &mut Context<'_>,
    ) -> Flow {
        // A packet that waits is taken.
        let (weight, number) = (Weight::of(packet, bytes), stream.number(packet));
        // What the connection has been charged for while nobody had bound its stream passes.
        let shares = if packet.info().seen_unbound {
            Shares::Passes { marked }
        } else {
            self.ask_connection(Some(stream.key), packet, bytes, marked, cx)
        };
        match shares {
            Shares::Passes { marked } => {
                stream.cells().pass(bytes);
                if marked {
                    stream.cells().mark();
                    mark(packet);
                }
                stream.accept(number, cx);
                stream.tell_lost(cx);
                Flow::Forward
            }
            Shares::Waits => {
                stream.cells().hold(weight);
                stream.accept(number, cx);
                Flow::Consumed
            }
            Shares::Ends(reason) => {
                if !marked {
                    stream.gate.give_back(bytes);
                }
                stream.drop(packet, Whose::Connection, reason, bytes, cx);
                Flow::Consumed
            }
        }
    }

    /// What the connection has to say of a packet; one that waits is taken.
    pub(crate) fn ask_connection(
        &mut self,
        stream: Option<StreamKey>,
        packet: &mut RtpPacket,
        bytes: u64,
        marked: bool,
        cx: &mut Context<'_>,
    ) -> Shares {
        let (now, room) = (cx.elapsed_nanos(), self.has_room(bytes));
        let Some(connection) = &mut self.connection else { return Shares::Passes { marked } };
        let (answer, mut news) = connection.ask(bytes, now);
        let (mut first, mut shares) = (false, Shares::Waits);
        match answer {
            Answer::Pass => shares = Shares::Passes { marked },
            Answer::Mark => shares = Shares::Passes { marked: true },
            Answer::Drop(reason) => shares = Shares::Ends(reason),
            Answer::Hold if room => {
                first = connection.hold(Shared { stream, marked, packet: packet.take() }, bytes);
                self.waiting_bytes += bytes as usize;
            }
            Answer::Hold => {
                news = connection.overflow(now).or(news);
                shares = Shares::Ends(Reason::Queue);
            }
        }
        if first {
            self.arm(cx);
        }
        if let Some(excess) = news {
            self.raise(Reached::Connection(excess), cx);
        }
        shares
    }

    /// Is there room for so many bytes more to wait?
    pub(crate) const fn has_room(&self, bytes: u64) -> bool {
        self.waiting_bytes + bytes as usize <= self.max_waiting_bytes
    }
}

/// A packet goes on though it is over a limit.
pub(crate) fn mark(packet: &mut RtpPacket) {
    packet.info_mut().attributes.insert(OverLimit);
}
