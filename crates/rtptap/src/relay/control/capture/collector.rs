//! What captures on their way to clients have taken and lost, for Prometheus.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::Captures;

/// Reads them whenever metrics are scraped.
#[derive(Debug)]
pub(in crate::relay) struct CaptureCollector(pub(in crate::relay::control) Arc<Captures>);

impl Collector for CaptureCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let counts = self.0.counts();
        let help = "Captures on their way to clients of the control plane";
        let under_way =
            encoder.encode_descriptor("rtptap_control_captures", help, None, MetricType::Gauge)?;
        ConstGauge::new(counts.under_way).encode(under_way)?;
        for (name, help, value) in [
            ("rtptap_control_capture_packets", "Packets in captures for clients", counts.packets),
            (
                "rtptap_control_capture_dropped",
                "Packets that captures for clients lack, as those did not read fast enough",
                counts.dropped,
            ),
        ] {
            let counter = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            ConstCounter::new(value).encode(counter)?;
        }
        Ok(())
    }
}
