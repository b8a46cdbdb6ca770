//! Statistics as JSON: exactly the names of W3C, times in its units.

use std::collections::BTreeSet;

use interceptor_packet::{NtpTime, ReportBlockData, RtcpPacket};
use interceptor_test::rtp;
use serde_json::{Value, json};

use crate::support::{Bench, LOCAL, REMOTE, REPORTER, START, ms};

/// A connection of which everything is known.
fn full() -> Value {
    let mut bench = Bench::with_video();
    let sent = bench.ntp();
    bench.clock.advance(ms(1500));
    for seq in 0..50 {
        bench.receive(rtp(REMOTE).seq(seq).ts(u32::from(seq) * 1800).payload_len(100).build());
        bench.send(rtp(LOCAL).seq(seq).payload_len(100).build());
        bench.run_for(ms(20));
    }
    bench.run_for(ms(500));
    let block = ReportBlockData {
        ssrc: LOCAL,
        fraction_lost: 64,
        extended_sequence_number: 49,
        cumulative_lost: 1,
        jitter: 900,
        last_sr: sent.middle_32(),
        delay_since_last_sr: 0x2_8000,
    };
    let theirs = NtpTime::from_unix(START + ms(2750));
    bench.receive_rtcp(
        RtcpPacket::builder()
            .sender_report(REMOTE, theirs, 0, 50, 5000, &[block])
            .xr_dlrr(REMOTE, &[(REPORTER, sent.middle_32(), 0x2_8000)]),
    );
    serde_json::to_value(bench.connection()).expect("serialises")
}

fn names(object: &Value) -> BTreeSet<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn inbound_rtp_has_the_names_of_w3c() {
    let connection = full();
    let w3c = "id timestamp type ssrc kind rtxSsrc fecSsrc remoteId packetsReceived bytesReceived headerBytesReceived \
        packetsLost jitter packetsDiscarded lastPacketReceivedTimestamp retransmittedPacketsReceived \
        retransmittedBytesReceived fecPacketsReceived fecBytesReceived nackCount pliCount firCount \
        packetsReceivedWithEct1 packetsReceivedWithCe";
    let own = "name packetsDuplicated packetsReordered packetsRecoveredByRtx packetsRecoveredByFec \
        packetsReceivedWithEct0 packetsPerSecond bitsPerSecond";
    let inbound = &connection["inboundRtp"][0];
    assert_eq!(names(inbound), w3c.split_whitespace().chain(own.split_whitespace()).collect());
    assert_eq!(inbound["type"], "inbound-rtp");
    assert_eq!((&inbound["kind"], &inbound["packetsPerSecond"]), (&json!("video"), &json!(50.0)));
    // Milliseconds since 1970.
    assert_eq!(inbound["lastPacketReceivedTimestamp"], json!(1_700_000_002_480.0));
}

#[test]
fn outbound_rtp_has_the_names_of_w3c() {
    let connection = full();
    let w3c = "id timestamp type ssrc kind rtxSsrc remoteId packetsSent bytesSent headerBytesSent \
        retransmittedPacketsSent retransmittedBytesSent nackCount pliCount firCount packetsSentWithEct1";
    let own = "name fecPacketsSent fecBytesSent lastPacketSentTimestamp packetsPerSecond bitsPerSecond";
    let outbound = &connection["outboundRtp"][0];
    assert_eq!(names(outbound), w3c.split_whitespace().chain(own.split_whitespace()).collect());
    assert_eq!(outbound["type"], "outbound-rtp");
    assert_eq!((&outbound["bytesSent"], &outbound["headerBytesSent"]), (&json!(5000), &json!(600)));
}

#[test]
fn remote_inbound_rtp_has_the_names_of_w3c() {
    let connection = full();
    let expected = json!({
        "type": "remote-inbound-rtp", "id": format!("RI{LOCAL}"), "localId": format!("O{LOCAL}"),
        "timestamp": 1_700_000_003_000.0, "ssrc": LOCAL, "kind": "video",
        "packetsReceived": 49, "packetsLost": 1, "fractionLost": 0.25, "jitter": 0.01,
        "roundTripTime": 0.5, "totalRoundTripTime": 0.5, "roundTripTimeMeasurements": 1,
        "reportsReceived": 1,
    });
    assert_eq!(connection["remoteInboundRtp"], json!([expected]));
}

#[test]
fn remote_outbound_rtp_has_the_names_of_w3c() {
    let connection = full();
    let expected = json!({
        "type": "remote-outbound-rtp", "id": format!("RO{REMOTE}"), "localId": format!("I{REMOTE}"),
        "timestamp": 1_700_000_003_000.0, "ssrc": REMOTE, "kind": "video",
        "packetsSent": 50, "bytesSent": 5000, "remoteTimestamp": 1_700_000_002_750.0, "reportsSent": 1,
        "roundTripTime": 0.5, "totalRoundTripTime": 0.5, "roundTripTimeMeasurements": 1,
    });
    assert_eq!(connection["remoteOutboundRtp"], json!([expected]));
}

#[test]
fn ids_join_the_two_views_of_a_stream() {
    let connection = full();
    let (inbound, outbound) = (&connection["inboundRtp"][0], &connection["outboundRtp"][0]);
    let (sender, receiver) = (&connection["remoteOutboundRtp"][0], &connection["remoteInboundRtp"][0]);
    assert_eq!((&inbound["remoteId"], &outbound["remoteId"]), (&sender["id"], &receiver["id"]));
    assert_eq!((&sender["localId"], &receiver["localId"]), (&inbound["id"], &outbound["id"]));
}

#[test]
fn a_connection_has_camel_case_names_and_no_empty_ones() {
    let connection = full();
    let expected = "type id timestamp rtcpPacketsSent rtcpBytesSent rtcpPacketsReceived rtcpBytesReceived \
        unknownSsrcs malformedDatagrams malformedRtcpPackets foreignDatagrams unboundPacketsReceived unboundPacketsSent hookErrors \
        panics interceptorErrors inboundRtp outboundRtp remoteInboundRtp remoteOutboundRtp";
    assert_eq!(names(&connection), expected.split_whitespace().collect());
    assert_eq!((&connection["type"], &connection["id"]), (&json!("connection"), &json!("call")));
}

#[test]
fn a_stream_has_only_the_parts_that_there_are() {
    let bench = Bench::with_video();
    let stream =
        serde_json::to_value(bench.handle.stream("call", REMOTE).expect("bound")).expect("serialises");
    assert_eq!(names(&stream), BTreeSet::from(["inboundRtp"]));
    assert!(stream["inboundRtp"].get("lastPacketReceivedTimestamp").is_none());
}
