//! The receiving interceptor: primary payloads go on, and lost packets are made of redundant ones.

mod log;
mod stream;

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Amend, Context, Flow, Interceptor, Result, StreamInfo, Streams};

pub use stream::RemoteStream;

use crate::negotiated::red_of;
use crate::{Mode, ReceiveCounters, RedReceiverOptions};

/// RED of one connection's remote streams. The crate's documentation says what it does.
#[derive(Debug)]
pub struct RedReceiver {
    options: RedReceiverOptions,
    /// What ended streams had counted.
    ended: ReceiveCounters,
}

impl RedReceiver {
    pub(crate) fn new(options: RedReceiverOptions) -> Self {
        Self { options, ended: ReceiveCounters::default() }
    }

    /// What has been counted over all streams, ended ones included. Its streams are lent by
    /// [`Chain::with_streams`](interceptor_core::Chain::with_streams):
    /// `chain.with_streams::<RedReceiver, _>(|red, streams| red.counters(&streams))`.
    #[must_use]
    pub fn counters(&self, streams: &Streams<'_, Self>) -> ReceiveCounters {
        let mut total = self.ended;
        streams.iter_remotes().for_each(|(_, stream)| total += stream.counters);
        total
    }
}

impl Interceptor for RedReceiver {
    type Local = ();
    type Remote = RemoteStream;

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<RemoteStream>> {
        let red = red_of(info).filter(|_| self.options.mode != Mode::Pass);
        Ok(red.map(|red| RemoteStream::new(info, red)))
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut RemoteStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(red) = red_of(new) else { return Ok(Amend::Leave) };
        stream.describe(new, red);
        Ok(Amend::Keep)
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: RemoteStream, _: &mut Context<'_>) {
        self.ended += stream.counters;
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut RemoteStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        // Retransmissions have been restored by now; numbers of what repairs are others.
        if packet.info().origin != Origin::Media {
            return Ok(Flow::Forward);
        }
        if packet.payload_type() == stream.red_type {
            return Ok(stream.read_red(packet, self.options.mode, cx));
        }
        Ok(if self.options.mode == Mode::Decode { stream.read_plain(packet) } else { Flow::Forward })
    }

    fn close(&mut self, streams: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        self.ended = self.counters(&streams);
        Ok(())
    }
}
