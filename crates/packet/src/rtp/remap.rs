//! Header extension elements renamed and removed in one pass, as forwarders do it.

use std::ops::Range;

use super::elements::{Body, Elements, Form, TWO_BYTE_PROFILE, content_end, push_element};
use super::{EXTENSION_BIT, RtpPacket};
use crate::ExtensionError;

impl RtpPacket {
    /// Gives each element the identifier that `map` gives for its own; `None` removes it, and so does 0, which is padding. Whether
    /// that has changed anything.
    ///
    /// All at once, so that identifiers can be exchanged, and in place: values and what is between them stay where they are, unless an
    /// element goes; then what follows it moves up. A one-byte block becomes a two-byte one when an identifier is beyond 14. The
    /// block goes with its last element. Blocks of foreign profiles have no elements to see, and stay
    /// ([`clear_extensions`](Self::clear_extensions)).
    ///
    /// ```
    /// # use interceptor_packet::RtpPacket;
    /// let mut packet = RtpPacket::builder().extension(1, &[0xa]).extension(2, &[0xb]).extension(3, &[0xc]).build()?;
    /// packet.map_extensions(|id| match id {
    ///     1 => Some(2),
    ///     2 => Some(1),
    ///     _ => None,
    /// })?;
    /// assert!(packet.extensions().eq([(2, &[0xa][..]), (1, &[0xb])]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ExtensionError::BlockTooLong`] when the two-byte form would need more than 262 140 bytes; the packet is as it was.
    pub fn map_extensions(&mut self, map: impl Fn(u8) -> Option<u8>) -> Result<bool, ExtensionError> {
        let (form, body) = self.elements();
        let (mut changes, mut removes, mut highest) = (false, false, 0);
        for element in Elements::new(form, body) {
            let new = map(element.id).unwrap_or(0);
            changes |= new != element.id;
            removes |= new == 0;
            highest = highest.max(new);
        }
        if !changes {
            return Ok(false);
        }
        if form == Form::OneByte && highest > 14 {
            let mut body = Body::new();
            for (id, value) in self.extensions() {
                if let Some(new) = map(id).filter(|new| *new != 0) {
                    push_element(&mut body, Form::TwoByte, new, value);
                }
            }
            self.set_extension_block(TWO_BYTE_PROFILE, &body)?;
            return Ok(true);
        }
        let kept = self.rename_in_place(form, map);
        if removes {
            self.end_block_at(kept);
        }
        Ok(true)
    }

    /// Removes all header extensions, whatever their form. Whether there were any.
    pub fn clear_extensions(&mut self) -> bool {
        let had = self.fixed()[0] & EXTENSION_BIT != 0;
        if had {
            self.drop_extension_block();
        }
        had
    }

    /// Gives where in the header what is worth keeping then ends.
    fn rename_in_place(&mut self, form: Form, map: impl Fn(u8) -> Option<u8>) -> usize {
        let start = self.body_start();
        let body = self.header.get_mut(start..).unwrap_or_default();
        let content_end = content_end(form, body);
        // What follows what is removed moves up by so much, padding and all.
        let (mut at, mut gap) = (0, 0);
        while let Some(element) = Elements::from(form, body, at).next() {
            let Some(new) = map(element.id).filter(|new| *new != 0) else {
                move_up(body, at..element.whole.start, gap);
                at = element.whole.end;
                gap += element.whole.len();
                continue;
            };
            if let Some(first) = body.get_mut(element.whole.start) {
                *first = if form == Form::OneByte { new << 4 | *first & 0x0f } else { new };
            }
            move_up(body, at..element.whole.end, gap);
            at = element.whole.end;
        }
        move_up(body, at..content_end, gap);
        start + content_end - gap
    }
}

fn move_up(body: &mut [u8], range: Range<usize>, by: usize) {
    if by > 0 {
        let to = range.start - by;
        body.copy_within(range, to);
    }
}
