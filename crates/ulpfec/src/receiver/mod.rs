//! The lower half: RED is cut off, lost packets are made of repair packets, and of these only the numbers go on.

mod stream;

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Amend, Context, Flow, Interceptor, Result, StreamInfo, Streams};
use interceptor_parity::DecoderTally;

pub use stream::RepairedStream;

use crate::negotiated::Types;
use crate::{ReceiveCounters, UlpfecOptions};

/// ULPFEC of one connection's remote streams. The crate's documentation says what it does.
#[derive(Debug)]
pub struct Ulpfec {
    options: UlpfecOptions,
    /// What ended streams had counted.
    ended: ReceiveCounters,
    ended_tally: DecoderTally,
}

impl Ulpfec {
    pub(crate) fn new(options: UlpfecOptions) -> Self {
        Self { options, ended: ReceiveCounters::default(), ended_tally: DecoderTally::default() }
    }

    /// What has been counted over all streams, ended ones included. Its streams are lent by
    /// [`Chain::with_streams`](interceptor_core::Chain::with_streams):
    /// `chain.with_streams::<Ulpfec, _>(|ulpfec, streams| ulpfec.counters(&streams))`.
    #[must_use]
    pub fn counters(&self, streams: &Streams<'_, Self>) -> ReceiveCounters {
        let mut total = self.ended;
        streams.iter_remotes().for_each(|(_, stream)| total += *stream.counters());
        total
    }

    /// What has become of the repair packets of all streams, ended ones included.
    #[must_use]
    pub fn tally(&self, streams: &Streams<'_, Self>) -> DecoderTally {
        let mut total = self.ended_tally;
        streams.iter_remotes().for_each(|(_, stream)| add(&mut total, stream.tally()));
        total
    }
}

const fn add(total: &mut DecoderTally, other: &DecoderTally) {
    total.recovered += other.recovered;
    total.duplicates += other.duplicates;
    total.used += other.used;
    total.useless += other.useless;
    total.expired += other.expired;
    total.inconsistent += other.inconsistent;
    total.partial += other.partial;
    total.unknown_stream += other.unknown_stream;
    total.malformed += other.malformed;
}

impl Interceptor for Ulpfec {
    type Local = ();
    type Remote = RepairedStream;

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<RepairedStream>> {
        Ok(Types::of(info).map(|types| RepairedStream::new(info, types, &self.options)))
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut RepairedStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        let Some(types) = Types::of(new) else { return Ok(Amend::Leave) };
        stream.describe(new, types, &self.options);
        Ok(Amend::Keep)
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: RepairedStream, _: &mut Context<'_>) {
        self.ended += *stream.counters();
        add(&mut self.ended_tally, stream.tally());
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut RepairedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        // Retransmissions have been restored by now.
        if packet.info().origin != Origin::Media {
            return Ok(Flow::Forward);
        }
        Ok(stream.read(packet, cx))
    }

    fn close(&mut self, streams: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        (self.ended, self.ended_tally) = (self.counters(&streams), self.tally(&streams));
        Ok(())
    }
}
