//! An interceptor with its per-stream states, without its type.

use std::any::Any;

use interceptor_packet::{RtcpPacket, RtpPacket};

use crate::states::States;
use crate::{Amend, Context, Error, Fact, Flow, Interceptor, Result, StreamInfo, StreamKey, Streams};

/// A hook's result in one register. The error of `Failed` waits in [`Shared::failure`](crate::shared::Shared).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Forward,
    Consumed,
    Failed,
}

impl Verdict {
    #[inline(always)]
    fn of(result: Result<Flow>, cx: &mut Context<'_>) -> Self {
        match result {
            Ok(Flow::Forward) => Self::Forward,
            Ok(Flow::Consumed) => Self::Consumed,
            Err(error) => {
                cx.shared.failure = Some(error);
                Self::Failed
            }
        }
    }
}

/// How a stream's description changes.
#[derive(Clone, Copy)]
pub(crate) struct Change<'a> {
    pub(crate) old: &'a StreamInfo,
    pub(crate) new: &'a StreamInfo,
}

/// [`Interceptor`] with slots in place of typed states.
pub(crate) trait ErasedInterceptor: Send {
    fn bind_local(&mut self, key: u32, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<u32>>;
    fn bind_remote(&mut self, key: u32, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<u32>>;
    fn amend_local(&mut self, slot: u32, change: Change<'_>, cx: &mut Context<'_>) -> Result<Amend>;
    fn amend_remote(&mut self, slot: u32, change: Change<'_>, cx: &mut Context<'_>) -> Result<Amend>;
    fn unbind_local(&mut self, slot: u32, info: &StreamInfo, cx: &mut Context<'_>);
    fn unbind_remote(&mut self, slot: u32, info: &StreamInfo, cx: &mut Context<'_>);
    fn write_rtp(&mut self, slot: u32, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Verdict;
    fn read_rtp(&mut self, slot: u32, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Verdict;
    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Verdict;
    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Verdict;
    fn write_rtcp(&mut self, packet: &mut RtcpPacket, cx: &mut Context<'_>) -> Verdict;
    fn read_rtcp(&mut self, packet: &mut RtcpPacket, cx: &mut Context<'_>) -> Verdict;
    fn handle_timeout(&mut self, cx: &mut Context<'_>) -> Result<()>;
    fn handle_fact(&mut self, fact: &Fact, cx: &mut Context<'_>) -> Result<()>;
    fn handle_error(&mut self, error: &Error, cx: &mut Context<'_>);
    fn close(&mut self, cx: &mut Context<'_>) -> Result<()>;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    /// Itself, an [`Erased`], as `Any`.
    fn as_erased_mut(&mut self) -> &mut dyn Any;
    /// Numbers of local and remote streams.
    fn bound(&self) -> (usize, usize);
}

/// A typed interceptor and its states. These first: packets look for them, and not all hooks at the interceptor.
#[repr(C)]
pub(crate) struct Erased<I: Interceptor> {
    locals: States<I::Local>,
    remotes: States<I::Remote>,
    inner: I,
}

impl<I: Interceptor> Erased<I> {
    pub(crate) fn boxed(inner: I) -> Box<dyn ErasedInterceptor> {
        Box::new(Self { locals: States::default(), remotes: States::default(), inner })
    }

    /// The interceptor and its states, apart from one another.
    pub(crate) fn split<'s, 'c: 's>(&'s mut self, cx: &Context<'c>) -> (&'s mut I, Streams<'s, I>) {
        let streams = Streams {
            locals: &mut self.locals,
            remotes: &mut self.remotes,
            routes: cx.routes,
            node: cx.node,
        };
        (&mut self.inner, streams)
    }
}

impl<I: Interceptor> ErasedInterceptor for Erased<I> {
    fn bind_local(&mut self, key: u32, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<u32>> {
        cx.shared.key = StreamKey(self.locals.next_slot());
        let state = self.inner.bind_local(info, cx)?;
        Ok(state.map(|state| self.locals.insert(key, state)))
    }

    fn bind_remote(&mut self, key: u32, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<u32>> {
        cx.shared.key = StreamKey(self.remotes.next_slot());
        let state = self.inner.bind_remote(info, cx)?;
        Ok(state.map(|state| self.remotes.insert(key, state)))
    }

    fn amend_local(&mut self, slot: u32, change: Change<'_>, cx: &mut Context<'_>) -> Result<Amend> {
        match self.locals.get_mut(slot) {
            Some(state) => self.inner.amend_local(change.old, change.new, state, cx),
            None => Ok(Amend::Keep),
        }
    }

    fn amend_remote(&mut self, slot: u32, change: Change<'_>, cx: &mut Context<'_>) -> Result<Amend> {
        match self.remotes.get_mut(slot) {
            Some(state) => self.inner.amend_remote(change.old, change.new, state, cx),
            None => Ok(Amend::Keep),
        }
    }

    fn unbind_local(&mut self, slot: u32, info: &StreamInfo, cx: &mut Context<'_>) {
        if let Some(state) = self.locals.remove(slot) {
            self.inner.unbind_local(info, state, cx);
        }
    }

    fn unbind_remote(&mut self, slot: u32, info: &StreamInfo, cx: &mut Context<'_>) {
        if let Some(state) = self.remotes.remove(slot) {
            self.inner.unbind_remote(info, state, cx);
        }
    }

    #[inline]
    fn write_rtp(&mut self, slot: u32, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Verdict {
        match self.locals.get_mut(slot) {
            Some(state) => Verdict::of(self.inner.write_rtp(state, packet, cx), cx),
            None => Verdict::Forward,
        }
    }

    #[inline]
    fn read_rtp(&mut self, slot: u32, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Verdict {
        match self.remotes.get_mut(slot) {
            Some(state) => Verdict::of(self.inner.read_rtp(state, packet, cx), cx),
            None => Verdict::Forward,
        }
    }

    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Verdict {
        Verdict::of(self.inner.write_unbound_rtp(packet, cx), cx)
    }

    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Verdict {
        Verdict::of(self.inner.read_unbound_rtp(packet, cx), cx)
    }

    fn write_rtcp(&mut self, packet: &mut RtcpPacket, cx: &mut Context<'_>) -> Verdict {
        let (inner, streams) = self.split(cx);
        Verdict::of(inner.write_rtcp(streams, packet, cx), cx)
    }

    fn read_rtcp(&mut self, packet: &mut RtcpPacket, cx: &mut Context<'_>) -> Verdict {
        let (inner, streams) = self.split(cx);
        Verdict::of(inner.read_rtcp(streams, packet, cx), cx)
    }

    fn handle_timeout(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let (inner, streams) = self.split(cx);
        inner.handle_timeout(streams, cx)
    }

    fn handle_fact(&mut self, fact: &Fact, cx: &mut Context<'_>) -> Result<()> {
        let (inner, streams) = self.split(cx);
        inner.handle_fact(fact, streams, cx)
    }

    fn handle_error(&mut self, error: &Error, cx: &mut Context<'_>) {
        self.inner.handle_error(error, cx);
    }

    fn close(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let (inner, streams) = self.split(cx);
        let result = inner.close(streams, cx);
        self.locals.clear();
        self.remotes.clear();
        result
    }

    fn as_any(&self) -> &dyn Any {
        &self.inner
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        &mut self.inner
    }

    fn as_erased_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn bound(&self) -> (usize, usize) {
        (self.locals.len(), self.remotes.len())
    }
}
