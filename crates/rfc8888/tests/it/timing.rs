//! When reports leave.

use interceptor_rfc8888::Rfc8888Options;
use interceptor_test::rtp;

use crate::kit::{Bench, MEDIA, ms};

#[test]
fn a_packet_is_reported_after_25_ms_or_with_the_marker_of_its_frame() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    bench.read(0).run(ms(24));
    assert_eq!(bench.blocks(), []);
    bench.run(ms(1));
    assert_eq!(bench.blocks()[0].received(), [0]);
    bench.run(ms(100)).read(1);
    bench.read_packet(rtp(MEDIA).seq(2).marker(true).build()).run(ms(0));
    assert_eq!(bench.blocks()[0].received(), [1, 2], "at once");
    bench.read_packet(rtp(MEDIA).seq(3).marker(true).build()).run(ms(24));
    assert_eq!(bench.blocks(), [], "not within 25 ms of the last one");
    bench.run(ms(1));
    assert_eq!(bench.blocks()[0].received(), [3]);
    assert_eq!(bench.run(ms(1000)).chain.next_timeout(), None, "no timer in a silence");
}

/// Many small packets, so that reports would be large: 5 % of half a megabit a second, IP and UDP headers included.
#[test]
fn reports_keep_to_their_part_of_the_received_rate() {
    for (payload, packets_a_second, most_kbit) in [(20, 1000_u64, 27.0), (1000, 2000, 820.0)] {
        let mut bench = Bench::receiver(Rfc8888Options::default());
        let mut seq = 0_u16;
        let (mut bytes, mut reports) = (0, 0);
        for _ in 0..10 * packets_a_second {
            bench.read_packet(rtp(MEDIA).payload_len(payload).seq(seq).marker(true).build());
            seq = seq.wrapping_add(1);
            bench.run(ms(1000) / packets_a_second as u32);
            let wire = bench.wire();
            reports += wire.len();
            bytes += wire.iter().map(|packet| packet.len() + 28).sum::<usize>();
        }
        let kbit = bytes as f64 * 8.0 / 10_000.0;
        assert!(kbit <= most_kbit, "{payload}: {kbit} kbit/s");
        assert!(reports >= 40, "{payload}: {reports}");
    }
}

#[test]
fn a_report_waits_no_longer_than_the_longest_interval() {
    let options = Rfc8888Options::default()
        .with_min_bitrate(10_000)
        .with_bandwidth_share(0.001)
        .with_max_interval(ms(80));
    let mut bench = Bench::receiver(options);
    let mut times = Vec::new();
    for seq in 0..200 {
        bench.read(seq).run(ms(5));
        times.extend(bench.wire().iter().map(|_| bench.elapsed().as_millis()));
    }
    assert!(
        times.len() > 8 && times.windows(2).all(|pair| (75..=90).contains(&(pair[1] - pair[0]))),
        "{times:?}"
    );
}

#[test]
fn a_late_timer_makes_one_round() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    for seq in 0..50 {
        bench.read(seq).pass(ms(100));
    }
    assert_eq!(bench.run(ms(1)).wire().len(), 1);
}
