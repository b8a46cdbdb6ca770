//! Clocks that run apart, and paths that change: nothing stalls, and nothing grows.

use std::time::Duration;

use interceptor_core::packet::RtpPacket;
use interceptor_jitter_buffer::JitterBufferOptions;
use interceptor_test::rtp;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::kit::{MS, Rig, SECOND, SSRC, options};

const DAY_PACKETS: u32 = 24 * 3600 * 5;
/// Between packets: 200 ms, so that a day is quick.
const STEP: Duration = Duration::from_millis(200);

/// A day of a stream whose sender's clock is off by so many ppm, with up to 2 ms of jitter.
fn day(ppm: i64) -> (Rig, u128, i64) {
    let mut rig = Rig::new(options());
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let (mut longest, mut kept) = (0, 0);
    let measured = allocation_counter::measure(|| {
        for number in 0..DAY_PACKETS {
            let sent = u64::from(number) * STEP.as_nanos() as u64;
            let drift = (i128::from(sent) * i128::from(ppm) / 1_000_000) as i64;
            let jitter = u64::from(chance.next_u32() % 2_000_000);
            rig.until(Duration::from_nanos(sent.saturating_add_signed(drift) + jitter + 20_000_000_000));
            let came = rig.now();
            let mut packet: RtpPacket =
                rtp(SSRC).pt(111).seq(number as u16).ts(number.wrapping_mul(9600)).payload_len(10).build();
            packet.info_mut().arrival = Some(came);
            rig.read(packet);
            for (at, packet) in rig.out.drain(..) {
                let arrival = packet.info().arrival.unwrap();
                let waited = (interceptor_test::Clock::new().now() + at) - arrival;
                if number > 50 {
                    longest = longest.max(waited.as_micros());
                }
            }
            rig.facts.clear();
        }
    });
    kept += measured.bytes_current;
    rig.pass(SECOND);
    (rig, longest, kept)
}

#[test]
fn a_day_at_either_end_of_what_clocks_are_off_by() {
    for ppm in [200, -200] {
        let (rig, longest, kept) = day(ppm);
        let book = rig.counters();
        let late = (book.late, book.underruns, book.lost, book.jumps);
        assert_eq!((late, book.emitted), ((0, 0, 0, 0), u64::from(DAY_PACKETS)), "{ppm} ppm");
        assert!(longest <= 15_000, "{ppm} ppm: {longest} µs");
        assert!(kept < 64 << 10, "{ppm} ppm: {kept} bytes kept");
    }
}

#[test]
fn outages_clock_jumps_and_switches_never_stall_it() {
    let mut rig = Rig::new(JitterBufferOptions::default());
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    let (mut seq, mut ts, mut given) = (0_u16, 0_u32, 0);
    for step in 0..20_000_u32 {
        if step % 1000 == 999 {
            match chance.next_u32() % 4 {
                // The path is gone for a while, and the media with it.
                0 => rig.pass(7 * SECOND),
                // The media clock jumps.
                1 => ts = ts.wrapping_add(chance.next_u32()),
                // Another sender, under this SSRC.
                2 => (seq, ts) = (chance.next_u32() as u16, chance.next_u32()),
                // The path is longer by a second from now on.
                _ => rig.pass(SECOND),
            }
        }
        rig.read(rtp(SSRC).pt(111).seq(seq).ts(ts).payload_len(10).build());
        given += 1;
        (seq, ts) = (seq.wrapping_add(1), ts.wrapping_add(960));
        rig.pass(20 * MS);
        let newest = rig.out.last().map(|(at, _)| *at).unwrap_or_default();
        let silent = rig.clock.elapsed() - newest;
        assert!(silent <= 1100 * MS || silent > 6 * SECOND, "{step}: nothing for {silent:?}");
    }
    rig.pass(SECOND);
    rig.assert_book();
    let book = rig.counters();
    assert!(book.emitted * 1000 >= given * 995, "{book:?}");
    assert!(book.restarts + book.jumps > 3, "{book:?}");
}
