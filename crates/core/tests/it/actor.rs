//! An interceptor made of closures: each test says what it does, and nothing else.

use std::sync::{Arc, Mutex};

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{Amend, Context, Error, Fact, Flow, Interceptor, Result, StreamInfo, Streams};

type Done = ();
type Hook<T, R> = Option<Box<dyn FnMut(T, &mut Context<'_>) -> R + Send>>;

/// Does nothing but what it was told. Its state of a stream counts the stream's packets.
#[derive(Default)]
pub(crate) struct Actor {
    bind: Hook<StreamInfo, Result<bool>>,
    amend: Hook<(StreamInfo, StreamInfo), Result<Amend>>,
    rtp: Hook<RtpPacket, Result<Option<RtpPacket>>>,
    rtcp: Hook<(), Result<()>>,
    fact: Hook<Fact, Result<()>>,
    timeout: Hook<(), Result<()>>,
    error: Hook<String, ()>,
    close: Hook<(), ()>,
}

/// `on_NAME(closure)` for each hook.
macro_rules! on {
    ($($name:ident = $field:ident($given:ty) -> $gives:ty;)*) => {$(
        pub(crate) fn $name(mut self, hook: impl FnMut($given, &mut Context<'_>) -> $gives + Send + 'static) -> Self {
            self.$field = Some(Box::new(hook));
            self
        }
    )*};
}

impl Actor {
    on! {
        on_bind = bind(StreamInfo) -> Result<bool>;
        on_amend = amend((StreamInfo, StreamInfo)) -> Result<Amend>;
        on_rtp = rtp(RtpPacket) -> Result<Option<RtpPacket>>;
        on_rtcp = rtcp(()) -> Result<()>;
        on_fact = fact(Fact) -> Result<()>;
        on_timeout = timeout(()) -> Result<()>;
        on_error = error(String) -> Done;
        on_close = close(()) -> Done;
    }

    fn bound(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<u64>> {
        let takes_part = self.bind.as_mut().map_or(Ok(true), |bind| bind(info.clone(), cx))?;
        Ok(takes_part.then_some(0))
    }

    fn amended(&mut self, old: &StreamInfo, new: &StreamInfo, cx: &mut Context<'_>) -> Result<Amend> {
        self.amend.as_mut().map_or(Ok(Amend::Keep), |amend| amend((old.clone(), new.clone()), cx))
    }

    fn passed(&mut self, packets: &mut u64, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        *packets += 1;
        let Some(hook) = &mut self.rtp else { return Ok(Flow::Forward) };
        match hook(packet.take(), cx)? {
            Some(given) => *packet = given,
            None => return Ok(Flow::Consumed),
        }
        Ok(Flow::Forward)
    }
}

impl Interceptor for Actor {
    type Local = u64;
    type Remote = u64;

    fn bind_local(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<u64>> {
        self.bound(info, cx)
    }

    fn bind_remote(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<u64>> {
        self.bound(info, cx)
    }

    fn amend_local(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        _: &mut u64,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.amended(old, new, cx)
    }

    fn amend_remote(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        _: &mut u64,
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.amended(old, new, cx)
    }

    fn write_rtp(&mut self, packets: &mut u64, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.passed(packets, packet, cx)
    }

    fn read_rtp(&mut self, packets: &mut u64, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.passed(packets, packet, cx)
    }

    fn write_rtcp(&mut self, _: Streams<'_, Self>, _: &mut RtcpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.rtcp.as_mut().map_or(Ok(()), |hook| hook((), cx))?;
        Ok(Flow::Forward)
    }

    fn read_rtcp(&mut self, _: Streams<'_, Self>, _: &mut RtcpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.rtcp.as_mut().map_or(Ok(()), |hook| hook((), cx))?;
        Ok(Flow::Forward)
    }

    fn handle_timeout(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.timeout.as_mut().map_or(Ok(()), |hook| hook((), cx))
    }

    fn handle_fact(&mut self, fact: &Fact, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.fact.as_mut().map_or(Ok(()), |hook| hook(*fact, cx))
    }

    fn handle_error(&mut self, error: &Error, cx: &mut Context<'_>) {
        if let Some(hook) = &mut self.error {
            hook(error.to_string(), cx);
        }
    }

    fn close(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        if let Some(hook) = &mut self.close {
            hook((), cx);
        }
        Ok(())
    }
}

/// What happened, in order, written by several actors.
#[derive(Clone, Default)]
pub(crate) struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    /// What was written since the last look.
    pub(crate) fn read(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

pub(crate) fn bye() -> RtcpPacket {
    RtcpPacket::builder().bye(&[1], "").build().unwrap()
}
