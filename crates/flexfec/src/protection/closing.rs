//! Streams begin and end, and so do their blocks: then repair packets leave.

use std::time::Duration;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Amend, Context, Interceptor, StreamInfo, Streams};

use super::code::MAX_REPAIRS;
use super::early::Early;
use super::target::Target;
use super::{ProtectedStream, Protector};

impl Protector {
    /// A local stream begins. `None` if its repair packets would have another format, or no SSRC of their own.
    pub(crate) fn bind(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Option<ProtectedStream> {
        let target = Target::of(info)?;
        self.numbers.share(target.ssrc, self.options.protection.first_sequence_number, cx.rng());
        let state = self.cells.begin(info.ssrc);
        let stream = ProtectedStream::new(info, target, &self.options, state, cx);
        cx.declare_headroom(stream.headroom(self.options.protection.code));
        Some(stream)
    }

    /// It is described anew.
    pub(crate) fn amend(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        stream: &mut ProtectedStream,
        cx: &mut Context<'_>,
    ) -> Amend {
        let Some(target) = Target::of(new) else { return Amend::Leave };
        if target == stream.target {
            // What has been summed was summed as it was described then.
            if old.header_extensions != new.header_extensions {
                self.close_block(stream, cx);
            }
        } else {
            // Its SSRC leads nowhere any more.
            self.drop_block(stream);
            self.numbers.share(target.ssrc, self.options.protection.first_sequence_number, cx.rng());
            self.numbers.release(stream.target.ssrc);
        }
        stream.describe(new, target, &self.options.mutable);
        cx.declare_headroom(stream.headroom(self.options.protection.code));
        Amend::Keep
    }

    /// It ends: what is open leaves.
    pub(crate) fn unbind(&mut self, mut stream: ProtectedStream, cx: &mut Context<'_>) {
        self.close_block(&mut stream, cx);
        // The stream may go on without protection: what was told of that must not be taken off its rate for ever.
        stream.tell_overhead(0, cx);
        self.numbers.release(stream.target.ssrc);
        self.cells.end(&stream.state);
    }

    /// Opens a block with this packet's number; `false` if no code is in use.
    pub(super) fn begin(
        &mut self,
        stream: &mut ProtectedStream,
        packet: &RtpPacket,
        cx: &mut Context<'_>,
    ) -> bool {
        let now = cx.elapsed_nanos();
        if stream.planner.step(now) {
            self.change_code(stream, cx);
        }
        if stream.planner.code().is_none() {
            return false;
        }
        stream.open(packet.sequence_number());
        let at = now.saturating_add(self.block_nanos);
        self.deadlines.set(stream.key, Some(at));
        self.arm(at, cx);
        true
    }

    fn change_code(&self, stream: &mut ProtectedStream, cx: &mut Context<'_>) {
        stream.adopt(cx);
        let code = stream.planner.code();
        tracing::debug!(ssrc = stream.ssrc(), code = code.map(tracing::field::display), "code changed");
        // What it will take is told before it does: an encoder that is told in time does not have to be cut short.
        let expected =
            stream.meter.rates().media / 1000 * u64::from(code.map_or(0, |code| code.overhead_ppm() / 1000));
        stream.tell_overhead(expected, cx);
    }

    /// The open block closes: its repair packets leave.
    pub(super) fn close_block(&mut self, stream: &mut ProtectedStream, cx: &mut Context<'_>) {
        let Some(block) = stream.block.take() else { return };
        self.deadlines.set(stream.key, None);
        let cells = &self.cells;
        cells.blocks.increment();
        if let Some(code) = stream.planner.code().filter(|code| block.count() < code.packets()) {
            cells.early.increment();
            stream.repairs.fold(&Early::new(code, block.count()));
        }
        let (target, ssrc) = (stream.target, stream.ssrc());
        for repair in stream.repairs.filled() {
            if !stream.credit.pay(repair.body_len()) {
                cells.over_budget.increment();
                repair.clear();
                continue;
            }
            if cx.emit_budget() == 0 {
                cells.unsent.increment();
                repair.clear();
                continue;
            }
            let Ok(payload) = repair.take(target.scheme, ssrc, block.base()) else {
                repair.clear();
                continue;
            };
            let number = self.numbers.next(target.ssrc);
            let Ok(packet) = target.packet(number, stream.timestamp, ssrc, payload) else { continue };
            let len = packet.total_len();
            cells.repairs.increment();
            cells.repair_bytes.add(len as u64);
            if len + cx.config().transport_overhead > cx.config().mtu {
                cells.oversize.increment();
            }
            stream.meter.repair(len);
            cx.send_rtp(packet);
        }
    }

    fn drop_block(&mut self, stream: &mut ProtectedStream) {
        stream.block = None;
        stream.repairs.clear();
        self.deadlines.set(stream.key, None);
    }

    /// Blocks that have been open for long enough close. As many as the chain emits at a time; the others right afterwards.
    pub(crate) fn close_due<I>(&mut self, streams: &mut Streams<'_, I>, cx: &mut Context<'_>)
    where
        I: Interceptor<Local = ProtectedStream>,
    {
        let now = cx.elapsed_nanos();
        self.armed = None;
        let enough = MAX_REPAIRS.min(cx.config().limits.max_emitted_per_input);
        while cx.emit_budget() >= enough
            && let Some((_, key)) = self.deadlines.take_due(now)
        {
            if let Some(stream) = streams.local_by_key(key) {
                self.close_block(stream, cx);
                if let Some(rates) = stream.meter.tick(now) {
                    stream.hear_rates(rates, cx);
                }
            }
        }
        if let Some((at, _)) = self.deadlines.next() {
            self.arm(at, cx);
        }
    }

    fn arm(&mut self, at: u64, cx: &mut Context<'_>) {
        if self.armed.is_none_or(|armed| at < armed)
            && let Some(instant) = cx.config().now.checked_add(Duration::from_nanos(at))
        {
            self.armed = Some(at);
            cx.wake_for("a block closes", instant);
        }
    }

    /// All ends: what is open leaves.
    pub(crate) fn close<I>(&mut self, streams: &mut Streams<'_, I>, cx: &mut Context<'_>)
    where
        I: Interceptor<Local = ProtectedStream>,
    {
        for (_, stream) in streams.locals() {
            self.close_block(stream, cx);
        }
    }
}
