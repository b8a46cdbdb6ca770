//! The trait that every interceptor implements.

use interceptor_packet::{RtcpPacket, RtpPacket};

use crate::{Context, Error, Fact, Result, StreamInfo, Streams};

/// Does a packet go on along the chain?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Flow {
    /// The packet, as the hook left it, goes on to the next interceptor.
    Forward,
    /// The packet ends here: dropped, held, or replaced. Take it with `packet.take()` to keep it.
    Consumed,
}

/// Does an interceptor go on taking part in a stream whose description changes?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub enum Amend {
    /// Yes, with the state that it has.
    #[default]
    Keep,
    /// No: the stream is unbound from this interceptor, and its packets reach it no more.
    Leave,
}

/// A piece of per-packet processing between the application and the wire.
///
/// Every hook has a default that passes packets on, so an interceptor writes only what it does. State that belongs to
/// a stream is a value that `bind_local` or `bind_remote` makes: the chain keeps it, lends it to every packet hook of
/// that stream, and drops it at unbind. An interceptor therefore needs no map and no lock, and cannot leak.
///
/// Hooks take the time from [`Context::now`] and chance from [`Context::rng`]; they must not read a clock, block or
/// spawn. A run with the same inputs, instants and seed then yields the same bytes.
///
/// `Outgoing` packets run from the application down to the wire, `incoming` ones from the wire up, both along
/// [`Stage`](crate::Stage)s. A hook's error or panic never loses the packet.
#[expect(unused_variables, reason = "default bodies pass everything on; the names document the hooks")]
pub trait Interceptor: Send + Sized + 'static {
    /// State kept for each local (outgoing) stream that this interceptor takes part in.
    type Local: Send + 'static;
    /// State kept for each remote (incoming) stream.
    type Remote: Send + 'static;

    /// A local stream starts. `None`: it does not concern this interceptor and its packets never reach it.
    ///
    /// # Errors
    /// An error refuses the stream: [`Chain::bind_local`](crate::Chain::bind_local) fails and is rolled back.
    fn bind_local(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<Self::Local>> {
        Ok(None)
    }

    /// A remote stream starts. `None`: it does not concern this interceptor and its packets never reach it.
    ///
    /// # Errors
    /// An error refuses the stream: [`Chain::bind_remote`](crate::Chain::bind_remote) fails and is rolled back.
    fn bind_remote(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<Self::Remote>> {
        Ok(None)
    }

    /// A bound local stream is described anew: RTX, FEC, codecs, extensions or feedback have become known or have changed. The
    /// media SSRC stays. Who had declined the stream is asked by [`bind_local`](Self::bind_local) instead.
    ///
    /// # Errors
    /// An error refuses the change: [`Chain::amend_local`](crate::Chain::amend_local) fails, and those who had been told
    /// are told the way back.
    fn amend_local(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        state: &mut Self::Local,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        Ok(Amend::Keep)
    }

    /// A bound remote stream is described anew.
    ///
    /// # Errors
    /// As [`amend_local`](Self::amend_local).
    fn amend_remote(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        state: &mut Self::Remote,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        Ok(Amend::Keep)
    }

    /// A local stream ends; its state comes home.
    fn unbind_local(&mut self, stream: &StreamInfo, state: Self::Local, cx: &mut Context<'_>) {}

    /// A remote stream ends; its state comes home.
    fn unbind_remote(&mut self, stream: &StreamInfo, state: Self::Remote, cx: &mut Context<'_>) {}

    /// An outgoing RTP packet of a bound stream. `packet.info().origin` tells media, retransmission and FEC apart.
    ///
    /// # Errors
    /// An error is counted and handed to [`handle_error`](Self::handle_error); the packet goes on.
    fn write_rtp(
        &mut self,
        stream: &mut Self::Local,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        Ok(Flow::Forward)
    }

    /// An incoming RTP packet of a bound stream. `packet.info().origin` tells media, retransmission and FEC apart.
    ///
    /// # Errors
    /// An error is counted and handed to [`handle_error`](Self::handle_error); the packet goes on.
    fn read_rtp(
        &mut self,
        stream: &mut Self::Remote,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        Ok(Flow::Forward)
    }

    /// An outgoing RTP packet whose SSRC is not bound.
    ///
    /// # Errors
    /// An error is counted and handed to [`handle_error`](Self::handle_error); the packet goes on.
    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        Ok(Flow::Forward)
    }

    /// An incoming RTP packet whose SSRC no stream has announced.
    ///
    /// # Errors
    /// An error is counted and handed to [`handle_error`](Self::handle_error); the packet goes on.
    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        Ok(Flow::Forward)
    }

    /// An outgoing RTCP compound, from the application or from an interceptor above.
    ///
    /// # Errors
    /// An error is counted and handed to [`handle_error`](Self::handle_error); the packet goes on.
    fn write_rtcp(
        &mut self,
        streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        Ok(Flow::Forward)
    }

    /// An incoming RTCP compound.
    ///
    /// # Errors
    /// An error is counted and handed to [`handle_error`](Self::handle_error); the packet goes on.
    fn read_rtcp(
        &mut self,
        streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        Ok(Flow::Forward)
    }

    /// The instant asked for with [`Context::wake_at`] or [`Context::wake_for`] has come.
    ///
    /// # Errors
    /// An error is counted and handed to [`handle_error`](Self::handle_error).
    fn handle_timeout(&mut self, streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        Ok(())
    }

    /// Another interceptor, or the chain's owner, has found something out. Comes when the walk in which it was published has
    /// ended, before what was emitted in that goes on.
    ///
    /// # Errors
    /// An error is counted and handed to [`handle_error`](Self::handle_error).
    fn handle_fact(&mut self, fact: &Fact, streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        Ok(())
    }

    /// One of this interceptor's own hooks failed with `error`.
    fn handle_error(&mut self, error: &Error, cx: &mut Context<'_>) {}

    /// The chain closes, or the interceptor is removed. What it sends now still leaves; its states drop afterwards.
    ///
    /// # Errors
    /// [`Chain::close`](crate::Chain::close) goes on with the others and reports all errors together.
    fn close(&mut self, streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        Ok(())
    }
}
