//! A running sum (XOR) over RTP packets, held where the repair packet that it becomes will be.

use bytes::{BufMut, Bytes, BytesMut};
use interceptor_packet::fec::RecoveryFields;

use crate::Summand;
use crate::xor::xor;

/// Room in front of a sum: the longest header of those in [`interceptor_packet::fec`] for one stream.
const HEADROOM: usize = 32;

/// A running sum (XOR) over packets. It keeps none of them: it takes as much memory as the longest, in the buffer that the
/// repair packet leaves in, with room for that's header in front.
///
/// ```
/// use interceptor_packet::RtpPacket;
/// use interceptor_packet::fec::{FlexFec03, Mask, Pattern, Span};
/// use interceptor_parity::{MutableExtensions, Sum, Zeroing};
///
/// let mut zeroing = Zeroing::new(&MutableExtensions::Libwebrtc, []);
/// let mut sum = Sum::default();
/// for seq in [7, 8] {
///     let media = RtpPacket::builder().ssrc(1).sequence_number(seq).payload(vec![seq as u8; 4]).build()?;
///     sum.add(&zeroing.summand(&media));
/// }
/// let protected = [(1, Span { base: 7, pattern: Pattern::Mask(Mask::first(2)) })];
/// let payload = sum.take(FlexFec03::header_len(&protected), |fields, header| {
///     FlexFec03::write(&fields, &protected, header)
/// })?;
/// assert_eq!(FlexFec03::read(&payload)?.body(), [7 ^ 8; 4]);
/// assert!(sum.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Sum {
    /// [`HEADROOM`] bytes, and the sum. Empty before the first packet.
    buffer: BytesMut,
    fields: RecoveryFields,
    packets: u32,
}

impl Sum {
    /// Adds a packet. Of two that are equal nothing is left, but their number.
    #[inline]
    pub fn add(&mut self, packet: &Summand<'_>) {
        self.prepare(packet.len());
        self.fields.add(&packet.fields);
        self.packets += 1;
        self.add_at(0, packet.head);
        self.add_at(packet.head.len(), packet.payload);
    }

    /// Packets added.
    #[inline]
    #[must_use]
    pub const fn packets(&self) -> u32 {
        self.packets
    }

    /// Has no packet been added?
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.packets == 0
    }

    /// The length of the body: that of the longest packet behind its fixed header.
    #[inline]
    #[must_use]
    pub fn body_len(&self) -> usize {
        self.buffer.len().saturating_sub(HEADROOM)
    }

    /// The sums over the fixed headers.
    #[inline]
    #[must_use]
    pub const fn fields(&self) -> RecoveryFields {
        self.fields
    }

    /// The sum as a packet that is added to another sum: the sum of both is that of the packets that one of them holds.
    #[inline]
    #[must_use]
    pub fn as_summand(&self) -> Summand<'_> {
        Summand { fields: self.fields, head: &[], payload: self.buffer.get(HEADROOM..).unwrap_or_default() }
    }

    /// Takes the sum as a repair packet's payload: `write` writes a header of `header_len` bytes in front of the body. The
    /// sum is empty then, and has its memory back as soon as that payload is gone.
    ///
    /// Bodies are not copied. A header over 32 bytes (of several streams) costs an allocation.
    ///
    /// # Errors
    /// That of `write`; the sum is as it was then.
    pub fn take<E>(
        &mut self,
        header_len: usize,
        write: impl FnOnce(RecoveryFields, &mut [u8]) -> Result<(), E>,
    ) -> Result<Bytes, E> {
        self.prepare(0);
        let Some(start) = HEADROOM.checked_sub(header_len) else {
            return self.take_copied(header_len, write);
        };
        write(self.fields, self.buffer.get_mut(start..HEADROOM).unwrap_or_default())?;
        let mut payload = self.buffer.split().freeze();
        bytes::Buf::advance(&mut payload, start);
        self.clear();
        Ok(payload)
    }

    /// Forgets what was added.
    pub fn clear(&mut self) {
        self.buffer.clear();
        (self.fields, self.packets) = (RecoveryFields::default(), 0);
    }

    fn take_copied<E>(
        &mut self,
        header_len: usize,
        write: impl FnOnce(RecoveryFields, &mut [u8]) -> Result<(), E>,
    ) -> Result<Bytes, E> {
        let mut payload = BytesMut::zeroed(header_len);
        write(self.fields, &mut payload)?;
        payload.extend_from_slice(self.buffer.get(HEADROOM..).unwrap_or_default());
        self.clear();
        Ok(payload.freeze())
    }

    /// Makes room for a body of this length. A buffer that has left and is gone comes back here.
    #[inline]
    fn prepare(&mut self, body_len: usize) {
        let len = HEADROOM + body_len;
        if self.buffer.len() < len {
            self.buffer.reserve(len - self.buffer.len());
        }
        if self.buffer.is_empty() {
            self.buffer.put_bytes(0, HEADROOM);
        }
    }

    /// Adds bytes at this place of the body; what is behind its end so far are zeros.
    #[inline]
    fn add_at(&mut self, at: usize, bytes: &[u8]) {
        let known = self.buffer.get_mut(HEADROOM + at..).unwrap_or_default();
        xor(known, bytes);
        let rest = bytes.get(known.len()..).unwrap_or_default();
        if !rest.is_empty() {
            self.buffer.extend_from_slice(rest);
        }
    }
}
