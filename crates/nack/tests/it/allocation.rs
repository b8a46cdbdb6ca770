//! What packets and streams cost in memory.

use bytes::{Bytes, BytesMut};
use interceptor_core::StreamInfo;
use interceptor_core::packet::RtpPacket;
use interceptor_nack::NackOptions;

use crate::kit::{Bench, SSRC, rtp, video};

/// A packet whose payload is shared already, as those cut off a receive buffer are.
fn shared(seq: u16, payload: &Bytes) -> RtpPacket {
    let mut packet = RtpPacket::default();
    packet.set_ssrc(SSRC);
    packet.set_sequence_number(seq);
    packet.set_payload(payload.clone());
    packet
}

fn payload() -> Bytes {
    BytesMut::zeroed(1_200).split().freeze()
}

#[test]
fn packets_in_order_cost_no_allocation_in_either_direction() {
    let payload = payload();
    let mut bench = Bench::receiver(NackOptions::default()).with_local(video());
    let mut pass = |from: u32, to: u32| {
        for seq in from..to {
            bench.write(shared(seq as u16, &payload)).read(shared(seq as u16, &payload)).run(1);
        }
    };
    pass(0, 5_000);
    let info = allocation_counter::measure(|| pass(5_000, 80_000));
    assert_eq!(info.count_total, 0, "{info:?}");
}

#[test]
fn losses_cost_no_allocation_either_once_they_are_common() {
    let payload = payload();
    let mut bench = Bench::receiver(NackOptions::default()).with_local(video());
    let mut pass = |from: u32, to: u32| {
        for seq in from..to {
            bench.write(shared(seq as u16, &payload));
            if seq % 50 < 47 {
                bench.read(shared(seq as u16, &payload));
            }
            bench.run(1);
            while bench.chain.poll_wire().is_some() {}
            while bench.chain.poll_event().is_some() {}
        }
    };
    pass(0, 20_000);
    let info = allocation_counter::measure(|| pass(20_000, 60_000));
    assert_eq!(info.count_total, 0, "{info:?}");
}

#[test]
fn a_bound_stream_at_rest_costs_under_a_kibibyte() {
    const STREAMS: u32 = 1_000;
    let mut bench = Bench::new(NackOptions::default(), |config| config);
    let cost = |bench: &mut Bench, bind: &dyn Fn(&mut Bench, StreamInfo)| {
        let before = allocation_counter::measure(|| {
            for ssrc in 0..STREAMS {
                // The chain's own copy of the description counts too.
                let info = StreamInfo::new(ssrc, 96, 90_000).with_feedback("nack", "");
                bind(bench, info);
            }
        });
        before.bytes_current / i64::from(STREAMS)
    };
    let local = cost(&mut bench, &|bench, info| bench.chain.bind_local(info, bench.now).unwrap());
    let remote = cost(&mut bench, &|bench, info| bench.chain.bind_remote(info, bench.now).unwrap());
    assert!(local < 1_500 && remote < 1_500, "{local} and {remote} bytes, the chain's part included");
}

#[test]
fn a_kept_packet_costs_at_most_96_bytes_beside_its_payload() {
    for packets in [100_u16, 1_000, 1_025, 2_048] {
        let payload = payload();
        let mut bench = Bench::sender(NackOptions::default());
        let info = allocation_counter::measure(|| {
            for seq in 0..packets {
                bench.write(shared(seq, &payload));
            }
        });
        let each = info.bytes_current / i64::from(packets);
        assert!(each <= 96 + 1_500 / i64::from(packets), "{each} bytes of {packets}");
        let info = allocation_counter::measure(|| {
            bench.run(3_000);
        });
        assert!(info.bytes_current <= -80 * i64::from(packets), "aged out: {info:?}");
    }
    assert_eq!(rtp(1).header_len(), 12);
}
