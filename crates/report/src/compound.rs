//! Which reports share a datagram: real compounds (RFC 3550 §6.1), none larger than the MTU if it can be.

/// Report blocks in one report, chunks in one source description, sources in one goodbye: five bits of count.
pub(crate) const MAX_COUNT: usize = 31;

const SENDER_REPORT: usize = 28;
const RECEIVER_REPORT: usize = 8;
const BLOCK: usize = 24;
const HEADER: usize = 4;

/// What one source has to say, or what is to be said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// A sender report of this local SSRC.
    Sender(u32),
    /// A report block about this remote SSRC.
    Block(u32),
}

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

/// The reports of one datagram, as SSRCs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compound {
    /// Who tells the blocks, and reports as receiver if it does not as sender.
    pub(crate) reporter: u32,
    /// Sender reports, that of the reporter first if it is among them.
    pub(crate) senders: Vec<u32>,
    /// Sources that the reporter has blocks about.
    pub(crate) blocks: Vec<u32>,
    /// Sources that leave.
    pub(crate) byes: Vec<u32>,
}

impl Compound {
    pub(crate) const fn new(reporter: u32) -> Self {
        Self { reporter, senders: Vec::new(), blocks: Vec::new(), byes: Vec::new() }
    }

    /// Whether the reporter's own sender report carries the first blocks.
    pub(crate) fn reporter_sends(&self) -> bool {
        self.senders.first() == Some(&self.reporter)
    }

    /// Receiver reports that the blocks need; an empty one when there is no report otherwise.
    pub(crate) fn receiver_reports(&self) -> usize {
        let reports = self.blocks.len().div_ceil(MAX_COUNT);
        if self.reporter_sends() {
            return reports.saturating_sub(1);
        }
        if self.senders.is_empty() { reports.max(1) } else { reports }
    }

    /// Every SSRC that reports, each once: these need a canonical name.
    pub(crate) fn sources(&self) -> impl Iterator<Item = u32> + '_ {
        let receiver = !self.reporter_sends() && self.receiver_reports() > 0;
        receiver.then_some(self.reporter).into_iter().chain(self.senders.iter().copied())
    }

    /// Bytes of UDP payload.
    pub(crate) fn len(&self, cname: usize) -> usize {
        let sources = self.sources().count();
        let byes = self.byes.len();
        SENDER_REPORT * self.senders.len()
            + RECEIVER_REPORT * self.receiver_reports()
            + BLOCK * self.blocks.len()
            + HEADER * sources.div_ceil(MAX_COUNT)
            + chunk(cname) * sources
            + HEADER * byes.div_ceil(MAX_COUNT)
            + 4 * byes
    }

    fn push(&mut self, item: Item) {
        match item {
            Item::Sender(ssrc) if ssrc == self.reporter => self.senders.insert(0, ssrc),
            Item::Sender(ssrc) => self.senders.push(ssrc),
            Item::Block(ssrc) => self.blocks.push(ssrc),
        }
    }

    fn pop(&mut self, item: Item) {
        match item {
            Item::Sender(ssrc) if ssrc == self.reporter => {
                self.senders.remove(0);
            }
            Item::Sender(_) => {
                self.senders.pop();
            }
            Item::Block(_) => {
                self.blocks.pop();
            }
        }
    }
}

/// A chunk with a canonical name: SSRC, item header, name, at least one null octet, filled up to whole words.
const fn chunk(cname: usize) -> usize {
    4 + (2 + cname + 1).next_multiple_of(4)
}

/// Fills datagrams with `items` in their order until there are no more or all datagrams are full. `reserved` bytes of
/// the first stay free. There is always one datagram: without items an empty report of the reporter.
///
/// An item that no datagram has room for gets one of its own: better too large than never.
pub(crate) fn pack(items: &[Item], reporter: u32, reserved: usize, limits: Limits) -> Vec<Compound> {
    let mut compounds = Vec::new();
    let mut open = Compound::new(reporter);
    let mut room = limits.mtu.saturating_sub(reserved);
    for item in items.iter().copied() {
        open.push(item);
        if open.len(limits.cname) <= room || open.senders.len() + open.blocks.len() == 1 {
            continue;
        }
        open.pop(item);
        compounds.push(std::mem::replace(&mut open, Compound::new(reporter)));
        if compounds.len() >= limits.datagrams {
            return compounds;
        }
        room = limits.mtu;
        open.push(item);
    }
    compounds.push(open);
    compounds
}

/// Adds goodbyes of `leaving`, behind the last reports as far as they fit, then in compounds of their own, each told
/// by the first of those who leave.
pub(crate) fn add_goodbyes(compounds: &mut Vec<Compound>, leaving: &[u32], limits: Limits) {
    for ssrc in leaving {
        if let Some(last) = compounds.last_mut() {
            last.byes.push(*ssrc);
            if last.len(limits.cname) <= limits.mtu {
                continue;
            }
            last.byes.pop();
        }
        let mut own = Compound::new(*ssrc);
        own.byes.push(*ssrc);
        compounds.push(own);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::extended::Extended;
    use crate::write::write;

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
        let infos: Vec<_> = compound.senders.iter().map(info).collect();
        let blocks: Vec<_> = compound.blocks.iter().map(block).collect();
        write(compound, &infos, &blocks, &Extended::default(), cname).unwrap()
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
            let mut compounds = pack(&items, REPORTER, reserved, limits);
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

            add_goodbyes(&mut compounds, &leaving, limits);
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
        let compounds = pack(&items, REPORTER, 0, limits);
        assert_eq!(compounds.iter().map(|c| c.senders.len() + c.blocks.len()).collect::<Vec<_>>(), [1, 1, 1]);
    }

    #[test]
    fn the_reporters_own_sender_report_carries_the_first_blocks() {
        let limits = Limits { mtu: 1200, cname: 4, datagrams: 1 };
        let items: Vec<Item> =
            (100..133).map(Item::Block).chain([Item::Sender(1), Item::Sender(REPORTER)]).collect();
        let [compound] = &pack(&items, REPORTER, 0, limits)[..] else { panic!("one datagram") };
        let packet = written(compound, "user");
        let kinds: Vec<_> = packet.packets().map(|sub| (sub.packet_type(), sub.frame().count())).collect();
        assert_eq!(kinds, [(200, 31), (201, 2), (200, 0), (202, 2)]);
    }
}
