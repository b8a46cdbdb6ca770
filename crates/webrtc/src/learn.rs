//! Streams become the chain's, and are described anew when more of them is known.

use std::time::Instant;

use interceptor_core::{ChainError, Codec, StreamInfo};
use interceptor_packet::RtpPacket;

use crate::book::{LocalSide, RemoteSide, Repairs, Side, Told};
use crate::state::State;

impl State {
    /// The host has bound a local stream.
    pub(crate) fn enter_local(
        &mut self,
        told: Told,
        way: <LocalSide as Of>::Way,
        payload_type: u8,
        now: Instant,
    ) {
        let (ssrc, repairs) = (told.stream.ssrc, told.repairs);
        self.local.enter(told, way);
        match repairs {
            Some(Repairs { media, .. }) => self.refresh_local(media, now),
            None => self.learn_local(ssrc, payload_type, now),
        }
    }

    /// The host has bound a remote stream. What it is, its first packet says.
    pub(crate) fn enter_remote(&mut self, told: Told, way: <RemoteSide as Of>::Way, now: Instant) {
        let repairs = told.repairs;
        self.remote.enter(told, way);
        if let Some(Repairs { media, .. }) = repairs {
            self.refresh_remote(media, now);
        }
    }

    /// Packets of a local stream come with this payload type.
    pub(crate) fn learn_local(&mut self, ssrc: u32, payload_type: u8, now: Instant) {
        let known = self.chain.local_stream(ssrc);
        let Some(info) = learnt(&self.local, ssrc, payload_type, known) else { return };
        let told = match known {
            Some(_) => self.chain.amend_local(info, now),
            None => self.chain.bind_local(info, now),
        };
        self.note_refusal(ssrc, told);
    }

    /// Packets of a remote stream come with this payload type, this one first.
    pub(crate) fn learn_remote(&mut self, ssrc: u32, packet: &RtpPacket, now: Instant) {
        let payload_type = packet.payload_type();
        if let Some(told) = self.remote.told_mut(ssrc) {
            told.name(packet);
        }
        let known = self.chain.remote_stream(ssrc);
        let Some(info) = learnt(&self.remote, ssrc, payload_type, known) else { return };
        let told = match known {
            Some(_) => self.chain.amend_remote(info, now),
            None => self.chain.bind_remote(info, now),
        };
        self.note_refusal(ssrc, told);
    }

    /// What repairs a local stream has changed.
    fn refresh_local(&mut self, media: u32, now: Instant) {
        let Some(known) = self.chain.local_stream(media).filter(|known| known.ssrc == media) else { return };
        let Some(info) = self.local.describe(media, known.codecs.clone()) else { return };
        let told = self.chain.amend_local(info, now);
        self.note_refusal(media, told);
    }

    pub(crate) fn refresh_remote(&mut self, media: u32, now: Instant) {
        let Some(known) = self.chain.remote_stream(media).filter(|known| known.ssrc == media) else { return };
        let Some(info) = self.remote.describe(media, known.codecs.clone()) else { return };
        let told = self.chain.amend_remote(info, now);
        self.note_refusal(media, told);
    }

    /// The host has unbound a local stream.
    pub(crate) fn leave_local(&mut self, ssrc: u32, now: Instant) {
        match self.local.leave(ssrc).map(|told| told.repairs) {
            Some(Some(Repairs { media, .. })) => self.refresh_local(media, now),
            // It may never have become the chain's.
            Some(None) => drop(self.chain.unbind_local(ssrc, now)),
            None => {}
        }
    }

    /// The host has unbound a remote stream.
    pub(crate) fn leave_remote(&mut self, ssrc: u32, now: Instant) {
        match self.remote.leave(ssrc).map(|told| told.repairs) {
            Some(Some(Repairs { media, .. })) => self.refresh_remote(media, now),
            Some(None) => drop(self.chain.unbind_remote(ssrc, now)),
            None => {}
        }
    }

    fn note_refusal(&mut self, ssrc: u32, told: Result<(), ChainError>) {
        let Err(error) = told else { return };
        self.counters.refused_streams += 1;
        tracing::debug!(ssrc, %error, "a stream was refused");
    }
}

/// The way of a side's streams.
pub(crate) trait Of {
    type Way;
}

impl<W> Of for Side<W> {
    type Way = W;
}

/// A stream's description with this payload type, in front if it is the first; `None` if it is known with it, or is not media.
fn learnt<W: Clone>(
    side: &Side<W>,
    ssrc: u32,
    payload_type: u8,
    known: Option<&StreamInfo>,
) -> Option<StreamInfo> {
    let told = side.told(ssrc).filter(|told| told.repairs.is_none())?;
    let mut codecs: Vec<Codec> = known.map_or_else(Vec::new, |known| known.codecs.clone());
    if codecs.iter().any(|codec| codec.payload_type == payload_type) {
        return None;
    }
    codecs.push(told.codec(payload_type));
    side.describe(ssrc, codecs)
}
