//! Streams that end, and the end of the connection.

use std::time::Duration;

use interceptor_core::ChainError;

use crate::contract::Contract;
use crate::contract::rig::{LOCAL, REMOTE, Rig};
use crate::{hex, rtp};

const MS: Duration = Duration::from_millis(1);
/// Steps of the story that [`tell`] tells.
const STEPS: u16 = 48;

impl Contract {
    /// A stream that ends leaves no state behind, its packets pass on, and its SSRC can be bound again.
    ///
    /// # Panics
    /// If not.
    pub fn forgets_streams_that_end(&self) {
        let mut rig = Rig::empty(self);
        for round in 0..20 {
            rig.bind(self, &LOCAL, &REMOTE);
            for step in 0..STEPS {
                tell(&mut rig, step);
            }
            rig.unbind(&LOCAL, &REMOTE);
            let left = |rig: &Rig| {
                rig.chain
                    .layout()
                    .rows()
                    .iter()
                    .map(|row| row.local_streams + row.remote_streams)
                    .sum::<usize>()
            };
            assert_eq!(left(&rig), 0, "states left after round {round}");
            rig.pass(100 * MS);
        }
        let [local, ..] = LOCAL;
        let [remote, ..] = REMOTE;
        rig.assert_media_passes(self, local, remote, 100);
        rig.assert_healthy();
    }

    /// Streams can end and come back at any moment: with packets missing, asked for, held back, and timers
    /// set.
    ///
    /// # Panics
    /// If not.
    pub fn survives_unbinding_in_every_state(&self) {
        let [local, ..] = LOCAL;
        let [remote, ..] = REMOTE;
        for end in 0..STEPS {
            let mut rig = Rig::with_streams(self);
            for step in 0..end {
                tell(&mut rig, step);
            }
            rig.unbind(&LOCAL, &REMOTE);
            for step in end..STEPS {
                tell(&mut rig, step);
            }
            rig.pass(Duration::from_secs(5));
            rig.bind(self, &LOCAL, &REMOTE);
            rig.assert_media_passes(self, local, remote, 30_000);
            rig.assert_healthy();
        }
    }

    /// A connection closes in any state and only once: afterwards nothing leaves it, and it has no timers.
    ///
    /// # Panics
    /// If not.
    pub fn closes_once(&self) {
        let mut unused = Rig::empty(self);
        unused.close().expect("an unused connection closes");

        for end in (0..STEPS).step_by(5) {
            let mut rig = Rig::with_streams(self);
            for step in 0..end {
                tell(&mut rig, step);
            }
            rig.close().expect("it closes");
            rig.clear();
            assert_eq!(rig.chain.next_timeout(), None, "a timer is left");

            rig.close().expect("closing twice is harmless");
            for step in end..STEPS {
                tell(&mut rig, step);
            }
            rig.clock.advance(Duration::from_secs(60));
            rig.fire();
            assert!(rig.wire.is_empty() && rig.app.is_empty(), "packets leave a closed connection");
            let again = rig.bind_local(self.stream(7));
            assert!(matches!(again, Err(ChainError::Closed)));
        }
    }
}

/// One step of a story with everything that makes state: media both ways with gaps, late and repeated
/// packets, restarts, reports, requests for old packets, and time.
pub(super) fn tell(rig: &mut Rig, step: u16) {
    for ssrc in LOCAL {
        rig.write_rtp(rtp(ssrc).seq(step).ts(u32::from(step) * 3000).payload_len(200).build());
    }
    for (number, ssrc) in (0_u16..).zip(REMOTE) {
        // Every seventh is missing, every eleventh comes four steps late, every thirteenth twice.
        let late = step % 11 == number;
        let seq = if late { step.wrapping_sub(4) } else { step };
        if step % 7 != number {
            rig.read(rtp(ssrc).seq(seq).ts(u32::from(seq) * 3000).payload_len(200).build().to_bytes());
        }
        if step % 13 == number {
            rig.read(rtp(ssrc).seq(seq).ts(u32::from(seq) * 3000).payload_len(200).build().to_bytes());
        }
    }
    let ([local, ..], [remote, ..]) = (LOCAL, REMOTE);
    match step % 12 {
        3 => rig
            .read(hex(&format!("80 c8 0006 {remote:08x} e0000000 00000000 00000000 00000001 00000064 # SR"))),
        6 => {
            let first = step.saturating_sub(5);
            rig.read(hex(&format!("81 cd 0003 {remote:08x} {local:08x} {first:04x} 0005 # NACK")));
        }
        9 => rig.read(hex(&format!(
            "81 c9 0007 {remote:08x} {local:08x} 10 000002 0000{step:04x} 00000010 00000000 00000000 # RR"
        ))),
        _ => (),
    }
    rig.pass(17 * MS);
}
