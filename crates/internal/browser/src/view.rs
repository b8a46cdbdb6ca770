//! What the browser says of a call: the rows of `getStats` that count here (W3C `webrtc-stats`), as they are named there.

use serde::Deserialize;

/// What it says at a time.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct View {
    /// Of its connectivity checks: `new`, `checking`, `connected`, `completed`, `failed`, …
    pub connection: String,
    /// What congestion control lets it send, in bits per second.
    pub available_outgoing_bitrate: f64,
    /// Of the path, by connectivity checks, in seconds.
    pub current_round_trip_time: f64,
    /// Reports of RFC 8888 that it has read.
    pub ccfb_messages_received: u64,
    /// What it sends.
    pub outbound: Vec<Outbound>,
    /// What it receives.
    pub inbound: Vec<Inbound>,
}

/// A stream, or a layer of one, that it sends, and what our receiver reports say of that.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Outbound {
    /// `audio` or `video`.
    pub kind: String,
    /// Of the layer; empty if there is only one.
    pub rid: String,
    /// The media SSRC.
    pub ssrc: u32,
    /// What the encoder is to make, in bits per second.
    pub target_bitrate: f64,
    /// Why the pictures are not what they could be: `none`, `cpu`, `bandwidth`, `other`.
    pub quality_limitation_reason: String,
    /// Packets that were sent, those sent again included.
    pub packets_sent: u64,
    /// Packets that it has sent again.
    pub retransmitted_packets_sent: u64,
    /// Frames that the encoder has made.
    pub frames_encoded: u64,
    /// Key frames among them.
    pub key_frames_encoded: u64,
    /// Seconds that it took for them.
    pub total_encode_time: f64,
    /// Pixels of the pictures that are sent.
    pub frame_width: u32,
    /// Pixels of the pictures that are sent.
    pub frame_height: u32,
    /// NACK messages that it has read.
    pub nack_count: u64,
    /// Requests for key frames that it has read.
    pub pli_count: u64,
    /// Packets that our receiver reports say were lost.
    pub packets_lost: i64,
}

/// A stream that it receives.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Inbound {
    /// `audio` or `video`.
    pub kind: String,
    /// The media SSRC.
    pub ssrc: u32,
    /// Packets that have come, those sent again included.
    pub packets_received: u64,
    /// Packets that have not come in their first sending.
    pub packets_lost: i64,
    /// Packets that came as they were sent again.
    pub retransmitted_packets_received: u64,
    /// Repair packets that have come.
    pub fec_packets_received: u64,
    /// NACK messages that it has sent.
    pub nack_count: u64,
    /// Requests for key frames that it has sent.
    pub pli_count: u64,
    /// Frames that were decoded.
    pub frames_decoded: u64,
    /// Key frames among them.
    pub key_frames_decoded: u64,
    /// Samples of sound that were played, those made up included.
    pub total_samples_received: u64,
    /// Samples of sound that were made up.
    pub concealed_samples: u64,
}

impl View {
    /// What it sends of this kind, or the first layer of it.
    #[must_use]
    pub fn sent(&self, kind: &str) -> Outbound {
        self.outbound.iter().find(|row| row.kind == kind).cloned().unwrap_or_default()
    }

    /// What it receives of this kind.
    #[must_use]
    pub fn received(&self, kind: &str) -> Inbound {
        self.inbound.iter().find(|row| row.kind == kind).cloned().unwrap_or_default()
    }
}
