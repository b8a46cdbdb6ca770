//! Divides the reports of a round between datagrams, none of them larger than the MTU if that is possible.

use crate::compound::{Compound, DueReport};

/// How much may leave at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of UDP payload.
    pub(crate) mtu: usize,
    /// Bytes of the canonical name.
    pub(crate) cname: usize,
    /// Datagrams.
    pub(crate) datagrams: usize,
}

/// The datagrams that are still to leave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Datagrams<'a> {
    /// Reported in this order until all datagrams are full.
    due: &'a [DueReport],
    /// SSRCs that say BYE: behind the last reports as far as they fit, then in compounds of their own, each from the
    /// first of them.
    leaving: &'a [u32],
    /// The SSRC that blocks come from.
    reporter: u32,
    /// Bytes of the first datagram that stay free, for extended reports.
    reserved: usize,
    limits: Limits,
    /// Datagrams so far.
    made: usize,
}

impl<'a> Datagrams<'a> {
    pub(crate) const fn new(due: &'a [DueReport], reporter: u32, reserved: usize, limits: Limits) -> Self {
        Self { due, leaving: &[], reporter, reserved, limits, made: 0 }
    }

    pub(crate) const fn with_byes(mut self, leaving: &'a [u32]) -> Self {
        self.leaving = leaving;
        self
    }

    /// Makes `compound` the next datagram; `false`: there is no more. There is always one: when nothing is due, an empty
    /// report of the reporter.
    pub(crate) fn next(&mut self, compound: &mut Compound) -> bool {
        let Limits { mtu, cname, datagrams } = self.limits;
        if self.made == 0 || (!self.due.is_empty() && self.made < datagrams) {
            compound.restart(self.reporter);
            self.due = compound.fill_reports(self.due, mtu.saturating_sub(self.reserved), cname);
            self.reserved = 0;
        } else if let Some(first) = self.leaving.first() {
            compound.restart(*first);
        } else {
            return false;
        }
        self.made += 1;
        if self.due.is_empty() || self.made >= datagrams {
            self.leaving = compound.fill_byes(self.leaving, mtu, cname);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::compound::CompoundWriter;

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
        let mut writer = CompoundWriter::default();
        writer.layout.clone_from(compound);
        writer.sender_infos.extend(compound.senders.iter().map(info));
        writer.blocks.extend(compound.blocks.iter().map(block));
        writer.write(cname).unwrap()
    }

    fn all(mut datagrams: Datagrams<'_>) -> Vec<Compound> {
        let mut compound = Compound::default();
        std::iter::from_fn(|| datagrams.next(&mut compound).then(|| compound.clone())).collect()
    }

    /// Distinct senders, with or without the reporter, and distinct blocks, mixed.
    fn due_reports() -> impl Strategy<Value = Vec<DueReport>> {
        let report = (any::<bool>(), 1u32..300).prop_map(|(sender, ssrc)| {
            if sender { DueReport::Sender(ssrc) } else { DueReport::Block(1000 + ssrc) }
        });
        prop::collection::vec(report, 0..250).prop_map(|due| {
            let mut seen = BTreeSet::new();
            due.into_iter().filter(|report| seen.insert(format!("{report:?}"))).collect()
        })
    }

    proptest! {
        #[test]
        fn everything_is_reported_once_in_order_and_within_the_mtu(
            due in due_reports(),
            mtu in 548usize..1500,
            cname in "[a-z]{1,255}",
            reserved in 0usize..225,
            datagrams in 1usize..40,
            leaving in prop::collection::vec(1u32..5000, 0..200),
        ) {
            let limits = Limits { mtu, cname: cname.len(), datagrams };
            let round = Datagrams::new(&due, REPORTER, reserved, limits);
            let compounds = all(round);
            prop_assert!((1..=datagrams).contains(&compounds.len()));
            prop_assert!(compounds[0].len(cname.len()) + reserved <= mtu);
            let blocks: Vec<u32> = compounds.iter().flat_map(|compound| compound.blocks.clone()).collect();
            let senders: usize = compounds.iter().map(|compound| compound.senders.len()).sum();
            let reported = blocks.len() + senders;
            prop_assert!(reported == due.len() || compounds.len() == datagrams);
            let expected = due[..reported].iter().filter_map(|report| match report {
                DueReport::Block(ssrc) => Some(*ssrc),
                DueReport::Sender(_) => None,
            });
            prop_assert_eq!(blocks, expected.collect::<Vec<_>>());

            let compounds = all(round.with_byes(&leaving));
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
        let due = [DueReport::Block(1), DueReport::Sender(2), DueReport::Sender(REPORTER)];
        let compounds = all(Datagrams::new(&due, REPORTER, 0, limits));
        assert_eq!(compounds.iter().map(|c| c.senders.len() + c.blocks.len()).collect::<Vec<_>>(), [1, 1, 1]);
    }

    #[test]
    fn the_reporters_own_sender_report_carries_the_first_blocks() {
        let limits = Limits { mtu: 1200, cname: 4, datagrams: 1 };
        let due: Vec<DueReport> = (100..133)
            .map(DueReport::Block)
            .chain([DueReport::Sender(1), DueReport::Sender(REPORTER)])
            .collect();
        let [compound] = &all(Datagrams::new(&due, REPORTER, 0, limits))[..] else { panic!("one datagram") };
        let packet = written(compound, "user");
        let kinds: Vec<_> = packet.packets().map(|sub| (sub.packet_type(), sub.frame().count())).collect();
        assert_eq!(kinds, [(200, 31), (201, 2), (200, 0), (202, 2)]);
    }
}
