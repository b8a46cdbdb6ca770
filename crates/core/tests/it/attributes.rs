//! What interceptors and the application tell each other on a packet.

use std::sync::mpsc;

use interceptor_core::{Chain, Incoming, Stage, StreamInfo};

use crate::actor::Actor;
use crate::probe::{SSRC, config, rtp};

/// What an interceptor has found out by reading into the payload.
#[derive(Clone, Debug, PartialEq)]
struct Frame(u8);

#[test]
fn what_one_interceptor_has_read_the_next_ones_and_the_application_need_not_read_again() {
    let mut chain = Chain::new(config());
    let now = chain.config().now;
    let reads = Actor::default().on_rtp(|mut packet, _| {
        let frame = Frame(packet.payload()[0]);
        packet.info_mut().attributes.insert(frame);
        Ok(Some(packet))
    });
    let (seen, found) = mpsc::channel();
    let uses = Actor::default().on_rtp(move |packet, _| {
        seen.send(packet.info().attributes.get().cloned())?;
        Ok(Some(packet))
    });
    chain.insert("reads", Stage::CAPTURE, reads, now).unwrap();
    chain.insert("uses", Stage::NACK, uses, now).unwrap();
    chain.bind_remote(StreamInfo::new(SSRC, 96, 90_000), now).unwrap();
    chain.read_datagram(rtp(SSRC, 1).to_bytes(), now);
    assert_eq!(found.try_recv(), Ok(Some(Frame(b'm'))));
    let Some(Incoming::Rtp(packet)) = chain.poll_app() else { panic!("delivered") };
    assert_eq!(packet.info().attributes.get(), Some(&Frame(b'm')));
}
