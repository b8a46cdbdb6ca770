//! An interceptor whose hooks play a script.

use std::sync::Arc;

use interceptor_core::{
    Amend, BuildContext, BuildError, Context, Error, Fact, Factory, Flow, Interceptor, Result, Stage,
    StreamInfo, Streams,
};
use interceptor_packet::{RtcpPacket, RtpPacket};

use crate::{Script, Turn};

/// A hook that the chain calls, with what it lends.
#[derive(Debug)]
#[non_exhaustive]
pub enum Hook<'a> {
    /// `bind_local`. [`Flow::Forward`] takes part in the stream, [`Flow::Consumed`] does not.
    BindLocal(&'a StreamInfo),
    /// `bind_remote`. [`Flow::Forward`] takes part in the stream, [`Flow::Consumed`] does not.
    BindRemote(&'a StreamInfo),
    /// `amend_local`, the old description and the new one. [`Flow::Forward`] keeps, [`Flow::Consumed`] leaves the stream.
    AmendLocal(&'a StreamInfo, &'a StreamInfo),
    /// `amend_remote`, the old description and the new one. [`Flow::Forward`] keeps, [`Flow::Consumed`] leaves the stream.
    AmendRemote(&'a StreamInfo, &'a StreamInfo),
    /// `unbind_local`; the result is ignored.
    UnbindLocal(&'a StreamInfo),
    /// `unbind_remote`; the result is ignored.
    UnbindRemote(&'a StreamInfo),
    /// `write_rtp`.
    WriteRtp(&'a mut RtpPacket),
    /// `read_rtp`.
    ReadRtp(&'a mut RtpPacket),
    /// `write_unbound_rtp`.
    WriteUnboundRtp(&'a mut RtpPacket),
    /// `read_unbound_rtp`.
    ReadUnboundRtp(&'a mut RtpPacket),
    /// `write_rtcp`.
    WriteRtcp(&'a mut RtcpPacket),
    /// `read_rtcp`.
    ReadRtcp(&'a mut RtcpPacket),
    /// `handle_timeout`; the flow is ignored.
    HandleTimeout,
    /// `handle_fact`; the flow is ignored.
    HandleFact(&'a Fact),
    /// `handle_error`; the result is ignored.
    HandleError(&'a Error),
    /// `close`; the flow is ignored.
    Close,
}

impl Hook<'_> {
    /// The name of the trait's method, under which the script knows it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::BindLocal(_) => "bind_local",
            Self::BindRemote(_) => "bind_remote",
            Self::AmendLocal(..) => "amend_local",
            Self::AmendRemote(..) => "amend_remote",
            Self::UnbindLocal(_) => "unbind_local",
            Self::UnbindRemote(_) => "unbind_remote",
            Self::WriteRtp(_) => "write_rtp",
            Self::ReadRtp(_) => "read_rtp",
            Self::WriteUnboundRtp(_) => "write_unbound_rtp",
            Self::ReadUnboundRtp(_) => "read_unbound_rtp",
            Self::WriteRtcp(_) => "write_rtcp",
            Self::ReadRtcp(_) => "read_rtcp",
            Self::HandleTimeout => "handle_timeout",
            Self::HandleFact(_) => "handle_fact",
            Self::HandleError(_) => "handle_error",
            Self::Close => "close",
        }
    }
}

/// What a scripted hook does.
pub type HookFn = dyn Fn(Hook<'_>, &mut Context<'_>) -> Result<Flow> + Send + Sync;

/// An interceptor whose hooks play a [`Script`], under the names of the trait's methods.
///
/// A hook that the script does not know passes packets on and takes part in streams. A hook out of the
/// script's order fails the script: it panics, and because a chain may catch that, the script panics again
/// when it is dropped.
///
/// ```
/// use interceptor_core::{ChainConfig, Flow, Registry, packet::NtpTime};
/// use interceptor_test::{Clock, MockFactory, rtp, stream_info};
/// use std::sync::Arc;
///
/// let mock = MockFactory::new("mock");
/// let script = mock.script();
/// script.add("bind_local", Arc::new(|_, _| Ok(Flow::Forward)));
/// script.add("write_rtp", Arc::new(|_, _| Ok(Flow::Consumed)));
///
/// let now = Clock::new().now();
/// let mut chain = Registry::new().with(mock).build(ChainConfig::new("a", now, NtpTime::default(), 1))?;
/// chain.bind_local(stream_info::video(1), now)?;
/// chain.write_rtp(rtp(1).build(), now);
/// assert_eq!(chain.poll_wire(), None, "the mock took it");
/// assert!(!script.has_more());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Mock {
    script: Arc<Script<HookFn>>,
}

impl Mock {
    /// A mock that plays `script`.
    #[must_use]
    pub fn new(script: Arc<Script<HookFn>>) -> Self {
        Self { script }
    }

    fn play(&self, hook: Hook<'_>, cx: &mut Context<'_>) -> Result<Flow> {
        let name = hook.name();
        match self.script.turn(name) {
            Turn::Call(function) => function(hook, cx),
            Turn::OutOfOrder => self.script.fail(&format!("{name} is out of order")),
            Turn::Unscripted => Ok(Flow::Forward),
        }
    }

    fn play_bind(&self, hook: Hook<'_>, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.play(hook, cx).map(|flow| (flow == Flow::Forward).then_some(()))
    }

    fn play_amend(&self, hook: Hook<'_>, cx: &mut Context<'_>) -> Result<Amend> {
        self.play(hook, cx).map(|flow| if flow == Flow::Forward { Amend::Keep } else { Amend::Leave })
    }
}

impl Interceptor for Mock {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.play_bind(Hook::BindLocal(stream), cx)
    }

    fn bind_remote(&mut self, stream: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<()>> {
        self.play_bind(Hook::BindRemote(stream), cx)
    }

    fn amend_local(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.play_amend(Hook::AmendLocal(old, new), cx)
    }

    fn amend_remote(
        &mut self,
        old: &StreamInfo,
        new: &StreamInfo,
        (): &mut (),
        cx: &mut Context<'_>,
    ) -> Result<Amend> {
        self.play_amend(Hook::AmendRemote(old, new), cx)
    }

    fn unbind_local(&mut self, stream: &StreamInfo, (): (), cx: &mut Context<'_>) {
        let _ignored = self.play(Hook::UnbindLocal(stream), cx);
    }

    fn unbind_remote(&mut self, stream: &StreamInfo, (): (), cx: &mut Context<'_>) {
        let _ignored = self.play(Hook::UnbindRemote(stream), cx);
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.play(Hook::WriteRtp(packet), cx)
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.play(Hook::ReadRtp(packet), cx)
    }

    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.play(Hook::WriteUnboundRtp(packet), cx)
    }

    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.play(Hook::ReadUnboundRtp(packet), cx)
    }

    fn write_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.play(Hook::WriteRtcp(packet), cx)
    }

    fn read_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        self.play(Hook::ReadRtcp(packet), cx)
    }

    fn handle_timeout(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.play(Hook::HandleTimeout, cx).map(drop)
    }

    fn handle_fact(&mut self, fact: &Fact, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.play(Hook::HandleFact(fact), cx).map(drop)
    }

    fn handle_error(&mut self, error: &Error, cx: &mut Context<'_>) {
        let _ignored = self.play(Hook::HandleError(error), cx);
    }

    fn close(&mut self, _: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        self.play(Hook::Close, cx).map(drop)
    }
}

/// Makes [`Mock`]s that all play one script.
#[derive(Debug)]
pub struct MockFactory {
    name: &'static str,
    stage: Stage,
    script: Arc<Script<HookFn>>,
}

impl MockFactory {
    /// A factory with an empty script, at [`Stage::APPLICATION`].
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, stage: Stage::APPLICATION, script: Arc::default() }
    }

    /// Its mocks stand at `stage`.
    #[must_use]
    pub fn at(mut self, stage: Stage) -> Self {
        self.stage = stage;
        self
    }

    /// The script that its mocks play.
    #[must_use]
    pub fn script(&self) -> Arc<Script<HookFn>> {
        Arc::clone(&self.script)
    }
}

impl Factory for MockFactory {
    type Interceptor = Mock;

    fn name(&self) -> &'static str {
        self.name
    }

    fn stage(&self) -> Stage {
        self.stage
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Mock, BuildError> {
        Ok(Mock::new(self.script()))
    }
}
