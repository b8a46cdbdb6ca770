//! Two streams of a call, and when each has come how far.

use std::error::Error;

use interceptor_core::packet::NtpTime;
use interceptor_core::{ChainConfig, Registry};
use interceptor_new_thing::{Milestone, NewThingFactory, NewThingOptions};
use interceptor_test::{Clock, rtp, stream_info};

fn main() -> Result<(), Box<dyn Error>> {
    let factory = NewThingFactory::new(NewThingOptions::default().with_every(25))?;
    let registry = Registry::new().with(factory);
    // A program passes its own clock's instants.
    let now = Clock::new().now();
    let mut chain = registry.build(ChainConfig::new("call-1", now, NtpTime::default(), 7))?;
    chain.bind_remote(stream_info::video(1), now)?;
    chain.bind_remote(stream_info::audio(2), now)?;
    for seq in 0..60 {
        chain.read_rtp(rtp(1).seq(seq).build(), now);
        if seq % 2 == 0 {
            chain.read_rtp(rtp(2).seq(seq / 2).build(), now);
        }
        while let Some(event) = chain.poll_event() {
            if let Some(Milestone { ssrc, packets }) = event.raised() {
                println!("stream {ssrc}: {packets} packets");
            }
        }
    }
    Ok(())
}
