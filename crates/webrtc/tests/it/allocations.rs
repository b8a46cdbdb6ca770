//! What a packet costs in allocations: two, of which one is the reader's or writer's below.

use allocation_counter::measure;
use interceptor::Attributes;
use interceptor_stats::StatsFactory;

use crate::host::{Host, packet, repair};

const PACKETS: u16 = 1000;

#[test]
fn a_packet_takes_two_allocations_each_way() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let host = runtime.block_on(async { Host::new(repair().with(StatsFactory::default())) });
    let ((writer, wire), (reader, feed)) =
        runtime.block_on(async { (host.local().await, host.remote().await) });
    wire.rtp.lock().unwrap().reserve(4 * usize::from(PACKETS));
    let pass = |numbers: std::ops::Range<u16>| {
        let packets: Vec<_> = numbers.map(packet).collect();
        packets.iter().for_each(|packet| feed.send(Ok(packet.clone())).unwrap());
        let (attributes, mut buf) = (Attributes::new(), [0; 1500]);
        let sent = measure(|| {
            runtime.block_on(async {
                for packet in &packets {
                    writer.write(packet, &attributes).await.unwrap();
                }
            });
        });
        let received = measure(|| {
            runtime.block_on(async {
                for _ in &packets {
                    reader.read(&mut buf, &attributes).await.unwrap();
                }
            });
        });
        (sent.count_total, received.count_total)
    };
    // Histories and logs get their size.
    for round in 0..4 {
        pass(round * PACKETS..(round + 1) * PACKETS);
    }
    wire.rtp.lock().unwrap().clear();
    let (sent, received) = pass(4 * PACKETS..5 * PACKETS);
    let (most, some) = (2 * u64::from(PACKETS), u64::from(PACKETS) / 20);
    assert!(sent <= most + some, "{sent} for {PACKETS} packets sent");
    assert!(received <= most + some, "{received} for {PACKETS} packets received");
}
