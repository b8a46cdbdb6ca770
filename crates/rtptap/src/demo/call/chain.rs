//! The chains of a run.

use std::path::Path;

use interceptor_congestion::CongestionFactory;
use interceptor_core::Registry;
use interceptor_nack::NackFactory;
use interceptor_pacer::PacerFactory;
use interceptor_pcap_dump::{Endpoints, LinkType, PcapDumpFactory, PcapDumpOptions};
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_stats::StatsFactory;
use interceptor_twcc::TwccFactory;

use super::CallError;
use super::tally::RtcpTally;

/// What both ends of a run have in their chains: with repair they ask for and answer with retransmissions, and where they follow
/// the link's rate they report arrivals, estimate what passes, and pace what they send.
pub(super) fn both_ends(repair: bool, following: bool, tally: RtcpTally, stats: StatsFactory) -> Registry {
    let mut registry = Registry::new().with(tally).with(stats).with(ReportFactory::default());
    if repair {
        registry.add(RtxFactory::default()).add(NackFactory::default());
    }
    if following {
        registry.add(TwccFactory::default()).add(CongestionFactory::default()).add(PacerFactory::default());
    }
    registry
}

/// Writes what passes between `endpoints` to a file, in place of one that is there.
pub(super) fn capture(path: &Path, endpoints: Endpoints) -> Result<PcapDumpFactory, CallError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    // Wireshark's own export format: RTP and RTCP are decoded at once, whatever the ports.
    let options = PcapDumpOptions::new(path)
        .with_link_type(LinkType::RtpPdu)
        .with_announcements(true)
        .with_endpoints(endpoints);
    PcapDumpFactory::new(options).map_err(|error| CallError::Capture(error.to_string()))
}
