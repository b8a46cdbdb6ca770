//! Packets of remote streams on their way in: media is kept, repair packets end here, and what comes back goes on.

use std::time::Duration;

use bytes::Bytes;
use interceptor_core::packet::fec::{FlexFec03, Rfc8627, Span, St2022};
use interceptor_core::packet::{Origin, Recovery as RecoveredBy, RtpPacket};
use interceptor_core::{Context, FecStats, Flow};
use interceptor_parity::{Arrived, Repair, Scope};
use smallvec::SmallVec;

use super::Recovery;
use super::stream::{Format, RecoveredStream};

/// The least time between two statistics of a stream.
const STATS: u64 = 500_000_000;

/// The streams that a repair packet protects.
type Protected = SmallVec<[(u32, Span); 1]>;

impl Recovery {
    /// A packet of the stream, or a repair packet of its group.
    #[inline]
    pub(crate) fn read(
        &mut self,
        stream: &RecoveredStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Flow {
        let ssrc = packet.ssrc();
        if ssrc == stream.ssrc() {
            self.read_media(stream, packet, cx)
        } else if ssrc == stream.source.ssrc {
            self.read_repair(stream, packet, cx);
            if self.options.recovery.forward_repair { Flow::Forward } else { Flow::Consumed }
        } else {
            Flow::Forward
        }
    }

    #[inline]
    fn read_media(&mut self, stream: &RecoveredStream, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Flow {
        let Some(group) = self.groups.get(stream.group) else { return Flow::Forward };
        let waits = group.decoder.waiting().0 > 0;
        let arrived = group.decoder.media(packet, Duration::from_nanos(cx.elapsed_nanos()));
        if waits || arrived == Arrived::Duplicate {
            group.count(&self.cells);
        }
        if arrived == Arrived::Duplicate {
            return Flow::Consumed;
        }
        if !group.decoder.has_recovered() {
            return Flow::Forward;
        }
        // What came back is older, mostly: it goes on first.
        let completes = packet.take();
        let newest = completes.sequence_number();
        let mut held = Some(completes);
        while let Some(recovered) = group.decoder.pop_recovered() {
            let is_newer = (recovered.sequence_number().wrapping_sub(newest) as i16) > 0;
            if let Some(completes) = held.take_if(|_| is_newer && recovered.ssrc() == stream.ssrc()) {
                cx.deliver_rtp(completes);
            }
            cx.deliver_rtp(recovered);
        }
        if let Some(completes) = held {
            cx.deliver_rtp(completes);
        }
        Flow::Consumed
    }

    /// What comes back later than this is of no use: until then a repair packet waits, if not less.
    pub(crate) fn hear_deadline(&mut self, stream: &RecoveredStream, delay: Duration) {
        if let Some(group) = self.groups.get(stream.group) {
            group.decoder.set_wait(group.window.min(delay));
        }
    }

    fn read_repair(&mut self, stream: &RecoveredStream, packet: &RtpPacket, cx: &mut Context<'_>) {
        let cells = &self.cells;
        cells.repairs.increment();
        let Some(group) = self.groups.get(stream.group) else { return };
        group.repairs += 1;
        let at = Duration::from_nanos(cx.elapsed_nanos());
        match read(stream, packet) {
            Some(Read::Sum(repair, protected)) => {
                group.decoder.repair(repair, &protected, at);
            }
            Some(Read::Repeat(repeated)) => {
                cells.repeats.increment();
                if group.decoder.media(&repeated, at) == Arrived::Kept {
                    cx.deliver_rtp(repeated);
                }
            }
            None => cells.malformed.increment(),
        }
        group.count(cells);
        while let Some(recovered) = group.decoder.pop_recovered() {
            cx.deliver_rtp(recovered);
        }
        if cx.elapsed_nanos().saturating_sub(group.told_at) >= STATS {
            self.tell_stats(stream, cx);
        }
    }

    /// Publishes what repair packets have done so far.
    pub(super) fn tell_stats(&mut self, stream: &RecoveredStream, cx: &mut Context<'_>) {
        let Some(group) = self.groups.get(stream.group).filter(|group| group.repairs > 0) else { return };
        group.told_at = cx.elapsed_nanos();
        let discarded = group.decoder.tally().discarded();
        cx.publish(FecStats { ssrc: stream.ssrc(), received: group.repairs, discarded });
    }
}

/// What a repair packet is.
enum Read {
    Sum(Repair, Protected),
    /// A packet that was sent once more.
    Repeat(RtpPacket),
}

fn read(stream: &RecoveredStream, packet: &RtpPacket) -> Option<Read> {
    let payload = packet.payload_bytes();
    let body = |body: &[u8]| payload.slice(payload.len() - body.len()..);
    match stream.source.format {
        Format::Draft03 => {
            let read = FlexFec03::read(&payload).ok()?;
            let repair = Repair { fields: read.fields(), body: body(read.body()), scope: Scope::Packet };
            Some(Read::Sum(repair, read.protected().collect()))
        }
        Format::Rfc8627 => match Rfc8627::read(packet.csrcs().count(), &payload).ok()? {
            Rfc8627::Repair(read) => {
                let repair = Repair { fields: read.fields(), body: body(read.body()), scope: Scope::Packet };
                Some(Read::Sum(repair, packet.csrcs().zip(read.spans()).collect()))
            }
            Rfc8627::Retransmission(packet) => repeat(body(packet)).map(Read::Repeat),
        },
        // It names no SSRC: its port says whose it is.
        Format::St2022 => {
            let read = St2022::read(&payload).ok()?;
            let repair = Repair { fields: read.fields(), body: body(read.body()), scope: Scope::Payload };
            Some(Read::Sum(repair, SmallVec::from_iter([(stream.ssrc(), read.protected())])))
        }
    }
}

fn repeat(bytes: Bytes) -> Option<RtpPacket> {
    let mut packet = RtpPacket::parse(bytes).ok()?;
    let info = packet.info_mut();
    (info.origin, info.recovered_by) = (Origin::Media, Some(RecoveredBy::Rtx));
    Some(packet)
}
