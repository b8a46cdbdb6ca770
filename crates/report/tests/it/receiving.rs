//! Report blocks about what is received.

use std::time::Duration;

use interceptor_core::{Codec, FecInfo, FecScheme, StreamInfo};
use interceptor_packet::rfc3550::JitterRule;
use interceptor_packet::{NtpTime, Recovery, ReportBlockData};
use interceptor_report::ReportOptions;
use interceptor_test::{rtp, stream_info};

use crate::harness::{Bench, blocks, millis, options, outlines};

const REMOTE: u32 = 0xa;

/// 2009-11-10 23:00:00 UTC.
const TEN_YEARS_AGO: Duration = Duration::from_secs(1_257_894_000);

fn receiver(options: ReportOptions) -> Bench {
    let mut bench = Bench::new(options);
    bench.bind_remote(REMOTE);
    bench
}

/// The one block of the next report.
fn next_block(bench: &mut Bench) -> ReportBlockData {
    let report = bench.next_report();
    let [block] = blocks(&report)[..] else { panic!("one block in {report:?}") };
    block
}

/// The losses in the next report after these sequence numbers.
fn losses_after(bench: &mut Bench, seqs: impl IntoIterator<Item = u16>) -> (u8, i32, u32) {
    for seq in seqs {
        bench.receive(REMOTE, seq, u32::from(seq) * 3000);
    }
    let block = next_block(bench);
    (block.fraction_lost, block.cumulative_lost, block.extended_sequence_number)
}

#[test]
fn losses_are_counted_as_in_appendix_a_3() {
    let after = |seqs: &[u16]| losses_after(&mut receiver(options()), seqs.iter().copied());
    assert_eq!(after(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), (0, 0, 9));
    assert_eq!(after(&[1, 3]), (85, 1, 3));
    assert_eq!(after(&[0xffff, 1]), (85, 1, 0x1_0001));
    assert_eq!(after(&[1, 3, 2, 4]), (0, 0, 4));
    assert_eq!(after(&[0xffff, 0, 0xfffe]), (0, -1, 0x1_0000));
}

#[test]
fn forty_percent_duplicates_make_a_negative_loss() {
    let sent = (0..1000u16).flat_map(|seq| std::iter::repeat_n(seq, if seq % 5 < 2 { 2 } else { 1 }));
    assert_eq!(losses_after(&mut receiver(options()), sent), (0, -400, 999));
}

#[test]
fn the_fraction_is_of_the_interval_and_the_sum_of_the_whole() {
    let mut bench = receiver(options());
    assert_eq!(losses_after(&mut bench, [1, 3]), (85, 1, 3));
    assert_eq!(losses_after(&mut bench, [4, 5]), (0, 1, 5));
    // The missing one comes late: the sum falls.
    assert_eq!(losses_after(&mut bench, [2, 6]), (0, 0, 6));
    assert_eq!(losses_after(&mut bench, [10]), (192, 3, 10));
}

#[test]
fn everything_lost_but_one_stays_below_256() {
    // 2999 of 3000 are 255.9 of 256.
    assert_eq!(losses_after(&mut receiver(options()), [0, 2999]).0, 255);
}

#[test]
fn a_sender_that_starts_again_is_counted_from_there() {
    let mut bench = receiver(options());
    assert_eq!(losses_after(&mut bench, [1, 3]), (85, 1, 3));
    // One stray does not count, the next in sequence does.
    assert_eq!(losses_after(&mut bench, [30_000, 4]), (0, 1, 4));
    assert_eq!(losses_after(&mut bench, [50_000, 50_001, 50_003]), (85, 1, 50_003));
    let counters = bench.report().counters();
    assert_eq!((counters.strays, counters.restarts), (2, 1));
}

/// The losses after packets of a stream of 500 a second, in order, and then those of `late`.
fn losses_at_500_a_second(
    bench: &mut Bench,
    numbers: impl IntoIterator<Item = u32>,
    late: &[u32],
) -> (u8, i32, u32) {
    let start = bench.now() - bench.elapsed();
    let mut receive = |number: u32, turn: u32| {
        let mut packet = rtp(REMOTE).seq((65_000 + number) as u16).ts(180 * number).build();
        packet.info_mut().arrival = Some(start + millis(2) * turn);
        bench.receive_packet(packet);
    };
    let mut newest = 0;
    for number in numbers {
        receive(number, number);
        newest = number;
    }
    late.iter().for_each(|number| receive(*number, newest));
    let block = next_block(bench);
    (block.fraction_lost, block.cumulative_lost, block.extended_sequence_number)
}

