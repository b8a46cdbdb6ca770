//! The relay's books for Prometheus, beside what the stats crate has of its connections.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::{LegStats, RelayHandle};

/// Reads a relay whenever somebody asks.
#[derive(Debug)]
pub(super) struct RelayCollector(RelayHandle);

impl RelayCollector {
    pub(super) const fn new(relay: RelayHandle) -> Self {
        Self(relay)
    }
}

/// Name, help, value.
type Count = (&'static str, &'static str, fn(&LegStats) -> u64);

const COUNTS: [Count; 8] = [
    ("rtptap_packets_in", "Packets that came into a leg, or that it made", |leg| {
        leg.book.packets_in + leg.book.packets_made
    }),
    ("rtptap_streams_found", "Streams that were forwarded", |leg| leg.streams.streams_found),
    ("rtptap_streams_refused", "Times that a stream was refused", |leg| leg.streams.streams_refused),
    ("rtptap_streams_evicted", "Streams that made room for another", |leg| leg.streams.streams_evicted),
    ("rtptap_datagrams_rejected", "Datagrams of others than the peer", |leg| {
        leg.transport.datagrams_rejected
    }),
    (
        "rtptap_datagrams_overflowed",
        "Datagrams that the system dropped as they were not taken in time",
        |leg| leg.transport.datagrams_overflowed.unwrap_or(0),
    ),
    ("rtptap_packets_delayed", "Packets that passed after the leg's limit had them wait", |leg| {
        leg.limit.packets_delayed
    }),
    ("rtptap_datagrams_malformed", "Datagrams that are neither RTP nor RTCP", |leg| {
        leg.transport.datagrams_malformed
    }),
];

impl Collector for RelayCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let legs = self.0.stats().legs;
        for (name, help, value) in COUNTS {
            let metric = ConstCounter::new(0_u64);
            let mut family = encoder.encode_descriptor(name, help, None, metric.metric_type())?;
            for leg in &legs {
                let labels = [("leg", leg.id.as_str())];
                ConstCounter::new(value(leg)).encode(family.encode_family(&labels)?)?;
            }
        }
        let help = "What became of the packets of a leg; what waits may become anything else";
        let metric = ConstGauge::new(0_u64);
        let mut family = encoder.encode_descriptor("rtptap_packets", help, None, metric.metric_type())?;
        for leg in &legs {
            for (fate, count) in leg.book.fates() {
                let labels = [("leg", leg.id.as_str()), ("fate", fate)];
                ConstGauge::new(count).encode(family.encode_family(&labels)?)?;
            }
        }
        encode_fec(&legs, &mut encoder)?;
        encode_limits(&legs, &mut encoder)
    }
}

fn encode_fec(legs: &[LegStats], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let help = "Packets of forward error correction: repair packets received, discarded, malformed, made; media recovered, protected";
    let metric = ConstCounter::new(0_u64);
    let mut family = encoder.encode_descriptor("rtptap_fec_packets", help, None, metric.metric_type())?;
    for (leg, fec) in legs.iter().filter_map(|leg| Some((leg, leg.fec.as_ref()?))) {
        for (what, count) in fec.counts() {
            let labels = [("leg", leg.id.as_str()), ("what", what)];
            ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
        }
    }
    Ok(())
}

fn encode_limits(legs: &[LegStats], encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let help = "Packets that a leg's limit dropped";
    let metric = ConstCounter::new(0_u64);
    let mut family = encoder.encode_descriptor("rtptap_limit_dropped", help, None, metric.metric_type())?;
    for leg in legs {
        for (reason, count) in leg.limit.reasons() {
            let labels = [("leg", leg.id.as_str()), ("reason", reason)];
            ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
        }
    }
    let help = "Bits a second that a leg carries at most; absent where it carries any number";
    let metric = ConstGauge::new(0_u64);
    let mut family =
        encoder.encode_descriptor("rtptap_limit_bits_per_second", help, None, metric.metric_type())?;
    for leg in legs {
        if let Some(bits) = leg.limit.limit.bits_per_second {
            ConstGauge::new(bits).encode(family.encode_family(&[("leg", leg.id.as_str())])?)?;
        }
    }
    Ok(())
}
