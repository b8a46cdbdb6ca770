//! What pion's generator and responder are tested with. Its receive-log vectors stand with the log.

use interceptor_nack::{NackOptions, ReorderTolerance};
use interceptor_test::hex;

use crate::kit::{Bench, ms};

#[test]
fn the_generators() {
    let fixed = ReorderTolerance::Fixed { packets: 2, time: ms(0) };
    for offset in [0, 65_530] {
        let mut bench = Bench::receiver(NackOptions::default().with_reorder_tolerance(fixed));
        bench.read_numbers([10_u16, 11, 12, 14].map(|seq| seq.wrapping_add(offset)));
        assert_eq!(bench.asked(), [[0; 0]; 0]);
        bench.read_numbers([16_u16].map(|seq| seq.wrapping_add(offset)));
        bench.run(20).read_numbers([18_u16.wrapping_add(offset)]);
        let asked = bench.asked().concat();
        assert_eq!(asked, [13_u16, 15].map(|seq| seq.wrapping_add(offset)), "17 is too new");
    }
}

#[test]
fn the_responders() {
    for offset in [0, 65_524] {
        let at = |seq: u16| seq.wrapping_add(offset);
        let mut bench = Bench::sender(NackOptions::default().with_max_resend_ratio(100.0));
        bench.write_numbers([10, 11, 12, 14, 15].map(at)).pass(50);
        let request = format!("81cd0003010203040a0b0c0d{:04x}000b", at(11));
        bench.chain.read_datagram(hex(&request), bench.now);
        assert_eq!(bench.resent(), [11, 12, 15].map(at));
        assert_eq!(bench.answering().never_sent, 1, "13");
    }
}
