//! What repair packets cost: made beside the media, and received with it.

use rtc_interceptor::{
    FlexFec03ReceiveBuilder, FlexFec03SendBuilder, Interceptor, Packet, Registry, Slot, StreamInfo,
    TaggedPacket,
};
use rtc_shared::marshal::Unmarshal as _;

use super::DEFAULT;
use super::driver::{Send, drain_application, fire};
use super::set_up::{stream, tagged};
use crate::contender::{Case, Contender};
use crate::ours::FEC_STRETCH;
use crate::protected::{BLOCKS, FEC_PAYLOAD_TYPE, LOSSES, NAME, Protected, fec_ssrc};
use crate::traffic::{Traffic, start};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (variant, packets, repairs) in BLOCKS {
        let make =
            move || Ok(Send::new(protecting(packets.into(), repairs.into()), Traffic::new(1, start())));
        cases.push(Case::timed((NAME, variant, 1), DEFAULT, make).with_stretch(FEC_STRETCH));
    }
    for (variant, lossy) in LOSSES {
        let make = move || {
            Ok(Recovering { chain: recovering(), traffic: Protected::new(lossy)?, prepared: Vec::new() })
        };
        cases.push(Case::timed((NAME, variant, 1), DEFAULT, make).with_stretch(FEC_STRETCH));
    }
    cases
}

fn protected_stream() -> StreamInfo {
    StreamInfo { ssrc_fec: Some(fec_ssrc()), payload_type_fec: Some(FEC_PAYLOAD_TYPE), ..stream(0, false) }
}

fn protecting(packets: u32, repairs: u32) -> impl Interceptor {
    let encoder =
        FlexFec03SendBuilder::new().with_num_media_packets(packets).with_num_fec_packets(repairs).build();
    let mut chain = Registry::new().with(Slot::FecEncoder, encoder).build();
    chain.bind_local_stream(&protected_stream());
    chain
}

fn recovering() -> impl Interceptor {
    let mut chain = Registry::new().with(Slot::FecDecoder, FlexFec03ReceiveBuilder::new().build()).build();
    chain.bind_remote_stream(&protected_stream());
    chain
}

/// A receiver of media with repair packets.
struct Recovering<I> {
    chain: I,
    traffic: Protected,
    prepared: Vec<TaggedPacket>,
}

impl<I: Interceptor> Contender for Recovering<I> {
    fn prepare(&mut self, items: usize) {
        let prepared = &mut self.prepared;
        self.traffic.next(items, |mut datagram, at| {
            prepared.extend(
                rtc_rtp::Packet::unmarshal(&mut datagram).map(|packet| tagged(Packet::Rtp(packet), at)),
            );
        });
    }

    fn run(&mut self) {
        for packet in self.prepared.drain(..) {
            let now = packet.now;
            let _ = self.chain.handle_read(packet);
            drain_application(&mut self.chain);
            fire(&mut self.chain, now);
        }
    }
}
