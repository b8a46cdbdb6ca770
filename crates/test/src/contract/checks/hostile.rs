//! A peer that sends nonsense.

use std::time::Duration;

use crate::contract::Contract;
use crate::contract::rig::{LOCAL, REMOTE, Rig};
use crate::{hostile_datagrams, rtp};

impl Contract {
    /// No datagram of [`hostile_datagrams`] makes a hook panic or fail, and media passes afterwards.
    ///
    /// # Panics
    /// If one does, or media does not pass.
    pub fn survives_hostile_datagrams(&self) {
        let ([local, ..], [remote, ..]) = (LOCAL, REMOTE);
        let mut rig = Rig::with_streams(self);
        let mut media = rtp(local).payload_len(200).stream();
        for (number, datagram) in hostile_datagrams(local, remote, 1).enumerate() {
            if number % 10 == 0 {
                rig.write_rtp(media.next().unwrap_or_default());
                rig.pass(Duration::from_millis(5));
            }
            rig.read(datagram);
            rig.clear();
        }
        rig.pass(Duration::from_secs(3));
        let [_, local, ..] = LOCAL;
        let [_, remote, ..] = REMOTE;
        rig.assert_media_passes(self, local, remote, 0);
        rig.assert_healthy();
    }
}
