//! The protecting role: media packets of local streams are summed as they pass, and repair packets leave when a block closes.
//!
//! | file | what |
//! |---|---|
//! | `code`, `cover`, `early` | which repair packet covers which place of a block, also of one that is not full |
//! | `block` | which numbers are in a block, and how far its mask reaches |
//! | `repairs`, `target`, `numbers` | sums, and the repair packets that they become |
//! | `planner`, `worst`, `meter`, `credit` | which code is worth it, and what it may take |
//! | `stream`, `closing` | a stream's state; what ends a block |

mod block;
mod closing;
mod code;
mod counters;
mod cover;
mod credit;
mod early;
mod meter;
mod numbers;
mod options;
mod planner;
mod repairs;
mod stream;
mod target;
mod worst;

use std::sync::Arc;

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Context, Deadlines, Fact};

pub use code::Code;
pub(crate) use counters::ProtectionCells;
pub use counters::{Protection, ProtectionCounters};
pub use options::ProtectionOptions;
pub use stream::ProtectedStream;

use crate::FlexFecOptions;
use block::Join;
use numbers::Numbers;

/// The longest value of a header extension (RFC 8285 §4.3).
const ZEROS: [u8; 255] = [0; 255];

/// What protecting keeps of a connection.
#[derive(Debug)]
pub(crate) struct Protector {
    options: Arc<FlexFecOptions>,
    cells: Arc<ProtectionCells>,
    numbers: Numbers,
    /// When the open blocks close at the latest, in nanoseconds since the connection's start.
    deadlines: Deadlines<u64>,
    /// For when a wake is asked for.
    armed: Option<u64>,
    block_nanos: u64,
}

impl Protector {
    pub(crate) fn new(options: Arc<FlexFecOptions>, cells: Arc<ProtectionCells>) -> Self {
        let block_nanos = options.protection.block_time().as_nanos() as u64;
        Self {
            options,
            cells,
            numbers: Numbers::default(),
            deadlines: Deadlines::default(),
            armed: None,
            block_nanos,
        }
    }

    /// A packet of the stream, on its way out.
    #[inline]
    pub(crate) fn write(
        &mut self,
        stream: &mut ProtectedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) {
        match packet.info().origin {
            Origin::Media => {
                self.reserve(packet, cx);
                self.protect(stream, packet, cx);
            }
            // On the media SSRC it has to be what was summed, byte for byte.
            Origin::Retransmission => self.reserve(packet, cx),
            _ => {}
        }
    }

    /// Puts zeros in for what is stamped nearer the wire: it is overwritten in place then, and the sum stays right.
    #[inline]
    fn reserve(&self, packet: &mut RtpPacket, cx: &Context<'_>) {
        for stamp in cx.stamps() {
            let len = usize::from(stamp.len);
            if packet.extension(stamp.id).is_none_or(|value| value.len() != len) {
                let zeros = ZEROS.get(..len).unwrap_or_default();
                if packet.set_extension(stamp.id, zeros).is_err() {
                    self.cells.unreserved.increment();
                }
            }
        }
    }

    fn protect(&mut self, stream: &mut ProtectedStream, packet: &RtpPacket, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos();
        stream.meter.media(packet.total_len(), packet.marker());
        if let Some(rates) = stream.meter.tick(now) {
            stream.hear_rates(rates, cx);
        }
        if stream.block.is_none() && !self.begin(stream, packet, cx) {
            self.cells.unprotected.increment();
            return;
        }
        let seq = packet.sequence_number();
        let mut join = stream.join(seq);
        if join == Join::Outside {
            self.close_block(stream, cx);
            if !self.begin(stream, packet, cx) {
                self.cells.unprotected.increment();
                return;
            }
            join = stream.join(seq);
        }
        match join {
            Join::In { place, offset, shift, newest } => {
                stream.add(packet, place, offset, shift, newest);
                self.cells.protected.increment();
                if stream.is_full() || self.options.protection.per_frame && packet.marker() {
                    self.close_block(stream, cx);
                }
            }
            Join::Again => self.cells.duplicates.increment(),
            Join::Late | Join::Outside => self.cells.unprotected.increment(),
        }
    }

    /// What others have found out about a stream.
    pub(crate) fn hear(&mut self, fact: &Fact, stream: &mut ProtectedStream, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos();
        match fact {
            Fact::Loss(loss) if loss.ssrc == stream.ssrc() => {
                let situation = stream.situation(cx);
                stream.planner.hear_loss(*loss, &self.options.protection, &situation);
            }
            Fact::TargetBitrate(target) => stream.planner.hear_target(target.bits_per_second, now),
            Fact::StreamTarget(target) if target.ssrc == stream.ssrc() => {
                stream.planner.hear_pause(target.paused)
            }
            _ => return,
        }
        stream.tell_state();
    }
}
