//! The default factories in one registry: they work together without knowing each other.

use std::time::Duration;

use e2e::{default_registry, rtx_ssrc};
use interceptor_core::{Event, Fact, Registry, Streams};
use interceptor_nack::{Nack, NackCounters};
use interceptor_packet::{Kind, RtpPacket, classify};
use interceptor_report::{Report, ReportCounters};
use interceptor_stats::{ConnectionStats, StatsHandle};
use interceptor_test::{Datagram, LinkOptions, Pair, PairOptions, Side, rtp, stream_info};

const ROUND_TRIP: Duration = Duration::from_millis(40);
const SIDES: [Side; 2] = [Side::A, Side::B];

const fn media(from: Side) -> u32 {
    match from {
        Side::A => 10,
        Side::B => 20,
    }
}

/// What an end says of itself after the call.
struct End {
    stats: ConnectionStats,
    nack: NackCounters,
    report: ReportCounters,
}

/// A call of 30 seconds, video both ways at 250 packets a second. Of the media, not of repairs or RTCP, the links drop each
/// 20th packet, and all of five seconds: 1250 packets, more than can be asked for.
fn call(registry: &Registry, statistics: &StatsHandle) -> [End; 2] {
    let link = LinkOptions::default().with_delay(ROUND_TRIP / 2);
    let options = PairOptions::default().with_links(link).with_record_sent(false);
    let mut pair = Pair::new(registry, registry, options).unwrap();
    for from in SIDES {
        let ssrc = media(from);
        pair.bind(from, stream_info::video_with_rtx(ssrc, rtx_ssrc(ssrc))).unwrap();
        let packets = rtp(ssrc).payload_len(500).stream().every(Duration::from_millis(4)).take(7_500);
        pair.feed(from, packets);
        let mut number = 0;
        pair.link_mut(from).drop_if(move |_, datagram: &Datagram| {
            let is_media = classify(&datagram.bytes) == Kind::Rtp
                && RtpPacket::parse(datagram.bytes.clone()).is_ok_and(|packet| packet.ssrc() == ssrc);
            number += u32::from(is_media);
            is_media && (number % 20 == 0 || (2_500..3_750).contains(&number))
        });
    }
    pair.run_for(Duration::from_secs(31));
    SIDES.map(|side| {
        let read = |nack: &mut Nack, streams: Streams<'_, Nack>| nack.counters(&streams);
        let nack = pair.with_chain(side, |chain, _| chain.with_streams(read)).unwrap();
        let measured = |event: &Event| matches!(event, Event::Fact(Fact::Rtt(_)));
        assert!(pair.events(side).iter().any(|(_, event)| measured(event)));
        End {
            stats: statistics.connection(["a", "b"][side as usize]).unwrap(),
            nack,
            report: *pair.chain(side).get::<Report>().unwrap().counters(),
        }
    })
}

#[test]
fn what_interceptors_make_appears_in_the_statistics_of_both_ends() {
    let (registry, statistics) = default_registry();
    let [a, b] = call(&registry, &statistics);
    for (here, there) in [(&a, &b), (&b, &a)] {
        // What is sent here, as counted here and as received there.
        let (sent, received) = (&here.stats.inbound_rtp[0], &there.stats.outbound_rtp[0]);
        assert!(sent.nack_count > 200, "{sent:?}");
        assert_eq!((sent.nack_count, received.nack_count), (here.nack.asking.requests_sent, sent.nack_count));
        assert_eq!((sent.pli_count, received.pli_count), (here.nack.asking.plis_sent, 1));
        // Repairs come back.
        assert_eq!(received.retransmitted_packets_sent, there.nack.answering.packets_resent);
        assert_eq!(sent.retransmitted_packets_received, received.retransmitted_packets_sent);
        assert_eq!(sent.packets_recovered_by_rtx, here.nack.asking.recovered_rtx);
        assert!(sent.packets_recovered_by_rtx > 250, "{sent:?}");
        // Reports: each second a sender report of the media stream, with a block about the stream that comes.
        let (their_reports, our_blocks) =
            (&here.stats.remote_outbound_rtp[0], &there.stats.remote_inbound_rtp[0]);
        assert!((25..=35).contains(&their_reports.reports_sent), "{their_reports:?}");
        assert!(their_reports.reports_sent <= there.report.sender_reports);
        assert!((25..=35).contains(&our_blocks.reports_received), "{our_blocks:?}");
        assert!(our_blocks.reports_received <= here.report.blocks);
        assert_eq!(here.stats.rtcp_packets_sent, there.stats.rtcp_packets_received);
        assert_eq!(here.stats.rtcp_bytes_sent, there.stats.rtcp_bytes_received);
        let made = here.report.datagrams + here.nack.asking.requests_sent + here.nack.asking.plis_sent;
        assert_eq!(here.stats.rtcp_packets_sent, made);
    }
}

#[test]
fn both_ends_know_the_round_trip_time() {
    let (registry, statistics) = default_registry();
    for end in call(&registry, &statistics) {
        let close = |rtt: Duration| rtt.abs_diff(ROUND_TRIP) < Duration::from_millis(1);
        let of_connection = end.stats.current_round_trip_time.unwrap();
        let of_stream = end.stats.remote_inbound_rtp[0].round_trip_time.unwrap();
        assert!(close(of_connection) && close(of_stream), "{of_connection:?} {of_stream:?}");
        assert!(end.report.round_trips > 20);
    }
}

#[test]
fn one_registry_serves_many_calls_and_keeps_none() {
    let (registry, statistics) = default_registry();
    assert_eq!(call(&registry, &statistics)[0].stats, call(&registry, &statistics)[0].stats);
    assert_eq!(statistics.connections().len(), 0);
}
