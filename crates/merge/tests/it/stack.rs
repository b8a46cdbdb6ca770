//! Beside others: what stands above sees one stream, what stands below each path.

use interceptor_core::packet::{NtpTime, Rtcp, RtcpPacket};
use interceptor_core::{ChainConfig, Outgoing, Registry};
use interceptor_merge::MergeFactory;
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_test::{Clock, stream_info};
use interceptor_twcc::TwccFactory;

use crate::kit::{MEDIA, ms, packet};

const TWCC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// The first path loses every tenth packet, the second every seventh, and is 20 ms late.
fn run() -> Vec<RtcpPacket> {
    let registry = Registry::new()
        .with(TwccFactory::default())
        .with(MergeFactory::default())
        .with(ReportFactory::default())
        .with(NackFactory::default());
    let mut now = Clock::new().now();
    let mut chain = registry.build(ChainConfig::new("call", now, NtpTime::default(), 1)).unwrap();
    let info = stream_info::video(MEDIA);
    let id = info.extension_id(TWCC).unwrap();
    chain.bind_remote(info, now).unwrap();
    let mut sent = Vec::new();
    for n in 0..3000_u16 {
        for (path, seq, loses) in [(0, Some(n), 10), (1, n.checked_sub(20), 7)] {
            let Some(seq) = seq.filter(|seq| seq % loses != 3) else { continue };
            let mut packet = packet(seq);
            packet.set_extension(id, &seq.to_be_bytes()).unwrap();
            packet.info_mut().path = path;
            chain.read_rtp(packet, now);
        }
        now += ms(1);
        chain.handle_timeout(now);
        sent.extend(std::iter::from_fn(|| chain.poll_wire()).filter_map(|outgoing| match outgoing {
            Outgoing::Rtcp(packet) => Some(packet),
            _ => None,
        }));
    }
    sent
}

#[test]
fn reports_and_requests_are_about_what_both_paths_lost() {
    let sent = run();
    let block = sent.iter().flat_map(RtcpPacket::packets).filter_map(|rtcp| match rtcp {
        Rtcp::ReceiverReport(report) => report.report_blocks().next(),
        _ => None,
    });
    let last = block.last().expect("a report leaves");
    // 3 modulo 70 is lost on both; two more of those that only the second path brings may be on their way.
    let both = (last.extended_sequence_number() & 0xffff).div_ceil(70) as i32;
    assert!((both - 1..=both + 2).contains(&last.cumulative_lost()), "{last:?}");
}

#[test]
fn transport_wide_feedback_is_about_one_path_and_leaves_by_it() {
    let sent = run();
    let feedback = |path: u8| {
        let of_path = sent.iter().filter(move |packet| packet.info().path == path);
        of_path.flat_map(RtcpPacket::packets).filter(|rtcp| matches!(rtcp, Rtcp::Twcc(_))).count()
    };
    assert!(feedback(0) > 10 && feedback(1) > 10, "{} and {}", feedback(0), feedback(1));
}
