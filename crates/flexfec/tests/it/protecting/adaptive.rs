//! The adaptive code: nothing while asking again is enough, more at once, less by and by.

use std::time::Duration;

use interceptor_core::{FecScheme, Loss, Rtt, StreamInfo, StreamTarget, TargetBitrate};
use interceptor_flexfec::{Code, FecDecoder, ProtectionOptions};
use interceptor_test::rtp;

use crate::kit::{MEDIA, MS, REPAIR, REPAIR_TYPE, SECOND, Sender, video};

fn loss(percent: u32) -> Loss {
    Loss { ssrc: MEDIA, ppm: percent * 10_000, burst_packets_q8: 256, burst_duration: Duration::ZERO }
}

/// A sender whose receiver is so far away, and waits for 300 ms.
struct Call {
    sender: Sender,
    seq: u16,
}

impl Call {
    fn new(rtt: Duration, receiver: FecDecoder) -> Self {
        Self::of(rtt, receiver, video(FecScheme::FlexFec03))
    }

    fn of(rtt: Duration, receiver: FecDecoder, info: StreamInfo) -> Self {
        let options = ProtectionOptions::default().with_deadline(300 * MS).with_receiver(receiver);
        let mut call = Self { sender: Sender::of(options, info), seq: 0 };
        call.sender.tell(Rtt::first(rtt));
        call.run(300 * MS);
        call
    }

    /// Thirty frames a second of five packets.
    fn run(&mut self, time: Duration) {
        let end = self.sender.now() + time;
        while self.sender.now() < end {
            for part in 0..5 {
                let packet = rtp(MEDIA).seq(self.seq).ts(u32::from(self.seq) / 5 * 3000).marker(part == 4);
                self.sender.give(packet.payload_len(1000).build());
                self.seq = self.seq.wrapping_add(1);
            }
            self.sender.pass(33 * MS);
        }
    }

    fn repairs(&self) -> usize {
        self.sender.code().map_or(0, Code::repairs)
    }
}

#[test]
fn without_loss_and_where_asking_again_is_enough_nothing_is_sent() {
    let mut call = Call::new(20 * MS, FecDecoder::Peeling);
    call.run(2 * SECOND);
    for percent in [0, 1, 2, 5] {
        call.sender.tell(loss(percent));
        call.run(2 * SECOND);
        assert_eq!(call.sender.code(), None, "{percent} %");
    }
    assert_eq!((call.sender.repairs().len(), call.sender.overheads.len()), (0, 0));
    assert_eq!(call.sender.counters().unprotected, u64::from(call.seq));
}

#[test]
fn where_an_answer_would_come_too_late_as_many_repairs_are_sent_as_the_loss_asks_for() {
    // Overheads of the codes that were simulated as the best: 9, 22 and 35 % dense, 33 % at 5 % by rows and columns.
    for (percent, receiver, least, most) in [
        (1, FecDecoder::Peeling, 60_000, 180_000),
        (5, FecDecoder::Peeling, 250_000, 420_000),
        (1, FecDecoder::Elimination, 60_000, 150_000),
        (5, FecDecoder::Elimination, 180_000, 300_000),
        (10, FecDecoder::Elimination, 300_000, 450_000),
    ] {
        let mut call = Call::new(300 * MS, receiver);
        call.sender.tell(loss(percent));
        call.run(SECOND);
        let code = call.sender.code().unwrap();
        assert!((least..=most).contains(&code.overhead_ppm()), "{percent} % {receiver:?}: {code}");
        let dense = matches!(code, Code::Dense { .. });
        assert!(!dense || receiver == FecDecoder::Elimination, "{code}");
        assert!(
            call.sender.handle.protected()[0].residual_ppm <= 1000,
            "{:?}",
            call.sender.handle.protected()
        );
        assert!(call.sender.counters().repairs > 10);
    }
}

#[test]
fn without_nack_repairs_are_sent_however_near_the_receiver_is() {
    let fec = interceptor_core::FecInfo::new(FecScheme::FlexFec03, REPAIR_TYPE).with_ssrc(REPAIR);
    let info = StreamInfo::new(MEDIA, 96, 90_000).with_fec(fec);
    let mut call = Call::of(20 * MS, FecDecoder::Peeling, info);
    call.sender.tell(loss(5));
    call.run(SECOND);
    assert!(call.repairs() > 0);
}

#[test]
fn more_loss_is_answered_with_the_next_block_and_less_a_repair_packet_a_second() {
    let mut call = Call::new(300 * MS, FecDecoder::Elimination);
    call.sender.tell(loss(1));
    call.run(SECOND);
    let few = call.repairs();
    call.sender.tell(loss(10));
    call.run(400 * MS);
    let many = call.repairs();
    assert!(many > few + 4, "{few}, {many}");
    // The worst of ten seconds counts; then a repair packet fewer with each second.
    let mut seen = vec![many];
    for _ in 0..40 {
        call.sender.tell(loss(0));
        call.run(SECOND);
        seen.push(call.repairs());
    }
    assert_eq!(seen[..9], vec![many; 9]);
    assert!(seen.windows(2).all(|pair| pair[1] <= pair[0] && pair[1] + 1 >= pair[0]), "{seen:?}");
    assert_eq!((seen.last(), call.sender.code()), (Some(&0), None), "{seen:?}");
    // And nothing is taken any more.
    assert_eq!(call.sender.overheads.last().unwrap().bits_per_second, 0);
}

#[test]
fn while_the_target_falls_loss_is_not_answered_with_more() {
    let mut call = Call::new(300 * MS, FecDecoder::Peeling);
    let target = |bits| TargetBitrate { bits_per_second: bits, stable: bits };
    call.sender.tell(target(2_000_000));
    call.sender.tell(target(1_500_000));
    call.sender.tell(loss(5));
    call.run(700 * MS);
    assert_eq!(call.sender.code(), None);
    call.run(700 * MS);
    assert!(call.sender.code().is_some());
}

#[test]
fn what_it_will_take_is_told_before_it_is_sent() {
    let mut call = Call::new(300 * MS, FecDecoder::Peeling);
    call.sender.tell(loss(5));
    call.run(40 * MS);
    let (code, told) = (call.sender.code().unwrap(), call.sender.overheads[0]);
    // 150 packets of 1012 bytes a second.
    let expected = 1.2e6 * f64::from(code.overhead_ppm()) / 1e6;
    assert!((told.bits_per_second as f64 / expected - 1.0).abs() < 0.15, "{told:?} {expected}");
    call.run(5 * SECOND);
    let measured = call.sender.overheads.last().unwrap().bits_per_second as f64;
    assert!((measured / expected - 1.0).abs() < 0.25, "{measured} {expected}");
    let state = call.sender.handle.protected()[0];
    assert!((state.bits_per_second as f64 / measured - 1.0).abs() < 0.1, "{state:?}");
}

#[test]
fn a_stream_that_is_paused_is_not_protected_any_more() {
    let mut call = Call::new(300 * MS, FecDecoder::Peeling);
    call.sender.tell(loss(1));
    call.run(SECOND);
    let repairs = call.repairs();
    assert!(repairs > 0);
    call.sender.tell(StreamTarget { ssrc: MEDIA, bits_per_second: 0, paused: true });
    call.run((repairs as u32 + 1) * SECOND);
    assert_eq!(call.sender.code(), None);
    call.sender.tell(StreamTarget { ssrc: MEDIA, bits_per_second: 1_000_000, paused: false });
    call.sender.tell(loss(1));
    call.run(SECOND);
    assert!(call.sender.code().is_some());
}
