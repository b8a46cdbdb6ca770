//! Whether the peer has heard of what a stream's packets say: until then each of them says it.

use interceptor_core::packet::{Rtcp, RtcpPacket, SequenceNumber};
use interceptor_core::{Context, Rtt};

/// A round trip that nobody has measured yet (libwebrtc `kDefaultRtt`).
const DEFAULT_ROUND_TRIP_NANOS: u64 = 100_000_000;

/// What becomes of something that packets say until the peer has had one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acknowledged {
    /// No packet has said it.
    Unsaid,
    /// Every packet has since this number and time, in nanoseconds since the chain began.
    Since { number: SequenceNumber, nanos: u64 },
    /// The peer has had one of them.
    Yes,
}

/// What a peer's RTCP shows of the packets that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// It has this number, or one behind it.
    Number(SequenceNumber),
    /// It has some packet.
    Some,
}

impl Acknowledged {
    pub(crate) const fn is_yes(self) -> bool {
        matches!(self, Self::Yes)
    }

    /// A packet says it.
    #[inline]
    pub(crate) fn said(&mut self, number: u16, cx: &Context<'_>) {
        if *self == Self::Unsaid {
            *self = Self::Since { number: SequenceNumber(number), nanos: cx.elapsed_nanos() };
        }
    }

    /// The peer shows what it has; true if that settles it. What only names the stream may be older than the first packet, unless a round
    /// trip has gone by.
    pub(crate) fn hear(&mut self, shown: Shown, cx: &Context<'_>) -> bool {
        let Self::Since { number, nanos } = *self else { return false };
        let has_one = match shown {
            Shown::Number(has) => has.distance(number) >= 0,
            Shown::Some => cx.elapsed_nanos().saturating_sub(nanos) >= round_trip(cx.facts().rtt()),
        };
        if has_one {
            *self = Self::Yes;
        }
        has_one
    }
}

fn round_trip(rtt: Option<Rtt>) -> u64 {
    rtt.map_or(DEFAULT_ROUND_TRIP_NANOS, |rtt| rtt.smoothed.as_nanos() as u64)
}

/// Everything that a datagram shows of local streams, by SSRC.
pub(crate) fn shown_by(packet: &RtcpPacket, mut show: impl FnMut(u32, Shown)) {
    let number = |number: u16| Shown::Number(SequenceNumber(number));
    for part in packet.packets() {
        match part {
            Rtcp::SenderReport(report) => report
                .report_blocks()
                .for_each(|block| show(block.ssrc(), number(block.extended_sequence_number() as u16))),
            Rtcp::ReceiverReport(report) => report
                .report_blocks()
                .for_each(|block| show(block.ssrc(), number(block.extended_sequence_number() as u16))),
            // What is asked for is behind something that has come.
            Rtcp::Nack(nack) => {
                nack.sequence_numbers().for_each(|missing| show(nack.media_ssrc(), number(missing)));
            }
            Rtcp::Ccfb(feedback) => {
                for block in feedback.blocks() {
                    let received = block.metrics().filter(|(_, metric)| metric.is_received());
                    received.for_each(|(has, _)| show(block.ssrc(), number(has)));
                }
            }
            Rtcp::Twcc(feedback) => show(feedback.media_ssrc(), Shown::Some),
            Rtcp::Pli(request) => show(request.media_ssrc(), Shown::Some),
            Rtcp::Fir(request) => request.entries().for_each(|entry| show(entry.ssrc, Shown::Some)),
            _ => {}
        }
    }
}