#[test]
fn late_packets_are_not_lost_and_the_highest_number_stays_over_a_wrap() {
    let mut bench = receiver(options());
    let numbers = (0..900).filter(|number| ![600, 601, 602].contains(number));
    assert_eq!(losses_at_500_a_second(&mut bench, numbers, &[]), (0, 3, 65_899));
    assert_eq!(losses_at_500_a_second(&mut bench, 900..1000, &[600, 601, 602]), (0, 0, 65_999));
    assert_eq!(bench.report().counters().restarts, 0);
}

#[test]
fn an_outage_shows_in_the_fraction_and_the_sum_never_falls() {
    let mut bench = receiver(options());
    let lossy = (0..1000).filter(|number| number % 20 != 7);
    assert_eq!(losses_at_500_a_second(&mut bench, lossy, &[]), (12, 50, 65_999));
    // Ten seconds without packets, then two clean ones: 5000 of 6000.
    assert_eq!(losses_at_500_a_second(&mut bench, 6000..7000, &[]), (213, 5050, 71_999));
    assert_eq!(bench.report().counters().restarts, 0);
}

#[test]
fn a_restart_does_not_show_as_jitter() {
    let mut bench = receiver(options());
    for (seq, timestamp) in
        [(1, 0), (2, 0), (40_000, 0x8000_0000), (40_001, 0x8000_0000), (40_002, 0x8000_0000)]
    {
        bench.receive(REMOTE, seq, timestamp);
    }
    assert_eq!(next_block(&mut bench).jitter, 0);
}

#[test]
fn probation_counts_from_the_second_packet_in_sequence() {
    let mut bench = receiver(options().with_probation(2));
    bench.receive(REMOTE, 7, 0);
    assert!(bench.next_report().is_empty(), "nothing counts yet");
    // 10 makes it valid: the first of the sums.
    assert_eq!(losses_after(&mut bench, [9, 10, 12]), (85, 1, 12));
}

#[test]
fn jitter_of_a_packet_a_third_of_a_second_late_is_1875() {
    let mut bench = receiver(options());
    bench.receive(REMOTE, 1, 0);
    bench.skip(millis(1000));
    bench.receive(REMOTE, 2, 60_000);
    assert_eq!(next_block(&mut bench).jitter, 1875);
}

/// The jitter in the next report after packets (arrival in ms, timestamp).
fn jitter_after(options: ReportOptions, packets: &[(u64, u32)]) -> u32 {
    let mut bench = receiver(options);
    let start = bench.now();
    for (seq, (arrival, timestamp)) in (0..).zip(packets) {
        let mut packet = rtp(REMOTE).seq(seq).ts(*timestamp).build();
        packet.info_mut().arrival = Some(start + millis(*arrival));
        bench.receive_packet(packet);
    }
    next_block(&mut bench).jitter
}

#[test]
fn the_wrap_of_the_timestamp_is_no_jump() {
    let wrapping: Vec<_> =
        (0..5).map(|i| (u64::from(i) * 20, 0xffff_f800_u32.wrapping_add(i * 1800))).collect();
    assert_eq!(jitter_after(options(), &wrapping), 0);
}

#[test]
fn a_clock_that_goes_back_makes_jitter_and_no_nonsense() {
    // 20 ms back, 40 ms on: |−20 − 20| and |40 − 20| ms of 90 kHz.
    let jitter = jitter_after(options(), &[(100, 0), (80, 1800), (120, 3600)]);
    assert_eq!(jitter, (3600 + 1800 - (3600 + 8) / 16) / 16);
}

#[test]
fn arrivals_before_the_connection_began_count_as_its_beginning() {
    let mut bench = receiver(options());
    for (seq, early, timestamp) in [(1, 80, 0), (2, 40, 3600)] {
        let mut packet = rtp(REMOTE).seq(seq).ts(timestamp).build();
        packet.info_mut().arrival = Some(bench.now() - millis(early));
        bench.receive_packet(packet);
    }
    assert_eq!(next_block(&mut bench).jitter, 3600 / 16);
}

#[test]
fn the_jitter_rule_decides_whether_packets_of_one_frame_count() {
    // Frames of three packets 5 ms apart, a frame each 33 ms.
    let frames: Vec<_> =
        (0..30).map(|i| (u64::from(i / 3) * 33 + u64::from(i % 3) * 5, (i / 3) * 2970)).collect();
    let every_packet = jitter_after(options(), &frames);
    let every_frame = jitter_after(options().with_jitter(JitterRule::NewTimestamps), &frames);
    // The definition in floating point: two packets wait 5 ms more each, the next one 10 ms less.
    let smoothed = |steps: &[f64]| steps.iter().fold(0.0, |jitter, step| jitter + (step - jitter) / 16.0);
    let packets: Vec<f64> = (1..30).map(|i| if i % 3 == 0 { 900.0 } else { 450.0 }).collect();
    let expected = (smoothed(&packets) as u32, smoothed(&[900.0; 9]) as u32);
    assert!(
        every_packet.abs_diff(expected.0) <= 1 && every_frame.abs_diff(expected.1) <= 1,
        "{every_packet} {every_frame} {expected:?}"
    );
}

