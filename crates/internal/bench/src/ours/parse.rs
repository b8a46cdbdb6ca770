//! P: from datagram to packet and back.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use interceptor_core::packet::RtpPacket;

use crate::contender::Contender;
use crate::traffic::{Place, Traffic, datagrams, start};

/// Parses datagrams; writes the packets into one buffer if asked to.
#[derive(Debug)]
pub struct Parse {
    traffic: Traffic,
    prepared: Vec<(Bytes, Place)>,
    buffer: Option<BytesMut>,
}

impl Parse {
    /// A parser, and serialiser if `serialise`.
    #[must_use]
    pub fn new(serialise: bool) -> Self {
        let buffer = serialise.then(|| BytesMut::with_capacity(1500));
        Self { traffic: Traffic::new(1, start()), prepared: Vec::new(), buffer }
    }
}

impl Contender for Parse {
    fn prepare(&mut self, items: usize) {
        datagrams(&mut self.traffic, items, &mut self.prepared);
    }

    fn run(&mut self) {
        for (datagram, _) in self.prepared.drain(..) {
            let Ok(packet) = RtpPacket::parse(datagram) else { continue };
            if let Some(buffer) = &mut self.buffer {
                buffer.clear();
                packet.write_to(buffer);
                black_box(&buffer);
            }
            black_box(&packet);
        }
    }
}
