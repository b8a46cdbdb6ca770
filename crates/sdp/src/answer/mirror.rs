//! An accepted section as the other end writes it: who sends there, takes here.

use sdp_types::Direction;

use crate::section::{Bandwidth, Section};

/// The section of the answer, without what only the answering end knows. `sends`: has it anything to send?
pub(super) fn mirrored(accepted: &Section, takes: bool, sends: bool) -> Section {
    let mut section = accepted.clone();
    section.direction = direction(takes, sends);
    for extension in &mut section.extensions {
        extension.direction = extension.direction.map(Direction::reverse);
    }
    section.rids.iter_mut().for_each(|rid| rid.sends = !rid.sends);
    std::mem::swap(&mut section.simulcast.send, &mut section.simulcast.recv);
    section.rids.retain(|rid| if rid.sends { sends } else { takes });
    if !sends {
        section.simulcast.send.clear();
    }
    if !takes {
        section.simulcast.recv.clear();
    }
    section.sources.clear();
    section.source_groups.clear();
    section.msids.clear();
    section.rtcp = None;
    section.rtcp_xr.clear();
    section.bundle_only = false;
    section.bandwidth = Bandwidth::default();
    section
}

/// RFC 3264 §6.1.
pub(super) const fn direction(takes: bool, sends: bool) -> Direction {
    match (takes, sends) {
        (true, true) => Direction::SendRecv,
        (true, false) => Direction::RecvOnly,
        (false, true) => Direction::SendOnly,
        (false, false) => Direction::Inactive,
    }
}
