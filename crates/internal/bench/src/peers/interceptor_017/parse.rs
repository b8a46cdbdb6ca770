//! P: from datagram to packet and back.

use std::hint::black_box;

use bytes::Bytes;
use rtp::packet::Packet;
use webrtc_util::{Marshal as _, Unmarshal as _};

use crate::contender::Contender;
use crate::traffic::{Place, Traffic, datagrams, start};

/// Parses datagrams; writes the packets into one buffer if asked to.
pub(super) struct Parse {
    traffic: Traffic,
    prepared: Vec<(Bytes, Place)>,
    buffer: Option<[u8; 1500]>,
}

impl Parse {
    pub(super) fn new(serialise: bool) -> Self {
        let traffic = Traffic::new(1, start());
        Self { traffic, prepared: Vec::new(), buffer: serialise.then_some([0; 1500]) }
    }
}

impl Contender for Parse {
    fn prepare(&mut self, items: usize) {
        datagrams(&mut self.traffic, items, &mut self.prepared);
    }

    fn run(&mut self) {
        for (mut datagram, _) in self.prepared.drain(..) {
            let Ok(packet) = Packet::unmarshal(&mut datagram) else { continue };
            if let Some(buffer) = &mut self.buffer {
                black_box(&packet.marshal_to(buffer));
            }
            black_box(&packet);
        }
    }
}
