//! Reads capture files record by record: pcap, pcapng and rtpdump, whole or damaged, also within gzip.
//!
//! What is damaged is skipped: the reader looks for the next place that looks like the start of a record and goes on
//! there. Memory is bounded by twice the largest record, at most 32 MiB.

mod damage;
mod fields;
mod foreign;
mod input;
mod interface;
mod pcap;
mod pcapng;
mod resync;
mod rtpdump;
mod window;

use std::io::Read;
use std::ops::Range;
use std::time::Duration;

use self::damage::Damages;
pub(super) use self::damage::MAX_DESCRIBED;
pub use self::damage::{Damage, DamageKind};
use self::input::Input;
use self::pcap::Pcap;
use self::pcapng::PcapNg;
use self::rtpdump::RtpDump;
use self::window::Window;
use super::Endpoints;

/// Link types of one file that are kept.
pub(super) const MAX_LINKS: usize = 32;

/// One record of a capture.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record<'a> {
    /// When it was captured, since 1970; `None`: the capture does not say it, or not in a way that can be read.
    pub at: Option<Duration>,
    /// What was captured.
    pub content: Content<'a>,
    /// Its length before the capture cut it, in bytes; at least what is there.
    pub wire_len: usize,
}

impl<'a> Record<'a> {
    /// A whole frame of a link type (the number of <https://www.tcpdump.org/linktypes.html>; 1 is Ethernet).
    #[must_use]
    pub const fn frame(at: Duration, link: u16, frame: &'a [u8]) -> Self {
        Self { at: Some(at), content: Content::Frame(link, frame), wire_len: frame.len() }
    }

    /// The payload of a UDP datagram that is RTP or RTCP.
    #[must_use]
    pub const fn datagram(at: Duration, endpoints: Endpoints, payload: &'a [u8]) -> Self {
        Self { at: Some(at), content: Content::Datagram(endpoints, payload), wire_len: payload.len() }
    }

    /// Nobody knows when it came: no figure is made of its time.
    #[must_use]
    pub const fn without_time(mut self) -> Self {
        self.at = None;
        self
    }

    /// Its length on the wire, in bytes, where it was cut; less than there is counts as what there is.
    #[must_use]
    pub fn with_wire_len(mut self, wire_len: usize) -> Self {
        self.wire_len = self.wire_len.max(wire_len);
        self
    }
}

/// What a record holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Content<'a> {
    /// A frame of this link type (the number of <https://www.tcpdump.org/linktypes.html>).
    Frame(u16, &'a [u8]),
    /// The payload of a UDP datagram that is RTP or RTCP.
    Datagram(Endpoints, &'a [u8]),
}

/// Reads the records of a capture; its format shows in its first bytes.
#[derive(Debug)]
pub struct CaptureReader<R> {
    window: Window<Input<R>>,
    format: Format,
    damage: Damages,
    /// Bytes of the record that was given last.
    given: usize,
    records: u64,
    links: Vec<u16>,
}

#[derive(Debug)]
enum Format {
    Pcap(Pcap),
    PcapNg(PcapNg),
    RtpDump(RtpDump),
    /// Nothing to read.
    Unknown,
}

/// Where a record lies in the window.
#[derive(Debug)]
struct Found {
    at: Option<Duration>,
    data: Range<usize>,
    /// Bytes from the start of the window to the next record.
    len: usize,
    wire_len: usize,
    source: Source,
}

/// What a record's bytes are.
#[derive(Clone, Copy, Debug)]
enum Source {
    Link(u16),
    Datagram(Endpoints),
}

impl<R: Read> CaptureReader<R> {
    /// Reads the file's header. Never fails: what is wrong shows in [`damage`](Self::damage).
    pub fn new(reader: R) -> Self {
        let mut window = Window::new(Input::open(reader));
        let mut damage = Damages::default();
        let format = detect(&mut window, &mut damage);
        Self { window, format, damage, given: 0, records: 0, links: Vec::new() }
    }

    /// The next record, `None` at the end.
    #[expect(clippy::should_implement_trait, reason = "records borrow from the reader")]
    pub fn next(&mut self) -> Option<Record<'_>> {
        self.window.consume(std::mem::take(&mut self.given));
        let found = match &mut self.format {
            Format::Pcap(pcap) => pcap.find(&mut self.window, &mut self.damage),
            Format::PcapNg(pcapng) => pcapng.find(&mut self.window, &mut self.damage),
            Format::RtpDump(rtpdump) => rtpdump.find(&mut self.window, &mut self.damage),
            Format::Unknown => None,
        };
        let Some(found) = found else {
            self.note_failure();
            return None;
        };
        self.given = found.len;
        self.records += 1;
        let data = self.window.bytes().get(found.data).unwrap_or_default();
        let content = match found.source {
            Source::Link(link) => {
                if !self.links.contains(&link) && self.links.len() < MAX_LINKS {
                    self.links.push(link);
                }
                Content::Frame(link, data)
            }
            Source::Datagram(endpoints) => Content::Datagram(endpoints, data),
        };
        Some(Record { at: found.at, content, wire_len: found.wire_len.max(data.len()) })
    }

    fn note_failure(&mut self) {
        note_failure(&mut self.window, &mut self.damage);
    }

    /// Records given so far.
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// Bytes of the capture read so far; of a gzip file, of what is in it.
    pub const fn offset(&self) -> u64 {
        self.window.offset()
    }

    /// Bytes of the file read so far; of a gzip file fewer than what is in it, as a rule.
    pub fn file_offset(&self) -> u64 {
        let input = self.window.reader();
        if input.is_gzip() { input.used() } else { self.offset() }
    }

    /// What is wrong with the file, as far as it was read. After the first 32 places only their number is kept,
    /// in [`more_damage`](Self::more_damage).
    pub fn damage(&self) -> &[Damage] {
        &self.damage.described
    }

    /// Damaged places that [`damage`](Self::damage) does not describe.
    pub const fn more_damage(&self) -> u64 {
        self.damage.more
    }

    /// The link types of the records so far, in the order in which they came; before any record, what the header says.
    pub fn link_types(&self) -> Vec<u16> {
        match &self.format {
            Format::Pcap(pcap) if self.links.is_empty() => vec![pcap.link()],
            _ => self.links.clone(),
        }
    }

    /// The file's format, for a person.
    pub const fn format(&self) -> &'static str {
        match self.format {
            Format::Pcap(_) => "pcap",
            Format::PcapNg(_) => "pcapng",
            Format::RtpDump(_) => "rtpdump",
            Format::Unknown => "unknown",
        }
    }
}

