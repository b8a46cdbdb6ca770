//! Counts mutable header extensions as zeros, and remembers where they were in the packet before.

use interceptor_packet::{RtpPacket, extension_elements};
use smallvec::SmallVec;

use crate::summand::fields_of;
use crate::{MutableExtensions, Summand};

const FIXED_HEADER_LEN: usize = 12;
/// Longer headers are looked through each time.
const SHORT: usize = 64;
const EXTENSION_BIT: u8 = 0x10;

/// Makes [`Summand`]s of the packets of one stream, whose mutable header extensions count as zeros.
///
/// The packets of a stream look alike: where the extensions stood in the one before is remembered, and whether they stand
/// there again is seen by comparing 64 bytes at once.
#[derive(Clone, Debug)]
pub struct Zeroing {
    /// Identifiers, and from which byte on each counts as zeros.
    mutable: SmallVec<[(u8, u8); 6]>,
    layout: Layout,
    /// The header that was asked for last, zeroed.
    short: [u8; SHORT],
    long: Vec<u8>,
}

/// Where extensions stand in a header of up to 64 bytes.
#[derive(Clone, Debug)]
struct Layout {
    len: usize,
    /// Bits that decide where the extensions stand, and what they were.
    decides: [u8; SHORT],
    decided: [u8; SHORT],
    /// Bits that count.
    counts: [u8; SHORT],
}

impl Zeroing {
    /// For a stream with these header extensions, by identifier and URI, as they were negotiated.
    pub fn new<'u>(mutable: &MutableExtensions, extensions: impl IntoIterator<Item = (u8, &'u str)>) -> Self {
        let mutable = extensions
            .into_iter()
            .filter_map(|(id, uri)| mutable.zeros_from(uri).map(|from| (id, from)))
            .collect();
        Self { mutable, layout: Layout::unknown(), short: [0; SHORT], long: Vec::new() }
    }

    /// A packet as it counts in a sum.
    #[inline]
    pub fn summand<'a>(&'a mut self, packet: &'a RtpPacket) -> Summand<'a> {
        self.summand_of(packet.header(), packet.payload_and_padding())
    }

    /// The packet of this header, up to the end of the extension block, and of what follows it.
    #[inline]
    pub fn summand_of<'a>(&'a mut self, header: &'a [u8], payload: &'a [u8]) -> Summand<'a> {
        let fields = fields_of(header, (header.len() + payload.len()).saturating_sub(FIXED_HEADER_LEN));
        let header = match header.first() {
            Some(first) if first & EXTENSION_BIT != 0 && !self.mutable.is_empty() => self.zeroed(header),
            _ => header,
        };
        Summand { fields, head: header.get(FIXED_HEADER_LEN..).unwrap_or_default(), payload }
    }

    fn zeroed(&mut self, header: &[u8]) -> &[u8] {
        if header.len() > SHORT {
            return self.zeroed_long(header);
        }
        let mut bytes = [0; SHORT];
        if let Some(bytes) = bytes.get_mut(..header.len()) {
            bytes.copy_from_slice(header);
        }
        if !self.layout.is_that_of(&bytes, header.len()) {
            self.layout = Layout::of(&bytes, header, &self.mutable);
        }
        for ((zeroed, byte), counts) in self.short.iter_mut().zip(bytes).zip(self.layout.counts) {
            *zeroed = byte & counts;
        }
        self.short.get(..header.len()).unwrap_or_default()
    }

    #[cold]
    fn zeroed_long(&mut self, header: &[u8]) -> &[u8] {
        self.long.clear();
        self.long.extend_from_slice(header);
        for (id, value) in extension_elements(header) {
            let from = from(&self.mutable, id);
            if let Some(value) = self.long.get_mut(value).and_then(|value| value.get_mut(from..)) {
                value.fill(0);
            }
        }
        &self.long
    }
}

/// From which byte on an element counts as zeros.
fn from(mutable: &[(u8, u8)], id: u8) -> usize {
    mutable.iter().find(|(other, _)| *other == id).map_or(usize::MAX, |(_, from)| usize::from(*from))
}

impl Layout {
    /// That of no header.
    const fn unknown() -> Self {
        Self { len: 0, decides: [0; SHORT], decided: [0; SHORT], counts: [0; SHORT] }
    }

    #[inline]
    fn is_that_of(&self, header: &[u8; SHORT], len: usize) -> bool {
        let mut differs = 0;
        for ((byte, decides), decided) in header.iter().zip(self.decides).zip(self.decided) {
            differs |= (byte & decides) ^ decided;
        }
        len == self.len && differs == 0
    }

    #[cold]
    fn of(bytes: &[u8; SHORT], header: &[u8], mutable: &[(u8, u8)]) -> Self {
        // All bytes of the extension block but the values in it: also padding, where another packet has an element.
        let mut layout =
            Self { len: header.len(), decides: [0; SHORT], decided: *bytes, counts: [0xff; SHORT] };
        let block = FIXED_HEADER_LEN + 4 * usize::from(header.first().map_or(0, |first| first & 0x0f));
        layout.decides.iter_mut().skip(block).for_each(|decides| *decides = 0xff);
        if let Some(first) = layout.decides.first_mut() {
            // The extension bit and the number of CSRCs.
            *first = 0x1f;
        }
        for (id, value) in extension_elements(header) {
            if let Some(value) = layout.decides.get_mut(value.clone()) {
                value.fill(0);
            }
            let from = from(mutable, id);
            if let Some(value) = layout.counts.get_mut(value).and_then(|value| value.get_mut(from..)) {
                value.fill(0);
            }
        }
        for (decided, decides) in layout.decided.iter_mut().zip(layout.decides) {
            *decided &= decides;
        }
        layout
    }
}
