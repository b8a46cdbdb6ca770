//! Repair packets that ST 2022-1 has no use for.

use interceptor_core::packet::RtpPacket;
use interceptor_core::packet::fec::Pattern;

use crate::recovering::broadcast::{REPAIR, receiver, repair, transport_stream};

#[test]
fn what_st_2022_1_has_no_use_for_is_counted_as_malformed() {
    let mut receiver = receiver();
    receiver.read(&transport_stream(0));
    let right = repair(0, Pattern::Column { columns: 5, rows: 4 });
    for (at, value) in [(5, 1), (12, 0x08), (12, 0x80), (13, 0), (14, 0)] {
        let mut payload = right.payload().to_vec();
        payload[at] = value;
        receiver.read(&RtpPacket::builder().ssrc(REPAIR).payload_type(96).payload(payload).build().unwrap());
    }
    assert_eq!((receiver.counters().malformed, receiver.numbers()), (5, vec![0]));
}
