//! How much of the past is told from a replay, and of how many streams.

use interceptor_core::OptionsError;

/// Options of an [`SrtpTransport`](crate::SrtpTransport).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SrtpOptions {
    /// Packets of an SSRC by which one may be late without being taken for a replay (RFC 3711 §3.3.2), 64..=16 384. Default
    /// 2048: what `interceptor-nack` keeps to answer requests with, which is more than it asks for; an answer that comes later
    /// than this is thrown away before any interceptor sees it. libwebrtc has 1024, hosts that default to RFC 3711's least, 64, lose
    /// repaired packets. With more than a quarter of all numbers a late packet could be taken for an early one of the next round. A quarter of a kilobyte an SSRC; moving it costs some nanoseconds a packet.
    pub replay_window: usize,
    /// SSRCs of the peer, of RTP and of RTCP each, 1..=65 536. Default 1024: as many streams with their RTX. A key must not forget
    /// what it has decrypted, so an SSRC is never let go of: those of more are refused and counted.
    pub max_ssrcs: usize,
}

impl Default for SrtpOptions {
    fn default() -> Self {
        Self { replay_window: 2048, max_ssrcs: 1024 }
    }
}

impl SrtpOptions {
    /// Packets by which one may be late.
    #[must_use]
    pub const fn with_replay_window(mut self, packets: usize) -> Self {
        self.replay_window = packets;
        self
    }

    /// SSRCs of the peer.
    #[must_use]
    pub const fn with_max_ssrcs(mut self, ssrcs: usize) -> Self {
        self.max_ssrcs = ssrcs;
        self
    }

    /// Checks every bound.
    pub(super) fn validate(&self) -> Result<(), OptionsError> {
        let (window, ssrcs) = (self.replay_window, self.max_ssrcs);
        let fits = (64..=16_384).contains(&window);
        OptionsError::unless(fits, "SrtpOptions", "replay_window", window, "in 64..=16384")?;
        let fits = (1..=65_536).contains(&ssrcs);
        OptionsError::unless(fits, "SrtpOptions", "max_ssrcs", ssrcs, "in 1..=65536")
    }
}

#[cfg(test)]
mod tests {
    use super::SrtpOptions;

    #[test]
    fn an_error_names_field_value_and_range() {
        let options = SrtpOptions::default;
        assert!(options().validate().is_ok());
        for (options, text) in [
            (
                options().with_replay_window(16_385),
                "SrtpOptions::replay_window is 16385, it has to be in 64..=16384",
            ),
            (options().with_max_ssrcs(0), "SrtpOptions::max_ssrcs is 0, it has to be in 1..=65536"),
        ] {
            assert_eq!(options.validate().unwrap_err().to_string(), text);
        }
    }
}
