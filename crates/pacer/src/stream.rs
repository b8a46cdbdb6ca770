//! What is kept of a local stream: three lanes, and what was dropped of it.

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{AbandonedNumbers, Context, KeyframeRequested, StreamInfo, StreamKey};

use crate::class::Rank;
use crate::lane::{Held, Lane};
use crate::turns::{Slot, Turn, Turns};

/// What [`Pacer`](crate::Pacer) keeps of a local stream: what waits of it, by SSRC.
#[derive(Debug)]
pub struct PacedStream {
    pub(crate) key: StreamKey,
    pub(crate) ssrc: u32,
    pub(crate) audio: bool,
    /// Media, repeats, FEC.
    lanes: [Lane; 3],
    pub(crate) numbers: AbandonedNumbers,
    /// The timestamp of a frame of which packets were dropped: the others are of no use.
    spoilt: Option<u32>,
}

impl PacedStream {
    pub(crate) fn new(info: &StreamInfo, key: StreamKey) -> Self {
        let (ssrc, audio) = (info.ssrc, info.is_audio());
        Self { key, ssrc, audio, lanes: lanes(audio), numbers: AbandonedNumbers::new(ssrc), spoilt: None }
    }

    /// It is described anew while nothing waits.
    pub(crate) fn describe(&mut self, info: &StreamInfo) {
        if self.audio != info.is_audio() {
            self.audio = info.is_audio();
            self.lanes = lanes(self.audio);
        }
    }

    /// The lane of a packet: what has the numbers of media waits with media, whatever it is.
    pub(crate) fn slot_of(&self, packet: &RtpPacket) -> Slot {
        match packet.info().origin {
            Origin::Retransmission => Slot::Repair,
            _ if packet.ssrc() == self.ssrc => Slot::Media,
            Origin::FecRepair => Slot::Fec,
            Origin::Padding => Slot::Repair,
            _ => Slot::Media,
        }
    }

    pub(crate) const fn turn(&self, slot: Slot) -> Turn {
        Turn { stream: Some(self.key), slot }
    }

    #[inline]
    pub(crate) fn lane(&mut self, slot: Slot) -> &mut Lane {
        let [media, repair, fec] = &mut self.lanes;
        match slot {
            Slot::Media => media,
            Slot::Repair => repair,
            Slot::Fec => fec,
        }
    }

    /// Does anything wait?
    pub(crate) fn waits(&self) -> bool {
        self.lanes.iter().any(|lane| !lane.is_empty())
    }

    /// Is this what is left of a frame whose beginning was dropped? The packet with the marker is its last.
    pub(crate) fn is_spoilt(&mut self, packet: &RtpPacket) -> bool {
        if self.spoilt != Some(packet.timestamp()) {
            self.spoilt = None;
            return false;
        }
        if packet.marker() {
            self.spoilt = None;
        }
        true
    }

    /// A packet of video was dropped: what follows of its frame is of no use, and the stream needs a key frame.
    /// `complete`: nothing of the frame will come.
    pub(crate) fn spoil(&mut self, packet: &RtpPacket, complete: bool, cx: &mut Context<'_>) {
        self.spoilt = Some(packet.timestamp()).filter(|_| !complete && !packet.marker());
        cx.publish(KeyframeRequested { ssrc: self.ssrc });
    }

    /// Nothing was dropped of it that matters for the next packet.
    #[inline(always)]
    pub(crate) const fn is_plain(&self) -> bool {
        self.numbers.is_empty() && self.spoilt.is_none()
    }

    /// A number goes on, or will when its turn comes.
    pub(crate) fn accept(&mut self, packet: &RtpPacket, cx: &mut Context<'_>) {
        if let Some(run) = self.numbers.accept(self.numbers.number(packet)) {
            cx.publish(run);
        }
    }

    /// A packet that waited ends here.
    pub(crate) fn lose_accepted(&mut self, packet: &RtpPacket, cx: &mut Context<'_>) {
        if let Some(run) = self.numbers.lose_accepted(packet) {
            cx.publish(run);
        }
    }

    /// Tells of the numbers that will not be sent.
    pub(crate) fn tell_lost(&mut self, cx: &mut Context<'_>) {
        if let Some(run) = self.numbers.take() {
            cx.publish(run);
        }
    }
}

/// Puts a packet into its lane, which moves up if it is more urgent than what is there.
pub(crate) fn push(lane: &mut Lane, turns: &mut Turns, turn: Turn, held: Held) {
    let (rank, new) = (lane.rank(), lane.rank_with(held.class));
    if lane.is_empty() {
        turns.enter(new, turn);
    } else if new != rank {
        turns.leave(rank, turn);
        turns.enter(new, turn);
    }
    lane.push(held);
}

/// Takes the first of a lane, whose next turn is after those of all its equals.
pub(crate) fn pop(lane: &mut Lane, turns: &mut Turns, turn: Turn) -> Option<Held> {
    let rank = lane.rank();
    let held = lane.pop()?;
    turns.leave(rank, turn);
    if !lane.is_empty() {
        turns.enter(lane.rank(), turn);
    }
    Some(held)
}

/// The lane of all that no stream has, which is served like one of video.
pub(crate) const UNBOUND: Turn = Turn { stream: None, slot: Slot::Media };

pub(crate) const fn unbound_lane() -> Lane {
    Lane::new(Rank::Video, Rank::Video)
}

/// Media, repeats, FEC.
const fn lanes(audio: bool) -> [Lane; 3] {
    let (media, repeats) =
        if audio { (Rank::Audio, Rank::AudioRepeats) } else { (Rank::Video, Rank::VideoRepeats) };
    // A repeat on the media SSRC has a lane of its own: its number is an old one in any case.
    [Lane::new(media, media), Lane::new(Rank::Padding, repeats), Lane::new(Rank::Fec, Rank::Fec)]
}

const _: () = assert!(size_of::<PacedStream>() <= 256, "as documented");
const _: () = assert!(size_of::<Held>() <= 192, "as documented, of what waits");
