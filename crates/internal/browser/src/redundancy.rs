//! What is sent beside media, so that a loss needs no question: who asks for it, and who makes it.

use anyhow::Result;
use interceptor_core::Registry;
use interceptor_flexfec::{Code, FlexFecFactory, FlexFecOptions, ProtectionOptions};
use interceptor_red::{RedReceiverFactory, RedSenderFactory, RedSenderOptions};

/// What is sent beside media, both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redundancy {
    /// Nothing.
    #[default]
    None,
    /// Repair packets of video, of an SSRC of their own. Chromium must be told to offer them.
    FlexFec,
    /// Sound that has been sent before.
    Red,
}

impl Redundancy {
    /// What the browser is to be started with for it.
    pub(crate) const fn flags(self) -> &'static [&'static str] {
        match self {
            Self::None | Self::Red => &[],
            Self::FlexFec => {
                &["--force-fieldtrials=WebRTC-FlexFEC-03-Advertised/Enabled/WebRTC-FlexFEC-03/Enabled/"]
            }
        }
    }

    /// With what makes and reads it.
    pub(crate) fn join(self, registry: Registry) -> Result<Registry> {
        Ok(match self {
            Self::None => registry,
            Self::FlexFec => {
                // Always: the plan leaves it to NACK where the round trip is short.
                let protection = ProtectionOptions::default().with_code(Code::Interleaved { n: 10, f: 2 });
                registry.with(FlexFecFactory::new(FlexFecOptions::default().with_protection(protection))?)
            }
            Self::Red => registry
                .with(RedReceiverFactory::default())
                .with(RedSenderFactory::new(RedSenderOptions::default())?),
        })
    }
}
