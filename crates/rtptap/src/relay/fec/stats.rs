//! What a leg's forward error correction has done: for who watches.

use interceptor_flexfec::{FlexFecTotals, Protection};
use serde::Serialize;

/// What a leg's forward error correction has done: the source's, which recovers, or a target's, which protects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FecStats {
    /// Source: repair packets that came in.
    pub packets_received: u64,
    /// Source: media packets that were made of others.
    pub packets_recovered: u64,
    /// Source: repair packets that nothing came of: what they protect had come, or too much of it was lost.
    pub packets_discarded: u64,
    /// Source: repair packets that make no sense.
    pub packets_malformed: u64,
    /// Target: media packets that repair packets protect.
    pub packets_protected: u64,
    /// Target: repair packets that were made.
    pub packets_made: u64,
    /// Target: their bytes, with RTP headers.
    pub bytes_made: u64,
    /// Target: how each stream is protected now.
    pub streams: Vec<ProtectedStats>,
}

/// How a stream is protected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProtectedStats {
    /// The stream.
    pub ssrc: u32,
    /// The code, such as `interleaved 40+5`; absent while nothing is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Bits a second of repair packets, over the last second.
    pub bits_per_second: u64,
    /// Packets in a million that are expected to stay lost; 0 of a fixed code.
    pub residual_ppm: u32,
}

impl FecStats {
    pub(super) fn of(totals: &FlexFecTotals, streams: &[Protection]) -> Self {
        let (protection, recovery) = (&totals.protection, &totals.recovery);
        Self {
            packets_received: recovery.repairs,
            packets_recovered: recovery.recovered,
            packets_discarded: recovery.useless + recovery.expired,
            packets_malformed: recovery.malformed + recovery.inconsistent + recovery.unknown_stream,
            packets_protected: protection.protected,
            packets_made: protection.repairs,
            bytes_made: protection.repair_bytes,
            streams: streams.iter().map(ProtectedStats::of).collect(),
        }
    }

    /// Counts by name, for monitoring.
    #[must_use]
    pub const fn counts(&self) -> [(&'static str, u64); 6] {
        [
            ("received", self.packets_received),
            ("recovered", self.packets_recovered),
            ("discarded", self.packets_discarded),
            ("malformed", self.packets_malformed),
            ("protected", self.packets_protected),
            ("made", self.packets_made),
        ]
    }
}

impl ProtectedStats {
    fn of(stream: &Protection) -> Self {
        let Protection { ssrc, code, bits_per_second, residual_ppm, .. } = *stream;
        Self { ssrc, code: code.map(|code| code.to_string()), bits_per_second, residual_ppm }
    }
}
