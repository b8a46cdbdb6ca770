//! What stands beside the interceptor under test: interceptors that do what a check says, and one that makes trouble.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use interceptor_core::{Chain, Context, Error, Fact, Flow, Interceptor, Result, Stage, StreamInfo, Streams};
use interceptor_packet::{RtcpPacket, RtpPacket};

use crate::{Hook, HookFn, Mock, Script};

/// An interceptor that passes everything on but for the hooks that are said.
#[derive(Default)]
pub(super) struct Companion(Arc<Script<HookFn>>);

impl Companion {
    /// What it does in the hook of this name, as [`Hook::name`] has it.
    pub(super) fn on(
        self,
        hook: &'static str,
        act: impl Fn(Hook<'_>, &mut Context<'_>) -> Result<Flow> + Send + Sync + 'static,
    ) -> Self {
        self.0.set(hook, Arc::new(act));
        self
    }

    /// What it does besides passing on.
    pub(super) fn does(
        self,
        hook: &'static str,
        act: impl Fn(&mut Context<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.on(hook, move |_, cx| {
            act(cx);
            Ok(Flow::Forward)
        })
    }

    /// Notes each call of these hooks, with what it brings.
    pub(super) fn notes(self, notes: &Notes, name: &'static str, hooks: &[&'static str]) -> Self {
        hooks.iter().fold(self, |companion, hook| {
            let notes = notes.clone();
            companion.on(hook, move |hook, _| {
                notes.note(format!("{name} {}", in_words(&hook)));
                Ok(Flow::Forward)
            })
        })
    }

    pub(super) fn insert(self, chain: &mut Chain, name: &'static str, stage: Stage, now: Instant) {
        chain.insert(name, stage, Mock::new(self.0), now).expect("a companion refuses nothing at first");
    }

    pub(super) fn into_mock(self) -> Mock {
        Mock::new(self.0)
    }
}

fn in_words(hook: &Hook<'_>) -> String {
    let name = hook.name();
    match hook {
        Hook::WriteRtp(packet) | Hook::ReadRtp(packet) => {
            format!("{name} {} {:?}", packet.sequence_number(), packet.info().origin)
        }
        Hook::HandleFact(fact) => format!("{name} {fact:?}"),
        Hook::HandleError(error) => format!("{name} {error}"),
        Hook::AmendLocal(old, new) | Hook::AmendRemote(old, new) => {
            format!("{name} mid {:?} to {:?}", old.mid, new.mid)
        }
        _ => name.to_owned(),
    }
}

/// What companions have noted, in one order.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    pub(super) fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(what.into());
    }

    /// What was noted since the last look.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Where a [`Saboteur`] panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sabotage {
    /// In the packet hooks, the first time.
    Rtp,
    /// In `handle_error`, after its packet hooks have failed.
    ErrorAfterRtp,
    /// In `handle_error`, after its RTCP hooks have failed.
    ErrorAfterRtcp,
    /// In `handle_error`, after a timeout has failed.
    ErrorAfterTimeout,
    /// In `handle_error`, after a fact has failed.
    ErrorAfterFact,
    /// In the destructor of what it keeps of a stream.
    StateDrop,
    /// In its own destructor.
    OwnDrop,
}

impl Sabotage {
    /// Those that happen by themselves while a chain works.
    pub(super) const AT_WORK: [Self; 5] =
        [Self::Rtp, Self::ErrorAfterRtp, Self::ErrorAfterRtcp, Self::ErrorAfterTimeout, Self::ErrorAfterFact];

    /// Those that happen when something is dropped.
    pub(super) const AT_DROP: [Self; 2] = [Self::StateDrop, Self::OwnDrop];
}

/// Panics where [`Sabotage`] says, once.
pub(super) struct Saboteur(pub(super) Sabotage);

/// Panics when it is dropped, if it is armed.
pub(super) struct Charge(bool);

/// Panics without a word on the test's output, where it would be taken for the failure.
fn bang() -> ! {
    std::panic::resume_unwind(Box::new("a companion panics on purpose"))
}

impl Saboteur {
    fn fail(&self, at: Sabotage) -> Result<()> {
        if self.0 == at { Err(Error::msg("a companion fails on purpose")) } else { Ok(()) }
    }

    fn pass_rtp(&self, cx: &mut Context<'_>) -> Result<Flow> {
        if self.0 == Sabotage::Rtp {
            bang();
        }
        if self.0 == Sabotage::ErrorAfterTimeout {
            cx.wake_at(cx.now());
        }
        self.fail(Sabotage::ErrorAfterRtp)?;
        Ok(Flow::Forward)
    }

    fn pass_rtcp(&self) -> Result<Flow> {
        self.fail(Sabotage::ErrorAfterRtcp)?;
        Ok(Flow::Forward)
    }
}

impl Drop for Saboteur {
    fn drop(&mut self) {
        explode(self.0 == Sabotage::OwnDrop);
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        explode(self.0);
    }
}

/// A panic while another one unwinds would end the process.
fn explode(armed: bool) {
    if armed && !std::thread::panicking() {
        bang();
    }
}

impl Interceptor for Saboteur {
    type Local = Charge;
    type Remote = Charge;

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<Charge>> {
        Ok(Some(Charge(self.0 == Sabotage::StateDrop)))
    }

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<Charge>> {
        Ok(Some(Charge(self.0 == Sabotage::StateDrop)))
    }

    fn write_rtp(&mut self, _: &mut Charge, _: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.pass_rtp(cx)
    }

    fn read_rtp(&mut self, _: &mut Charge, _: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.pass_rtp(cx)
    }

    fn write_rtcp(&mut self, _: Streams<'_, Self>, _: &mut RtcpPacket, _: &mut Context<'_>) -> Result<Flow> {
        self.pass_rtcp()
    }

    fn read_rtcp(&mut self, _: Streams<'_, Self>, _: &mut RtcpPacket, _: &mut Context<'_>) -> Result<Flow> {
        self.pass_rtcp()
    }

    fn handle_timeout(&mut self, _: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        self.fail(Sabotage::ErrorAfterTimeout)
    }

    fn handle_fact(&mut self, _: &Fact, _: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        self.fail(Sabotage::ErrorAfterFact)
    }

    fn handle_error(&mut self, _: &Error, _: &mut Context<'_>) {
        if Sabotage::AT_WORK.contains(&self.0) {
            bang();
        }
    }
}
