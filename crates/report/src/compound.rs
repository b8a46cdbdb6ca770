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
    let mut items = items.iter().copied().peekable();
    while let Some(item) = items.next() {
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
