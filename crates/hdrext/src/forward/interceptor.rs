//! The interceptor: removes and renames the header extensions of what leaves.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Context, Flow, Interceptor, OptionsError, Result, StreamInfo};

use super::rules::Rules;
use crate::{ForwardCounters, ForwardOptions};

/// Forwarded header extensions of one connection. The crate's documentation says what it does.
#[derive(Debug)]
pub struct ForwardExtensions {
    rules: Rules,
    counters: ForwardCounters,
}

/// A local stream whose packets somebody else has made.
#[derive(Debug)]
pub struct ForwardedStream {
    /// Its own, in place of those of all.
    rules: Option<Rules>,
}

impl ForwardedStream {
    /// From now on these are the rules of the stream, as its packets come from another publisher than those of others.
    ///
    /// # Errors
    /// The first option outside its range; nothing has changed then.
    pub fn set(&mut self, options: &ForwardOptions) -> Result<(), OptionsError> {
        options.check()?;
        self.rules = Some(Rules::of(options));
        Ok(())
    }
}

impl ForwardExtensions {
    pub(crate) fn new(options: &ForwardOptions) -> Self {
        Self { rules: Rules::of(options), counters: ForwardCounters::default() }
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> &ForwardCounters {
        &self.counters
    }

    #[inline]
    fn apply(&mut self, own: Option<&Rules>, packet: &mut RtpPacket) {
        match own.unwrap_or(&self.rules).apply(packet) {
            Ok(changed) => self.counters.changed += u64::from(changed),
            Err(_) => self.counters.not_changed += 1,
        }
    }
}

impl Interceptor for ForwardExtensions {
    type Local = ForwardedStream;
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<ForwardedStream>> {
        Ok(Some(ForwardedStream { rules: None }))
    }

    #[inline]
    fn write_rtp(
        &mut self,
        stream: &mut ForwardedStream,
        packet: &mut RtpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        self.apply(stream.rules.as_ref(), packet);
        Ok(Flow::Forward)
    }

    fn write_unbound_rtp(&mut self, packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        self.apply(None, packet);
        Ok(Flow::Forward)
    }
}
