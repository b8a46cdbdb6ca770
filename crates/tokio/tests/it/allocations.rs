//! What writing costs the heap: nothing.

use allocation_counter::measure;
use interceptor_packet::RtpPacket;
use interceptor_tokio::{LocalStream, UdpTransport};

use crate::support::{packet, session, sockets, video};

fn burst(local: &LocalStream, packet: &RtpPacket) {
    for _ in 0..100 {
        local.try_write(packet.clone()).unwrap();
    }
}

#[tokio::test]
async fn writing_to_a_ready_socket_does_not_allocate() {
    let (here, there) = sockets().await;
    let session = session(UdpTransport::connected(here).unwrap());
    let local = session.bind_local_stream(video()).unwrap();
    // The socket is known to be ready, buffers have grown, the payload is shared.
    let mut packet = packet(0);
    packet.set_payload(vec![0; 1000]);
    for _ in 0..3 {
        burst(&local, &packet);
        tokio::task::yield_now().await;
    }
    assert_eq!(measure(|| burst(&local, &packet)).count_total, 0);
    drop(there);
}