/// The first bytes of all that can be read.
const MAGICS: [&[u8]; 7] = [
    &[0xa1, 0xb2, 0xc3, 0xd4],
    &[0xd4, 0xc3, 0xb2, 0xa1],
    &[0xa1, 0xb2, 0x3c, 0x4d],
    &[0x4d, 0x3c, 0xb2, 0xa1],
    pcapng::SECTION_HEADER,
    rtpdump::MAGIC,
    input::GZIP,
];

fn detect<R: Read>(window: &mut Window<Input<R>>, damage: &mut Damages) -> Format {
    window.want(32);
    let bytes = window.bytes();
    if bytes.starts_with(rtpdump::MAGIC) {
        return RtpDump::open(window, damage).map_or(Format::Unknown, Format::RtpDump);
    }
    let mut note = |fault: Option<&str>| {
        if let Some(fault) = fault {
            damage.add(0, DamageKind::Damaged, fault);
        }
    };
    if let Some((pcapng, fault)) = PcapNg::open(bytes) {
        note(fault);
        return Format::PcapNg(pcapng);
    }
    if let Some((pcap, fault)) = Pcap::open(bytes) {
        note(fault);
        window.consume(Pcap::HEADER_LEN);
        return Format::Pcap(pcap);
    }
    if note_failure(window, damage) {
        return Format::Unknown;
    }
    if window.bytes().is_empty() {
        damage.add(0, DamageKind::Truncated, "the file is empty, it ends");
    } else if let Some(what) = foreign::name(window.bytes()) {
        damage.add(0, DamageKind::NotACapture, what);
    } else if is_cut_header(window.bytes()) {
        damage.add(window.bytes().len() as u64, DamageKind::Truncated, "the file ends within its header");
    } else {
        damage.add(0, DamageKind::NotACapture, "neither pcap, pcapng nor rtpdump begins");
    }
    Format::Unknown
}

/// Describes what has ended the file before its end, if anything has. Of a gzip file it says where it is in that.
fn note_failure<R: Read>(window: &mut Window<Input<R>>, damage: &mut Damages) -> bool {
    let Some(error) = window.take_failure() else { return false };
    let input = window.reader();
    let (kind, what) = input.blame(&error);
    let offset = if input.is_gzip() { input.used() } else { window.offset() };
    damage.add(offset, kind, what);
    true
}

/// Whether what there is may be the start of a capture's header.
fn is_cut_header(bytes: &[u8]) -> bool {
    MAGICS.iter().any(|magic| bytes.starts_with(magic) || magic.starts_with(bytes))
}
