//! The rows of the table of malformed and hostile input.

use std::error::Error;
use std::time::Instant;

use interceptor_core::{Chain, ChainConfig, Registry, packet::NtpTime};
use interceptor_new_thing::{NewThing, NewThingFactory};
use interceptor_test::{Clock, hex, rtp, stream_info};

/// A chain that receives stream 1.
fn receiver() -> Result<(Chain, Instant), Box<dyn Error>> {
    let now = Clock::new().now();
    let registry = Registry::new().with(NewThingFactory::default());
    let mut chain = registry.build(ChainConfig::new("call", now, NtpTime::default(), 1))?;
    chain.bind_remote(stream_info::video(1), now)?;
    Ok((chain, now))
}

fn counted(chain: &Chain) -> Option<u64> {
    chain.get::<NewThing>().map(NewThing::counted)
}

#[test]
fn a_malformed_datagram_does_not_count() {
    let (mut chain, now) = receiver().unwrap();
    chain.read_datagram(hex("80 60 0001"), now);
    assert_eq!((counted(&chain), chain.counters().malformed_datagrams), (Some(0), 1));
}

#[test]
fn a_packet_of_an_unknown_ssrc_does_not_count() {
    let (mut chain, now) = receiver().unwrap();
    chain.read_rtp(rtp(2).build(), now);
    assert_eq!((counted(&chain), chain.counters().unbound_read), (Some(0), 1));
}

#[test]
fn a_duplicate_counts_like_any_other() {
    let (mut chain, now) = receiver().unwrap();
    for seq in [1, 3, 2, 3] {
        chain.read_rtp(rtp(1).seq(seq).build(), now);
    }
    assert_eq!(counted(&chain), Some(4));
}
