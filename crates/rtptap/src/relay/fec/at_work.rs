//! A leg's forward error correction at work: its interceptor's factory, and its counters.

use interceptor_flexfec::{
    Code, FecDecoder, FlexFecFactory, FlexFecHandle, FlexFecOptions, ProtectionOptions,
};

use super::{FecMode, FecReceiver, FecStats};
use crate::relay::{OptionsError, SourceOptions, TargetOptions};

/// The forward error correction of a leg at work.
#[derive(Debug)]
pub(in crate::relay) struct LegFec {
    handle: FlexFecHandle,
    /// Does the leg take part?
    pub(in crate::relay) on: bool,
}

impl LegFec {
    /// Recovers what the source has lost. Gives the factory as well.
    pub(in crate::relay) fn source(options: &SourceOptions) -> (Self, FlexFecFactory) {
        let factory = FlexFecFactory::default();
        (Self { handle: factory.handle(), on: options.fec }, factory)
    }

    /// Protects what a target gets. Gives the factory as well.
    pub(in crate::relay) fn target(options: &TargetOptions) -> Result<(Self, FlexFecFactory), OptionsError> {
        let factory = FlexFecFactory::new(protecting(options)).map_err(refused)?;
        Ok((Self { handle: factory.handle(), on: options.fec != FecMode::Off }, factory))
    }

    /// What it has done; `None` where it takes no part.
    pub(in crate::relay) fn stats(&self) -> Option<FecStats> {
        self.on.then(|| FecStats::of(&self.handle.totals(), &self.handle.protected()))
    }
}

/// Whether a target's options make sense.
pub(in crate::relay) fn check(options: &TargetOptions) -> Result<(), OptionsError> {
    FlexFecFactory::new(protecting(options)).map(|_| ()).map_err(refused)
}

fn protecting(options: &TargetOptions) -> FlexFecOptions {
    let code = match options.fec {
        FecMode::Fixed(code) => code,
        FecMode::Off | FecMode::Adaptive => Code::Adaptive,
    };
    let receiver = match options.fec_receiver {
        FecReceiver::Peeling => FecDecoder::Peeling,
        FecReceiver::Elimination => FecDecoder::Elimination,
    };
    let protection = ProtectionOptions::default()
        .with_code(code)
        .with_receiver(receiver)
        .with_deadline(options.fec_deadline);
    FlexFecOptions::default().with_protection(protection)
}

fn refused(error: impl ToString) -> OptionsError {
    OptionsError::new("fec", error.to_string(), "see docs/relay.md for what it may be")
}
