//! The media path allocates nothing for a capture.

use interceptor_packet::RtpPacket;

use crate::support::{Call, LOCAL, Memory, media};

#[test]
fn capturing_allocates_nothing_on_the_media_path() {
    let memory = Memory::default();
    let mut call = Call::new(memory.options());
    let kept: Vec<RtpPacket> = (0..1000).map(|n| media(LOCAL, n, 1200)).collect();
    // The first clone of a `Bytes` that was a `Vec` moves its count to the heap, whoever clones first.
    let mut packets = kept.clone();
    let warm_up = packets.pop().unwrap();
    call.send(warm_up, 0);
    let now = call.at(1);
    let measured = allocation_counter::measure(|| {
        for packet in packets {
            call.chain.write_rtp(packet, now);
            call.chain.poll_wire();
        }
    });
    assert_eq!(measured.count_total, 0);
    call.close(2);
    assert_eq!(memory.given().len(), 1000);
}
