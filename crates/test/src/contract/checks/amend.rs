//! Streams whose description changes in the middle of traffic.

use std::time::Duration;

use interceptor_core::{ChainError, Error, RtxInfo, RtxPayloadType, StreamInfo};
use interceptor_packet::RtpPacket;

use super::lifecycle::tell;
use crate::contract::companion::Companion;
use crate::contract::rig::{LOCAL, MEDIA, REMOTE, Rig};
use crate::contract::seen::Seen;
use crate::contract::{ABOVE, Contract, RTX_OFFSET, parts};
use crate::rtp;

const MS: Duration = Duration::from_millis(1);

/// How a stream may be described anew.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// RTX where there was none, or none where there was.
    Rtx,
    /// Another payload type alone.
    Codec,
    /// Every header extension under another identifier.
    Extensions,
    /// No feedback any more.
    Feedback,
}

const CHANGES: [Change; 4] = [Change::Rtx, Change::Codec, Change::Extensions, Change::Feedback];

impl Contract {
    /// RTX that comes and goes, other payload types, other identifiers of header extensions, feedback that goes: whatever
    /// signalling changes while packets are missing and asked for, no packet is lost, and the streams end cleanly. What changes
    /// nothing changes nothing.
    ///
    /// # Panics
    /// If not.
    pub fn takes_amendments_in_the_middle_of_traffic(&self) {
        self.assert_same_after_no_change();
        for change in CHANGES {
            let mut rig = Rig::with_streams(self);
            let mut seq = 0;
            for amended in [true, false, true] {
                let when = format!(
                    "amended in the middle of traffic ({change:?}, {})",
                    if amended { "there" } else { "back" }
                );
                leave_a_gap(&mut rig, seq);
                let describe = |ssrc| if amended { change.of(&self.stream(ssrc)) } else { self.stream(ssrc) };
                for (local, remote) in LOCAL.into_iter().zip(REMOTE) {
                    let changed = rig.amend_local(describe(local));
                    assert!(changed.is_ok(), "a local stream {when}: {changed:?}");
                    let changed = rig.amend_remote(describe(remote));
                    assert!(changed.is_ok(), "a remote stream {when}: {changed:?}");
                }
                fill_the_gap(&mut rig, seq);
                for (local, remote) in LOCAL.into_iter().zip(REMOTE) {
                    let media = |ssrc| {
                        let payload_type = describe(ssrc).primary().map_or(96, |codec| codec.payload_type);
                        rtp(ssrc).pt(payload_type).seq(seq + GAP)
                    };
                    rig.assert_passes(self, &when, [&media(local), &media(remote)]);
                }
                seq += GAP + MEDIA as u16;
            }
            rig.unbind(&LOCAL, &REMOTE);
            assert_eq!(parts(&rig.chain), 0, "states left after {change:?}");
            rig.pass(Duration::from_secs(5));
            rig.assert_healthy();
        }
    }

    /// A neighbour refuses the change of a stream: the interceptor learns that it does not come, and goes on as before.
    ///
    /// # Panics
    /// If it does not.
    pub fn goes_on_after_a_refused_amendment(&self) {
        for change in CHANGES {
            let mut rig = Rig::with_streams(self);
            let now = rig.now();
            let refuses = |companion: Companion, hook| companion.on(hook, |_, _| Err(Error::msg("no")));
            let companion = ["amend_local", "amend_remote"].into_iter().fold(Companion::default(), refuses);
            companion.insert(&mut rig.chain, ABOVE, self.stage.above(), now);
            let before = self.shape(&rig);
            let mut seq = 0;
            for (local, remote) in LOCAL.into_iter().zip(REMOTE) {
                leave_a_gap(&mut rig, seq);
                let refused = [
                    rig.amend_local(change.of(&self.stream(local))),
                    rig.amend_remote(change.of(&self.stream(remote))),
                ];
                let by_the_companion = |result: &Result<(), ChainError>| {
                    matches!(result, Err(ChainError::Refused { interceptor: ABOVE, .. }))
                };
                assert!(refused.iter().all(by_the_companion), "{change:?}: {refused:?}");
                assert_eq!(self.shape(&rig), before, "after a refused {change:?}: streams and headroom");
                fill_the_gap(&mut rig, seq);
                let media = |ssrc| rtp(ssrc).seq(seq + GAP);
                let when = format!("after a refused amendment ({change:?})");
                rig.assert_passes(self, &when, [&media(local), &media(remote)]);
                seq += GAP + MEDIA as u16;
            }
            rig.assert_healthy();
        }
    }

