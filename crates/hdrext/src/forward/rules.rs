//! What becomes of each identifier.

use interceptor_core::packet::{ExtensionError, RtpPacket};

use crate::{ForwardOptions, StripExtensions};

#[derive(Debug, Clone)]
pub(crate) enum Rules {
    /// Everything stays.
    Nothing,
    /// Everything goes.
    All,
    /// By identifier, what takes its place; 0 for nothing. Foreign blocks go with what is not kept.
    Each { map: Box<[u8; 256]>, foreign: bool },
}

impl Rules {
    pub(crate) fn of(options: &ForwardOptions) -> Self {
        let keep = match &options.strip {
            StripExtensions::All => return Self::All,
            StripExtensions::None if options.remap.is_empty() => return Self::Nothing,
            StripExtensions::None => None,
            StripExtensions::Keep(ids) => Some(ids),
        };
        let kept = |id: u8| keep.is_none_or(|ids| ids.contains(&id));
        let new = |id: u8| options.remap.iter().find(|remap| remap.from == id).map_or(id, |remap| remap.to);
        let mut map = Box::new([0; 256]);
        for (id, to) in (0..=u8::MAX).zip(map.iter_mut()) {
            *to = if kept(id) { new(id) } else { 0 };
        }
        Self::Each { map, foreign: keep.is_none() }
    }

    /// Whether anything has changed.
    #[inline]
    pub(crate) fn apply(&self, packet: &mut RtpPacket) -> Result<bool, ExtensionError> {
        match self {
            Self::Nothing => Ok(false),
            Self::All => Ok(packet.clear_extensions()),
            Self::Each { map, foreign } => {
                let changed = packet.map_extensions(|id| map.get(usize::from(id)).copied())?;
                let strip = !foreign && packet.extensions().next().is_none();
                Ok((strip && packet.clear_extensions()) || changed)
            }
        }
    }
}
