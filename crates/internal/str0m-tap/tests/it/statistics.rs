//! Our statistics beside what str0m's events and the ways between the peers have counted.

use std::time::Duration;

use interceptor_core::Registry;
use str0m_tap::peers::Side;

use crate::kit::{Settled, WRITTEN};

/// LSR and DLSR are told in 1/65 536 s, both rounded, and so is the arrival.
const ROUNDING: Duration = Duration::from_micros(50);

#[test]
fn what_is_sent_counts_as_with_str0m_and_on_the_way() {
    let mut settled = Settled::with(Registry::new());
    let ours = settled.stream(Side::Left).outbound_rtp.unwrap();
    let witnesses = settled.call.witnesses();
    let theirs = witnesses.egress.unwrap();

    assert_eq!(ours.packets_sent, theirs.packets);
    assert_eq!(ours.packets_sent, witnesses.outbound.offered);
    assert_eq!(ours.packets_sent - ours.retransmitted_packets_sent, WRITTEN);
    // RFC 4588 §4: the original number is payload of the retransmission.
    assert_eq!(ours.bytes_sent - 2 * ours.retransmitted_packets_sent, theirs.bytes);
    assert!(ours.retransmitted_packets_sent >= settled.lost[0]);
}

#[test]
fn what_is_received_counts_as_with_str0m_and_on_the_way() {
    let mut settled = Settled::with(Registry::new());
    let ours = settled.stream(Side::Right).inbound_rtp.unwrap();
    let witnesses = settled.call.witnesses();
    let theirs = witnesses.ingress.unwrap();

    assert_eq!(ours.packets_received, theirs.packets);
    assert_eq!(ours.packets_received, witnesses.inbound.delivered);
    assert_eq!(ours.bytes_received - 2 * ours.retransmitted_packets_received, theirs.bytes);
    assert_eq!(ours.packets_duplicated, 0);
}

#[test]
fn what_is_lost_is_what_was_lost_on_the_way_and_was_recovered() {
    let settled = Settled::with(Registry::new());
    let ours = settled.stream(Side::Right).inbound_rtp.unwrap();
    assert_eq!(ours.packets_lost, i64::try_from(settled.lost[1]).unwrap());
    assert_eq!(ours.packets_recovered_by_rtx, settled.lost[1]);
    assert!(settled.lost[1] > 10, "the way has lost enough to mean something");
}

#[test]
fn nacks_and_requests_for_key_frames_count_as_with_str0m() {
    let mut settled = Settled::with(Registry::new());
    let sent = settled.stream(Side::Left).outbound_rtp.unwrap();
    let received = settled.stream(Side::Right).inbound_rtp.unwrap();
    let witnesses = settled.call.witnesses();
    let (heard, asked) = (witnesses.egress.unwrap(), witnesses.ingress.unwrap());

    assert_eq!((sent.nack_count, sent.pli_count, sent.fir_count), (heard.nacks, heard.plis, heard.firs));
    // str0m counts a NACK before it may merge it with the next; its peer counts those that came.
    assert_eq!(received.nack_count, witnesses.other.unwrap().nacks);
    assert_eq!((received.pli_count, received.fir_count), (asked.plis, asked.firs));
    assert!(sent.nack_count > 10 && received.nack_count > 10);
    assert_eq!((sent.fir_count, received.pli_count), (1, 1));
}

#[test]
fn reports_of_the_other_end_say_the_same() {
    let mut settled = Settled::with(Registry::new());
    let reported = settled.stream(Side::Left).remote_inbound_rtp.unwrap();
    let sender = settled.stream(Side::Right).remote_outbound_rtp.unwrap();
    let witnesses = settled.call.witnesses();
    let heard = witnesses.egress.unwrap();
    let theirs = heard.remote.unwrap();

    assert_eq!(u64::try_from(reported.packets_lost).unwrap(), theirs.packets_lost);
    assert_eq!(sender.packets_sent, witnesses.ingress.unwrap().remote.unwrap().packets);
    assert_eq!(sender.packets_sent, witnesses.inbound.offered);

    let (ours, theirs) = (reported.round_trip_time.unwrap(), heard.rtt.unwrap());
    assert!(ours.abs_diff(theirs) < ROUNDING, "{ours:?} beside {theirs:?}");
    assert!(theirs.abs_diff(Duration::from_millis(80)) < Duration::from_millis(2), "{theirs:?}");
}

#[test]
fn the_chain_gets_all_that_str0m_tells_and_makes_nothing() {
    let mut settled = Settled::with(Registry::new());
    let witnesses = settled.call.witnesses();
    let seen = settled.call.close().unwrap();
    assert_eq!((seen.rtp_sent, seen.rtp_received), (witnesses.outbound.offered, witnesses.inbound.delivered));
    assert_eq!((seen.rtp_unsaid, seen.rtcp_unsaid, seen.rtcp_shortened, seen.unsent), (0, 0, 0, 0));
    assert_eq!((seen.padding_lost, seen.headers_reshaped), (0, 0));
}