#[test]
fn without_a_clock_rate_there_is_no_jitter() {
    let mut bench = Bench::new(options());
    bench.bind_remote_stream(interceptor_core::StreamInfo::new(REMOTE, 96, 0));
    bench.receive(REMOTE, 1, 0);
    bench.skip(millis(100));
    bench.receive(REMOTE, 2, 1_000_000);
    assert_eq!(next_block(&mut bench).jitter, 0);
}

#[test]
fn tells_the_last_sender_report_and_the_time_since() {
    let mut bench = receiver(options());
    bench.receive(REMOTE, 1, 0);
    let block = next_block(&mut bench);
    assert_eq!((block.last_sr, block.delay_since_last_sr), (0, 0));
    let sender_report = |bench: &mut Bench, at: Duration| {
        bench.receive_rtcp(|rtcp| {
            rtcp.sender_report(REMOTE, NtpTime::from_unix(at), 0, 0, 0, &[]);
        });
    };
    sender_report(&mut bench, TEN_YEARS_AGO);
    let heard = bench.elapsed();
    bench.receive(REMOTE, 2, 0);
    let block = next_block(&mut bench);
    assert_eq!(block.last_sr, 1_861_222_400);
    let waited = bench.elapsed() - heard;
    assert_eq!(u128::from(block.delay_since_last_sr), (waited.as_nanos() << 16) / 1_000_000_000);
    sender_report(&mut bench, TEN_YEARS_AGO + Duration::from_secs(1));
    bench.receive(REMOTE, 3, 0);
    assert_eq!(next_block(&mut bench).last_sr, 1_861_287_936);
}

#[test]
fn the_delay_since_a_very_old_sender_report_is_the_largest_that_fits() {
    let mut bench = receiver(options());
    bench.receive_rtcp(|rtcp| {
        rtcp.sender_report(REMOTE, NtpTime::from_unix(TEN_YEARS_AGO), 0, 0, 0, &[]);
    });
    bench.skip(Duration::from_secs(65_536 + 3600));
    bench.receive(REMOTE, 1, 0);
    assert_eq!(next_block(&mut bench).delay_since_last_sr, u32::MAX);
}

#[test]
fn a_receiver_reports_under_the_feedback_ssrc_with_its_name() {
    let mut bench = receiver(options());
    bench.receive(REMOTE, 1, 0);
    let report = bench.next_report();
    assert_eq!(outlines(&report), [["RR 1020304 a", "SDES 1020304", "XR 1020304 RRTR"]]);
    let block = "0000000a000000000000000100000000".to_owned() + "0000000000000000";
    let clock = NtpTime::from_unix(crate::harness::WALL) + bench.elapsed();
    let clock = format!("80cf00040102030404000002{:016x}", clock.0);
    let expected = format!("81c9000701020304{block}81ca0003010203040104757365720000{clock}");
    assert_eq!(format!("{:x}", report[0].as_bytes()), expected);
}

#[test]
fn silent_and_unheard_streams_get_no_block() {
    let mut bench = receiver(options());
    bench.bind_remote(0xb);
    assert!(bench.next_report().is_empty(), "nothing has been sent or received");
    bench.receive(REMOTE, 1, 0);
    assert_eq!(outlines(&bench.next_report()), [["RR 1020304 a", "SDES 1020304", "XR 1020304 RRTR"]]);
    assert_eq!(outlines(&bench.next_report()), [["RR 1020304", "SDES 1020304", "XR 1020304 RRTR"]]);
}

#[test]
fn who_said_goodbye_gets_no_block_until_heard_again() {
    let mut bench = receiver(options());
    bench.receive(REMOTE, 1, 0);
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(REMOTE, &[]).sdes_cname(REMOTE, "peer").bye(&[REMOTE], "");
    });
    assert_eq!(outlines(&bench.next_report()), [["RR 1020304", "SDES 1020304", "XR 1020304 RRTR"]]);
    bench.receive(REMOTE, 2, 0);
    assert_eq!(outlines(&bench.next_report()), [["RR 1020304 a", "SDES 1020304", "XR 1020304 RRTR"]]);
}

