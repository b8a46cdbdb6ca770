//! S5: an interceptor that only counts packets.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Chain, Context, Flow, Interceptor, Result, Stage, StreamInfo};

/// Counts each stream's packets and passes them on.
struct PassThrough;

/// A chain of `count` of them.
pub(super) fn chain(count: usize) -> anyhow::Result<Chain> {
    let mut chain = Chain::new(super::set_up::config());
    let now = chain.config().now;
    for _ in 0..count {
        chain.insert("pass-through", Stage::APPLICATION, PassThrough, now)?;
    }
    Ok(chain)
}

impl Interceptor for PassThrough {
    type Local = u64;
    type Remote = u64;

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<u64>> {
        Ok(Some(0))
    }

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<u64>> {
        Ok(Some(0))
    }

    fn write_rtp(&mut self, packets: &mut u64, _: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        *packets += 1;
        Ok(Flow::Forward)
    }

    fn read_rtp(&mut self, packets: &mut u64, _: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        *packets += 1;
        Ok(Flow::Forward)
    }
}
