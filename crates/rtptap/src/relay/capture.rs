//! How the captures of a relay stand, for `/stats` and `/metrics`.

use std::fmt::Error;

use interceptor_pcap_dump::PcapDumpHandle;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use serde::Serialize;

use super::RelayHandle;

/// How the captures of all legs stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CaptureStats {
    /// The files, those being written with `.part` behind their names.
    pub files: Vec<String>,
    /// Packets written.
    pub packets: u64,
    /// Packets that could not be written fast enough, or that the format cannot hold.
    pub dropped: u64,
    /// Why the first leg's capture stopped that did; nothing of that leg has been captured since. The relay goes on.
    pub error: Option<String>,
}

impl CaptureStats {
    pub(super) fn of(capture: &PcapDumpHandle) -> Self {
        let counters = capture.counters();
        Self {
            files: capture.files().iter().map(|path| path.display().to_string()).collect(),
            packets: counters.written,
            dropped: counters.dropped + counters.skipped,
            error: capture.error().map(|error| error.to_string()),
        }
    }
}

impl RelayHandle {
    /// `None`: there are no captures.
    pub(super) fn capture(&self) -> Option<CaptureStats> {
        self.0.capture.as_ref().map(CaptureStats::of)
    }
}

/// Reads them whenever metrics are scraped; a relay without captures has none of these.
#[derive(Debug)]
pub(super) struct CaptureCollector(RelayHandle);

impl CaptureCollector {
    pub(super) const fn new(relay: RelayHandle) -> Self {
        Self(relay)
    }
}

impl Collector for CaptureCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let Some(capture) = self.0.capture() else { return Ok(()) };
        let help = "1 while all captures go on, 0 once one has stopped";
        let up = encoder.encode_descriptor("rtptap_capture_up", help, None, MetricType::Gauge)?;
        ConstGauge::new(u64::from(capture.error.is_none())).encode(up)?;
        for (name, help, value) in [
            ("rtptap_capture_packets", "Packets written to captures", capture.packets),
            ("rtptap_capture_dropped", "Packets that captures did not take", capture.dropped),
        ] {
            let counter = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            ConstCounter::new(value).encode(counter)?;
        }
        Ok(())
    }
}