#[test]
fn a_source_that_comes_back_after_long_silence_makes_no_jitter() {
    let comes_back_after = |silence: Duration| {
        let mut bench = receiver(options());
        bench.receive(REMOTE, 1, 0);
        bench.run(silence);
        bench.receive(REMOTE, 2, 1800);
        bench.wire_rtcp();
        next_block(&mut bench)
    };
    // Its timestamps stood still meanwhile.
    assert!(comes_back_after(Duration::from_secs(5)).jitter > 20_000);
    let block = comes_back_after(Duration::from_secs(12));
    assert_eq!((block.jitter, block.cumulative_lost, block.extended_sequence_number), (0, 0, 2));
}

#[test]
fn what_was_repaired_before_it_came_here_does_not_count() {
    let mut bench = receiver(options());
    bench.receive(REMOTE, 1, 0);
    bench.receive(REMOTE, 3, 0);
    let mut recovered = rtp(REMOTE).seq(2).build();
    recovered.info_mut().recovered_by = Some(Recovery::Fec);
    bench.receive_packet(recovered);
    assert_eq!(next_block(&mut bench).cumulative_lost, 1);
}

#[test]
fn retransmission_and_fec_ssrcs_have_blocks_of_their_own() {
    let stream = || {
        stream_info::video_with_rtx(REMOTE, 0xb)
            .with_fec(FecInfo::new(FecScheme::FlexFec03, 98).with_ssrc(0xc))
    };
    let outline = |options: ReportOptions| {
        let mut bench = Bench::new(options);
        bench.bind_remote_stream(stream());
        for ssrc in [REMOTE, 0xb, 0xc] {
            bench.receive(ssrc, 1, 0);
        }
        outlines(&bench.next_report()).concat()[0].clone()
    };
    assert_eq!(outline(options()), "RR 1020304 a b c");
    assert_eq!(outline(options().with_repair_streams(false)), "RR 1020304 a");
}

#[test]
fn media_is_not_reported_as_lost_because_it_was_retransmitted() {
    let mut bench = Bench::new(options());
    bench.bind_remote_stream(stream_info::video_with_rtx(REMOTE, 0xb));
    for seq in [1, 3] {
        bench.receive(REMOTE, seq, 0);
    }
    bench.receive(0xb, 500, 0);
    let blocks = blocks(&bench.next_report());
    let losses: Vec<_> = blocks.iter().map(|block| (block.ssrc, block.cumulative_lost)).collect();
    assert_eq!(losses, [(REMOTE, 1), (0xb, 0)]);
}

#[test]
fn jitter_runs_on_the_clock_of_the_packet_s_own_payload_type() {
    let mut bench = Bench::new(options());
    // PCMU, comfort noise beside it, and Opus: one SSRC, two clocks (RFC 7160).
    let stream =
        StreamInfo::new(REMOTE, 0, 8000).with_codec(Codec::new(13, 8000)).with_codec(Codec::new(111, 48_000));
    bench.bind_remote_stream(stream);
    let mut timestamp = 0_u32;
    for seq in 0..300_u16 {
        let (payload_type, step) = match seq {
            100..200 => (111, 960),
            _ if seq % 10 == 0 => (13, 160),
            _ => (0, 160),
        };
        timestamp = timestamp.wrapping_add(step);
        // The clocks count from different zeros.
        let jump = if payload_type == 111 { 0x7000_0000 } else { 0 };
        let packet = rtp(REMOTE).pt(payload_type).seq(seq).ts(timestamp.wrapping_add(jump));
        bench.receive_packet(packet.build());
        bench.skip(millis(20));
    }
    let block = next_block(&mut bench);
    assert_eq!((block.jitter, block.cumulative_lost), (0, 0), "a steady stream on two clocks has no jitter");
}

#[test]
fn a_stream_that_gains_rtx_is_reported_on_with_it_and_keeps_its_counts() {
    let mut bench = receiver(options());
    for seq in [1, 3] {
        bench.receive(REMOTE, seq, u32::from(seq) * 3000);
    }
    let now = bench.now();
    bench.chain.amend_remote(stream_info::video_with_rtx(REMOTE, 0xb), now).unwrap();
    bench.receive(0xb, 7, 3000);
    let found = blocks(&bench.next_report());
    let found: Vec<_> = found.iter().map(|block| (block.ssrc, block.cumulative_lost)).collect();
    assert_eq!(found, [(REMOTE, 1), (0xb, 0)]);
    bench.chain.amend_remote(stream_info::video(REMOTE), now).unwrap();
    bench.receive(REMOTE, 4, 12_000);
    assert_eq!(next_block(&mut bench).cumulative_lost, 1);
}
