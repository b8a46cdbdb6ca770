//! The chains of a run.

use std::path::Path;
use std::time::Duration;

use interceptor_congestion::CongestionFactory;
use interceptor_core::Registry;
use interceptor_flexfec::{FecDecoder, FlexFecFactory, FlexFecOptions, ProtectionOptions};
use interceptor_nack::NackFactory;
use interceptor_pacer::PacerFactory;
use interceptor_pcap_dump::{Endpoints, LinkType, PcapDumpFactory, PcapDumpOptions};
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_stats::StatsFactory;
use interceptor_twcc::TwccFactory;

use super::tally::RtcpTally;
use super::{CallError, CallPlan};
use crate::demo::Repair;

/// What both ends of a run have in their chains: they ask for and answer with retransmissions, protect and recover, as the repair
/// says, and where they follow the link's rate they report arrivals, estimate what passes, and pace what they send.
pub(super) fn both_ends(
    repair: Repair,
    call: &CallPlan,
    tally: RtcpTally,
    stats: StatsFactory,
) -> Result<Registry, CallError> {
    let mut registry = Registry::new().with(tally).with(stats).with(ReportFactory::default());
    if repair.asks() {
        registry.add(RtxFactory::default()).add(NackFactory::default());
    }
    if repair.protects() {
        registry.add(fec(call.wait)?);
    }
    if call.link.rate.is_some() {
        registry.add(TwccFactory::default()).add(CongestionFactory::default()).add(PacerFactory::default());
    }
    Ok(registry)
}

/// As much as the link's losses ask for, done while the receiver waits, which is ours and so can do more than browsers do.
fn fec(wait: Duration) -> Result<FlexFecFactory, CallError> {
    let protection = ProtectionOptions::default().with_deadline(wait).with_receiver(FecDecoder::Elimination);
    FlexFecFactory::new(FlexFecOptions::default().with_protection(protection))
        .map_err(|error| CallError::Fec(error.to_string()))
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