    /// An amendment that says what was said before.
    fn assert_same_after_no_change(&self) {
        let mut rigs = [(); 2].map(|()| Rig::with_streams(self));
        for step in 0..48 {
            rigs.iter_mut().for_each(|rig| tell(rig, step));
            let [told, _] = &mut rigs;
            for (local, remote) in LOCAL.into_iter().zip(REMOTE) {
                told.amend_local(self.stream(local)).expect("no change is no reason to refuse");
                told.amend_remote(self.stream(remote)).expect("no change is no reason to refuse");
            }
            let [told, other] = rigs.each_mut().map(Seen::of);
            other.assert_same(&told, &format!("an amendment that changes nothing, step {step}"));
        }
    }

    /// What a refused amendment leaves as it was.
    fn shape(&self, rig: &Rig) -> (usize, Vec<Option<usize>>, Vec<Option<StreamInfo>>) {
        let headroom = LOCAL.map(|ssrc| rig.chain.headroom(ssrc)).to_vec();
        let locals = LOCAL.iter().map(|ssrc| rig.chain.local_stream(*ssrc).cloned());
        let remotes = REMOTE.iter().map(|ssrc| rig.chain.remote_stream(*ssrc).cloned());
        (parts(&rig.chain), headroom, locals.chain(remotes).collect())
    }
}

/// Packets that [`leave_a_gap`] and [`fill_the_gap`] use up.
const GAP: u16 = 4;

/// The second of three packets is missing on every remote stream, and asked for by who asks. On the local ones the peer asks.
fn leave_a_gap(rig: &mut Rig, seq: u16) {
    for (local, remote) in LOCAL.into_iter().zip(REMOTE) {
        for number in 0..GAP {
            rig.write_rtp(rtp(local).seq(seq + number).payload_len(30).build());
            if number != 1 {
                rig.read(rtp(remote).seq(seq + number).payload_len(30).build().to_bytes());
            }
        }
    }
    rig.pass(30 * MS);
}

/// The missing packets come as retransmissions and plainly, and the peer asks for ours.
fn fill_the_gap(rig: &mut Rig, seq: u16) {
    for (local, remote) in LOCAL.into_iter().zip(REMOTE) {
        let original = rtp(remote).seq(seq + 1).payload_len(30).build();
        let payload = [&original.sequence_number().to_be_bytes(), original.payload()].concat();
        let rtx: RtpPacket = rtp(remote + RTX_OFFSET).pt(97).seq(seq).payload(payload).build();
        rig.read(rtx.to_bytes());
        rig.read(original.to_bytes());
        let nack = interceptor_packet::RtcpPacket::builder().nack(remote, local, &[seq, seq + 1]).build();
        rig.read(nack.expect("a NACK of two numbers").into_bytes());
    }
    rig.pass(30 * MS);
}

impl Change {
    fn of(self, info: &StreamInfo) -> StreamInfo {
        let mut info = info.clone();
        match self {
            Self::Rtx if info.rtx.is_some() => info.rtx = None,
            Self::Rtx => info = info.clone().with_rtx(info.ssrc + RTX_OFFSET, free(&info)),
            Self::Codec => {
                let payload_type = free(&info);
                info.codecs.truncate(1);
                for codec in &mut info.codecs {
                    codec.payload_type = payload_type;
                }
                if let Some(RtxInfo { payload_types, .. }) = &mut info.rtx {
                    payload_types.retain(|pair| pair.rtx != payload_type);
                    payload_types.truncate(1);
                    payload_types.iter_mut().for_each(|RtxPayloadType { media, .. }| *media = payload_type);
                }
            }
            Self::Extensions => {
                for extension in info.header_extensions.iter_mut().filter(|extension| extension.id < 15) {
                    extension.id = 15 - extension.id;
                }
            }
            Self::Feedback => info.feedback.clear(),
        }
        info
    }
}

/// A dynamic payload type (RFC 3551 §6) that the stream has no use for.
fn free(info: &StreamInfo) -> u8 {
    let pairs = || info.rtx.iter().flat_map(|rtx| &rtx.payload_types);
    let taken = |payload_type: &u8| {
        info.codec(*payload_type).is_some()
            || pairs().any(|pair| pair.rtx == *payload_type || pair.media == *payload_type)
            || info.fec.is_some_and(|fec| fec.payload_type == *payload_type)
            || info.red.is_some_and(|red| [red.payload_type, red.primary].contains(payload_type))
    };
    (96..=127).find(|payload_type| !taken(payload_type)).unwrap_or(0)
}
