//! Report blocks of real receivers against what our structures make of the same packets.

use std::collections::BTreeMap;
use std::time::Duration;

use interceptor_packet::rfc3550::{Interval, Jitter, JitterRule, Mark, SourceState};
use interceptor_packet::{ReportBlockData, Rtcp, RtcpPacket, duration_to_short};

use crate::capture::{Datagram, read};

/// What we know of one source when the peer reports on it.
struct Source {
    state: SourceState,
    jitter: Jitter,
    mark: Mark,
    sender_report: Option<(u32, Duration)>,
}

/// A peer's block, and ours at the same moment.
struct Compared {
    theirs: ReportBlockData,
    ours: ReportBlockData,
    interval: Interval,
}

/// The ports of one capture: RTP to the receiver, the sender's RTCP to it, and the receiver's RTCP.
struct Ports {
    rtp: u16,
    sender_rtcp: u16,
    receiver_rtcp: u16,
}

const GSTREAMER: Ports = Ports { rtp: 7002, sender_rtcp: 7003, receiver_rtcp: 7004 };
const CHROMIUM: Ports = Ports { rtp: 33_239, sender_rtcp: 33_239, receiver_rtcp: 9001 };

/// Every block that the receiver sent, beside what we would have said then.
fn compare(name: &str, ports: &Ports, rule: JitterRule, clock_rate: impl Fn(u32) -> u32) -> Vec<Compared> {
    let mut sources: BTreeMap<u32, Source> = BTreeMap::new();
    let mut compared = Vec::new();
    for datagram in read(name) {
        let Datagram { at, to_port, .. } = datagram;
        if let Some(rtp) = datagram.rtp() {
            assert_eq!(to_port, ports.rtp);
            let source = sources.entry(rtp.ssrc).or_insert_with(|| Source {
                state: SourceState::default(),
                jitter: Jitter::new(rule, clock_rate(rtp.ssrc)),
                mark: Mark::default(),
                sender_report: None,
            });
            let arrival = source.state.update(rtp.seq, rtp.timestamp, at, clock_rate(rtp.ssrc));
            source.jitter.update(at, rtp.timestamp, arrival.is_newest());
            continue;
        }
        let packet = RtcpPacket::parse(datagram.bytes.into()).unwrap();
        for sub in packet.packets() {
            match sub {
                Rtcp::SenderReport(sr) if to_port == ports.sender_rtcp => {
                    if let Some(source) = sources.get_mut(&sr.ssrc()) {
                        source.sender_report = Some((sr.ntp().middle_32(), at));
                    }
                }
                Rtcp::ReceiverReport(rr) if to_port == ports.receiver_rtcp => {
                    let blocks = rr.report_blocks().map(|block| block.to_data());
                    compared.extend(blocks.filter_map(|block| {
                        sources.get_mut(&block.ssrc).map(|source| beside(block, source, at))
                    }));
                }
                _ => {}
            }
        }
    }
    compared
}

fn beside(theirs: ReportBlockData, source: &mut Source, at: Duration) -> Compared {
    let interval = source.state.since(source.mark);
    source.mark = source.state.mark();
    let (last_sr, delay) =
        source.sender_report.map_or((0, 0), |(sr, heard)| (sr, duration_to_short(at - heard)));
    let ours = ReportBlockData {
        ssrc: theirs.ssrc,
        fraction_lost: interval.fraction(),
        cumulative_lost: source.state.cumulative_lost(),
        extended_sequence_number: source.state.extended_highest(),
        jitter: source.jitter.units(),
        last_sr,
        delay_since_last_sr: delay,
    };
    Compared { theirs, ours, interval }
}

#[test]
fn gstreamer_agrees_but_for_the_packet_that_it_spends_on_probation() {
    // (capture, clock rate, blocks)
    let captures =
        [("gst_pcmu_loss", 8000, 4), ("gst_opus_clean", 48_000, 3), ("gst_vp8_twcc_loss", 90_000, 2)];
    for (name, clock_rate, expected) in captures {
        let compared = compare(name, &GSTREAMER, JitterRule::Rfc3550, |_| clock_rate);
        assert!(compared.len() == expected, "{name}: {} blocks", compared.len());
        for Compared { theirs, ours, .. } in compared {
            assert_eq!(theirs.extended_sequence_number, ours.extended_sequence_number, "{name}");
            assert_eq!(theirs.cumulative_lost, ours.cumulative_lost - 1, "{name}");
            // The capture's arrival times are not quite the receiver's.
            let apart = theirs.jitter.abs_diff(ours.jitter);
            assert!(apart <= clock_rate / 2000, "{name}: {} {}", theirs.jitter, ours.jitter);
            assert_eq!(theirs.last_sr, ours.last_sr, "{name}");
        }
    }
}

#[test]
fn gstreamer_reports_on_retransmissions_under_their_own_ssrc() {
    let compared = compare("gst_vp8_rtx_loss", &GSTREAMER, JitterRule::Rfc3550, |_| 90_000);
    let about = |ssrc| compared.iter().filter(move |compared| compared.theirs.ssrc == ssrc);
    assert!(about(0x1122_3344).count() >= 3 && about(0x5566_7788).count() >= 3);
    for Compared { theirs, ours, .. } in &compared {
        assert_eq!(theirs.extended_sequence_number, ours.extended_sequence_number);
        assert_eq!(theirs.cumulative_lost, ours.cumulative_lost - 1);
    }
}

#[test]
fn chromium_agrees_with_its_fraction_of_255_and_its_jitter_rule() {
    let clock_rate = |ssrc| if ssrc == 0x3a1d_f222 { 48_000 } else { 90_000 };
    let compared = compare("chromium_vp8_opus_loss", &CHROMIUM, JitterRule::NewTimestamps, clock_rate);
    // Retransmissions are counted like media.
    assert!(compared.iter().any(|compared| compared.theirs.ssrc == 0x2ac8_bfba));
    for Compared { theirs, ours, .. } in &compared {
        assert_eq!(theirs.extended_sequence_number, ours.extended_sequence_number);
        assert_eq!(theirs.cumulative_lost, ours.cumulative_lost);
    }
    // But their timestamps are old by nature, and their jitter means nothing.
    let media = |compared: &&Compared| compared.theirs.ssrc != 0x2ac8_bfba;
    assert!(compared.iter().filter(media).count() >= 12, "{}", compared.len());
    for Compared { theirs, ours, interval } in compared.iter().filter(media) {
        let of_255 = (interval.lost().max(0) as u64 * 255).checked_div(interval.expected).unwrap_or_default();
        assert_eq!(u64::from(theirs.fraction_lost), of_255);
        assert!(theirs.fraction_lost.abs_diff(ours.fraction_lost) <= 1);
        assert!(theirs.jitter.abs_diff(ours.jitter) <= 52, "{} {}", theirs.jitter, ours.jitter);
        assert_eq!(theirs.last_sr, ours.last_sr);
        let later = theirs.delay_since_last_sr.abs_diff(ours.delay_since_last_sr);
        assert!(later < 65_536 / 100, "{later} of 1/65536 s");
    }
    // By the letter of RFC 3550 its jitter is another one.
    let by_the_letter = compare("chromium_vp8_opus_loss", &CHROMIUM, JitterRule::Rfc3550, clock_rate);
    assert!(by_the_letter.iter().filter(media).any(|c| c.theirs.jitter.abs_diff(c.ours.jitter) > 300));
}
