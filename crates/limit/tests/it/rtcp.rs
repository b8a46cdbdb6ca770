//! RTCP is limited by its own bounds and by nothing else.

use interceptor_core::packet::RtcpPacket;
use interceptor_limit::{Excess, LimitOptions, OverLimit, Policy, Reached};
use interceptor_test::hex;

use crate::kit::{BOTH, Rig, SECOND, packets};

fn rtcp() -> RtcpPacket {
    RtcpPacket::parse(hex("81 ce 0002 00000065 00000001")).unwrap()
}

#[test]
fn bounds_of_rtp_leave_rtcp_alone() {
    for way in BOTH {
        let one = packets(1, 1, Policy::Stop);
        let options = LimitOptions::default().with_local(one).with_remote(one).with_connection(one);
        let mut rig = Rig::new(way, options);
        (0..20).for_each(|_| rig.give_rtcp(rtcp()));
        assert_eq!((rig.out_rtcp.len(), rig.totals().rtcp.passed), (20, 0), "not even counted");
    }
}

#[test]
fn rtcp_has_every_policy() {
    for (policy, at_once, later, told) in [
        (Policy::Drop, 3, 3, Excess::Rate),
        (Policy::Mark, 10, 10, Excess::Rate),
        (Policy::Wait { packets: 4, bytes: 1500 }, 3, 7, Excess::Rate),
        (Policy::Stop, 3, 3, Excess::Stopped),
    ] {
        for way in BOTH {
            let mut rig = Rig::new(way, LimitOptions::default().with_rtcp(packets(10, 3, policy)));
            (0..10).for_each(|_| rig.give_rtcp(rtcp()));
            assert_eq!(rig.out_rtcp.len(), at_once, "{policy:?}");
            assert_eq!(rig.told().first(), Some(&Reached::Rtcp(told)));
            rig.pass(SECOND);
            assert_eq!(rig.out_rtcp.len(), later, "{policy:?}");
            let counters = rig.totals().rtcp;
            assert_eq!(counters.passed + counters.dropped(), 10);
            let marked =
                rig.out_rtcp.iter().filter(|packet| packet.info().attributes.get::<OverLimit>().is_some());
            assert_eq!(marked.count() as u64, counters.marked);
        }
    }
}

#[test]
fn rtcp_that_came_in_has_passed_was_dropped_or_waits() {
    for way in BOTH {
        let wait = Policy::Wait { packets: 4, bytes: 1500 };
        let mut rig = Rig::new(way, LimitOptions::default().with_rtcp(packets(10, 3, wait)));
        (0..10).for_each(|_| rig.give_rtcp(rtcp()));
        let totals = rig.totals();
        assert_eq!((totals.rtcp.passed, totals.rtcp.dropped(), totals.rtcp_waiting.packets), (3, 3, 4));
        assert_eq!((totals.rtcp_waiting.bytes, totals.waiting.packets), (4 * 12, 0));
        rig.chain.close(rig.clock.now()).unwrap();
        let totals = rig.totals();
        assert_eq!((totals.rtcp.dropped_ended, totals.rtcp_waiting.packets), (4, 0));
    }
}
