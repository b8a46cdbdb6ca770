//! Which reports share a datagram: none is larger than the MTU if it can be.

use crate::compound::{Compound, Item};

/// What limits a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of UDP payload.
    pub(crate) mtu: usize,
    /// Bytes of the canonical name.
    pub(crate) cname: usize,
    /// Datagrams.
    pub(crate) datagrams: usize,
}

/// What is left to be said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<'a> {
    /// Reported in this order until all datagrams are full.
    items: &'a [Item],
    /// Say goodbye behind the last reports as far as they fit, then in compounds of their own, each told by the first of
    /// those who leave.
    leaving: &'a [u32],
    reporter: u32,
    /// Bytes of the first datagram that stay free.
    reserved: usize,
    limits: Limits,
    datagrams: usize,
}

impl<'a> Plan<'a> {
    pub(crate) const fn new(items: &'a [Item], reporter: u32, reserved: usize, limits: Limits) -> Self {
        Self { items, leaving: &[], reporter, reserved, limits, datagrams: 0 }
    }

    pub(crate) const fn with_goodbyes(mut self, leaving: &'a [u32]) -> Self {
        self.leaving = leaving;
        self
    }

    /// Makes `compound` the next datagram; `false`: there is no more. There is always one: without items an empty report
    /// of the reporter.
    pub(crate) fn next(&mut self, compound: &mut Compound) -> bool {
        let Limits { mtu, cname, datagrams } = self.limits;
        if self.datagrams == 0 || (!self.items.is_empty() && self.datagrams < datagrams) {
            compound.start(self.reporter);
            self.items = compound.fill(self.items, mtu.saturating_sub(self.reserved), cname);
            self.reserved = 0;
        } else if let Some(first) = self.leaving.first() {
            compound.start(*first);
        } else {
            return false;
        }
        self.datagrams += 1;
        if self.items.is_empty() || self.datagrams >= datagrams {
            self.leaving = compound.fill_goodbyes(self.leaving, mtu, cname);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::write::Draft;

    const REPORTER: u32 = 7;

    /// The datagram, with values of zero.
    fn written(compound: &Compound, cname: &str) -> interceptor_packet::RtcpPacket {
        let info = |ssrc: &u32| crate::local::SenderInfo {
            ssrc: *ssrc,
            ntp: interceptor_packet::NtpTime::default(),
            rtp_timestamp: 0,
            packets: 0,
            octets: 0,
        };
        let block = |ssrc: &u32| interceptor_packet::ReportBlockData { ssrc: *ssrc, ..Default::default() };
        let mut draft = Draft::default();
        draft.compound.clone_from(compound);
        draft.infos.extend(compound.senders.iter().map(info));
        draft.blocks.extend(compound.blocks.iter().map(block));
        draft.write(cname).unwrap()
    }

    fn all(mut plan: Plan<'_>) -> Vec<Compound> {
        let mut compound = Compound::default();
        std::iter::from_fn(|| plan.next(&mut compound).then(|| compound.clone())).collect()
    }

    /// Distinct senders, with or without the reporter, and distinct blocks, mixed.
    fn items() -> impl Strategy<Value = Vec<Item>> {
        let item = (any::<bool>(), 1u32..300)
            .prop_map(|(sender, ssrc)| if sender { Item::Sender(ssrc) } else { Item::Block(1000 + ssrc) });
        prop::collection::vec(item, 0..250).prop_map(|items| {
            let mut seen = BTreeSet::new();
            items.into_iter().filter(|item| seen.insert(format!("{item:?}"))).collect()
        })
    }

    proptest! {
        #[test]
        fn everything_is_reported_once_in_order_and_within_the_mtu(
            items in items(),
            mtu in 548usize..1500,
            cname in "[a-z]{1,255}",
            reserved in 0usize..225,
            datagrams in 1usize..40,
            leaving in prop::collection::vec(1u32..5000, 0..200),
        ) {
            let limits = Limits { mtu, cname: cname.len(), datagrams };
            let plan = Plan::new(&items, REPORTER, reserved, limits);
            let compounds = all(plan);
            prop_assert!((1..=datagrams).contains(&compounds.len()));
            prop_assert!(compounds[0].len(cname.len()) + reserved <= mtu);
            let blocks: Vec<u32> = compounds.iter().flat_map(|compound| compound.blocks.clone()).collect();
            let senders: usize = compounds.iter().map(|compound| compound.senders.len()).sum();
            let reported = blocks.len() + senders;
            prop_assert!(reported == items.len() || compounds.len() == datagrams);
            let expected = items[..reported].iter().filter_map(|item| match item {
                Item::Block(ssrc) => Some(*ssrc),
                Item::Sender(_) => None,
            });
            prop_assert_eq!(blocks, expected.collect::<Vec<_>>());

            let compounds = all(plan.with_goodbyes(&leaving));
            let byes: Vec<u32> = compounds.iter().flat_map(|compound| compound.byes.clone()).collect();
            prop_assert_eq!(byes, leaving);
            for compound in &compounds {
                prop_assert!(compound.len(cname.len()) <= mtu);
                let packet = written(compound, &cname);
                prop_assert_eq!(packet.len(), compound.len(cname.len()));
                prop_assert!(packet.is_compound() && packet.malformed() == 0);
                let named: BTreeSet<u32> = packet.packets().filter_map(|sub| match sub {
                    interceptor_packet::Rtcp::Sdes(sdes) => Some(sdes.cnames().map(|(ssrc, _)| ssrc).collect::<Vec<_>>()),
                    _ => None,
                }).flatten().collect();
                let reporting = packet.packets().filter(|sub| matches!(sub.packet_type(), 200 | 201));
                let reporting: BTreeSet<u32> = reporting.filter_map(|sub| sub.sender_ssrc()).collect();
                prop_assert_eq!(named, reporting);
            }
        }
    }

    #[test]
    fn an_mtu_too_small_for_anything_still_reports() {
        let limits = Limits { mtu: 0, cname: 10, datagrams: 100 };
        let items = [Item::Block(1), Item::Sender(2), Item::Sender(REPORTER)];
        let compounds = all(Plan::new(&items, REPORTER, 0, limits));
        assert_eq!(compounds.iter().map(|c| c.senders.len() + c.blocks.len()).collect::<Vec<_>>(), [1, 1, 1]);
    }

    #[test]
    fn the_reporters_own_sender_report_carries_the_first_blocks() {
        let limits = Limits { mtu: 1200, cname: 4, datagrams: 1 };
        let items: Vec<Item> =
            (100..133).map(Item::Block).chain([Item::Sender(1), Item::Sender(REPORTER)]).collect();
        let [compound] = &all(Plan::new(&items, REPORTER, 0, limits))[..] else { panic!("one datagram") };
        let packet = written(compound, "user");
        let kinds: Vec<_> = packet.packets().map(|sub| (sub.packet_type(), sub.frame().count())).collect();
        assert_eq!(kinds, [(200, 31), (201, 2), (200, 0), (202, 2)]);
    }
}
