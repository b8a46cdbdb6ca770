//! What the tests have in common: chains and what they tell.

use std::error::Error;
use std::time::Instant;

use interceptor_core::{Chain, ChainConfig, OptionsError, Registry, packet::NtpTime};
use interceptor_new_thing::{Milestone, NewThing, NewThingFactory, NewThingOptions};
use interceptor_test::{Clock, stream_info};

pub(crate) fn every(packets: u32) -> Result<Registry, OptionsError> {
    let options = NewThingOptions::default().with_every(packets);
    Ok(Registry::new().with(NewThingFactory::new(options)?))
}

/// A chain that receives these streams, with a milestone every so many packets.
pub(crate) fn receiver(packets: u32, ssrcs: &[u32]) -> Result<(Chain, Instant), Box<dyn Error>> {
    let now = Clock::new().now();
    let mut chain = every(packets)?.build(ChainConfig::new("call", now, NtpTime::default(), 1))?;
    for &ssrc in ssrcs {
        chain.bind_remote(stream_info::video(ssrc), now)?;
    }
    Ok((chain, now))
}

pub(crate) fn milestones(chain: &mut Chain) -> Vec<Milestone> {
    let events = std::iter::from_fn(|| chain.poll_event());
    events.filter_map(|event| event.raised().copied()).collect()
}

pub(crate) fn counted(chain: &Chain) -> Option<u64> {
    chain.get::<NewThing>().map(NewThing::counted)
}
