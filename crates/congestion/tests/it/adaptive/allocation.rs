//! A running controller allocates nothing.

use interceptor_congestion::{
    Adaptive, AdaptiveOptions, Controller, Feedback, FeedbackFormat, Outcome, PacketClass, PacketOutcome,
    Sent, Time,
};
use interceptor_core::packet::Ecn;

const PACKET: PacketOutcome = PacketOutcome {
    index: 0,
    sent: Time::from_micros(0),
    bytes: 1200,
    class: PacketClass::Video,
    probe: None,
    was_lost: false,
    outcome: Outcome::Lost,
};

fn feed(controller: &mut Adaptive, packets: &mut [PacketOutcome; 40], from: i64, to: i64) {
    for round in from..to {
        for (n, packet) in packets.iter_mut().enumerate() {
            let index = round * 40 + n as i64;
            let sent = Time::from_micros(index * 1250);
            let received =
                Outcome::Received { at: Some(Time::from_micros(index * 1250 + 50_000)), ecn: Ecn::NotEct };
            let outcome = match index % 20 {
                7 => Outcome::Lost,
                9 => Outcome::Unknown,
                _ => received,
            };
            *packet = PacketOutcome {
                index: index as u64,
                sent,
                outcome,
                probe: Some((index / 10) as u8),
                ..PACKET
            };
            let sent_packet =
                Sent { index: index as u64, bytes: 1200, class: PacketClass::Video, probe: None };
            controller.on_sent(sent, &sent_packet, 100_000);
        }
        let now = Time::from_micros((round + 1) * 50_000 + 100_000);
        let packets = packets.as_slice();
        controller.on_feedback(
            now,
            &Feedback { packets, in_flight: 9000, format: FeedbackFormat::Twcc, rtt: None },
        );
        while controller.poll_probe().is_some() {}
        let _ = (controller.decision(), controller.next_timeout());
        if round % 100 == 0 {
            controller.on_timeout(now + std::time::Duration::from_secs(10));
        }
    }
}

#[test]
fn neither_a_packet_nor_its_feedback_costs_an_allocation() {
    let mut controller = Adaptive::new(AdaptiveOptions::default()).unwrap();
    let mut packets = [PACKET; 40];
    let info = allocation_counter::measure(|| feed(&mut controller, &mut packets, 0, 5_000));
    assert_eq!(info.count_total, 0, "{info:?}");
}

#[test]
fn it_is_of_one_piece() {
    assert!(size_of::<Adaptive>() <= 12 << 10, "{} bytes", size_of::<Adaptive>());
}
