//! Metrics for Prometheus, read at scrape time (feature `prometheus`).

mod metrics;
mod series;

use std::fmt::Error;
use std::sync::Mutex;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, LabelSetEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use self::metrics::{CONNECTION_COUNTERS, COUNTERS, Counter, GAUGES};
use self::series::{Labels, Scrape, Series};
use crate::StatsHandle;
use crate::connection::lock;

/// Gives the statistics of all connections to a `prometheus_client` registry whenever it is scraped.
///
/// Nothing is counted twice and nothing runs between scrapes. Series are labelled `connection`, `kind`, `direction` and
/// `stream` (its name), never by SSRC: a peer that changes SSRCs makes no new series. Streams without a name, and of
/// one name, are added up. At most [`max_series`](Self::with_max_series) sets of labels are told apart, those of the oldest
/// connections first; all others are added up under an empty `connection` and `stream`.
///
/// Counters never fall while their series lives, though streams end: what a stream counted until the last scrape
/// stays in the sum. Jitter and round-trip time of a sum are the largest of its streams.
///
/// ```
/// use interceptor_stats::{StatsFactory, StatsCollector};
/// use prometheus_client::encoding::text::encode;
/// use prometheus_client::registry::Registry;
///
/// let _factory = StatsFactory::default();
/// let handle = _factory.handle();
/// let mut metrics = Registry::default();
/// metrics.register_collector(Box::new(StatsCollector::new(handle)));
///
/// let mut text = String::new();
/// encode(&mut text, &metrics)?;
/// assert!(text.contains("rtp_connections 0\n"));
/// # Ok::<(), std::fmt::Error>(())
/// ```
#[derive(Debug)]
pub struct StatsCollector {
    handle: StatsHandle,
    max_series: usize,
    series: Mutex<Series>,
}

impl StatsCollector {
    /// Default of [`with_max_series`](Self::with_max_series): about 2 MB of text a scrape.
    pub const DEFAULT_MAX_SERIES: usize = 1000;

    /// Reads from this handle.
    #[must_use]
    pub fn new(handle: StatsHandle) -> Self {
        Self { handle, max_series: Self::DEFAULT_MAX_SERIES, series: Mutex::default() }
    }

    /// How many sets of labels are told apart. Each has some twenty samples. 0 adds everything up by kind and
    /// direction.
    #[must_use]
    pub const fn with_max_series(mut self, sets: usize) -> Self {
        self.max_series = sets;
        self
    }

    fn scrape(&self) -> Scrape {
        lock(&self.series).scrape(&self.handle.by_age(), self.max_series)
    }
}

impl Collector for StatsCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let scrape = self.scrape();
        let connections = ConstGauge::new(scrape.connections as u64);
        let open =
            encoder.encode_descriptor("rtp_connections", "Open connections", None, MetricType::Gauge)?;
        connections.encode(open)?;
        for (at, (counter, _)) in COUNTERS.iter().enumerate() {
            let samples =
                scrape.streams.iter().filter_map(|(labels, row)| Some((labels, row.counters.get(at)?)));
            encode_counter(&mut encoder, counter, samples)?;
        }
        for (at, gauge) in GAUGES.iter().enumerate() {
            let mut metric = encoder.encode_descriptor(gauge.name, gauge.help, None, MetricType::Gauge)?;
            for (labels, row) in &scrape.streams {
                if let Some(value) = row.gauges.get(at).copied().flatten() {
                    ConstGauge::new(value).encode(metric.encode_family(labels)?)?;
                }
            }
        }
        for ((counter, _), value) in CONNECTION_COUNTERS.iter().zip(&scrape.totals) {
            let metric = encoder.encode_descriptor(counter.name, counter.help, None, MetricType::Counter)?;
            ConstCounter::new(*value).encode(metric)?;
        }
        Ok(())
    }
}

fn encode_counter<'a>(
    encoder: &mut DescriptorEncoder<'_>,
    counter: &Counter,
    samples: impl Iterator<Item = (&'a Labels, &'a Option<u64>)>,
) -> Result<(), Error> {
    let mut metric = encoder.encode_descriptor(counter.name, counter.help, None, MetricType::Counter)?;
    for (labels, value) in samples {
        if let Some(value) = value {
            ConstCounter::new(*value).encode(metric.encode_family(labels)?)?;
        }
    }
    Ok(())
}

impl prometheus_client::encoding::EncodeLabelSet for Labels {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> Result<(), Error> {
        let kind = self.kind.map_or("", |kind| kind.as_str());
        [
            ("connection", &*self.connection),
            ("kind", kind),
            ("direction", self.direction.as_str()),
            ("stream", &*self.stream),
        ]
        .encode(encoder)
    }
}
