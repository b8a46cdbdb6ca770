//! The way from layer to layer, with what is learnt on it.

use super::opaque::Encapsulation;
use super::{FragmentId, Frame};

/// Packets inside of packets that are looked into. A tunnel in a tunnel on a tagged network has three.
const MAX_NESTED: u8 = 8;

/// What is known of a frame whose outer layers have been taken off.
#[derive(Debug, Default)]
pub(super) struct Walk {
    nested: u8,
    /// It belongs to a datagram that came in several.
    pub(super) fragment: Option<FragmentId>,
    pub(super) is_first_fragment: bool,
}

impl Walk {
    /// Goes on inside of a tunnel, unless it is in too many others.
    #[cold]
    pub(super) fn inside<'a>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Option<Frame<'a>>,
    ) -> Option<Frame<'a>> {
        self.nested += 1;
        if self.nested > MAX_NESTED {
            return Some(Frame::Opaque(Encapsulation::Nested));
        }
        step(self)
    }
}
