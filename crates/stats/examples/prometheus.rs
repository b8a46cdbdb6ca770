//! Statistics of running calls as a Prometheus scrape sees them.
//!
//! `cargo run -p interceptor-stats --example prometheus --features prometheus`

use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{ChainConfig, Registry, StreamInfo};
use interceptor_stats::{StatsCollector, StatsFactory};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry as Metrics;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const SSRC: u32 = 0x1122_3344;

/// Two seconds of a call that loses every tenth packet, then a scrape.
fn scrape() -> Result<String> {
    let stats = StatsFactory::default();
    let handle = stats.handle();
    let calls = Registry::new().with(stats);
    let mut metrics = Metrics::default();
    metrics.register_collector(Box::new(StatsCollector::new(handle)));

    #[expect(clippy::disallowed_methods, reason = "the program's own clock")]
    let mut now = Instant::now();
    let mut chain = calls.build(ChainConfig::new("call-1", now, NtpTime::default(), 7))?;
    // A name makes a series of its own; the SSRC never becomes a label, as a peer could make series of it without end.
    chain.bind_remote(
        StreamInfo::new(SSRC, 96, 90_000).with_mime_type("video/VP8").with_name("camera"),
        now,
    )?;
    for number in (0..200_u16).filter(|number| number % 10 != 5) {
        let packet = RtpPacket::builder().ssrc(SSRC).payload_type(96).sequence_number(number);
        chain.read_rtp(packet.timestamp(u32::from(number) * 900).payload(vec![0; 1000]).build()?, now);
        now += Duration::from_millis(10);
        if chain.next_timeout().is_some_and(|due| due <= now) {
            chain.handle_timeout(now);
        }
    }

    // What an HTTP server answers to a scrape, as `application/openmetrics-text; version=1.0.0; charset=utf-8`.
    let mut text = String::new();
    encode(&mut text, &metrics)?;
    Ok(text)
}

fn main() -> Result {
    print!("{}", scrape()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::scrape;

    #[test]
    fn packets_and_losses_are_in_the_scrape() {
        let text = scrape().unwrap();
        let labels = "{connection=\"call-1\",kind=\"video\",direction=\"inbound\",stream=\"camera\"}";
        for sample in ["rtp_packets_total", "rtp_lost_packets"].map(|name| format!("{name}{labels}")) {
            let value = text.lines().find_map(|line| line.strip_prefix(&sample));
            let expected = if sample.contains("lost") { " 20.0" } else { " 180" };
            assert_eq!(value, Some(expected), "{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
