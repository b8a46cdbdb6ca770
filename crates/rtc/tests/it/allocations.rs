//! What a packet costs in heap allocations: what the stack's own list of interceptors takes, and nothing more.

use interceptor_core::Registry;
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtc::ChainInterceptor;
use interceptor_rtx::RtxFactory;
use interceptor_stats::StatsFactory;
use rtc_interceptor::{Interceptor, TaggedPacket};
use sansio::Protocol as _;

use crate::kit::{adapter, at, media, rtp, video};

const PACKETS: u16 = 1000;

fn listed(with_chain: bool) -> impl Interceptor {
    let mut registry = rtc_interceptor::Registry::new();
    if with_chain {
        let ours = Registry::new()
            .with(NackFactory::default())
            .with(RtxFactory::default())
            .with(ReportFactory::default())
            .with(StatsFactory::default());
        registry = registry.with(ChainInterceptor::SLOT, adapter(&ours).0);
    }
    let mut list = registry.build();
    list.bind_local_stream(&video());
    list.bind_remote_stream(&video());
    list
}

/// Allocations of so many packets, once buffers have their size.
fn allocations(with_chain: bool, send: bool) -> u64 {
    let mut list = listed(with_chain);
    let packets =
        |from: u16| (from..from + PACKETS).map(|number| rtp(media(number), at(u64::from(number) / 10)));
    let mut pass = |packets: Vec<TaggedPacket>| {
        for packet in packets {
            if send {
                list.handle_write(packet).expect("never an error");
                while list.poll_write().is_some() {}
            } else {
                list.handle_read(packet).expect("never an error");
                while list.poll_read().is_some() {}
            }
        }
    };
    for round in 0..5 {
        pass(packets(round * PACKETS).collect());
    }
    let measured: Vec<_> = packets(5 * PACKETS).collect();
    allocation_counter::measure(|| pass(measured)).count_total
}

#[test]
fn a_packet_costs_the_allocation_of_the_stacks_list_and_no_other() {
    for send in [true, false] {
        let (alone, ours) = (allocations(false, send), allocations(true, send));
        assert_eq!(alone, u64::from(PACKETS), "one a packet is the list's");
        assert!(ours <= alone + 5, "send: {send}: {ours} for {PACKETS} packets");
    }
}
