//! The reports of one datagram: a real compound (RFC 3550 §6.1).

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

/// The reports of one datagram, as SSRCs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Starts anew, in the same memory.
    pub(crate) fn start(&mut self, reporter: u32) {
        self.reporter = reporter;
        self.senders.clear();
        self.blocks.clear();
        self.byes.clear();
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

    /// Takes `items` in their order as far as they fit, one at least: better too large than never. Gives the others.
    pub(crate) fn fill<'a>(&mut self, items: &'a [Item], room: usize, cname: usize) -> &'a [Item] {
        for (taken, item) in items.iter().enumerate() {
            self.push(*item);
            if taken > 0 && self.len(cname) > room {
                self.pop(*item);
                return items.get(taken..).unwrap_or_default();
            }
        }
        &[]
    }

    /// Takes goodbyes as far as they fit, one at least if there is no report. Gives the others.
    pub(crate) fn fill_goodbyes<'a>(&mut self, leaving: &'a [u32], room: usize, cname: usize) -> &'a [u32] {
        let least = usize::from(self.senders.is_empty() && self.blocks.is_empty());
        for (taken, ssrc) in leaving.iter().enumerate() {
            self.byes.push(*ssrc);
            if taken >= least && self.len(cname) > room {
                self.byes.pop();
                return leaving.get(taken..).unwrap_or_default();
            }
        }
        &[]
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

/// Bytes of a report without blocks and a canonical name.
pub(crate) const fn head_len(sends: bool, cname: usize) -> usize {
    HEADER + chunk(cname) + if sends { SENDER_REPORT } else { RECEIVER_REPORT }
}
