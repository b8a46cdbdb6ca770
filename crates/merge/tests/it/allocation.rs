//! Once its buffers have their size, a running chain allocates nothing.

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use interceptor_core::{Chain, StreamInfo};
use interceptor_merge::{CopyTo, DuplicateOptions, MergeOptions, Order};

use crate::kit::{MEDIA, Rig, chain, duplicating, ms, video};

fn shared(seq: u16, path: u8, payload: &Bytes) -> RtpPacket {
    let mut packet = RtpPacket::default();
    packet.set_ssrc(MEDIA);
    packet.set_sequence_number(seq);
    packet.set_payload(payload.clone());
    packet.info_mut().path = path;
    packet
}

#[test]
fn merging_costs_no_allocation() {
    let payload = Bytes::from_static(&[7; 1200]);
    for order in [Order::AsTheyCome, Order::Held] {
        let mut rig = Rig::new(MergeOptions::default().with_order(order));
        let mut pass = |from: u32, to: u32| {
            for n in from..to {
                // Losses on both, and a path that is behind.
                if n % 20 != 3 {
                    rig.chain.read_rtp(shared(n as u16, 0, &payload), rig.now);
                }
                if n % 15 != 4 && n > 50 {
                    rig.chain.read_rtp(shared((n - 50) as u16, 1, &payload), rig.now);
                }
                rig.wait(ms(1));
                while rig.chain.poll_app().is_some() {}
            }
        };
        pass(0, 5000);
        let info = allocation_counter::measure(|| pass(5000, 80_000));
        assert_eq!(info.count_total, 0, "{order:?}: {info:?}");
    }
}

#[test]
fn copies_cost_no_allocation_whether_they_wait_or_not() {
    let payload = Bytes::from_static(&[7; 1200]);
    let copies = [CopyTo::path(1), CopyTo::path(0).with_delay(ms(50))];
    let mut chain = chain(&duplicating(DuplicateOptions::default().with_copies(copies)));
    let mut now = chain.config().now;
    chain.bind_local(video(), now).unwrap();
    let mut pass = |from: u32, to: u32| {
        for n in from..to {
            chain.write_rtp(shared(n as u16, 0, &payload), now);
            now += ms(1);
            chain.handle_timeout(now);
            while chain.poll_wire().is_some() {}
        }
    };
    pass(0, 1000);
    let info = allocation_counter::measure(|| pass(1000, 20_000));
    assert_eq!(info.count_total, 0, "{info:?}");
}

#[test]
fn a_slow_stream_takes_little() {
    const STREAMS: u32 = 1000;
    let mut rig = Rig::new(MergeOptions::default());
    let info = allocation_counter::measure(|| {
        (100..100 + STREAMS).for_each(|ssrc| bind(&mut rig.chain, ssrc, rig.now));
        for n in 0..200 {
            for (ssrc, path) in (100..100 + STREAMS).flat_map(|ssrc| [(ssrc, 0), (ssrc, 1)]) {
                let mut packet = shared(n, path, &Bytes::new());
                packet.set_ssrc(ssrc);
                rig.chain.read_rtp(packet, rig.now);
                while rig.chain.poll_app().is_some() {}
            }
            rig.wait(ms(20));
        }
    });
    let each = info.bytes_current / i64::from(STREAMS);
    assert!(each < 3000, "{each} bytes a stream");
}

fn bind(chain: &mut Chain, ssrc: u32, now: std::time::Instant) {
    chain.bind_remote(StreamInfo::new(ssrc, 96, 90_000), now).unwrap();
}
