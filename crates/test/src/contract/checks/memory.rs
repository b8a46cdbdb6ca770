//! What a packet and a stream cost, where the allocator is counted.

use std::time::Duration;

use bytes::Bytes;
use interceptor_packet::RtpPacket;

use super::lifecycle::tell;
use crate::contract::rig::{LOCAL, REMOTE, Rig};
use crate::contract::{Allocations, Contract, MeasureAllocations};
use crate::rtp;

/// Four packets a millisecond each way: 20 s, longer than any history is kept.
const WARM_UP: usize = 80_000;
const MEASURED: usize = 8000;
const PACKETS_PER_MS: usize = 4;
/// What may be left after hundreds of streams came and went.
const SLACK_BYTES: i64 = 4096;

impl Contract {
    /// After warm-up a media packet that is not lost costs no allocation in either direction.
    ///
    /// # Panics
    /// If it does, or without [`Contract::with_allocations`].
    pub fn allocates_nothing_per_packet(&self) {
        let measure = self.counting();
        let mut rig = Rig::with_streams(self);
        let ([local, ..], [remote, ..]) = (LOCAL, REMOTE);
        let packets = WARM_UP + MEASURED;
        let outgoing = rtp(local).payload_len(60).stream().take(packets);
        let incoming = rtp(remote).payload_len(60).stream().take(packets);
        let mut allocations = 0;
        for (number, (out, inc)) in outgoing.zip(incoming).enumerate() {
            let inc = inc.to_bytes();
            // The first clone of a buffer makes it shared, which allocates; an application's buffers are
            // shared already.
            let _shared = (out.clone(), inc.clone());
            let measured = exchange(measure, &mut rig, out, inc);
            if number >= WARM_UP {
                allocations += measured.count;
            }
            if number % PACKETS_PER_MS == 0 {
                rig.pass(Duration::from_millis(1));
                rig.clear();
            }
        }
        assert_eq!(allocations, 0, "allocations for {MEASURED} packets each way");
    }

    /// Streams that have ended leave no memory behind.
    ///
    /// # Panics
    /// If they do, or without [`Contract::with_allocations`].
    pub fn keeps_nothing_of_streams_that_ended(&self) {
        let measure = self.counting();
        let mut rig = Rig::empty(self);
        let mut rounds = |count: u32| {
            for _ in 0..count {
                rig.bind(self, &LOCAL, &REMOTE);
                (0..48).for_each(|step| tell(&mut rig, step));
                rig.unbind(&LOCAL, &REMOTE);
                rig.pass(Duration::from_secs(5));
                (rig.wire, rig.app, rig.events) = Default::default();
            }
        };
        rounds(10);
        let kept = measure(&mut || rounds(40)).bytes_kept;
        assert!(kept <= SLACK_BYTES, "{kept} bytes left after 40 rounds of streams");
    }

    /// How allocations are counted. Nothing passes that was not measured.
    fn counting(&self) -> MeasureAllocations {
        self.measure.expect("memory cannot be checked without a counting allocator: give `with_allocations`")
    }
}

/// One packet each way, without the timers.
fn exchange(measure: MeasureAllocations, rig: &mut Rig, out: RtpPacket, inc: Bytes) -> Allocations {
    let now = rig.now();
    let mut packets = Some((out, inc));
    measure(&mut || {
        if let Some((out, inc)) = packets.take() {
            rig.chain.write_rtp(out, now);
            rig.chain.read_datagram(inc, now);
            while rig.chain.poll_wire().is_some() {}
            while rig.chain.poll_app().is_some() {}
        }
    })
}
