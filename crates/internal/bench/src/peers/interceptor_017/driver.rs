//! Drives the writers and readers as `webrtc` does: one call a packet, awaited.

use std::hint::black_box;

use interceptor::Attributes;
use rtp::header::{Extension, Header};
use rtp::packet::Packet;

use super::set_up::{RECEIVED, Received, Session};
use crate::contender::Contender;
use crate::traffic::{EXTENSION_ID, PAYLOAD_TYPE, Place, Traffic, datagrams, payload, ssrc};

/// A sender of packets that the application has made.
pub(super) struct Send {
    session: Session,
    traffic: Traffic,
    prepared: Vec<(Packet, Place)>,
}

impl Send {
    pub(super) const fn new(session: Session, traffic: Traffic) -> Self {
        Self { session, traffic, prepared: Vec::new() }
    }
}

impl Contender for Send {
    fn prepare(&mut self, items: usize) {
        self.prepared.extend(self.traffic.by_ref().take(items).map(|place| (sent(&place), place)));
    }

    fn run(&mut self) {
        let Session { runtime, time, writers, .. } = &mut self.session;
        runtime.block_on(async {
            let attributes = Attributes::new();
            for (packet, place) in &self.prepared {
                time.reach(place.at).await;
                let Some(writer) = writers.get(place.stream as usize) else { continue };
                black_box(&writer.write(packet, &attributes).await);
            }
            // What the statistics' task still has to do.
            tokio::task::yield_now().await;
        });
        self.prepared.clear();
    }
}

/// What the wire's end gets.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Parsed,
    Datagram,
}

/// A receiver.
pub(super) struct Receive {
    session: Session,
    traffic: Traffic,
    form: Form,
    places: Vec<Place>,
    received: Received,
    buffer: Vec<u8>,
}

impl Receive {
    pub(super) fn new(session: Session, traffic: Traffic, form: Form) -> Self {
        let (places, received, buffer) = (Vec::new(), Received::Nothing, vec![0; 1500]);
        Self { session, traffic, form, places, received, buffer }
    }
}

impl Contender for Receive {
    fn prepare(&mut self, items: usize) {
        let mut prepared = Vec::new();
        self.received = match self.form {
            Form::Parsed => {
                self.places = self.traffic.by_ref().take(items).collect();
                Received::Packets(self.places.iter().rev().map(received).collect())
            }
            Form::Datagram => {
                datagrams(&mut self.traffic, items, &mut prepared);
                self.places = prepared.iter().map(|(_, place)| *place).collect();
                Received::Datagrams(prepared.into_iter().rev().map(|(datagram, _)| datagram).collect())
            }
        };
    }

    fn run(&mut self) {
        RECEIVED.set(std::mem::replace(&mut self.received, Received::Nothing));
        let Session { runtime, time, readers, .. } = &mut self.session;
        runtime.block_on(async {
            let attributes = Attributes::new();
            for place in &self.places {
                time.reach(place.at).await;
                let Some(reader) = readers.get(place.stream as usize) else { continue };
                black_box(&reader.read(&mut self.buffer, &attributes).await);
            }
            // What the statistics' task still has to do.
            tokio::task::yield_now().await;
        });
    }
}

/// A packet as it comes off the wire.
pub(super) fn received(place: &Place) -> Packet {
    let mut packet = sent(place);
    packet.header.extension = true;
    packet.header.extension_profile = 0xbede;
    packet.header.extensions =
        vec![Extension { id: EXTENSION_ID, payload: place.extension().to_vec().into() }];
    packet
}

/// A packet as an application sends it.
pub(super) fn sent(place: &Place) -> Packet {
    let header = Header {
        version: 2,
        payload_type: PAYLOAD_TYPE,
        sequence_number: place.sequence_number,
        timestamp: place.timestamp,
        ssrc: ssrc(place.stream),
        ..Header::default()
    };
    Packet { header, payload: payload() }
}
