//! S8: a chain a connection, all on one runtime.

use super::BARE;
use super::driver::{Form, Receive, Send};
use super::set_up::{Extent, Session};
use crate::connections::{COUNTS, IDLE, RECEIVE, RECEIVE_EMPTY, SEND, SEND_EMPTY, settled, traffic};
use crate::contender::Case;
use crate::memory::kept;

/// More take gigabytes: a history of 8192 places each.
const MOST: u32 = 1000;

pub(super) fn cases() -> Vec<Case> {
    let empty = Extent::PassThrough(0);
    let mut cases = Vec::new();
    for count in COUNTS.into_iter().filter(|count| *count <= MOST) {
        for (variant, extent) in [(SEND, Extent::Repair), (SEND_EMPTY, empty)] {
            cases.push(Case::timed(("S8", variant, count), BARE, move || {
                Ok(settled(Send::new(Session::connections(extent, count)?, traffic(count)), count))
            }));
        }
        for (variant, extent) in [(RECEIVE, Extent::Repair), (RECEIVE_EMPTY, empty)] {
            cases.push(Case::timed(("S8", variant, count), BARE, move || {
                let session = Session::connections(extent, count)?;
                Ok(settled(Receive::new(session, traffic(count), Form::Parsed), count))
            }));
        }
    }
    cases.push(Case::kept(("S8", IDLE, MOST), BARE, || {
        // With the runtime that all share.
        let mut session = Session::connections(Extent::Repair, 0)?;
        let mut connected = Ok(());
        let heap = kept(MOST, || connected = session.connect(Extent::Repair, MOST));
        connected.map(|()| heap)
    }));
    cases
}
