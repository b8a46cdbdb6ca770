//! What the configuration file says of limits.

use std::time::Duration;

use serde::Deserialize;

use super::{LegLimit, Over};
use crate::relay::config::Time;

/// How much a leg carries; at the top of the file, every leg that does not say otherwise.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::relay) struct LimitTable {
    bits_per_second: Option<u64>,
    packets_per_second: Option<u64>,
    stream_bits_per_second: Option<u64>,
    stream_packets_per_second: Option<u64>,
    burst: Option<Time>,
    over: Option<Over>,
}

impl LimitTable {
    pub(in crate::relay) fn limit(self) -> LegLimit {
        let LegLimit { burst, over, .. } = LegLimit::default();
        LegLimit {
            bits_per_second: self.bits_per_second,
            packets_per_second: self.packets_per_second,
            stream_bits_per_second: self.stream_bits_per_second,
            stream_packets_per_second: self.stream_packets_per_second,
            burst: self.burst.map_or(burst, Duration::from),
            over: self.over.unwrap_or(over),
        }
    }
}
