//! Streams that come, go and change, as the stack tells of them: without an instant, more than once, and in parts.

use std::time::Instant;

use interceptor_core::{ChainError, StreamInfo};

use crate::shared::Seat;
use crate::stream_info;
use crate::types::KnownTypes;
use crate::way::Way;

impl Seat {
    /// Binds a stream, describes a bound one anew, or does nothing if there is nothing new in it.
    pub(crate) fn bind(
        &mut self,
        way: Way,
        info: &rtc_interceptor::StreamInfo,
        types: &mut KnownTypes,
        now: Instant,
    ) {
        let stream = stream_info(info);
        types.learn(&stream);
        match self.bound(way, stream.ssrc) {
            None => self.bind_anew(way, stream, now),
            Some(bound) if bound.ssrc == stream.ssrc => {
                if *bound != stream {
                    self.amend(way, stream, now);
                }
            }
            // The stack binds a stream's RTX and FEC SSRCs once more, each for itself.
            Some(_) => self.counters.repair_bindings += 1,
        }
    }

    pub(crate) fn unbind(&mut self, way: Way, ssrc: u32, types: &mut KnownTypes, now: Instant) {
        types.forget();
        // That of a repair SSRC, or of a stream that the owner has ended: gone with its media stream.
        if self.bound(way, ssrc).is_none_or(|bound| bound.ssrc != ssrc) {
            return;
        }
        self.local.retain(|local| way == Way::Remote || *local != ssrc);
        let unbound = match way {
            Way::Local => self.chain.unbind_local(ssrc, now),
            Way::Remote => self.chain.unbind_remote(ssrc, now),
        };
        if let Err(error) = unbound {
            tracing::debug!(?way, ssrc, %error, "stream not unbound");
        }
    }

    /// Media came, or leaves, whose payload type its stream's description may not name: the stack does not bind anew when a
    /// sender changes its codec.
    #[cold]
    pub(crate) fn heed_type(
        &mut self,
        way: Way,
        ssrc: u32,
        payload_type: u8,
        types: &mut KnownTypes,
        now: Instant,
    ) {
        let Some(bound) = self.bound(way, ssrc) else { return };
        types.note(way, ssrc, payload_type);
        // On an SSRC that repairs, types are the repair's own.
        if bound.ssrc != ssrc || bound.codec(payload_type).is_some() {
            return;
        }
        let stream = types.with_type(way, bound, payload_type);
        self.counters.learnt_types += 1;
        tracing::debug!(?way, ssrc, payload_type, "another codec on a bound stream");
        self.amend(way, stream, now);
    }

    fn bound(&self, way: Way, ssrc: u32) -> Option<&StreamInfo> {
        match way {
            Way::Local => self.chain.local_stream(ssrc),
            Way::Remote => self.chain.remote_stream(ssrc),
        }
    }

    /// A peer's description may name an SSRC for repair that another stream has: media is worth more than its repair.
    fn bind_anew(&mut self, way: Way, stream: StreamInfo, now: Instant) {
        let (ssrc, repaired) = (stream.ssrc, stream.rtx.is_some() || stream.fec.is_some());
        let mut bare = stream.clone();
        (bare.rtx, bare.fec) = (None, None);
        let mut bound = self.try_bind(way, stream, now);
        if bound.is_err() && repaired {
            bound = self.try_bind(way, bare, now);
            self.counters.bound_without_repair += u64::from(bound.is_ok());
        }
        match bound {
            Ok(()) if way == Way::Local => self.local.push(ssrc),
            Ok(()) => {}
            Err(error) => {
                self.counters.refused_streams += 1;
                tracing::debug!(?way, ssrc, %error, "stream refused");
            }
        }
    }

    fn try_bind(&mut self, way: Way, stream: StreamInfo, now: Instant) -> Result<(), ChainError> {
        match way {
            Way::Local => self.chain.bind_local(stream, now),
            Way::Remote => self.chain.bind_remote(stream, now),
        }
    }

    fn amend(&mut self, way: Way, stream: StreamInfo, now: Instant) {
        let ssrc = stream.ssrc;
        let amended = match way {
            Way::Local => self.chain.amend_local(stream, now),
            Way::Remote => self.chain.amend_remote(stream, now),
        };
        match amended {
            Ok(()) => self.counters.amended += 1,
            Err(error) => {
                self.counters.refused_streams += 1;
                tracing::debug!(?way, ssrc, %error, "change of a stream refused; it goes on as it was");
            }
        }
    }
}
