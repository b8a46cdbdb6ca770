//! Many streams at once.

use std::time::Duration;

use crate::contract::Contract;
use crate::contract::rig::Rig;
use crate::rtp;

/// Streams in each direction, and strangers.
const STREAMS: u32 = 10_000;

impl Contract {
    /// Ten thousand streams each way and as many SSRCs that nobody announced: all their packets pass, and all
    /// of them end.
    ///
    /// # Panics
    /// If not.
    pub fn serves_ten_thousand_streams(&self) {
        let mut rig = Rig::empty(self);
        let local: Vec<u32> = (1..=STREAMS).collect();
        let remote: Vec<u32> = (20_001..=20_000 + STREAMS).collect();
        rig.bind(self, &local, &remote);
        for seq in 0..3_u16 {
            for (local, remote) in local.iter().zip(&remote) {
                rig.write_rtp(rtp(*local).seq(seq).payload_len(20).build());
                // Number 1 is missing everywhere.
                let seq = if seq == 0 { 0 } else { seq + 1 };
                rig.read(rtp(*remote).seq(seq).payload_len(20).build().to_bytes());
                rig.read(rtp(STRANGERS + remote).seq(seq).payload_len(20).build().to_bytes());
            }
            rig.pass(self.patience() + Duration::from_millis(100));
            let written = rig.wire_rtp(&local).len();
            let read = rig.app.len();
            assert!(written >= STREAMS as usize, "{written} of {STREAMS} packets left");
            assert!(read >= 2 * STREAMS as usize, "{read} of {} packets arrived", 2 * STREAMS);
            rig.clear();
        }
        rig.pass(Duration::from_secs(3));
        rig.unbind(&local, &remote);
        rig.pass(Duration::from_secs(1));
        rig.assert_healthy();
        rig.close().expect("it closes");
    }
}

/// From here on SSRCs are those of strangers; RTX streams lie higher still.
const STRANGERS: u32 = 500_000;
