//! The call's two streams: the same SSRCs and numbers for the same seed, so that the link loses the same packets.

use std::time::Duration;

use interceptor_core::{BitrateRange, FecInfo, FecScheme, StreamInfo};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::demo::Repair;
use crate::sample::{Kind, MediaSourceOptions};

/// The header extension that carries transport-wide numbers, and its identifier.
const TRANSPORT_CC: (u8, &str) =
    (5, "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01");
/// What the embedded audio has, and what video can make use of: as much as the largest link carries.
const AUDIO_RATES: BitrateRange = BitrateRange::new(40_000, 40_000);
const VIDEO_RATES: BitrateRange = BitrateRange::new(50_000, 10_000_000);

/// How long repair packets may come after what they protect: as long as the longest wait.
const REPAIR_WINDOW: Duration = Duration::from_secs(10);

/// One stream of the call, as both ends agreed on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct StreamPlan {
    pub(super) kind: Kind,
    pub(super) ssrc: u32,
    pub(super) rtx_ssrc: u32,
    pub(super) fec_ssrc: u32,
    pub(super) first_sequence: u16,
    pub(super) first_timestamp: u32,
    pub(super) payload_type: u8,
}

impl StreamPlan {
    /// Audio and video of a seed.
    pub(super) fn both(seed: u64) -> [Self; 2] {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut plans = [(Kind::Audio, 111), (Kind::Video, 96)].map(|(kind, payload_type)| Self {
            kind,
            ssrc: rng.next_u32(),
            rtx_ssrc: rng.next_u32(),
            fec_ssrc: 0,
            // The lower half, as RFC 3711 §3.3.1 advises: the link's log then unwraps from the true first packet.
            first_sequence: rng.next_u32() as u16 >> 1,
            first_timestamp: rng.next_u32(),
            payload_type,
        });
        // Last, so that a seed's media are what they were before there was FEC.
        plans.iter_mut().for_each(|plan| plan.fec_ssrc = rng.next_u32());
        plans
    }

    /// The media of a plan.
    pub(super) fn media([audio, video]: &[Self; 2]) -> MediaSourceOptions {
        MediaSourceOptions::default().with_timestamps(audio.first_timestamp, video.first_timestamp)
    }

    /// What was negotiated: feedback and a retransmission stream where the receiver asks, a FEC stream where the sender protects,
    /// transport-wide feedback where the rate follows the link. Such video is [no codec's](super::pattern).
    pub(super) fn info(&self, repair: Repair, following: bool) -> StreamInfo {
        let (mime_type, channels, rates) = match self.kind {
            Kind::Audio => ("audio/opus", 2, AUDIO_RATES),
            Kind::Video if following => ("video/x-pattern", 0, VIDEO_RATES),
            Kind::Video => ("video/VP8", 0, VIDEO_RATES),
        };
        let mut info = StreamInfo::new(self.ssrc, self.payload_type, self.kind.clock_rate())
            .with_name(self.kind.as_str())
            .with_mime_type(mime_type)
            .with_channels(channels);
        if following {
            let (id, uri) = TRANSPORT_CC;
            info = info.with_extension(id, uri).with_feedback("transport-cc", "").with_bitrate(rates);
        }
        if repair.protects() {
            let fec = FecInfo::new(FecScheme::FlexFec03, self.payload_type + 2);
            info = info.with_fec(fec.with_ssrc(self.fec_ssrc).with_repair_window(REPAIR_WINDOW));
        }
        if repair.asks() {
            info = info.with_feedback("nack", "").with_rtx(self.rtx_ssrc, self.payload_type + 1);
        }
        if repair != Repair::Off {
            info = info.with_feedback("nack", "pli");
        }
        info
    }
}
