//! A far end that reports on what this one sends.

use std::time::Duration;

use interceptor_packet::ReportBlockData;
use interceptor_test::stream_info;

use crate::harness::{Bench, options};

pub(crate) const LOCAL: u32 = 0x1111;
pub(crate) const RTX: u32 = 0x2222;
pub(crate) const PEER: u32 = 9;
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// A receiver that reports each second on 100 packets.
pub(crate) struct Receiver {
    pub(crate) ssrc: u32,
    pub(crate) highest: u32,
    pub(crate) lost: i32,
}

impl Receiver {
    pub(crate) const fn new(ssrc: u32) -> Self {
        Self { ssrc, highest: 0, lost: 0 }
    }

    pub(crate) fn block(&self) -> ReportBlockData {
        block(LOCAL, self.highest, self.lost)
    }

    /// A hundred more packets of which so many are lost, and what is told then.
    pub(crate) fn report(&mut self, bench: &mut Bench, lost: i32) -> Vec<u32> {
        (self.highest, self.lost) = (self.highest.wrapping_add(100), self.lost + lost);
        bench.skip(SECOND);
        hear(bench, self.ssrc, &[self.block()]);
        ppms(bench)
    }
}

pub(crate) fn block(ssrc: u32, highest: u32, lost: i32) -> ReportBlockData {
    ReportBlockData { ssrc, extended_sequence_number: highest, cumulative_lost: lost, ..Default::default() }
}

pub(crate) fn hear(bench: &mut Bench, reporter: u32, blocks: &[ReportBlockData]) {
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(reporter, blocks);
    });
}

pub(crate) fn ppms(bench: &mut Bench) -> Vec<u32> {
    bench.losses().iter().map(|loss| loss.ppm).collect()
}

pub(crate) fn sender() -> Bench {
    let mut bench = Bench::new(options());
    bench.bind_local_stream(stream_info::video_with_rtx(LOCAL, RTX));
    bench
}

/// A sender to which a peer has told once that nothing is lost.
pub(crate) fn lossless() -> (Bench, Receiver) {
    let (mut bench, mut peer) = (sender(), Receiver::new(PEER));
    assert!(peer.report(&mut bench, 0).is_empty(), "sums alone say nothing");
    assert_eq!(peer.report(&mut bench, 0), [0]);
    (bench, peer)
}
